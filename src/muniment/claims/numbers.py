"""Numbers as they are written in English: digits, words, and both ("1,000,000", "eleven million", "1.5m").

A number has its exact value and its unit, the place of its last significant digit: 10 for "400" would be wrong, it is
100; 100,000 for "1.5 million"; 1 for "403". Years, dates, clock times, ordinals and numbers inside names are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "dozen": 12, "score": 20, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9, "k": 1000, "tn": 10**12,
}  # fmt: skip
_WORD_SCALES = ("hundred", "thousand", "million", "billion", "trillion", "dozen", "score")
_SMALL = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))
_SCALE = "|".join(_WORD_SCALES)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[\u202f\u00a0 ]\d{3})+(?![\d,.]\d)|\d+(?:\.\d+)?"
_WORDS = (
    rf"(?:half a|half-a|a quarter of a|an?|{_SMALL})"
    rf"(?:[\s-]+(?:and[\s-]+)?(?:a[\s-]+half[\s-]+)?(?:{_SMALL}|{_SCALE})\b)*"
)
_NUMBER = re.compile(
    rf"(?<![\w.,/:])(?<!\D[–-])(?<![$€£]\s)(?:(?P<digits>{_DIGITS})(?:[\s-]?(?P<scale>{_SCALE}|mn|mln|bn|tn|m|k)\b)?"
    rf"(?:[\s-]?(?P<more>million|billion|trillion)\b)?(?![\d]|[:/]\d)|(?P<words>{_WORDS})\b)",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH_BEFORE = re.compile(rf"\b{_MONTH}\.?\s+(?:the\s+)?$", re.I)
_MONTH_BEHIND = re.compile(rf"\s*(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b", re.I)
_DAY_BEFORE = re.compile(rf"\b{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+$", re.I)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|s)\b|(?:-|\s)?(?:century|centuries)\b", re.I)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|of|until|till|from|between|to|and|during|before|after|early|late|mid|year|circa|spring|summer"
    r"|autumn|fall|winter|the|a|an|this|that|its|his|her|their|for|©|copyright)[\s-]+|[(（,]\s*|^\s*)$",
    re.I,
)
_PLURAL_BEHIND = re.compile(
    r"\s+(?:(?!of\b|in\b|on\b|by\b|and\b|as\b|was\b|is\b|has\b)[a-z-]+\s+){0,2}(?:people|[a-z]{2,}[^s\W]s)\b"
)
_NAMED = re.compile(
    r"\b(?:page|pages|p\.|pp\.|no\.|number|article|section|chapter|paragraph|figure|table|room|shed|building|floor|route|flight"
    r"|channel|version|grade|unit|camp no\.|g|f|boeing|phase|part|appendix|annex|line|item)\s*$",
    re.I,
)
_JOINED = re.compile(
    r"(?<!\d)(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\+?\d{1,5}(?:[- ]\d{2,5}){2,})(?!\d)"
)
"""Dates in digits, numbers of telephones and of files: three groups or more."""
_LISTED = re.compile(r"(?:^|\n)[ \t]*\(?$")
_OLD = re.compile(
    r"-(?:year|month|week|day|hour|minute|page|man|member|person|strong|storey|story|mile|metre|meter|point)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at [start, end) of a text: its value, and the unit of its last significant digit."""

    start: int
    end: int
    value: Fraction
    unit: Fraction
    bare: bool = False
    """Whether nothing but the word one stands there, which is a figure only beside a modifier."""


def english_numbers(text: str) -> Iterator[Number]:
    """Numbers of a text in order. Linear in the text."""
    position = 0
    joined = [match.span() for match in _JOINED.finditer(text)]
    while (match := _NUMBER.search(text, position)) is not None:
        number = _digits(match) if match["digits"] else _words(match)
        position = match.end() if number is None or match["digits"] else number.end
        while joined and joined[0][1] <= match.start():
            joined.pop(0)
        if joined and joined[0][0] <= match.start() and "," not in match[0]:
            continue
        if number is not None and not _other_use(text, number, match):
            yield number


def _digits(match: re.Match[str]) -> Number | None:
    written = re.sub(r"[,\s\u202f\u00a0]", "", match["digits"])
    value = Fraction(written)
    places = len(written.partition(".")[2])
    unit = Fraction(1, 10**places) if places else last_unit(value)
    for scale in (match["scale"], match["more"]):
        if scale:
            factor = SCALES[scale.casefold()]
            value, unit = value * factor, unit * factor
    return Number(match.start(), match.end(), value, unit)


def last_unit(value: Fraction) -> Fraction:
    """The place of the last digit of a whole number that is not nought: 100 for 400, 1 for 403 and for 0."""
    unit = 1
    while value and value % (unit * 10) == 0:
        unit *= 10
    return Fraction(unit)


