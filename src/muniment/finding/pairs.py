"""Pairs of neighbouring characters of scripts without spaces: what makes a Chinese phrase quick to find.

A page's pairs go into a field of their own. A phrase of two characters is a pair; a longer one is looked for
only where all its pairs are. A break (punctuation) stands in no pair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from operator import add

from muniment.finding.folding import UNSPACED, is_unspaced

_RUN = re.compile(f"[{UNSPACED}](?: +[{UNSPACED}])+")


def pairs_in(folded: str) -> str:
    """The pairs of a folded text, each once, joined by spaces."""
    if folded.isascii():
        return ""
    found: dict[str, None] = {}
    for spaced in _RUN.findall(folded):
        run = spaced.replace(" ", "")
        found.update(dict.fromkeys(map(add, run, run[1:])))
    return " ".join(found)


def pairs_of(tokens: Sequence[str]) -> list[str]:
    """The pairs that an entry with these tokens in a row has, each once."""
    found = {
        one + other: None
        for one, other in pairwise(tokens)
        if is_unspaced(one) and is_unspaced(other)
    }
    return list(found)
