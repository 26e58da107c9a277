"""The leaves of a query as patterns: what each asks of the index, and where it stands on a page.

A pattern works on the folded text of a page as one string, tokens between single spaces, so that counting
runs in the regular-expression engine; raw offsets are worked out only for pages that are shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from muniment.finding import widening
from muniment.finding.folding import (
    BREAK,
    Places,
    fold,
    tokens,
    without_line_ends,
    words,
)
from muniment.finding.query import Phrase, Word
from muniment.finding.rows import Row


class Page:
    """A page's text, folded once when it is looked at."""

    def __init__(self, raw: str) -> None:
        self.raw = raw

    @cached_property
    def folded(self) -> str:
        """The tokens, each between single spaces."""
        return " " + " ".join(filter(None, fold(self.raw).split(" "))) + " "

    @cached_property
    def places(self) -> Places:
        """Where the tokens stand in the raw text; the n-th is the n-th of `folded`."""
        return Places(self.raw)

    @cached_property
    def vocabulary(self) -> set[str]:
        """Every different token of the page."""
        return set(self.folded.split(" ")) - {"", BREAK}

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Raw code points of a match in `folded` (from the first letter of its first token to its last)."""
        first = self.folded.count(" ", 0, start) - 1
        last = first + self.folded.count(" ", start, end)
        return self.places[first].start, self.places[last].end


@dataclass(frozen=True, slots=True)
class Match:
    """One match in `Page.folded`: its span, the words in it to be marked, and why it is one."""

    start: int
    end: int
    marks: tuple[tuple[int, int], ...]
    reason: str


@dataclass(frozen=True)
class Leaf:
    """One word or phrase of a query, ready to be asked.

    `sequences` are its spellings, `words` the parts of a near phrase (each with its own sequences), `asked`
    the tokens as they were asked for.
    `sure` says that the index alone answers exactly; otherwise its answer is checked on the page.
    """

    spelled: str
    sequences: tuple[Row, ...] = ()
    asked: tuple[str, ...] = ()
    near: int | None = None
    words: tuple[Leaf, ...] = ()
    fuzzy: int = 0
    exact: str | None = None

    @cached_property
    def sure(self) -> bool:
        """Whether the index answers this leaf exactly, without a look at the page."""
        if self.near is not None or self.exact is not None:
            return False
        return all(row.sure for row in self.sequences)

    def halves(self) -> tuple[Leaf | None, Leaf | None]:
        """What the index answers exactly of this leaf, and what has to be checked on the page."""
        if self.sure:
            return self, None
        if self.near is not None or self.exact is not None:
            return None, self
        sure = tuple(row for row in self.sequences if row.sure)
        rest = tuple(row for row in self.sequences if not row.sure)
        return (replace(self, sequences=sure) if sure else None), replace(self, sequences=rest)

    def within(self, scripts: Collection[str]) -> Leaf:
        """The leaf without rows in scripts that the index does not have."""
        if self.near is not None:
            return replace(self, words=tuple(word.within(scripts) for word in self.words))
        kept = tuple(row for row in self.sequences if not row.script or row.script in scripts)
        return self if len(kept) == len(self.sequences) else replace(self, sequences=kept)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.sequences, key=lambda row: len(row.slots), reverse=True)
        joined = "|".join(row.regex for row in longest_first)
        # The space before a match is taken, so that the engine runs from space to space.
        return re.compile(f" (?:{joined})(?= )")

    def find(self, page: Page) -> list[Match]:
        """Every place of this leaf on a page, from left to right, none overlapping another."""
        if self.near is not None:
            return list(self._near(page))
        if self.fuzzy:
            return self._fuzzy(page)
        found = [
            Match(m.start() + 1, m.end(), ((m.start() + 1, m.end()),), self._reason(m.group()[1:]))
            for m in self._pattern.finditer(page.folded)
        ]
        if self.exact is None:
            return found
        return [match for match in found if self._is_exact(page, match)]

    def count(self, page: Page) -> int:
        """How many places `find` would give, without making them where the engine alone can count."""
        if self.near is not None or self.fuzzy or self.exact is not None:
            return len(self.find(page))
        return len(self._pattern.findall(page.folded))

    def _reason(self, text: str) -> str:
        """Why a match counts; "" where it is what was asked for."""
        if tuple(text.split(" ")) == self.asked:
            return ""
        rows = (row for row in self.sequences if re.fullmatch(row.regex, text))
        return next((row.reason for row in rows), "")

    def _fuzzy(self, page: Page) -> list[Match]:
        asked = self.sequences[0].slots[0][0]
        near = {word for word in page.vocabulary if distance(asked, word, self.fuzzy) <= self.fuzzy}
        if not near:
            return []
        pattern = re.compile("(?<= )(?:" + "|".join(map(re.escape, sorted(near))) + ")(?= )")
        return [
            Match(
                m.start(),
                m.end(),
                ((m.start(), m.end()),),
                "" if m.group() == asked else "near spelling",
            )
            for m in pattern.finditer(page.folded)
        ]

    def _is_exact(self, page: Page, match: Match) -> bool:
        """Whether the raw text at a match is what was asked for, signs at its two ends included."""
        assert self.exact is not None
        asked = without_line_ends(self.exact)
        inside = tokens(self.exact)
        inner = [token for token in inside if token.text != BREAK]
        before, after = inner[0].start, len(self.exact) - inner[-1].end
        start, end = page.raw_span(match.start, match.end)
        if start - before < 0:
            return False
        return without_line_ends(page.raw[start - before : end + after]) == asked

    def _near(self, page: Page) -> Iterator[Match]:
        """The shortest stretches that hold every word with at most `near` other words between."""
        assert self.near is not None
        places = sorted(
            (match.start, match.end, number)
            for number, word in enumerate(self.words)
            for match in word.find(page)
        )
        needed = Counter(dict.fromkeys(range(len(self.words)), 1))
        window: list[tuple[int, int, int]] = []
        for place in places:
            window = [kept for kept in window if kept[2] != place[2] and kept[1] <= place[0]]
            window.append(place)
            if len(window) < len(needed):
                continue
            start, end = window[0][0], max(kept[1] for kept in window)
            if _others(page.folded, start, end, window) <= self.near:
                yield Match(start, end, tuple(kept[:2] for kept in window), "")
                window = []


def _others(folded: str, start: int, end: int, window: list[tuple[int, int, int]]) -> int:
    """How many words of a stretch are none of those asked for; breaks do not count."""
    everything = [word for word in folded[start:end].split(" ") if word != BREAK]
    asked = sum(len([w for w in folded[s:e].split(" ") if w != BREAK]) for s, e, _ in window)
    return len(everything) - asked


def distance(one: str, other: str, limit: int) -> int:
    """Letters to insert, delete, change or swap with a neighbour; more than `limit` is only said to be more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