def _words(match: re.Match[str]) -> Number | None:
    """The number at the beginning of a run of number words: all of it, or what stands before an "and"."""
    words = [
        (word.start(), word.end(), word[0].casefold()) for word in _WORD.finditer(match["words"])
    ]
    cuts = [
        len(words),
        *(place for place in range(len(words) - 1, 0, -1) if words[place][2] == "and"),
    ]
    cuts += range(len(words) - 1, 0, -1)
    for cut in cuts:
        chosen = [word for _, _, word in words[:cut]]
        if chosen[-1] in ("and", "a", "an") or chosen in (["a"], ["an"], ["half", "a"], ["half"]):
            continue
        found = value_of(chosen)
        if found is not None:
            start = match.start("words")
            return Number(start, start + words[cut - 1][1], *found, bare=chosen == ["one"])
    return None


def value_of(words: list[str]) -> tuple[Fraction, Fraction] | None:
    """Value and unit of number words ("four", "hundred", "and", "three"); None where they are none together."""
    total, group, unit = Fraction(0), None, Fraction(1)
    last_scale = Fraction(10**15)
    place = 0
    while place < len(words):
        word = words[place]
        if word in ("a", "an", "half", "quarter"):
            part = _part(words, place, group)
            if part is None:
                return None
            group, unit, taken = part
            place += taken
            continue
        if word in _ONES or word in _TENS:
            amount = _ONES.get(word, _TENS.get(word, 0))
            if not _may_follow(group, amount):
                return None
            group, unit = (group or Fraction(0)) + amount, Fraction(1)
        elif word in _WORD_SCALES:
            scale = Fraction(SCALES[word])
            if group is None or (scale == 100 and group >= 100):
                return None
            unit = max(unit, last_unit(group) if group.denominator == 1 else unit) * scale
            group *= scale
            if scale >= 1000:
                if scale >= last_scale:
                    return None
                total, last_scale, group = total + group, scale, None
        elif word != "and":
            return None
        place += 1
    value = total + (group or 0)
    return value, (last_unit(value) if value.denominator == 1 else unit) if unit >= 1 else unit


def _part(
    words: list[str], place: int, group: Fraction | None
) -> tuple[Fraction, Fraction, int] | None:
    """The group, its unit and the number of words of "a", "half a", "a quarter of a", "two and a half"."""
    rest = words[place:]
    if rest[:2] == ["a", "half"] and group is not None:
        return group + Fraction(1, 2), Fraction(1, 2), 2
    if rest[:4] == ["a", "quarter", "of", "a"]:
        return Fraction(1, 4), Fraction(1, 4), 4
    if rest[:2] == ["half", "a"]:
        return Fraction(1, 2), Fraction(1, 2), 2
    if rest[0] in ("a", "an") and group is None and len(rest) > 1:
        return Fraction(1), Fraction(1), 1
    return None


def _may_follow(group: Fraction | None, amount: int) -> bool:
    """Whether a word for `amount` carries on what stands before it: "forty" "two", "three hundred" "seven"."""
    if group is None:
        return True
    if group.denominator != 1:
        return False
    whole = int(group)
    if whole % 100 == 0:
        return whole > 0
    return whole % 10 == 0 and whole % 100 >= 20 and 0 < amount < 10


def _other_use(text: str, number: Number, match: re.Match[str]) -> bool:
    """Whether the number is a year, a day, an ordinal, or part of a name."""
    before, behind = (
        text[max(0, number.start - 40) : number.start],
        text[number.end : number.end + 60],
    )
    if _LISTED.search(before) and re.match(r"[.)]\s", behind):
        return True
    if _NAMED.search(before) or (match["digits"] and _ORDINAL.match(behind)):
        return True
    if match["digits"] and not match["scale"] and number.value.denominator == 1:
        whole = int(number.value)
        plain = match["digits"].isdigit()
        if plain and whole <= 31 and (_MONTH_BEFORE.search(before) or _MONTH_BEHIND.match(behind)):
            return True
        if plain and len(match["digits"]) == 4 and 1500 <= whole <= 2100:
            return _is_year(before, behind)
        if plain and match["digits"].startswith("0") and len(match["digits"]) > 1:
            return True
    return bool(_OLD.match(behind) and behind.casefold().startswith(("-year", "-month")))


def _is_year(before: str, behind: str) -> bool:
    if _DAY_BEFORE.search(before) or _MONTH_BEFORE.search(before) or _MONTH_BEHIND.match(behind):
        return True
    if re.match(r"[-/.]\d", behind):
        return True
    counted = _PLURAL_BEHIND.match(behind) is not None
    if re.search(r"\b(?:in|since|during|until|early|late|mid|year)[\s-]+$", before, re.I):
        return not counted
    return not counted and _YEAR_BEFORE.search(before) is not None
