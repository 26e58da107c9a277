"""Cues of an English sentence: each verb of saying with the words that name who speaks, before or behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from muniment.claims import cues, speakers
from muniment.claims.sentences import Quotation

_ACCORDING = re.compile(
    r"\b(?:according to|in the words of)\s+(?P<who>[^,;:.“”\"\n]{2,160}(?:\.(?!\s|$)[^,;:.“”\"\n]*)?)",
    re.I,
)
_BY = re.compile(r"\bby\s+(?P<who>[^,;:.“”\"\n]{2,100})")
_INVERTED = re.compile(
    r"\s+(?P<who>[^“”\"\n;:]{2,140}?)(?=\.(?:\s|$)|,\s|[;:]"
    r"|\s+(?:in|on|at|during|after|before|when|as|last|this)\s|$)"
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|be|being)\s+(?:\w+ly\s+|also\s+|often\s+)?$")
_TO_DO = re.compile(
    r"\b(?:to|not|n['’]t|would|could|should|may|might|will|can|must|help|let|without|of|for|by|from|in"
    r"|on|about|after|before)\s+(?:\w+ly\s+)?$"
)
_MAIN = re.compile(
    r"^(?P<who>[^,;:“”\"\n]{2,110}?)\s+(?:has|have|had|is|are|was|were|will|would|\w{3,}(?:ed|es)|says|said"
    r"|tells|told|makes|took|knew|went|gave|sent|wrote)\s"
)
_FIRST = re.compile(r"^(?P<who>(?:[^\s,;:“”\"]+\s){0,5}[^\s,;:“”\"]+),\s+$")
_SECOND_VERB = re.compile(
    r"(?:\band|\bbut|,|\bthen)\s+(?:\w+ly\s+|also\s+|has\s+|have\s+|had\s+|later\s+|only\s+)*$"
)
_LATER_VERB = re.compile(r"(?:\band|\bbut|\bonly|\balso)\s+(?:\w+ly\s+|has\s+|have\s+|had\s+)*$")
_A_SAY = re.compile(r"\b(?:final|a|their|his|her|our|its|little|no|more)\s+$")
_NAMES_IT = re.compile(r"[^.;]{0,140}[“\"]|[^.;]{1,140}\bas\b")
_NOUN_SAYS = re.compile(r"\s*(?:that\b|[“\",:]|the\b|it\b|they\b|its\b)")
_ADVERBIAL = re.compile(r"\s+(?:in|by|at|on|near|from|as|to)\b")
_NOT_OF_NAME = re.compile(
    r"\s+(?:who|which|that|and (?:said|added|called)|in (?:a|an|the) (?:statement|interview|email)"
    r"|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|with direct knowledge)\b"
)
_NAME_BEHIND = re.compile(r",\s+(?P<name>[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+){1,3})(?=[.,]|$)")
_QUOTE_END = ("”", '"', "’", "'", "”,", '",')

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cue:
    """A verb of saying at [start, end): its form, its plain form, and where the words stand that name who speaks."""

    start: int
    end: int
    form: str
    verb: str
    who: Span
    inverted: bool = False
    behind: int = 0
    """Where the words that name the speaker end, for a cue before them."""


def cues_of(text: str, start: int, end: int, quotations: Sequence[Quotation]) -> list[Cue]:
    """The cues of the sentence [start, end) that stand outside its quotations, in order."""
    found: list[Cue] = []
    for match in cues.VERB.finditer(text, start, end):
        if not any(one.start <= match.start() < one.end for one in quotations):
            passed = max([start, *(one.end for one in quotations if one.end <= match.start())])
            cue = _cue(text, match, (start, passed, end), found)
            if cue is not None:
                found.append(cue)
    for match in _ACCORDING.finditer(text, start, end):
        who = naming(text, match.start("who"), match.end("who"))
        if who:
            form = match[0][: match.start("who") - match.start()].strip()
            found.append(
                Cue(match.start(), match.start("who"), form, "say", who, True, match.end("who"))
            )
    return sorted(found, key=lambda cue: cue.start)


def _cue(
    text: str, match: re.Match[str], sentence: tuple[int, int, int], found: list[Cue]
) -> Cue | None:
    """The cue of a verb. `sentence`: where it begins, where the last quotation before the verb ends, its end."""
    start, passed, end = sentence
    form, verb, at, behind = match[0], cues.FORMS[match[0]], match.start(), match.end()
    before = text[start:at]
    if _PASSIVE.search(before) and not form.endswith("ing"):
        by = _BY.match(text, behind + 1, end)
        who = naming(text, by.start("who"), by.end("who")) if by else None
        return Cue(at, behind, form, verb, who, True, who[1]) if who else None
    if _is_no_verb(text, form, verb, before, behind):
        return None
    if before.rstrip().endswith(_QUOTE_END) or not before.strip():
        inverted = _INVERTED.match(text, behind, end)
        who = naming(text, inverted.start("who"), inverted.end("who")) if inverted else None
        if who:
            named = _NAME_BEHIND.match(text, who[1], end)
            who = named.span("name") if named else who
            return Cue(at, behind, form, verb, who, True, who[1])
        if not before.strip():
            return None
    if form.endswith("ing") and form != "saying":
        who = _subject_of(text, start, at, found)
    else:
        who = speakers.before_cue(text, passed, at)
        who = who if who and speakers.can_speak(text[slice(*who)]) else None
        if not _says_something(text, form, who, behind, end):
            return None
        who = who or _inherited(text, form, before, start, at, found)
    return Cue(at, behind, form, verb, who) if who else None


def _is_no_verb(text: str, form: str, verb: str, before: str, behind: int) -> bool:
    """Whether a form is a noun, an infinitive or a participle here."""
    if re.search(r"\bas (?:they|people|some) $", before):
        return True
    if form == "say" and _A_SAY.search(before):
        return True
    if form == verb and _TO_DO.search(before):
        return True
    if form in ("told", "tell", "tells") and re.match(r"\s+(?:to|by)\b", text[behind : behind + 5]):
        return True
    return form in cues.PARTICIPLES and _ADVERBIAL.match(text[behind : behind + 6]) is not None


def _says_something(text: str, form: str, who: Span | None, behind: int, end: int) -> bool:
    """Whether a form that may be a noun is a verb here: what follows tells."""
    if form in cues.NAMING:
        return _NAMES_IT.match(text[behind:end]) is not None
    if form in cues.NOUNS:
        return who is not None and _NOUN_SAYS.match(text[behind : behind + 8]) is not None
    return True


def _inherited(
    text: str, form: str, before: str, start: int, at: int, found: list[Cue]
) -> Span | None:
    """Who speaks where a second verb has the first one's subject: "X said A and accused B of C"."""
    if found and _SECOND_VERB.search(before):
        return _of_who(text, found[-1].end, at, start) or found[-1].who
    if _LATER_VERB.search(before) or form == "saying":
        return _subject_of(text, start, at, found)
    return None


