"""Han names and their pinyin: what a Han word is in Latin letters, and which characters a pinyin name may be.

Tones, spaces and hyphens are no part of it, and a surname stands first or last: 王永智, Wang Yongzhi, WANG
Yong-zhi, Yongzhi Wang, Wáng Yǒngzhì, wangyongzhi. Every function takes and gives folded text. The readings
are in data/pinyin.tsv, the surnames in data/surnames.txt.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product

from muniment.finding.folding import is_han

MOST_READINGS = 12
"""Ways to read one Han word aloud that are sought; beyond, the rarer readings are left out."""

LONGEST = 6
"""Han characters of a word that is sought in pinyin too: names of persons and places, not sentences."""

_SHORT_WORDS = [
    "a", "an", "can", "die", "he", "hen", "lie", "long", "me", "men", "she", "you", "gun", "run",
    "sun", "fun", "hang", "bang", "rang", "sang", "ten", "den", "pen", "to", "do",
]  # fmt: skip
"""Rows of nothing but these and longer English words are no pinyin (he can; sun men)."""

_TONE = re.compile(r"(?<=[a-z])[1-5](?=[a-z]|$)")


def _lines(name: str) -> list[str]:
    text = (files("muniment.finding") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _table() -> dict[str, str]:
    """Syllable, as it may be typed (lü is lu, lv or lyu), to the characters read so."""
    table: dict[str, str] = {}
    for line in _lines("pinyin.tsv"):
        syllable, chars = line.split("\t")
        for typed in _typed(syllable):
            table[typed] = table.get(typed, "") + chars
    return table


def _typed(syllable: str) -> list[str]:
    """The ways to type a syllable: those with ü have several."""
    if "v" not in syllable:
        return [syllable]
    return [syllable, syllable.replace("v", "u"), syllable.replace("v", "yu")]


@cache
def _readings() -> dict[str, list[str]]:
    """Character to its syllables, ü as typed most often first."""
    table: dict[str, list[str]] = defaultdict(list)
    for line in _lines("pinyin.tsv"):
        syllable, chars = line.split("\t")
        for char in chars:
            table[char] += _typed(syllable)
    return table


@cache
def _surnames() -> tuple[dict[str, str], dict[tuple[str, ...], str]]:
    """Surnames by syllable (characters in one string), and those of two characters by their two syllables."""
    single: dict[str, str] = defaultdict(str)
    double: dict[tuple[str, ...], str] = {}
    special: dict[str, list[str]] = defaultdict(list)
    chars: dict[str, None] = {}
    pairs: list[str] = []
    for line in _lines("surnames.txt"):
        char, _, reading = line.partition(" ")
        if reading.isascii() and reading:
            special[char].append(reading)
            chars[char] = None
        elif " " in line:
            pairs += line.split()
        else:
            chars.update(dict.fromkeys(line))
    for char in chars:
        for syllable in dict.fromkeys([*special[char], *_readings().get(char, [])]):
            single[syllable] += char
    for pair in dict.fromkeys(pairs):
        options = [[*special[char], *_readings().get(char, [])] for char in pair]
        for syllables in product(*options):
            double[syllables] = pair
    return dict(single), double


@cache
def _surname_chars() -> frozenset[str]:
    return frozenset("".join(_surnames()[0].values()))


@cache
def _english() -> frozenset[str]:
    """English words that could be read as pinyin."""
    return frozenset([*_lines("pinyin_words.txt"), *_SHORT_WORDS])


def _is_english(tokens: Sequence[str]) -> bool:
    return all(token in _english() for token in tokens)


def without_tones(token: str) -> str:
    """yong3zhi4 to yongzhi; anything else as it is."""
    return _TONE.sub("", token)


@lru_cache(maxsize=2000)
def split(token: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read a token as syllables: xian is xian and xi an."""
    if not token.isascii() or len(token) > 30:
        return ()
    known = _table()

    def cuts(rest: str) -> Iterator[tuple[str, ...]]:
        if not rest:
            yield ()
        for length in range(min(6, len(rest)), 0, -1):
            if rest[:length] in known:
                for tail in cuts(rest[length:]):
                    yield (rest[:length], *tail)

    found = list(cuts(without_tones(token)))
    return tuple(sorted(found, key=len)[:MOST_READINGS])


def in_latin(han: Sequence[str]) -> list[tuple[str, ...]]:
    """Token rows that write a Han word in pinyin: joined, apart, and as a person's name either way round."""
    if not 2 <= len(han) <= LONGEST or not all(is_han(char) for char in han):
        return []
    rows: dict[tuple[str, ...], None] = {}
    options = [_aloud(char, place == 0) for place, char in enumerate(han)]
    if not all(options):
        return []
    for number, syllables in enumerate(product(*options)):
        if number >= MOST_READINGS:
            break
        rows.update(dict.fromkeys(_written("".join(han), syllables)))
    return list(rows)