_INNER_SIGN = re.compile(r"(?<=\w)[-‐'’ʼ](?=\w)")


def leaf_of(node: Word | Phrase) -> Leaf:
    """The pattern of a word or a phrase of a query."""
    if isinstance(node, Word):
        return _leaf_of_word(node)
    if node.near is not None:
        return _leaf_of_near(node)
    found = tuple(words(node.text))
    if node.exact:
        return Leaf(node.text, (Row(tuple((word,) for word in found)),), exact=node.text)
    rows = widening.of_phrase(found)
    if _INNER_SIGN.search(node.text):
        rows.append(Row.of(tuple(words(_INNER_SIGN.sub("", node.text))), "written as one word"))
    return Leaf(node.text, tuple(rows), found)


def _leaf_of_word(node: Word) -> Leaf:
    found = tuple(words(node.text))
    itself = Row(tuple((word,) for word in found), node.prefix)
    if node.exact:
        return Leaf(node.text, (itself,), exact=node.text)
    if node.prefix or node.fuzzy:
        return Leaf(node.text, (itself,), fuzzy=node.fuzzy)
    rows = widening.of_word(found, _INNER_SIGN.search(node.text) is not None)
    return Leaf(node.text, tuple(rows), found)


def _leaf_of_near(node: Phrase) -> Leaf:
    parts = [part for part in node.text.split() if words(part)]
    leaves: dict[str, Leaf] = {}
    for part in parts:
        leaf = leaf_of(Phrase(part, node.start, node.end))
        leaves.setdefault(" ".join(words(part)), leaf)
    if len(leaves) == 1:
        return next(iter(leaves.values()))
    return Leaf(node.text, near=node.near, words=tuple(leaves.values()))


TextOf = Callable[[int, int], str]
"""Gives the raw text of a page: (row id of the document, page number)."""
