"""Figures: numbers with their bounds, what is counted, where and as of when, each at its passage.

    at least, no fewer than → [n, ∞) · more than, over → (n, ∞)
    up to, as many as → [0, n] · fewer than → [0, n)
    nearly, almost → [0.9 n, n] · about, some → n ± 10 %
    a bare round number → half the unit of its last digit either way
    dozens, hundreds, tens of thousands → twice that and open upward · 10 to 15, 三四百 → [low, high]

A machine only reads what is written: a figure says what a text says, not what is so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from muniment.claims import counted, modifiers
from muniment.claims.chinese_numbers import chinese_numbers
from muniment.claims.fates import fate_of
from muniment.claims.numbers import Number, english_numbers

_OPEN_WORDS = re.compile(
    r"\b(?P<of>(?:(?:tens|scores|dozens|hundreds|thousands)\s+(?:and\s+\w+\s+)?of\s+)*)(?P<last>dozens|scores|hundreds|thousands|millions|billions)\b"
    r"(?!\s+of\s+(?:thousands|millions|billions))",
    re.I,
)
_OPEN_VALUES = {
    "tens": 10,
    "scores": 20,
    "dozens": 12,
    "hundreds": 100,
    "thousands": 1000,
    "millions": 10**6,
    "billions": 10**9,
}
_HAN_OPEN = re.compile(
    r"(?P<kind>成千上万|成千上萬|数以(?P<by>[十百千万亿]+)计|(?:数|數|几|幾|好几|上)(?P<unit>[十百千]?[万萬亿億]|[十百千])|(?P<teens>[二三四五六七八九]?十)(?:几|幾)(?=[\u4e00-\u9fff]))"
)
_HAN_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_HAN_DIGIT = "一二三四五六七八九"
_HAN_PAIR = re.compile(
    rf"(?P<low>[{_HAN_DIGIT}两])(?P<high>[{_HAN_DIGIT}])(?P<unit>(?:[十百千]?[万萬亿億])|[十百千])"
)
_RANGE = re.compile(r"\s*(?:-|–|—|to|and|or|~|～|到|至)\s*", re.I)
_BETWEEN = re.compile(r"\b(?:between|from)\s+$", re.I)
_PERCENTAGE = re.compile(r"[%％]|\bper\s?cent|percent|百分之", re.I)
_MONEY = re.compile(r"[$€£¥￥]\s?$")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[”\"’']?\s+(?=[“\"‘']?[A-Z0-9])|[。！？；]|\n\s*\n|\n")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its bounds at [start, end) of a text. `low`, `high`: None where open; `closed`: they are in.

    `value` is the number as written, None for "dozens"; `bare` says nothing bounds it but its own rounding.
    """

    start: int
    end: int
    text: str
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    closed: bool
    modifier: str
    counted: str
    scope: str
    as_of: str
    fate: str = ""
    bare: bool = False
    written_in: str = "en"


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    closed: bool
    modifier: str
    bare: bool
    chinese: bool


def figures(text: str) -> list[Figure]:
    """Figures of a text, in order, none over another."""
    taken: list[_Found] = []
    for found in sorted(_all(text), key=lambda one: (one.start, -one.end)):
        if not taken or found.start >= taken[-1].end:
            taken.append(found)
    ends = _sentences(text)
    return [_described(text, found, ends) for found in taken]


def _all(text: str) -> Iterator[_Found]:
    yield from _open_words(text)
    yield from _han_open(text)
    pairs = list(_han_pairs(text))
    yield from pairs
    covered = {place for pair in pairs for place in range(pair.start, pair.end)}
    numbers = [(number, False) for number in english_numbers(text)]
    seen = {number.start for number, _ in numbers}
    for number in chinese_numbers(text):
        if number.start in seen:
            numbers = [pair for pair in numbers if pair[0].start != number.start]
        numbers.append((number, True))
    numbers = [pair for pair in numbers if pair[0].start not in covered]
    yield from _ranged(text, sorted(numbers, key=lambda pair: pair[0].start))


def _ranged(text: str, numbers: list[tuple[Number, bool]]) -> Iterator[_Found]:
    place = 0
    while place < len(numbers):
        number, chinese = numbers[place]
        following = numbers[place + 1][0] if place + 1 < len(numbers) else None
        joint = _RANGE.fullmatch(text, number.end, following.start) if following else None
        if following and joint and _is_range(text, number, following, joint[0]):
            yield _range(text, number, following, chinese)
            place += 2
            continue
        single = _single(text, number, chinese)
        if single is not None:
            yield single
        place += 1


def _is_range(text: str, low: Number, high: Number, joint: str) -> bool:
    word = joint.strip().casefold()
    if word == "and":
        return _BETWEEN.search(text[: low.start][-12:]) is not None
    if word == "or":
        return low.value < high.value <= low.value * 2 + 1 and not low.bare
    return low.value < high.value or (low.unit < high.unit and low.value < 1000)


def _range(text: str, low: Number, high: Number, chinese: bool) -> _Found:
    first = low.value
    # "one to two million": the lower one takes the scale of the higher.
    scale = high.unit
    if (
        first < 1000
        and high.value >= 1000
        and first * scale <= high.value
        and not _scaled(text, low)
    ):
        while scale > 1 and first * scale > high.value:
            scale /= 10
        magnitude = next(
            (
                one
                for one in (10**12, 10**9, 10**8, 10**6, 10**4, 1000)
                if high.value >= one and _says(text, high, one)
            ),
            1,
        )
        first = first * magnitude
    between = _BETWEEN.search(text[: low.start][-12:])
    start = low.start - len(between[0]) if between else low.start
    return _Found(
        start,
        high.end,
        None,
        min(first, high.value),
        max(first, high.value),
        True,
        "between",
        False,
        chinese,
    )


