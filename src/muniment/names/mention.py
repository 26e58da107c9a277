"""A mention: where a page names somebody or something, of which kind, and by which rule that was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

PERSON, ORGANISATION, PLACE = "person", "organisation", "place"
KINDS = (PERSON, ORGANISATION, PLACE)


@dataclass(frozen=True, slots=True)
class Mention:
    """The raw code points [start, end) of a page's text. `rule` names what saw it, for a person to judge by."""

    start: int
    end: int
    kind: str
    rule: str


Finder = Callable[[str], Iterable[Mention]]
"""What finds names: it is given the raw text of one page. Others are added from outside (finders.py)."""
