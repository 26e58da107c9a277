"""Names that may be one, in other letters or another order, each pair with the rule that says so.

Compared are spellings alone. A row of tokens is cut down to a skeleton of consonants, so that only names of one
skeleton are compared; what then counts is what finding (finding/sounds.py, finding/pinyin.py) holds for one word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from muniment.finding import pinyin, sounds
from muniment.finding.folding import is_han
from muniment.names.gazetteer import places

MOST_ALIKE = 40
"""Names of one skeleton that are compared with one another; of more nothing is said."""

PINYIN = "pinyin"
ORDER = "the same words in another order or apart"
LETTERS = "one word in the letters of two scripts"
SPELLING = "two spellings in one script"
PLACE = "one place in the list of places"


class Spelled(NamedTuple):
    """A name as it is compared: folded tokens, in order."""

    item: str
    kind: str
    tokens: tuple[str, ...]


class Pair(NamedTuple):
    """Two items that may be one, the smaller first, and why."""

    one: str
    other: str
    rule: str


def pairs(names: Iterable[Spelled]) -> list[Pair]:
    """Every pair of one kind that a rule proposes, each once, by the first rule that does."""
    found: dict[tuple[str, str], str] = {}
    kinds: dict[str, list[Spelled]] = defaultdict(list)
    for name in names:
        kinds[name.kind].append(name)
    for kind in kinds.values():
        for one, other, rule in (
            *_by_place(kind),
            *_by_pinyin(kind),
            *_by_order(kind),
            *_by_sound(kind),
        ):
            found.setdefault((min(one, other), max(one, other)), rule)
    return [Pair(one, other, rule) for (one, other), rule in sorted(found.items()) if one != other]


def _by_place(names: list[Spelled]) -> Iterator[Pair]:
    same: dict[int, list[str]] = defaultdict(list)
    for name in names:
        number = places().get(name.tokens) if name.kind == "place" else None
        if number is not None:
            same[number].append(name.item)
    for items in same.values():
        for one, other in combinations(items[:MOST_ALIKE], 2):
            yield Pair(one, other, PLACE)


def _is_han(name: Spelled) -> bool:
    return all(len(token) == 1 and is_han(token) for token in name.tokens)


def _by_pinyin(names: list[Spelled]) -> Iterator[Pair]:
    """A Han name and its pinyin; surname first or last, the given name joined or apart."""
    latin: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        if not _is_han(name):
            latin[name.tokens].append(name.item)
    for name in names:
        if _is_han(name) and 2 <= len(name.tokens) <= pinyin.LONGEST:
            rows = dict.fromkeys(
                row for row in pinyin.in_latin(name.tokens) if len(row) > 1 or name.kind != "person"
            )
            for row in rows:
                for other in latin.get(row, ())[:MOST_ALIKE]:
                    yield Pair(name.item, other, PINYIN)


def _by_order(names: list[Spelled]) -> Iterator[Pair]:
    """Wang Yongzhi, Yongzhi Wang, Wang Yong-zhi."""
    latin: dict[tuple[str, ...], str] = {
        name.tokens: name.item for name in names if not _is_han(name) and 2 <= len(name.tokens) <= 4
    }
    same: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for tokens, item in latin.items():
        same[tuple(sorted(tokens))].append(item)
        read = pinyin.name_of(tokens)
        for row in read.latin if read is not None else ():
            if row != tokens and len(row) > 1 and row in latin:
                yield Pair(item, latin[row], ORDER)
    for items in same.values():
        for one, other in combinations(items[:MOST_ALIKE], 2):
            yield Pair(one, other, ORDER)


def _by_sound(names: list[Spelled]) -> Iterator[Pair]:
    """Latin, Cyrillic and Arabic letters; the loose spellings of one script."""
    alike: dict[tuple[str, ...], list[Spelled]] = defaultdict(list)
    for name in names:
        bones = tuple(_skeleton(token) for token in name.tokens)
        if all(sounds.script_of(token) for token in name.tokens) and sum(map(len, bones)) > 1:
            alike[bones].append(name)
    for some in alike.values():
        if len(some) > MOST_ALIKE:
            continue
        for one, other in combinations(some, 2):
            rule = _same_sound(one.tokens, other.tokens)
            if rule:
                yield Pair(one.item, other.item, rule)


# Letters that one sound may be written with, in three scripts; vowels, half vowels and every h are nothing.
_BONES = {
    "k": "kqgcкқгғґكقگغ", "s": "szjсзцжҗчшщسصثزذظشچجژ", "t": "tdтдتطدض", "p": "pbfпбфپبف", "l": "lлل",
    "r": "rрر", "m": "mмم", "n": "nнңنڭ",
}  # fmt: skip
_BONE = {letter: bone for bone, letters in _BONES.items() for letter in letters}
_TWO_LETTERS = (
    (re.compile("shch|sch|tch|sh|ch|zh|ts|tz|c(?=[ei])|q(?=i)|x(?=i)"), "s"),
    (re.compile("gh"), "k"), (re.compile("kh|ph(?=h)"), ""), (re.compile("ph"), "p"), (re.compile("нг|نگ|ng"), "n"),
)  # fmt: skip


@lru_cache(maxsize=50_000)
def _skeleton(token: str) -> str:
    """The consonants of a word, alike ones as one, doubled ones once."""
    for pattern, plain in _TWO_LETTERS:
        token = pattern.sub(plain, token)
    bones = "".join(_BONE.get(letter, "") for letter in token)
    return re.sub(r"(.)\1+", r"\1", bones)


def _same_sound(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    rules = {_same_word(a, b) for a, b in zip(one, other, strict=True)}
    if "" in rules:
        return ""
    return LETTERS if LETTERS in rules else SPELLING


@lru_cache(maxsize=50_000)
def _same_word(one: str, other: str) -> str:
    if one == other:
        return SPELLING
    scripts = sounds.script_of(one), sounds.script_of(other)
    if scripts[0] == scripts[1]:
        return SPELLING if other in sounds.loosely(one) or one in sounds.loosely(other) else ""
    for word, written in ((one, other), (other, one)):
        pattern = sounds.elsewhere(word).get(sounds.script_of(written), "")
        if pattern and re.fullmatch(pattern, written):
            return LETTERS
    return ""
