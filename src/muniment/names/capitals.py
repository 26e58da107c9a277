"""Names in scripts with capitals, Latin and Cyrillic: capitalised words in a row, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from muniment.finding import pinyin
from muniment.finding.folding import words
from muniment.names.gazetteer import LONGEST_PLACE, given_names, places, section
from muniment.names.mention import ORGANISATION, PERSON, PLACE, Mention

_LETTER = "A-Za-z\u00c0-\u024f\u1e00-\u1eff\u0400-\u052f"
_WORD = re.compile(f"[{_LETTER}][{_LETTER}\u0300-\u036f]*(?:['’ʼ‘`-][{_LETTER}]+)*\\.?")
_OF_ORGANISATIONS = frozenset(
    ["of", "for", "and", "the", "de", "des", "für", "und", "on", "against"]
)
_OF_PERSONS = frozenset(
    ["al", "el", "bin", "bint", "ibn", "van", "von", "der", "de", "del", "di", "da", "du", "la"]
)
_PARTICLES = _OF_ORGANISATIONS - {"on", "against"} | _OF_PERSONS | {"e", "y"}
_LONGEST_ROW = 14
"""Words of the longest row that is looked at as one."""
_INITIAL = re.compile(r"[A-ZА-Я]\.")
_GENITIVE = re.compile(r"(?<=..)['’ʼ‘`]s$")
_ROMAN = re.compile(r"[IVXLC]+")
_PATRONYMIC = re.compile(r"(?:ович|евич|овна|евна|улы|кызы|оглы|қызы)(?:а|у|ом|ем|е|ой|ы)?$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, code points [start, end) of the page; `begins` says that a sentence or a line may begin with it."""

    text: str
    start: int
    end: int
    begins: bool

    @property
    def low(self) -> str:
        """In lower case, without the full stop of a title."""
        return self.text.rstrip(".").lower()

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()

    @property
    def is_shouted(self) -> bool:
        """Whether it is all capitals."""
        return len(self.low) > 1 and self.text.rstrip(".").isupper()


def find(raw: str) -> Iterable[Mention]:
    """The names in Latin and Cyrillic letters of a page."""
    found = _words(raw)
    lower = frozenset(word.text for word in found if not word.is_capital)
    for row in _rows(raw, found):
        yield from _names(raw, found, row, lower)


def _words(raw: str) -> list[Word]:
    """The words; a full stop belongs to an initial or a title, and to nothing else."""
    found: list[Word] = []
    titles = section("english titles before") | section("cyrillic titles")
    for match in _WORD.finditer(raw):
        text, start, end = match.group(), match.start(), match.end()
        if text.endswith(".") and not (_INITIAL.fullmatch(text) or text[:-1].lower() in titles):
            text, end = text[:-1], end - 1
        genitive = _GENITIVE.search(text)
        if genitive:  # "China's Port" are two names
            text, end = text[: genitive.start()], start + genitive.start()
        before = raw[found[-1].end : start] if found else "\n"
        begins = bool(re.search(r"[.!?:;\n\r\u2022\"“(]", before)) and not (
            found and found[-1].text.endswith(".") and before == " "
        )
        found.append(Word(text, start, end, begins))
    return found


def _rows(raw: str, found: list[Word]) -> Iterator[tuple[int, int]]:
    """Capitalised words in a row, [first, beyond the last), with small words between that names hold."""
    at = 0
    while at < len(found):
        if not found[at].is_capital:
            at += 1
            continue
        end = at + 1
        while end < min(len(found), at + _LONGEST_ROW) and _joined(raw, found[end - 1], found[end]):
            ahead = end
            while ahead < len(found) - 1 and found[ahead].text in _PARTICLES and ahead - end < 2:
                if not _joined(raw, found[ahead], found[ahead + 1]):
                    break
                ahead += 1
            joins_two = found[end].text in _TWO and not _is_of(found[at:end])
            if not found[ahead].is_capital or joins_two:
                break
            end = ahead + 1
        yield at, end
        at = end


_TWO = frozenset(("and", "y", "e", "und"))


def _is_of(row: list[Word]) -> bool:
    """Whether "and" goes on with what an organisation is for (Ministry of Labour and Trade)."""
    return any(word.text in ("of", "for") for word in row)


def _joined(raw: str, one: Word, other: Word) -> bool:
    gap = raw[one.end : other.start]
    if gap in ("\n", "\r\n"):
        return not one.is_shouted and not other.begins
    return gap in (" ", "\u00a0", "-", " & ")


