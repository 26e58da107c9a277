"""What stands before and behind a number and bounds it: "at least", "up to", "nearly", 至少, 近, 以上.

Each kind says how [low, high] follows from the number n:
    at-least  [n, ∞)      more-than  (n, ∞)     at-most  [0, n]     less-than  [0, n)
    nearly    [0.9 n, n]  about      n ± 10 %   exactly  [n, n]     plus is at-least
"""

from __future__ import annotations

import re
from fractions import Fraction

AT_LEAST, MORE, AT_MOST, LESS = "at least", "more than", "at most", "less than"
NEARLY, ABOUT, EXACTLY = "nearly", "about", "exactly"

_BEFORE = {
    AT_LEAST: (
        r"at (?:the )?(?:very )?least",
        r"no (?:fewer|less) than",
        r"not (?:fewer|less) than",
        r"a minimum of",
        r"minimum(?: of)?",
        r"(?:as )?(?:few|little) as",
    ),
    MORE: (
        r"(?:well |far |much |slightly |just |a little |significantly )?(?:more than|over|above|in excess of|beyond)",
        r"upwards? of",
        r"exceed(?:s|ed|ing)?",
        r"greater than",
        r"north of",
        r"surpass(?:es|ed|ing)?",
        r"topp(?:ed|ing)",
        r">",
    ),
    AT_MOST: (
        r"up to",
        r"as (?:many|much) as",
        r"no more than",
        r"not more than",
        r"at (?:the )?(?:very )?most",
        r"a maximum of",
        r"maximum(?: of)?",
        r"no greater than",
    ),
    LESS: (
        r"(?:well |far |slightly |significantly )?(?:fewer than|less than|under|below)",
        r"<",
    ),
    NEARLY: (
        r"nearly",
        r"almost",
        r"close to",
        r"near(?:ing)?",
        r"approach(?:es|ed|ing)",
        r"just (?:under|below|short of)",
        r"not quite",
        r"virtually",
        r"practically",
    ),
    ABOUT: (
        r"about",
        r"around",
        r"some",
        r"roughly",
        r"approximately",
        r"approx\.?",
        r"circa",
        r"ca?\.",
        r"an? estimated",
        r"estimated(?: at)?",
        r"in the (?:region|order|neighbou?rhood) of",
        r"~",
        r"≈",
        r"more or less",
    ),
    EXACTLY: (r"exactly", r"precisely"),
}
_BEHIND = {
    AT_LEAST: (
        r"or more\b",
        r"-?plus\b",
        r"\+(?!\d)",
        r"or (?:higher|greater|above)\b",
        r"(?:and|&) (?:counting|rising|up)\b",
        r",? at (?:the )?(?:very )?least\b",
    ),
    AT_MOST: (r"or (?:fewer|less|below|under)\b", r",? at (?:the )?(?:very )?most\b"),
    MORE: (r"-?odd\b", r"and (?:more|beyond)\b"),
    ABOUT: (r"or so\b", r"or thereabouts\b", r",? more or less\b", r"-?ish\b"),
}
_HAN_BEFORE = {
    AT_LEAST: (
        "至少",
        "不少于",
        "不低于",
        "最少",
        "起码",
        "不下",
        "不下于",
        "至少有",
        "不少於",
        "不低於",
    ),
    MORE: (
        "超过",
        "超過",
        "逾",
        "多于",
        "多於",
        "高于",
        "大于",
        "超出",
        "超",
        "突破",
        "过",
        "破",
        "上",
    ),
    AT_MOST: (
        "多达",
        "多達",
        "高达",
        "高達",
        "最多",
        "至多",
        "不超过",
        "不超過",
        "不多于",
        "顶多",
        "最高",
    ),
    LESS: ("不到", "不足", "少于", "少於", "低于", "低於", "未满", "不满", "小于"),
    NEARLY: ("将近", "將近", "接近", "几近", "近", "几乎", "差不多"),
    ABOUT: ("大约", "大約", "大概", "约有", "約有", "约", "約", "估计", "估計", "据估计有", "大致"),
    EXACTLY: ("整整", "正好", "恰好", "刚好", "共计", "总共", "共"),
}
_HAN_BEHIND = {
    MORE: ("多", "余", "餘"),
    AT_LEAST: ("以上", "或以上", "或更多", "起"),
    AT_MOST: ("以下", "以内", "以內"),
    ABOUT: ("左右", "上下", "前后", "许"),
}


