"""Passages: the spans of a page that answer a query, cut from its raw text with their surroundings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from muniment.finding.entry import Passage
from muniment.finding.folding import is_han, is_unspaced, words
from muniment.finding.matching import Leaf, Page

AROUND = 110
"""Code points of surroundings on each side of a span; half as many where the script has no spaces."""

OPENING = 240


class Span:
    """A matched span in the folded text of a page, and the leaf that found it."""

    __slots__ = ("end", "leaf", "marks", "reason", "start")

    def __init__(
        self, start: int, end: int, marks: tuple[tuple[int, int], ...], reason: str, leaf: Leaf
    ) -> None:
        self.start, self.end, self.marks, self.reason, self.leaf = start, end, marks, reason, leaf


def spans(page: Page, leaves: Sequence[Leaf]) -> list[Span]:
    """The spans of all leaves from left to right; where two overlap the one that begins first, or is longer."""
    found = [
        Span(match.start, match.end, match.marks, match.reason, leaf)
        for leaf in leaves
        for match in leaf.find(page)
    ]
    if len(leaves) == 1:
        return found
    found.sort(key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def count(page: Page, leaves: Sequence[Leaf]) -> int:
    """How many spans a page holds."""
    return leaves[0].count(page) if len(leaves) == 1 else len(spans(page, leaves))


def cut(
    number: int, page_number: int, page: Page, found: list[Span], score: float
) -> list[Passage]:
    """One passage for each span of a page."""
    placed = [_placed(page, span) for span in found]
    return [
        _passage(number, page_number, page, index, placed, found[index], score)
        for index in range(len(found))
    ]


def _placed(page: Page, span: Span) -> list[tuple[int, int]]:
    return [page.raw_span(start, end) for start, end in span.marks]


def _passage(
    number: int,
    page_number: int,
    page: Page,
    index: int,
    placed: list[list[tuple[int, int]]],
    span: Span,
    score: float,
) -> Passage:
    own = (placed[index][0][0], max(end for _, end in placed[index]))
    start, end = surroundings(page.raw, *own)
    marks = sorted(
        [mark for marked in placed for mark in marked if start <= mark[0] and mark[1] <= end]
    )
    return Passage(
        number=number,
        page=page_number,
        start=start,
        end=end,
        text=page.raw[start:end],
        highlights=[[s - start, e - start] for s, e in marks],
        marks=[[s, e] for s, e in marks],
        span=own,
        score=score,
        why=why(page.raw[own[0] : own[1]], span),
    )


def opening(number: int, page_number: int, raw: str, score: float) -> Passage:
    """The beginning of a document that answers by its fields, or by what it does not hold."""
    end = _back_to_edge(raw, min(len(raw), OPENING))
    return Passage(number, page_number, 0, end, raw[:end], [], [], None, score, "")


def surroundings(raw: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a page around a span, cut between words, without blank ends."""
    around = AROUND // 2 if is_unspaced(raw[start]) else AROUND
    first = max(0, start - around)
    while 0 < first < start and not _is_edge(raw, first):
        first += 1
    last = min(len(raw), end + around)
    while end < last < len(raw) and not _is_edge(raw, last):
        last -= 1
    while first < start and raw[first].isspace():
        first += 1
    while last > end and raw[last - 1].isspace():
        last -= 1
    return first, last


def _back_to_edge(raw: str, last: int) -> int:
    cut_at = last
    while 0 < cut_at < len(raw) and not _is_edge(raw, cut_at):
        cut_at -= 1
    return cut_at or last


def _is_edge(raw: str, place: int) -> bool:
    """Whether a text may be cut before this code point: not inside a word, nor before a mark."""
    before, after = raw[place - 1], raw[place]
    if unicodedata.category(after)[0] == "M" or unicodedata.category(after) == "Cf":
        return False
    if is_unspaced(before) or is_unspaced(after):
        return True
    return not (before.isalnum() and after.isalnum()) and unicodedata.category(before) != "Cf"


_INVISIBLE = re.compile("[\u00ad\u0640\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


_OTHERWISE = ("spelling", "other letters", "pinyin")


def why(raw: str, span: Span) -> str:
    """Why a match counts although it is not written as it was asked for; "" when it is, but for capitals."""
    asked = span.leaf.spelled
    if span.reason:
        shown = f"{span.reason}: {' '.join(raw.split())}"
        return f"{shown} = {asked}" if span.reason in _OTHERWISE else shown
    if (
        span.leaf.near is not None
        or span.leaf.fuzzy
        or any(row.prefix for row in span.leaf.sequences)
    ):
        return ""
    return _difference(raw, asked)


def _together(text: str) -> str:
    return "".join(text.split())


def _unbroken(text: str) -> str:
    return re.sub(r"[-\u2010\u00ad] ?[\r\n]\s*", "", text)


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _plain_forms(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


_STEPS = (
    ("word split at a line end", _unbroken),
    ("line end or space", _together),
    ("invisible characters", _visible),
    ("width or form of characters", _plain_forms),
)


def _difference(raw: str, asked: str) -> str:
    """The first way of folding that makes two texts of one folding alike; "" when they are but for capitals."""
    if words(raw) != words(asked):
        return ""
    one, other = raw.lower(), asked.lower()
    if " ".join(one.split()) == " ".join(other.split()):
        return ""
    for reason, step in _STEPS:
        one, other = step(one), step(other)
        if one == other:
            return reason
    if any(is_han(char) for char in raw):
        return "traditional and simplified"
    letters = [re.sub(r"\W", "", text) for text in (one, other)]
    return "punctuation" if letters[0] == letters[1] else "accents or letter forms"