def _aloud(char: str, first: bool) -> list[str]:
    """The readings of a character; as the first of a name the one it has as a surname goes before."""
    found = _readings().get(char, [])
    if first:
        own = [syllable for syllable, chars in _surnames()[0].items() if char in chars]
        return list(dict.fromkeys([*own, *found]))
    return found


def _written(han: str, syllables: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Token rows for one reading, none of which is only English words."""
    rows = [("".join(syllables),), syllables]
    for border in (1, 2):
        if border == 1 and han[0] not in _surname_chars():
            continue
        if border == 2 and han[:2] not in _surnames()[1].values():
            continue
        if not 1 <= len(han) - border <= 2:
            continue
        rows += _layouts(syllables[:border], syllables[border:])
    for row in rows:
        if not _is_english(row):
            yield row


def _layouts(surname: tuple[str, ...], given: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A name in the ways it is written: surname first or last, the given name joined or apart."""
    one, two = "".join(surname), "".join(given)
    return [(one, two), (two, one), (one, *given), (*given, one), (one + two,), (two + one,)]


class Name:
    """A pinyin name: `latin` are its layouts as token rows, `han` rows of character classes."""

    def __init__(self) -> None:
        self.latin: dict[tuple[str, ...], None] = {}
        self.han: dict[tuple[str, ...], None] = {}


def name_of(tokens: Sequence[str], *, one_word: bool = False) -> Name | None:
    """What tokens in a row are as a pinyin name; None where they are none, or just English words.

    `one_word`: they were written as one, with a hyphen or an apostrophe (Xi'an).
    """
    plain = [without_tones(token) for token in tokens]
    if not 1 <= len(plain) <= 4 or _is_english(plain):
        return None
    if len(plain) == 1 and plain[0] in _table():
        return None
    if not all(2 <= len(token) <= 24 or token in _table() for token in plain):
        return None
    ways = [split(token) for token in plain]
    if not all(ways):
        return None
    name = Name()
    for way in product(*ways):
        _persons(way, name)
        syllables = [syllable for part in way for syllable in part]
        if len(plain) == 1 or all(len(part) == 1 for part in way):
            _words(syllables, one_word or len(plain) == 1, name)
    if not name.han:
        return None
    if plain != list(tokens):
        name.latin[tuple(plain)] = None
    return name


def _persons(way: tuple[tuple[str, ...], ...], name: Name) -> None:
    """The readings as surname and given name, in either order."""
    syllables = tuple(syllable for part in way for syllable in part)
    orders = [(way, syllables)]
    if len(way) > 1:
        last = way[-1]
        orders.append(((last, *way[:-1]), (*last, *(s for part in way[:-1] for s in part))))
    for parts, row in orders:
        for border in (1, 2):
            if not 1 <= len(row) - border <= 2 or not _is_border(parts, border):
                continue
            surname = _surname_row(row[:border])
            if surname:
                given = row[border:]
                name.han[(*surname, *(_table()[s] for s in given))] = None
                layouts = _layouts(row[:border], given)
                if (
                    len(way) == 1 and len(row) == 2
                ):  # wangwei; a given name (yongzhi) is not turned round
                    layouts = [row, ("".join(row),)]
                name.latin.update(dict.fromkeys(layouts))


def _is_border(parts: tuple[tuple[str, ...], ...], border: int) -> bool:
    """Whether a name of several tokens may end its surname here: at the end of a token."""
    if len(parts) == 1:
        return True
    ends, place = set(), 0
    for part in parts:
        place += len(part)
        ends.add(place)
    return border in ends


def _surname_row(syllables: tuple[str, ...]) -> tuple[str, ...]:
    single, double = _surnames()
    if len(syllables) == 1:
        return (single[syllables[0]],) if syllables[0] in single else ()
    pair = double.get(syllables)
    return tuple(pair) if pair else ()


def _words(syllables: list[str], joined: bool, name: Name) -> None:
    """A row of syllables as any Han word: a place, a name from another language. Two only where joined."""
    if (3 if not joined else 2) <= len(syllables) <= LONGEST:
        name.han[tuple(_table()[syllable] for syllable in syllables)] = None
        name.latin[("".join(syllables),)] = None
        name.latin[tuple(syllables)] = None


def spoken(han: str) -> str:
    """One likely pinyin of Han characters, folded, the first as a surname; other characters as they are."""
    syllables = [(_aloud(char, place == 0) or [char])[0] for place, char in enumerate(han)]
    return " ".join(syllables)


def surnames() -> tuple[frozenset[str], frozenset[str]]:
    """Surnames of one character and of two."""
    single, double = _surnames()
    return frozenset("".join(single.values())), frozenset(double.values())
