"""A search as the workbench keeps it: in memory only, under an address that says nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from muniment.verbs.find import COPIES, SORTS
from muniment.verbs.hold import what_is_shown

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

PAGE = 20
_KEPT = 8


class Search:
    """One query, how its hits are arranged, and the pages of hits seen of it."""

    def __init__(self, query: str, sort: str = "relevance", copies: str = "grouped") -> None:
        self.query = query
        self.sort = sort if sort in SORTS else "relevance"
        self.copies = copies if copies in COPIES else "grouped"
        self._pages: dict[tuple[int, int, str], Report] = {}
        self._lock = threading.Lock()

    def page(self, case: Case, offset: int, version: int) -> Report:
        """The hits from `offset` on, PAGE of them. `version` counts changes of the case while we watch.

        What was held or withdrawn since, here or by another process, is not shown again from memory.
        """
        key = (offset, version, what_is_shown(case))
        with self._lock:
            if any(kept[2] != key[2] for kept in self._pages):
                self._pages.clear()
            known = self._pages.get(key)
        if known is not None:
            return known
        found = case.find(self.query, limit=PAGE, offset=offset, sort=self.sort, copies=self.copies)
        with self._lock:
            self._pages[key] = found
            while len(self._pages) > _KEPT:
                del self._pages[next(iter(self._pages))]
        return found

    def every_hit(self, case: Case) -> Report:
        """All hits, up to 20,000, for a table or a program."""
        return case.find(self.query, limit=None, sort=self.sort, copies=self.copies)

    def forget(self) -> None:
        """Let go of every hit: a document was withdrawn."""
        with self._lock:
            self._pages.clear()

    def hit(self, case: Case, number: int, version: int) -> Around | None:
        """Hit `number` (from 0) with its neighbours, or None where there are not so many."""
        start = number - number % PAGE
        found = self.page(case, start, version)
        if number - start >= len(found["hits"]):
            return None
        hits: list[Report] = found["hits"]
        following = number + 1 - start < len(hits) or found["next"] is not None
        return Around(number, hits, hits[number - start], start, following, found["passages"])


class Around:
    """A hit and those around it."""

    def __init__(
        self, number: int, hits: list[Report], hit: Report, start: int, more: bool, of: int
    ) -> None:
        self.number = number
        self.hit = hit
        self.start = start
        self.previous = number - 1 if number else None
        self.following = number + 1 if more else None
        self.of = of
        self._hits = hits

    def beside(self) -> list[dict[str, Any]]:
        """The other hits on the same page."""
        here = (self.hit["document"], self.hit["page"])
        return [h for h in self._hits if (h["document"], h["page"]) == here and h is not self.hit]
