"""All finders over one page: what they say is sifted, and of what overlaps the longest stays.

Another finder, a model for instance, is added from outside as an entry point of the group `muniment.names`: a
function of a page's text that gives mentions. None is fetched; what is installed beside muniment is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import entry_points

from muniment.names import arabic, capitals, chinese
from muniment.names.mention import KINDS, Finder, Mention

VERSION = 1
"""Of lists and rules. A change of what any page gives raises it, and every page is looked at again."""
GROUP = "muniment.names"
LONGEST = 80
"""Code points of a name; longer ones are none."""
SURE = 60
"""Per cent. A word that OCR was less sure of is part of no name."""
_UNKNOWN = 255
_OURS: tuple[Finder, ...] = (chinese.find, arabic.find, capitals.find)


@cache
def finders() -> tuple[tuple[str, Finder], ...]:
    """Ours, and those that are installed, by name ("" is ours)."""
    others = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return (*(("", finder) for finder in _OURS), *((point.name, point.load()) for point in others))


def version() -> str:
    """What looks at pages: pages that something else looked at are looked at again."""
    return " ".join([str(VERSION), *(name for name, _ in finders() if name)])


def mentions(text: str, confidence: bytes | None = None) -> list[Mention]:
    """The names on a page in their order, none overlapping. `confidence`: per cent a code point, 255 unknown."""
    said = [m for _, finder in finders() for m in finder(text) if _may_be(text, m, confidence)]
    said.sort(key=lambda m: m.start - m.end)
    taken = bytearray(len(text))
    kept = []
    for mention in said:
        if not any(taken[mention.start : mention.end]):
            taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


def _may_be(text: str, mention: Mention, confidence: bytes | None) -> bool:
    """Whether a mention lies on the page, is no longer than a name, and was read surely."""
    start, end = mention.start, mention.end
    if mention.kind not in KINDS or not 0 <= start < end <= min(len(text), start + LONGEST):
        return False
    exact = text[start:end]
    letters = sum(char.isalpha() for char in exact)
    if letters < 2 or letters * 2 < len(exact) or exact != exact.strip():
        return False
    return confidence is None or all(_sure(text, confidence, start, end))


def _sure(text: str, confidence: bytes, start: int, end: int) -> Iterable[bool]:
    return _each(text, confidence[start:end], start)


def _each(text: str, some: bytes, start: int) -> Iterator[bool]:
    for place, value in enumerate(some, start):
        if text[place].isalnum():
            yield value == _UNKNOWN or value >= SURE
