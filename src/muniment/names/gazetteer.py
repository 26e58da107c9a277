"""Lists of names: places in all scripts (data/places.tsv), given names (data/given_names.txt), words of our own.

Spellings are compared folded (finding/folding.py), so that case, accents and traditional characters are nothing.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from muniment.finding.folding import words

LONGEST_PLACE = 5
"""Words of the longest place that is sought."""

_EVERYDAY = "english everyday"
"""The section of data/words.txt with places that are also words of every text."""


def lines(name: str) -> list[str]:
    """The lines of a list in data/, without comments."""
    text = (files("muniment.names") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def places() -> dict[tuple[str, ...], int]:
    """Folded spelling, as tokens, to the number of the place in the list."""
    table: dict[tuple[str, ...], int] = {}
    everyday = section(_EVERYDAY)
    for number, line in enumerate(lines("places.tsv")):
        for spelling in line.split("\t"):
            key = tuple(words(spelling))
            if key and not (len(key) == 1 and key[0] in everyday):
                table.setdefault(key, number)
    for number, spelling in enumerate(sorted(section("more places")), len(table)):
        table.setdefault(tuple(words(spelling)), number)
    return table


@cache
def han_places() -> frozenset[str]:
    """Spellings in simplified Han characters."""
    return frozenset("".join(key) for key in places() if "\u3400" <= key[0] <= "\U000323af")


@cache
def given_names() -> frozenset[str]:
    """Given names in lower case."""
    return frozenset(lines("given_names.txt"))


@cache
def section(name: str) -> frozenset[str]:
    """The words of one section of data/words.txt: a line [name], then its words, one a line or with commas."""
    found: set[str] = set()
    here = False
    for line in lines("words.txt"):
        if line.startswith("["):
            here = line.strip() == f"[{name}]"
        elif here:
            found.update(word.strip() for word in line.split(",") if word.strip())
    return frozenset(found)