def _of_who(text: str, begin: int, upto: int, start: int) -> Span | None:
    """Whom a relative clause is about that a second verb goes on with: "a clerk who asked for silence and feared"."""
    place = text.rfind(" who ", begin, upto)
    if place < 0:
        return None
    who = speakers.antecedent(text[start : place + 4], start)
    return who if who and speakers.can_speak(text[slice(*who)]) else None


def _subject_of(text: str, start: int, upto: int, found: list[Cue]) -> Span | None:
    """Who the sentence is about: the last cue's speaker, else its first words."""
    if found and not found[-1].inverted:
        return found[-1].who
    main = _MAIN.match(text[start:upto]) or _FIRST.match(text[start:upto])
    return naming(text, start + main.start("who"), start + main.end("who")) if main else None


def naming(text: str, start: int, end: int) -> Span | None:
    """The words of [start, end) that name somebody who can speak, without what is told of him; None where none do."""
    piece = text[start:end]
    stop = _NOT_OF_NAME.search(piece)
    if stop and stop.start() > 1 and not piece.startswith(("a ", "an ")):
        piece = piece[: stop.start()]
    begin, upto = speakers.trimmed(text, start, start + len(piece))
    return (begin, upto) if upto > begin and speakers.can_speak(text[begin:upto]) else None
