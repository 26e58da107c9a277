"""Finding a passage again: by its place, else by its words and what stood around them.

Both are selectors of W3C Web Annotation: TextPositionSelector and TextQuoteSelector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from muniment.case.notes import AROUND, whole

LONGEST_WORDS = 20_000
"""Code points of a passage that can be looked for; how many places are weighed is bounded too."""
_MOST_PLACES = 10_000


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a passage with what stands before and after; offsets are code points of the page."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int


def quote(text: str, start: int, end: int) -> Quote:
    """The passage from `start` to `end` of a page's text."""
    text = whole(text)
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Quote(text[start:end], before, after, start, end)


def find_words(text: str, words: str, near: int = 0) -> tuple[int, int] | None:
    """Where words stand in a page's text, whatever white space is between them; the place nearest to `near`.

    None where they do not stand in it.
    """
    pieces = whole(words).split()
    if not pieces or len(words) > LONGEST_WORDS:
        return None
    pattern = re.compile(r"\s*".join(map(re.escape, pieces)))
    found = [
        match.span()
        for match, _ in zip(pattern.finditer(whole(text)), range(_MOST_PLACES), strict=False)
    ]
    return min(found, key=lambda span: abs(span[0] - near), default=None)


def locate(text: str, sought: Quote) -> tuple[int, int, str]:
    """(start, end, state) of a passage in a page's text.

    `state` is "found" where it stands as it stood, "moved" where its words stand elsewhere (the page was read
    again), "lost" where they are not on the page; then start and end are 0.
    """
    text = whole(text)
    if text[sought.start : sought.end] == sought.exact:
        return sought.start, sought.end, "found"
    best, place = -1, -1
    at = text.find(sought.exact)
    for _ in range(_MOST_PLACES):
        if at < 0:
            break
        end = at + len(sought.exact)
        likeness = _same_end(text[max(0, at - AROUND) : at], sought.prefix)
        likeness += _same_end(text[end : end + AROUND][::-1], sought.suffix[::-1])
        nearer = abs(at - sought.start) < abs(place - sought.start)
        if likeness > best or (likeness == best and nearer):
            best, place = likeness, at
        at = text.find(sought.exact, at + 1)
    if place < 0:
        return 0, 0, "lost"
    return place, place + len(sought.exact), "moved"


def _same_end(one: str, other: str) -> int:
    """How many code points two texts have in common, from their ends."""
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same