def _names(
    raw: str, found: list[Word], row: tuple[int, int], lower: frozenset[str]
) -> Iterator[Mention]:
    """What one row names. An organisation is taken whole; else titles go, and the rest is places or a person."""
    first, last = row
    while first < last and _is_never(found[first], found, first, last):
        first += 1
    while first < last and found[last - 1].text in _PARTICLES:
        last -= 1
    if first >= last:
        return
    organisation = _organisation(found, first, last)
    if organisation:
        yield Mention(
            found[organisation[0]].start,
            found[organisation[1] - 1].end,
            ORGANISATION,
            "ending of an organisation",
        )
        for part in ((first, organisation[0]), (organisation[1], last)):
            if part[0] < part[1]:
                yield from _names(raw, found, part, lower)
        return
    yield from _others(raw, found, first, last, lower)


def _is_never(word: Word, found: list[Word], first: int, last: int) -> bool:
    """A capital that begins a sentence or stands for no name."""
    if word.low in section("english never"):
        place_after = first + 1 < last and (word.low, found[first + 1].low) in places()
        title = word.low in section("english titles before")
        return not place_after and not title and not _begins_organisation(found, first, last)
    return False


def _begins_organisation(found: list[Word], first: int, last: int) -> bool:
    return found[first].low in section("english organisations") and first + 1 < last


def _organisation(found: list[Word], first: int, last: int) -> tuple[int, int] | None:
    """[first, beyond last) of an organisation in a row of capitalised words."""
    keys = section("english organisations") | section("cyrillic organisations")
    if last - first == 1:
        one = found[first]
        known = one.text in section("english acronyms")
        return (first, last) if known else None
    for at in range(first, last):
        if found[at].low not in keys or (
            found[at].is_shouted and found[at].low not in ("ltd", "inc", "llc", "plc")
        ):
            continue
        if not any(word.low in keys for word in found[first:at]):
            small = [n for n in range(first, at) if found[n].text in _PARTICLES]
            first = small[-1] + 1 if small else first
        following = at + 1 < last and found[at + 1].text in _OF_ORGANISATIONS
        start = first
        while start < at and (
            found[start].low in section("english titles before") or found[start].text in _PARTICLES
        ):
            start += 1
        if following:
            return start, last
        if start < at and not _is_heading(found, start, at + 1):
            end = at + 1
            while end < last and found[end].low in keys:
                end += 1
            return start, end
    return None


def _is_heading(found: list[Word], first: int, last: int) -> bool:
    return all(word.is_shouted for word in found[first:last])


def _others(
    raw: str, found: list[Word], first: int, last: int, lower: frozenset[str]
) -> Iterator[Mention]:
    titles = section("english titles before") | section("cyrillic titles")
    titled = False
    first = _behind_office(found, first, last, titles)
    while first < last and (
        found[first].low in titles or (titled and found[first].text in _PARTICLES)
    ):
        titled, first = True, first + 1
    if first >= last:
        return
    before = found[first - 1] if first and _near(raw, found[first - 1], found[first]) else None
    titled = titled or (before is not None and before.low in titles)
    placed = list(_places(found, first, last))
    whole = any(start == first and end == last for start, end in placed)
    if whole and found[first - 1].text in ("of", "for") and first:
        titled = False  # "the President of China" names no person
    if not titled and (whole or not _person(raw, found, first, last, lower, titled=titled)):
        yield from _as_places(raw, found, first, last, placed, lower)
        return
    rule = _person(raw, found, first, last, lower, titled=titled)
    if rule:
        end = last
        while end > first and found[end - 1].low in titles:
            end -= 1
        if end > first:
            yield Mention(found[first].start, found[end - 1].end, PERSON, rule)


def _behind_office(found: list[Word], first: int, last: int, titles: frozenset[str]) -> int:
    """Where the name begins behind an office that does not begin the row: "US Secretary of State Mike Pompeo"."""
    for at in range(last - 2, first, -1):
        if found[at].low in titles:
            begins = at + 3 if found[at + 1].text == "of" else at + 1
            return begins if 2 <= last - begins <= 3 else first
    return first


def _as_places(
    raw: str,
    found: list[Word],
    first: int,
    last: int,
    placed: list[tuple[int, int]],
    lower: frozenset[str],
) -> Iterator[Mention]:
    """A row that is no person: the places in it, or the place it is by what stands in it or before it."""
    for start, end in placed:
        yield Mention(found[start].start, found[end - 1].end, PLACE, "list of places")
    if placed:
        return
    if _is_in(raw, found, first, last, lower):
        yield Mention(found[first].start, found[last - 1].end, PLACE, "in, near or outside")
    elif span := _ending_of_place(found, first, last):
        yield Mention(found[span[0]].start, found[span[1] - 1].end, PLACE, "ending of a place")


def _is_in(raw: str, found: list[Word], first: int, last: int, lower: frozenset[str]) -> bool:
    """One word that no list knows, in the midst of a line, behind a word for where."""
    word = found[first]
    return (
        last - first == 1
        and first > 0
        and found[first - 1].low in ("in", "near", "outside")
        and _near(raw, found[first - 1], word)
        and word.low not in section("english never")
        and word.low not in lower
        and not word.is_shouted
        and len(word.text) > 3
    )


