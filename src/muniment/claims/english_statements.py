"""Statements in English: quotations with their cues, reported speech, silence.

S said (that) C · "Q," S said · "Q," said S · S: "Q" · according to S · S called X Q · S accused X of Q
O reported S as saying Q · S told O · S feared that Q, O reported · S declined to comment · S did not deny
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from muniment.claims import cues, speakers
from muniment.claims.english_cues import Cue, cues_of, naming
from muniment.claims.sentences import Paragraph, Quotation
from muniment.claims.statements import Statement

_SHORT = 4
_FAR = 100
_NAMED_AS = frozenset({"call", "describe", "label", "brand", "term", "dismiss", "denounce"})
_CLAUSE = 4
"""Words of the shortest clause that a cue behind it closes."""
_LEAST = 8
"""Characters of the shortest thing that can be reported."""
_AS_SAYING = re.compile(
    r"\b(?:report(?:ed|s)?|quot(?:ed|es|ing|e)|cit(?:ed|es|ing|e))\s+(?P<who>[^,;:“”\"]{2,120}?)\s+(?:as\s+)?(?:saying|telling|warning|calling|describing)\b"
)
_OBTAINED = re.compile(
    r"\b(?:obtained|seen|reviewed|published) by\s+(?P<whom>(?:the\s+)?[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*){0,4})"
)
_TOLD = re.compile(
    r"\s+(?P<whom>(?:the\s+|de\s+)?[A-Z][^,;:.“”\"\n]{1,60}?)(?=[,.;:]|\s+(?:that|on|in|he|she|it|they|the|how|of|this|last|at|by|about|[“\"])\b|\s*$|\s+[“\"])"
)
_COLON = re.compile(r"^(?P<who>[^“”\"\n:]{2,80}):\s*$")
_ANAPHOR = re.compile(
    r"^(?:these|this|those|they|it|its|their|among|other|the (?:documents|papers|report|list|group"
    r"|statement|letter|memo))\b",
    re.I,
)
_PARTICIPLES = frozenset(
    {
        "saying",
        "adding",
        "claiming",
        "arguing",
        "warning",
        "calling",
        "accusing",
        "describing",
        "denying",
        "insisting",
    }
)
_SHOWING = frozenset({"reveal", "disclose", "describe"})
"""What documents do as well as people."""
_NEEDING = {
    "tell": r"[^.;]{2,90}?[\s,](?:that|he|she|it|they|we|there|how|his|her|their|the)\s|\s+(?:the\s)?[A-Z]",
    "add": r"\s+that\b|\s*[,:]", "stress": r"\s+(?:that|how)\b",
    "note": r"\s+(?:that|how)\b", "state": r"\s+(?:that|how)\b",
    "describe": r"[^.;]{1,80}\bas\b", "call": r"[^.;]{1,80}\bas\b",
}  # fmt: skip
"""Verbs that say something only in this form where nothing stands in quotation marks."""


@dataclass(frozen=True, slots=True)
class _Speech:
    speaker: speakers.Speaker
    cue: Cue
    via: str
    rule: str


def english_statements(text: str, parts: Sequence[Paragraph]) -> list[Statement]:
    """Statements of these paragraphs, in order."""
    return list(_Reading(text).run(parts))


class _Reading:
    """One passage through a text: who was named, who spoke last."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.named = speakers.Named()
        self.noted = 0
        self.last: _Speech | None = None
        self.told: dict[str, str] = {}
        """Whom somebody told, for what he says next."""
        self.quoting = False
        """Whether the paragraph before ended with a quotation."""

    def run(self, parts: Sequence[Paragraph]) -> Iterator[Statement]:
        for part in parts:
            fresh = True
            for start, end in part.sentences:
                quotations = [one for one in part.quotations if start <= one.start < end]
                yield from self._sentence(start, end, quotations, fresh)
                fresh = False
            self.quoting = bool(part.quotations) and part.end - part.quotations[-1].end <= 120

    def _sentence(
        self, start: int, end: int, quotations: list[Quotation], fresh: bool
    ) -> Iterator[Statement]:
        self._note(start)
        found = cues_of(self.text, start, end, quotations)
        used: set[int] = set()
        for quotation in quotations:
            speech = self._of_quotation(quotation, start, end, found, fresh)
            if speech is None:
                continue
            used.add(speech.cue.start)
            yield self._quoted(quotation, speech, start)
            self._spoke(speech)
        yield from self._reported(start, end, found, quotations, used)
        yield from self._silence(start, end, quotations)

    def _note(self, upto: int) -> None:
        self.named.read(self.text[self.noted : upto])
        self.noted = upto

    def _spoke(self, speech: _Speech) -> None:
        self.last = speech
        name = speech.speaker.name
        self.named.spoke(
            name,
            person=speakers.is_person(name) or _one_person(speech.speaker.written),
            office=speakers.is_office(name),
        )

    # Quotations

    def _of_quotation(
        self, quotation: Quotation, start: int, end: int, found: list[Cue], fresh: bool
    ) -> _Speech | None:
        if quotation.carried and self.last is not None:
            return replace(self.last, rule="quotation carried on")
        as_saying = self._as_saying(quotation, start)
        if as_saying is not None:
            return as_saying
        adjacent = self._adjacent(quotation, found)
        before = [
            cue for cue in found if cue.end <= quotation.start and self._reaches(cue, quotation)
        ]
        behind = [cue for cue in found if cue.start >= quotation.end]
        chosen = adjacent or (before[-1] if before else None)
        if (
            adjacent
            and before
            and before[-1].who
            and self._is_outlets(adjacent)
            and not self._is_outlets(before[-1])
        ):
            chosen = before[-1]  # "Wang feared that Q, the Times reported"
        if chosen is None and behind and self._is_whole(quotation, behind[0]):
            chosen = behind[0]
        if chosen is not None:
            rule = "cue behind" if chosen in behind else "cue before"
            return self._speech(chosen, found, rule)
        colon = _COLON.match(self.text[start : quotation.start])
        if colon and quotation.start - start < 90:
            who = naming(self.text, start, start + colon.end("who"))
            if who:
                cue = Cue(quotation.start - 1, quotation.start, ":", "say", who)
                return self._speech(cue, found, "name and colon")
        return self._carried(quotation, start, end, fresh)

    def _adjacent(self, quotation: Quotation, found: list[Cue]) -> Cue | None:
        for cue in found:
            if cue.start < quotation.end:
                continue
            first = min(cue.start, cue.who[0])
            gap = self.text[quotation.end : first].strip(" ,\n’'")
            if not gap:
                return cue
        return None

    def _is_outlets(self, cue: Cue) -> bool:
        return speakers.is_outlet(self._name(cue.who))

    def _reaches(self, cue: Cue, quotation: Quotation) -> bool:
        """Whether a cue before a quotation governs it: not over a semicolon, nor a word or two far away."""
        between = self.text[cue.end : quotation.start]
        words = len(self.text[quotation.inner : quotation.inner_end].split())
        if words < _SHORT and len(between) > _FAR and cue.verb not in _NAMED_AS:
            return False
        return ";" not in between or len(between) < 20

    def _is_whole(self, quotation: Quotation, cue: Cue) -> bool:
        """Whether a cue behind a quotation may govern it: the quotation is not a fragment of under four words."""
        words = len(self.text[quotation.inner : quotation.inner_end].split())
        between = self.text[quotation.end : cue.start]
        return words >= _SHORT or len(between) < 60

    def _as_saying(self, quotation: Quotation, start: int) -> _Speech | None:
        for match in _AS_SAYING.finditer(self.text, start, quotation.start):
            who = naming(self.text, match.start("who"), match.end("who"))
            if who is None:
                continue
            cue = Cue(match.start(), match.end(), match[0].split()[0], "say", who)
            outlet = speakers.before_cue(self.text, start, match.start())
            speech = self._speech(cue, [], "reported as saying")
            return replace(speech, via=self._name(outlet) if outlet else "")
        return None

    def _carried(self, quotation: Quotation, start: int, end: int, fresh: bool) -> _Speech | None:
        """A quotation without a cue of its own: it goes on with the last speaker, or is none."""
        if self.last is None:
            return None
        words = len(self.text[quotation.inner : quotation.inner_end].split())
        outside = self.text[start : quotation.start] + self.text[quotation.end : end]
        alone = len(outside.strip(" .,!?/’'")) <= 24 and words >= _SHORT
        if alone and (not fresh or self.quoting):
            return self._again("quotation goes on")
        if words >= _SHORT and (
            _ANAPHOR.match(self.text[start:end])
            or re.search(r"\b(?:it|they|he|she)\b", self.text[start : quotation.start])
        ):
            return self._again("fragment after its speaker")
        return None

    def _again(self, rule: str) -> _Speech:
        assert self.last is not None
        speaker = replace(self.last.speaker, inferred=True)
        return _Speech(speaker, replace(self.last.cue, form="", start=-1), self.last.via, rule)

    def _speech(self, cue: Cue, found: list[Cue], rule: str) -> _Speech:
        self._note(max(cue.who[0], self.noted))
        written = self.text[slice(*cue.who)]
        name, inferred = self.named.resolve(written)
        outlet = speakers.is_outlet(name)
        speaker = speakers.Speaker(*cue.who, written, name, inferred, outlet)
        via = "" if outlet else self._via(cue, found) or self.told.get(name, "")
        if via:
            self.told[name] = via
        return _Speech(speaker, cue, via, rule)

    def _via(self, cue: Cue, found: list[Cue]) -> str:
        """Who reported what the speaker said: whom he told it, or the outlet another cue of the sentence names."""
        if cue.verb == "tell":
            told = _TOLD.match(self.text, cue.end)
            if told and speakers.is_outlet(re.sub(r"^the\s+", "", told["whom"])):
                return self.named.resolve(told["whom"])[0]
        for other in found:
            if other is cue:
                continue
            name = self._name(other.who)
            if speakers.is_outlet(name) and other.verb in (
                "say",
                "report",
                "write",
                "reveal",
                "tell",
            ):
                return name
        begin = self.text.rfind("\n", 0, cue.start) + 1
        for match in _OBTAINED.finditer(self.text, max(begin, cue.start - 200), cue.start):
            name = self.named.resolve(match["whom"])[0]
            if speakers.is_outlet(name) and not re.search(
                r"[.!?]\s", self.text[match.end() : cue.start]
            ):
                return name
        return ""

    def _name(self, who: tuple[int, int]) -> str:
        return self.named.resolve(self.text[slice(*who)])[0]

    def _quoted(self, quotation: Quotation, speech: _Speech, start: int) -> Statement:
        text = self.text
        content = text[quotation.inner : quotation.inner_end]
        first = next((char for char in content if char.isalpha()), "")
        ends = content.rstrip().endswith((".", "!", "?", ",", "…")) or text[
            quotation.end : quotation.end + 1
        ] in (".", "")
        before = text[start : quotation.start].rstrip()
        partial = not (first.isupper() and ends) and not (
            ends and (not before or before.endswith((",", ":")))
        )
        return Statement(
            quotation.start,
            quotation.end,
            text[quotation.start : quotation.end],
            content.strip().rstrip(","),
            speech.speaker.name,
            speech.speaker.written,
            speech.speaker.inferred,
            speech.cue.form,
            cues.stance_of(speech.cue.verb, content),
            partial,
            True,
            speech.via,
            speech.rule,
        )

    # Reported speech and silence

    def _reported(
        self, start: int, end: int, found: list[Cue], quotations: list[Quotation], used: set[int]
    ) -> Iterator[Statement]:
        taken: list[tuple[int, int]] = [(one.start, one.end) for one in quotations] if used else []
        for cue in found:
            if cue.form.endswith("ing") and cue.form not in _PARTICIPLES:
                continue
            if (
                cue.verb in _SHOWING
                and cue.who
                and self.text[slice(*cue.who)].casefold() in ("they", "it")
            ):
                continue
            if cue.verb in _NEEDING and not re.match(_NEEDING[cue.verb], self.text[cue.end : end]):
                continue
            if cue.start in used or (used and self._is_outlets(cue)):
                continue
            if cue.who is None or (cue.verb not in cues.INDIRECT and not cue.inverted):
                continue
            span = self._content(cue, start, self._stop(cue, found, end) if used else end)
            if (
                span is None
                or span[1] - span[0] < _LEAST
                or any(span[0] < stop and begin < span[1] for begin, stop in taken)
            ):
                continue
            if cues.NOT_DENYING.search(self.text, max(start, cue.start - 24), cue.end):
                continue
            speech = self._speech(cue, found, "reported speech")
            content = self.text[slice(*span)]
            taken.append(span)
            yield Statement(
                span[0], span[1], content, content, speech.speaker.name, speech.speaker.written,
                speech.speaker.inferred, cue.form, cues.stance_of(cue.verb, content), False, False,
                speech.via, speech.rule,
            )  # fmt: skip
            self._spoke(speech)

    def _content(self, cue: Cue, start: int, end: int) -> tuple[int, int] | None:
        """[start, end) of what is reported: the clause behind the cue, or the one before it that it closes."""
        text = self.text
        begin = max(cue.end, cue.behind)
        if cue.verb == "tell":
            that = re.match(r"[^.;“”\"]{2,90}?(?:,\s+|\s+)that\s", text[cue.end : end])
            told = _TOLD.match(text, cue.end)
            begin = cue.end + that.end() if that else told.end("whom") if told else begin
        behind = text[begin:end].strip(" .!?,;:—–-")
        before = text[start : min(cue.start, cue.who[0])].rstrip()
        if (
            before.endswith(",")
            and text[begin : begin + 1] == ","
            and not cue.inverted
            and len(before) < 90
        ):
            return self._stripped(start, end)  # "This position, she added, was …"
        closes = before.endswith(",") and len(before.split()) >= _CLAUSE
        if closes and len(behind.split()) <= 4:
            return self._stripped(start, min(cue.start, cue.who[0]))
        if not behind:
            return None
        that = re.match(r"\s*,?\s*(?:that\s+)?", text[begin:end])
        begin += that.end() if that else 0
        dash = re.search(r"\s[—–]\s(?:but|and|though|although)\b", text[begin:end])
        return self._stripped(begin, begin + dash.start() if dash else end)

    def _stop(self, cue: Cue, found: list[Cue], end: int) -> int:
        """Where the words a cue reports end that stands before another one in the same sentence."""
        later = [other for other in found if other.start > cue.end]
        if not later:
            return end
        head = self.text[cue.end : later[0].start]
        joint = list(re.finditer(r",?\s+(?:and|but|while|as|though)\s", head))
        return cue.end + joint[-1].start() if joint else later[0].start

    def _stripped(self, start: int, end: int) -> tuple[int, int]:
        piece = self.text[start:end]
        return start + len(piece) - len(piece.lstrip(" ,")), start + len(piece.rstrip(" ,.\n"))

    def _silence(self, start: int, end: int, quotations: list[Quotation]) -> Iterator[Statement]:
        for pattern, stance, rule in (
            (cues.NOT_DENYING, cues.DID_NOT_DENY, "did not deny"),
            (cues.SILENCE, cues.SILENT, "no comment"),
        ):
            for match in pattern.finditer(self.text, start, end):
                if any(one.start <= match.start() < one.end for one in quotations):
                    continue
                who = speakers.before_cue(self.text, start, match.start())
                if who is None or not speakers.can_speak(self.text[slice(*who)]):
                    continue
                cue = Cue(match.start(), match.end(), match[0], "say", who)
                speech = self._speech(cue, [], rule)
                stop = re.search(
                    r",\s+(?:though|but|although|while|and)\b", self.text[match.end() : end]
                )
                span = self._stripped(match.start(), match.end() + stop.start() if stop else end)
                exact = self.text[slice(*span)]
                yield Statement(
                    span[0], span[1], exact, exact, speech.speaker.name, speech.speaker.written,
                    speech.speaker.inferred, match[0], stance, False, False, "", rule,
                )  # fmt: skip


def _one_person(written: str) -> bool:
    return bool(
        re.match(r"(?:an?|another|one|the)\s+(?!\w*s\b)", written, re.I)
    ) and not speakers.is_office(written)