def _scaled(text: str, number: Number) -> bool:
    return number.value >= 1000 or bool(
        re.search(r"[a-z万亿千百]", text[number.start : number.end], re.I) and number.value >= 100
    )


def _says(text: str, number: Number, magnitude: int) -> bool:
    words = {
        10**12: r"trillion|tn",
        10**9: r"billion|bn",
        10**8: r"亿|億",
        10**6: r"million|mn|m\b|mln",
        10**4: r"万|萬",
        1000: r"thousand|k\b|千",
    }
    return re.search(words[magnitude], text[number.start : number.end], re.I) is not None


def _single(text: str, number: Number, chinese: bool) -> _Found | None:
    before = modifiers.prefix_of(text, number.start)
    behind = modifiers.suffix_of(text, number.end)
    if number.bare and before is None and behind is None and len(text.split()) > 4:
        return None
    start, end = number.start, number.end
    money = _MONEY.search(text[max(0, start - 2) : start])
    if money:
        start -= len(money[0])
    percent = counted.PERCENT.match(text, end)
    if percent:
        end = percent.end()
    elif text.endswith("百分之", 0, start):
        start -= 3
    kind = written = None
    if before is not None and not (
        behind is not None and behind[1] == modifiers.AT_LEAST and before[1] == modifiers.ABOUT
    ):
        start, kind, written = before
    elif behind is not None:
        end, kind, written = behind
    if before is not None and behind is not None and chinese and behind[2] in ("多", "余", "餘"):
        end = behind[0]
    low, high, closed = modifiers.bounds(kind, number.value, number.unit)
    return _Found(start, end, number.value, low, high, closed, written or "", kind is None, chinese)


def _open_words(text: str) -> Iterator[_Found]:
    for match in _OPEN_WORDS.finditer(text):
        value = 2
        words = [
            *re.findall(r"tens|scores|dozens|hundreds|thousands", match["of"].casefold()),
            match["last"].casefold(),
        ]
        for word in words:
            value *= _OPEN_VALUES[word]
        before = modifiers.prefix_of(text, match.start())
        start = before[0] if before else match.start()
        yield _Found(start, match.end(), None, Fraction(value), None, True, match[0], False, False)


def _han_open(text: str) -> Iterator[_Found]:
    for match in _HAN_OPEN.finditer(text):
        low, high = _han_bounds(match)
        if text[match.end() : match.end() + 1] in ("字", "学") and match["unit"] is None:
            continue
        before = modifiers.prefix_of(text, match.start())
        start = before[0] if before else match.start()
        yield _Found(
            start,
            match.end(),
            None,
            Fraction(low),
            None if high is None else Fraction(high),
            True,
            match[0],
            False,
            True,
        )


def _han_bounds(match: re.Match[str]) -> tuple[int, int | None]:
    if match["teens"]:
        tens = 10 * (_HAN_DIGIT.find(match["teens"][0]) + 1 if match["teens"] != "十" else 1)
        return tens + 1, tens + 9
    if match["by"] or match["unit"]:
        value = 1
        for char in match["by"] or match["unit"]:
            value *= _HAN_PLACES[char]
        return value * (1 if match["kind"].startswith("上") else 2), None
    return 2000, None


def _han_pairs(text: str) -> Iterator[_Found]:
    for match in _HAN_PAIR.finditer(text):
        low = 2 if match["low"] == "两" else _HAN_DIGIT.index(match["low"]) + 1
        high = _HAN_DIGIT.index(match["high"]) + 1
        if high != low + 1 or text[match.end() : match.end() + 1] in (*_HAN_DIGIT, "零", "〇"):
            continue
        unit = 1
        for char in match["unit"]:
            unit *= _HAN_PLACES[char]
        yield _Found(
            match.start(),
            match.end(),
            None,
            Fraction(low * unit),
            Fraction(high * unit),
            True,
            match[0],
            False,
            True,
        )


def _sentences(text: str) -> list[int]:
    return [0, *(match.end() for match in _SENTENCE_ENDS.finditer(text)), len(text)]


def _described(text: str, found: _Found, ends: list[int]) -> Figure:
    """A figure with what is counted, where and as of when, from its own sentence."""
    import bisect

    here = bisect.bisect_right(ends, found.start) - 1
    start, end = ends[here], ends[min(here + 1, len(ends) - 1)]
    sentence = text[start : max(end, found.end)]
    read = counted.counted_chinese if found.chinese else counted.counted_english
    noun, _ = read(sentence, found.end - start)
    if _PERCENTAGE.search(text, found.start, found.end):
        noun = "percent"
    money = _MONEY.match(text[found.start : found.start + 2].strip()[:1])
    figure = Figure(
        found.start,
        found.end,
        text[found.start : found.end],
        found.value,
        found.low,
        found.high,
        found.closed,
        found.modifier,
        noun if not money else text[found.start],
        counted.scope_of(sentence, found.end - start),
        counted.as_of(sentence, found.end - start),
        fate_of(sentence, found.start - start, found.end - start),
        found.bare,
        "zh" if found.chinese else "en",
    )
    return _without_inner_time(figure)


def _without_inner_time(figure: Figure) -> Figure:
    """A span of time is counted itself and holds for no other time: "two weeks ago"."""
    if figure.counted.split(" ")[0] in (
        "week",
        "weeks",
        "day",
        "days",
        "month",
        "months",
        "year",
        "years",
        "hours",
        "minutes",
    ):
        return replace(figure, counted=figure.counted.split(" ")[0])
    return figure