def _near(raw: str, one: Word, other: Word) -> bool:
    return raw[one.end : other.start] in (" ", "\u00a0", "\n")


def _places(found: list[Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Places of the gazetteer in a row, the longest first, and none that begins or ends within another word."""
    at = first
    while at < last:
        for length in range(min(LONGEST_PLACE, last - at), 0, -1):
            key = tuple(words(" ".join(word.text for word in found[at : at + length])))
            shouted = length == 1 and found[at].is_shouted and len(key[0] if key else "") < 5
            if key and key in places() and not shouted:
                end = at + length
                ends = section("english places")
                while end < last and found[end].low in ends:
                    end += 1
                yield at, end
                at = end
                break
        else:
            at += 1


def _ending_of_place(found: list[Word], first: int, last: int) -> tuple[int, int] | None:
    """A row that ends, or begins, with a word that says what sort of place it is."""
    ends = section("english places")
    if last - first < 2 or last - first > 4 or _is_heading(found, first, last):
        return None
    if found[last - 1].low in ends and found[last - 1].low not in ("states", "state", "station"):
        return first, last
    if found[first].low in ("mount", "lake", "port", "river") and last - first == 2:
        return first, last
    return None


def _person(
    raw: str, found: list[Word], first: int, last: int, lower: frozenset[str], *, titled: bool
) -> str:
    """By which rule a row is a person's name; "" for none."""
    row = found[first:last]
    if len(row) > 5 or any(_ROMAN.fullmatch(word.text) for word in row):
        return ""
    if any(word.text in _PARTICLES and word.text not in _OF_PERSONS for word in row):
        return ""
    if _is_heading(found, first, last) and not titled:
        return ""
    if titled:
        return "" if row[-1].low in section("english never") or row[0].low == "the" else "title"
    if len(row) < 2 or any(w.low in section("english never") for w in row):
        return ""
    if _PATRONYMIC.search(row[-1].low) or (len(row) > 2 and _PATRONYMIC.search(row[1].low)):
        return "patronymic"
    if _is_pinyin(tuple(word.low for word in row)):
        return "Chinese name in pinyin"
    if row[0].low in given_names() and row[-1].text not in _PARTICLES:
        return "list of given names"
    ends = section("english places") | section("english organisations")
    if any(word.low in ends or word.low in lower or f"{word.low}s" in lower for word in row):
        return ""
    return _beside(raw, found, first, last)


@lru_cache(maxsize=5000)
def _is_pinyin(row: tuple[str, ...]) -> bool:
    """A surname of one or two syllables and a given name, and no English words."""
    name = pinyin.name_of(row)
    return (
        name is not None
        and 2 <= len(row) <= 3
        and any(" ".join(t) == " ".join(row) for t in name.latin)
    )


def _beside(raw: str, found: list[Word], first: int, last: int) -> str:
    """What stands beside a row of words that no list knows: who says something, a comma and what they are."""
    said = section("english said")
    gap = raw[found[last - 1].end : found[last].start] if last < len(found) else ""
    if last < len(found) and gap in (" ", "\n") and found[last].text in said:
        return "who said it"
    if (
        first
        and raw[found[first - 1].end : found[first].start] in (" ", "\n")
        and found[first - 1].text in ("said", "says")
    ):
        return "who said it"
    if last < len(found) and gap == ", ":
        some = [word.low for word in found[last : last + 4]]
        if set(some) & section("english titles before") or some[:1] in (
            ["whose"],
            ["who"],
            ["aged"],
        ):
            return "what they are"
    if (
        all(word.is_capital or word.text in _OF_PERSONS for word in found[first:last])
        and not found[first].begins
    ):
        return (
            "words in capitals"
            if last - first in (2, 3) and not _title_case(raw, found, first, last)
            else ""
        )
    return "words in capitals" if _goes_on_small(raw, found, last) and last - first == 2 else ""


def _goes_on_small(raw: str, found: list[Word], last: int) -> bool:
    return (
        last < len(found)
        and raw[found[last - 1].end : found[last].start] in (" ", ", ")
        and not found[last].is_capital
    )


def _title_case(raw: str, found: list[Word], first: int, last: int) -> bool:
    """Whether the row stands in a line whose words nearly all begin with a capital."""
    begin, end = first, last
    while (
        begin
        and first - begin < _LONGEST_ROW
        and "\n" not in raw[found[begin - 1].end : found[begin].start]
    ):
        begin -= 1
    while (
        end < len(found)
        and end - last < _LONGEST_ROW
        and "\n" not in raw[found[end - 1].end : found[end].start]
    ):
        end += 1
    line = found[begin:end]
    small = any(not word.is_capital and word.text not in _PARTICLES for word in line)
    return len(line) > last - first and not small
