"""Spellings near to a name that is found nowhere: what stands in the texts with a letter or two changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from muniment.finding.folding import is_unspaced, words
from muniment.finding.likeness import ALIKE, likeness

if TYPE_CHECKING:
    from muniment.finding.index import Index, TextOf

MOST_LOOKED_AT = 40
_PLAIN = re.compile(r"[\w\s'’.,\"“”-]+")


def near_spellings(
    index: Index, name: str, *, text_of: TextOf, without: Collection[int] = ()
) -> list[str]:
    """What stands in the texts and is like `name`, most frequent first; [] for a query with signs.

    A word of three letters is compared as it is, up to seven with one change, longer with two; a Han name
    with one character left open.
    """
    if not _PLAIN.fullmatch(name):
        return []
    asked = [word for word in words(name.replace('"', " ")) if not word.startswith("\x1e")]
    if not 1 <= len(asked) <= 6:
        return []
    if all(map(is_unspaced, asked)):
        return _near_han(index, "".join(asked), text_of, without)
    if any(map(is_unspaced, asked)):
        return []
    query = " ".join(_loosened(word) for word in asked)
    found = index.search(query, limit=MOST_LOOKED_AT, text_of=text_of, without=without)
    seen: Counter[str] = Counter()
    for hit in found.hits:
        for spelled in _together(hit.text, hit.highlights, len(asked)):
            if words(spelled) != asked and likeness(name, spelled) >= ALIKE:
                seen[spelled] += 1
    return [spelled for spelled, _ in seen.most_common()]


def _loosened(word: str) -> str:
    changes = 0 if len(word) <= 3 or not word.isalpha() else 1 if len(word) <= 7 else 2
    return f"{word}~{changes}" if changes else word


def _together(text: str, highlights: list[list[int]], number: int) -> list[str]:
    """Stretches of a passage that hold as many marked words as the name has, with nothing much between."""
    found = []
    for place in range(len(highlights) - number + 1):
        run = highlights[place : place + number]
        gaps = [text[a[1] : b[0]] for a, b in pairwise(run)]
        if all(len(gap) <= 12 and "\n\n" not in gap for gap in gaps):
            found.append(" ".join(text[run[0][0] : run[-1][1]].split()))
    return found


def _near_han(index: Index, name: str, text_of: TextOf, without: Collection[int]) -> list[str]:
    """Han names of the same length with one other character, the first (the surname) kept."""
    if len(name) != 3:
        return []
    query = f'"{name[0]} {name[1]}"~0 OR "{name[0]} {name[2]}"~1'
    found = index.search(query, limit=MOST_LOOKED_AT, text_of=text_of, without=without)
    seen: Counter[str] = Counter()
    for hit in found.hits:
        if not hit.highlights:
            continue
        start = hit.highlights[0][0]
        run = re.match(r"[\u3400-\u9fff]{3}", hit.text[start:])
        if (
            run
            and run[0][0] == name[0]
            and sum(a == b for a, b in zip(run[0], name, strict=True)) == 2
        ):
            seen[run[0]] += 1
    return [spelled for spelled, _ in seen.most_common()]
