"""Whole numbers written out in English and Chinese, for tests: the other way round from what is tested."""

from __future__ import annotations

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
DIGITS = "零一二三四五六七八九"


def english(number: int, *, joined: bool = True) -> str:
    """403 as "four hundred and three"; without "and" where not `joined`."""
    if number < 20:
        return ONES[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return TENS[ten] + (f"-{ONES[one]}" if one else "")
    if number < 1000:
        hundred, rest = divmod(number, 100)
        behind = (" and " if joined else " ") + english(rest) if rest else ""
        return f"{ONES[hundred]} hundred{behind}"
    scale, name = next(
        pair
        for pair in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"))
        if number >= pair[0]
    )
    above, rest = divmod(number, scale)
    between = " and " if joined and 0 < rest < 100 else " "
    return f"{english(above, joined=joined)} {name}" + (
        between + english(rest, joined=joined) if rest else ""
    )


def chinese(number: int) -> str:
    """403 as 四百零三, 20,307 as 二万零三百零七."""
    if number == 0:
        return "零"
    written, zero = "", False
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, number = divmod(number, scale)
        if not group:
            zero = bool(written)
            continue
        if written and (zero or group < 1000):
            written += "零"
        written += _four(group) + name
        zero = False
    return written[1:] if written.startswith("一十") else written


def _four(group: int) -> str:
    written, zero = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, group = divmod(group, scale)
        if digit:
            written += ("零" if zero else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = bool(written)
    return written
