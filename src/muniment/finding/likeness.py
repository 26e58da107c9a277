"""Whether two names may be one: of a person, or of a body such as a firm or an office.

It compares spellings and nothing else; who is meant is for a person to decide. Words are compared in Latin
letters, in any order, with slips of the pen allowed by length; titles and legal forms are set aside. A
person's middle names may be missing on one side, a firm's words may not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from muniment.finding import pinyin, sounds
from muniment.finding.folding import is_han, words
from muniment.finding.matching import distance

ALIKE = 0.7
"""From this likeness on two names are offered as one."""

_TITLES = frozenset(
    ["mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "lord",
     "lady", "sheikh", "shaykh", "shaikh", "president", "prasident", "general", "colonel", "haji",
     "hajji", "imam", "mullah", "maulavi", "qari", "господин", "генерал", "président",]
)  # fmt: skip
_SMALL = frozenset(
    ["the", "a", "an", "of", "and", "et", "und", "for", "y",]
)  # fmt: skip
_PARTICLES = frozenset(
    ["al", "el", "ul", "de", "der", "den", "du", "di", "da",
     "la", "le", "van", "von", "bin", "ben", "ibn", "abu", "abou",
     "bint",]
)  # fmt: skip
_KINSHIP = frozenset(
    ["bin", "ben", "ibn",]
)  # fmt: skip


_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
}


@cache
def _legal_forms() -> tuple[tuple[str, ...], ...]:
    """Legal forms as token rows, longest first (data/legal_forms.txt)."""
    text = (files("muniment.finding") / "data" / "legal_forms.txt").read_text(encoding="utf-8")
    rows = {tuple(words(line)) for line in text.splitlines() if line and not line.startswith("#")}
    return tuple(sorted(rows, key=len, reverse=True))


_INITIALS = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ`](?=\w)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


@lru_cache(maxsize=50_000)
def _latin(token: str) -> str:
    """A folded token in Latin letters, one likely spelling; kept as it is where no table knows it."""
    script = sounds.script_of(token)
    if script and script != "latin":
        return sounds.in_letters(token)
    return token


def parts(name: str) -> list[str]:
    """The words of a name in folded Latin letters; a Han name in pinyin."""
    name = _INITIALS.sub(lambda m: m.group().replace(".", ""), name)
    name = _APOSTROPHE.sub("", _CAMEL.sub(" ", name))
    found: list[str] = []
    run: list[str] = []
    for token in [*words(name), ""]:
        if token and is_han(token[0]):
            run.append(token)
            continue
        if run:
            rows = [row for row in pinyin.in_latin(run) if len(row) == 2]
            found += rows[0] if rows else run
            run = []
        if token:
            found.append(_NUMBERS.get(token) or _latin(token))
    return found


def likeness(one: str, other: str, *, kind: str = "") -> float:
    """From 0 (nothing in common) to 1 (the same words). `kind` is person, organisation, or "" for not known."""
    first, second = parts(one), parts(other)
    if not first or not second:
        return 0.0
    if words(one) == words(other):
        return 1.0
    if _all_han(one) and _all_han(other):
        return 0.5
    if kind != "person":
        first, second = _without_forms(first), _without_forms(second)
    if kind != "organisation":
        first, second = _without(first, _TITLES), _without(second, _TITLES)
    first, second = _without(first, _SMALL), _without(second, _SMALL)
    if _joined(first, second):
        return 1.0 if "".join(first) == "".join(second) else 0.85
    if kind != "organisation" and _turned_round(first, second):
        return 0.4
    if kind != "person" and (_initials_of(first, second) or _initials_of(second, first)):
        return ALIKE
    return _aligned(first, second, kind)


def _initials_of(short: list[str], long: list[str]) -> bool:
    """Whether a name is the first letters of the other: PLA, People's Liberation Army."""
    letters = "".join(token[0] for token in long)
    return len(short) == 1 and len(letters) >= 3 and short[0] == letters


def _all_han(name: str) -> bool:
    found = words(name)
    return bool(found) and all(is_han(token[0]) for token in found)


def _without(tokens: list[str], dropped: frozenset[str]) -> list[str]:
    kept = [token for token in tokens if token not in dropped]
    return kept or tokens


def _without_forms(tokens: list[str]) -> list[str]:
    """A firm's name without its legal forms, wherever they stand, unless nothing else is left."""
    kept: list[str] = []
    place = 0
    while place < len(tokens):
        form = next(
            (
                form
                for form in _legal_forms()
                if len(form) <= len(tokens) - place
                and all(_same(a, b) for a, b in zip(form, tokens[place:], strict=False))
            ),
            None,
        )
        if form is None:
            kept.append(tokens[place])
        place += len(form) if form else 1
    return kept or tokens


