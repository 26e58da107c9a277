"""Names in Uyghur, in Arabic letters: no capitals, and endings written on to the name, which a mention leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from muniment.finding.folding import words
from muniment.names.gazetteer import LONGEST_PLACE, places, section
from muniment.names.mention import ORGANISATION, PERSON, PLACE, Mention

_WORD = re.compile(
    "[\u0621-\u064a\u066e-\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u200c\u0640]+"
)
_UYGHUR = re.compile("[\u06d5\u06c6\u06c7\u06c8\u06cb\u06d0\u06be\u06ad]")
_DOT = re.compile("(?<=[\u0621-\u06d5])[·•・](?=[\u0621-\u06d5])")
_LONGEST_ORGANISATION = 6
_FAMILY = ("وف", "ېۋ", "وۋا", "ېۋا", "جان", "ئاخۇن", "ئاي", "گۈل", "خان", "بەگ")


def find(raw: str) -> Iterable[Mention]:
    """The names in the Uyghur of a page."""
    if _UYGHUR.search(raw) is None:
        return
    found = [match.span() for match in _WORD.finditer(raw)]
    yield from _places(raw, found)
    yield from _ending_in(raw, found, "uyghur organisations", ORGANISATION)
    yield from _persons(raw, found)


def _side_by_side(
    raw: str, one: tuple[int, int], other: tuple[int, int], between: str = ""
) -> bool:
    gap = raw[one[1] : other[0]]
    return bool(gap) and all(char in " \u00a0\n" + between for char in gap) and gap.count("\n") < 2


@lru_cache(maxsize=20_000)
def _stem(word: str, section_name: str) -> int:
    """How many letters of a word are a word of a section, with an ending written on to it or without; 0 for none."""
    listed = section(section_name)
    if word in listed:
        return len(word)
    for ending in section("uyghur endings"):
        if word.endswith(ending) and word[: -len(ending)] in listed:
            return len(word) - len(ending)
    return 0


@lru_cache(maxsize=20_000)
def _place_stem(phrase: str) -> int:
    """The same for places in the gazetteer."""
    for ending in ("", *sorted(section("uyghur endings"), key=len, reverse=True)):
        if phrase.endswith(ending):
            stem = phrase[: len(phrase) - len(ending)]
            if len(stem) > 2 and tuple(words(stem)) in places():
                return len(stem)
    return 0


def _places(raw: str, found: list[tuple[int, int]]) -> Iterator[Mention]:
    for at, (start, _) in enumerate(found):
        for length in range(min(LONGEST_PLACE, len(found) - at), 0, -1):
            row = found[at : at + length]
            if not all(_side_by_side(raw, *pair) for pair in pairwise(row)):
                continue
            stem = _place_stem(raw[start : row[-1][1]])
            if stem > (row[-1][0] - start if length > 1 else 0):
                yield from _with_kind_of_place(
                    raw, found, at + length, Mention(start, start + stem, PLACE, "list of places")
                )
                break
    yield from _ending_in(raw, found, "uyghur places", PLACE)


def _with_kind_of_place(
    raw: str, found: list[tuple[int, int]], after: int, mention: Mention
) -> Iterator[Mention]:
    """A place, with the word behind it that says what sort of place it is (شەھىرى)."""
    yield mention
    if after < len(found) and _side_by_side(
        raw, (mention.start, found[after - 1][1]), found[after]
    ):
        start, end = found[after]
        stem = _stem(raw[start:end], "uyghur places")
        if stem and mention.end == found[after - 1][1]:
            yield Mention(mention.start, start + stem, PLACE, mention.rule)


def _ending_in(
    raw: str, found: list[tuple[int, int]], section_name: str, kind: str
) -> Iterator[Mention]:
    """One word before the word that says what it is; more where a place stands before them."""
    for at in range(1, len(found)):
        stem = _stem(raw[slice(*found[at])], section_name)
        if not stem:
            continue
        first = at - 1
        if not _side_by_side(raw, found[first], found[at]):
            continue
        while first and at - first < _LONGEST_ORGANISATION and kind == ORGANISATION:
            if not _side_by_side(raw, found[first - 1], found[first]):
                break
            before = [raw[slice(*found[n])] for n in (first - 1, first - 2) if n >= 0]
            if not _place_stem(before[0]) and (at - first > 1 or not any(map(_place_stem, before))):
                break
            first -= 1
        rule = "ending of an organisation" if kind == ORGANISATION else "ending of a place"
        yield Mention(found[first][0], found[at][0] + stem, kind, rule)


def _persons(raw: str, found: list[tuple[int, int]]) -> Iterator[Mention]:
    for at, (start, end) in enumerate(found):
        word = raw[start:end]
        after = found[at + 1] if at + 1 < len(found) else None
        if after and _DOT.match(raw, end) and after[0] == end + 1:
            yield Mention(
                start, after[0] + _name_stem(raw[slice(*after)]), PERSON, "name with a dot"
            )
            continue
        stem = _stem(word, "uyghur given names")
        if stem == len(word) and after and _side_by_side(raw, (start, end), after):
            other = raw[slice(*after)]
            other_stem = _stem(other, "uyghur given names") or _family(other)
            if other_stem:
                yield Mention(start, after[0] + other_stem, PERSON, "list of given names")
                continue
        if word in section("uyghur titles") and after and _side_by_side(raw, (start, end), after):
            other_stem = _stem(raw[slice(*after)], "uyghur given names")
            if other_stem:
                yield Mention(after[0], after[0] + other_stem, PERSON, "title")


def _family(word: str) -> int:
    """How many letters of a word are a family name by their ending."""
    for ending in ("", *section("uyghur endings")):
        stem = word[: len(word) - len(ending)] if word.endswith(ending) else ""
        if len(stem) > 4 and stem.endswith(_FAMILY):
            return len(stem)
    return 0


def _name_stem(word: str) -> int:
    """A name without what is written on to it, where that can be told."""
    stem = _stem(word, "uyghur given names") or _family(word)
    if stem:
        return stem
    for ending in ("نىڭ", "دىن", "تىن"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return len(word) - len(ending)
    return len(word)