ABOUT_WORDS = frozenset(
    (
        "about", "around", "some", "roughly", "approximately", "approx.", "circa", "c.", "ca.", "an estimated",
        "estimated", "~", "≈", "or so", "or thereabouts", "more or less",
        "约", "大约", "大概", "约有", "左右", "上下", "大致", "估计",
    )
)  # fmt: skip
"""How "about" is written, folded to lower case."""


def _before(kind: str) -> str:
    return "|".join(_BEFORE[kind])


_PREFIX = re.compile(
    r"(?:(?<![\w-])|(?<=[(“\"]))(?:"
    + "|".join(f"(?P<{kind.replace(' ', '_')}>{_before(kind)})" for kind in _BEFORE)
    + r")(?:\s+(?:of\s+)?(?:(?:another|the|a further|an additional|an?)\s+)?)?\s*[“\"'‘(]?$",
    re.I,
)
_SUFFIX = re.compile(
    r"\s*(?:"
    + "|".join(
        f"(?P<{kind.replace(' ', '_')}>{'|'.join(words)})" for kind, words in _BEHIND.items()
    )
    + ")",
    re.I,
)
_PLACE_WORDS = re.compile(
    r"\b(?:aged?|for|by|turn(?:s|ed)?)\s+(?:over|under|above|below)\s*$", re.I
)


def _han_table(words: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    pairs = [(word, kind) for kind, group in words.items() for word in group]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


_HAN_PREFIXES = _han_table(_HAN_BEFORE)
_HAN_SUFFIXES = _han_table(_HAN_BEHIND)


def prefix_of(text: str, start: int) -> tuple[int, str, str] | None:
    """The modifier that ends where a number starts: (its start, its kind, as written)."""
    window = text[max(0, start - 48) : start]
    offset = start - len(window)
    found = _PREFIX.search(window)
    if found:
        kind = next(name for name, value in found.groupdict().items() if value)
        written = found[kind]
        return offset + found.start(kind), kind.replace("_", " "), written
    bare = window.rstrip(' “"有着了为達')
    for word, kind in _HAN_PREFIXES:
        if bare.endswith(word):
            at = offset + len(bare) - len(word)
            # 经过, 通过, 不过 and the like are other words.
            if word in ("过", "破", "上", "超", "共", "近", "约") and _other_word(text, at, word):
                continue
            return at, kind, word
    return None


_PARTNERS = {
    "过": "通经不超度曾来去",
    "破": "突",
    "上": "以晚早马路网",
    "超": "",
    "共": "一公",
    "近": "最附接将靠",
    "约": "大预条契节制签",
}


def _other_word(text: str, at: int, word: str) -> bool:
    before = text[at - 1 : at] if at else ""
    return bool(before) and before in _PARTNERS[word]


def suffix_of(text: str, end: int) -> tuple[int, str, str] | None:
    """The modifier that begins where a number ends: (its end, its kind, as written)."""
    window = text[end : end + 24]
    found = _SUFFIX.match(window)
    if found:
        kind = next(name for name, value in found.groupdict().items() if value)
        return end + found.end(), kind.replace("_", " "), found[kind].strip(" ,")
    bare = window.lstrip(" ")
    skipped = len(window) - len(bare)
    for word, kind in _HAN_SUFFIXES:
        if bare.startswith(word) and not (word == "起" and bare[1:2] in "来诉义源案"):
            return end + skipped + len(word), kind, word
    return None


def bounds(
    kind: str | None, value: Fraction, unit: Fraction
) -> tuple[Fraction | None, Fraction | None, bool]:
    """(low, high, closed) of a number under a modifier; None where open upward. `closed` says its bounds are in it.

    A bare round number stands for all that round to it: half the unit of its last significant digit either way.
    """
    if kind == AT_LEAST:
        return value, None, True
    if kind == MORE:
        return value, None, False
    if kind == AT_MOST:
        return Fraction(0), value, True
    if kind == LESS:
        return Fraction(0), value, False
    if kind == NEARLY:
        return value * 9 / 10, value, True
    if kind == ABOUT:
        return value * 9 / 10, value * 11 / 10, True
    half = unit / 2 if unit != 1 and kind != EXACTLY else Fraction(0)
    return value - half, value + half, True