def _joined(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the names are one when written together, but for a slip in a long one."""
    one, other = "".join(first), "".join(second)
    if one == other:
        return True
    if len(first) == len(second):
        return False
    return min(len(one), len(other)) >= 8 and distance(one, other, 1) <= 1


def _turned_round(first: list[str], second: list[str]) -> bool:
    """Whether father and son change places: Salman bin Muhammad, Muhammad bin Salman."""
    for middle in _KINSHIP:
        if middle in first and middle in second:
            one, other = first.index(middle), second.index(middle)
            if one and other and one + 1 < len(first) and other + 1 < len(second):
                same = _same(first[one - 1], second[other - 1])
                if (
                    not same
                    and _same(first[one - 1], second[other + 1])
                    and _same(first[one + 1], second[other - 1])
                ):
                    return True
    return False


@lru_cache(maxsize=50_000)
def _sound(token: str) -> str:
    """A token with the letters that romanisations confuse made one."""
    text = token
    for written, plain in (
        ("sch", "sh"), ("tch", "ch"), ("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"),
        ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ei", "i"), ("ey", "i"), ("ai", "i"),
        ("ay", "i"), ("iy", "i"), ("y", "i"), ("ck", "k"), ("q", "k"),
        ("c", "k"), ("w", "v"), ("x", "ks"), ("z", "s"), ("j", "i"), ("e", "a"), ("o", "u"),
    ):  # fmt: skip
        text = text.replace(written, plain)
    return re.sub(r"(.)\1+", r"\1", text).rstrip("h")


@lru_cache(maxsize=100_000)
def _same(one: str, other: str) -> bool:
    """Whether two words are one, but for what a romanisation or a slip of the pen changes."""
    if one == other:
        return True
    if one.isdigit() or other.isdigit() or not one or not other:
        return False
    left, right = _sound(one), _sound(other)
    if left == right:
        return True
    shorter, longer = sorted((len(one), len(other)))
    if shorter <= 3 or (shorter <= 4 and one[0] != other[0] and longer != 4):
        return shorter == 3 and longer > 3 and distance(one, other, 1) == 1 and one[0] == other[0]
    allowed = 1 if longer <= 8 else 2
    if distance(one, other, allowed) <= allowed:
        return True
    return min(len(left), len(right)) >= 6 and left[0] == right[0] and distance(left, right, 1) <= 1


def _initial(one: str, other: str) -> bool:
    return (len(one) == 1) != (len(other) == 1) and one[0] == other[0]


def _aligned(first: list[str], second: list[str], kind: str) -> float:
    """How much of two names is paired, word by word."""
    left, right = list(first), list(second)
    paired = changed = 0.0
    for same in (lambda a, b: a == b, _same, _initial):
        for one in list(left):
            match = next((other for other in right if same(one, other)), None)
            if match is not None:
                left.remove(one)
                right.remove(match)
                weight = 0.3 if one in _PARTICLES else 1.0
                paired += weight
                changed += one != match and _sound(one) != _sound(match)
    left = [token for token in left if token not in _PARTICLES]
    right = [token for token in right if token not in _PARTICLES]
    if not paired:
        return 0.0
    if left and right:
        return _both_left(left, right, paired, kind)
    extra = len(left) + len(right)
    if not extra:
        return max(ALIKE, 1.0 - 0.1 * changed)
    if kind == "organisation":
        return 0.6
    shorter = min(len(first), len(second))
    if paired < 1.9 or shorter < 2:
        return 0.55
    return 0.75 if extra <= paired + 1 and changed <= 1 and _ends_meet(first, second) else 0.6


def _ends_meet(first: list[str], second: list[str]) -> bool:
    """Whether the first or the last word of the shorter name is one of the ends of the longer."""
    short, long = sorted((first, second), key=len)
    ends = {long[0], long[-1]}
    return any(_same(a, b) for a in (short[0], short[-1]) for b in ends)


def _both_left(left: list[str], right: list[str], paired: float, kind: str) -> float:
    """Names that differ in words on both sides: one only where those are joined, or nearly alike."""
    one, other = "".join(left), "".join(right)
    if one == other or (min(len(one), len(other)) >= 6 and distance(one, other, 1) <= 1):
        return 0.8
    if kind == "organisation" and len(left) == len(right) == 1 and paired >= 2:
        shorter = min(len(one), len(other))
        if shorter >= 7 and one[: shorter - 3] == other[: shorter - 3]:
            return 0.7
    return min(0.6, 0.5 * paired / (paired + max(len(left), len(right))))
