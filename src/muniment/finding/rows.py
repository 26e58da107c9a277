"""Token rows: one way a word or a phrase of a query may stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from muniment.finding.folding import is_unspaced

MOST_PHRASES = 64
"""A row whose words have more spellings than this together is checked on the page instead."""

MOST_PAIRS = 30_000
"""Pairs of Han characters that are looked up together for one place of a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens in a row, each one of several spellings, the last perhaps only a beginning.

    `patterns` has a regular expression for each slot that may also be any token which it matches whole, ""
    for the others; it is () where there is none. `reason` says why the row answers what was asked. `script`
    is the one script it is written in, where it is of use only if the index has that; "" otherwise.
    """

    slots: tuple[tuple[str, ...], ...]
    prefix: bool = False
    patterns: tuple[str, ...] = ()
    reason: str = ""
    script: str = ""

    @classmethod
    def of(cls, tokens: tuple[str, ...], reason: str = "", script: str = "") -> Row:
        """A row of these tokens and no others."""
        return cls(tuple((token,) for token in tokens), reason=reason, script=script)

    @property
    def regex(self) -> str:
        """The sequence in the folded text; its neighbours' spaces are looked at, not taken."""
        parts = []
        for place, slot in enumerate(self.slots):
            options = [_any_of(slot)] if slot else []
            if self.patterns and self.patterns[place]:
                options.append(self.patterns[place])
            parts.append("(?:" + "|".join(options) + ")")
        tail = "[^ ]*" if self.prefix and not self.is_unspaced_end else ""
        return " ".join(parts) + tail

    @property
    def is_unspaced_end(self) -> bool:
        """Whether the last token is one character of a script without spaces, which begins nothing longer."""
        return bool(self.slots[-1]) and is_unspaced(self.slots[-1][0])

    @property
    def phrases(self) -> list[tuple[str, ...]] | None:
        """Each spelling written out; None when there are too many, or patterns among them."""
        if any(self.patterns):
            return None
        number = 1
        for slot in self.slots:
            number *= len(slot)
        return list(product(*self.slots)) if number <= MOST_PHRASES else None

    @property
    def pairs(self) -> list[list[str]] | None:
        """For a row of classes of characters, the pairs that must stand there; None for other rows.

        Together they cover every place; for a row of two characters they are the whole truth.
        """
        if len(self.slots) < 2 or any(self.patterns):
            return None
        if not all(slot and all(map(is_unspaced, slot)) for slot in self.slots):
            return None
        places = list(range(0, len(self.slots) - 1, 2))
        if len(self.slots) % 2:
            places.append(len(self.slots) - 2)
        found = [
            [one + other for one in self.slots[place] for other in self.slots[place + 1]]
            for place in places
            if len(self.slots[place]) * len(self.slots[place + 1]) <= MOST_PAIRS
        ]
        return found or None

    @property
    def sure(self) -> bool:
        """Whether the index alone answers this row exactly, without a look at the page."""
        if self.prefix and len(self.slots) > 1:
            return False
        if len(self.slots) == 1 or self.phrases is not None:
            return True
        return len(self.slots) == 2 and bool(self.pairs)


@lru_cache(maxsize=500)
def _any_of(slot: tuple[str, ...]) -> str:
    if len(slot) > 1 and all(len(word) == 1 for word in slot):
        return "[" + "".join(map(re.escape, slot)) + "]"
    return "(?:" + "|".join(map(re.escape, slot)) + ")"
