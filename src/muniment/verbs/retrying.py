"""Reading chosen documents again: what comes of it is kept where it is no worse than what was there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.verbs.extracting import Extraction, outcome_of
from muniment.verbs.pages import unpack_text
from muniment.verbs.progress import Progress

if TYPE_CHECKING:
    from muniment.reading.pages import Part, Reading
    from muniment.verbs.case import Case

_RANK = {"extracted": 0, "waiting": 1, "partly-extracted": 2}
_UNREAD = 3
_FETCH = 200
OTHER_ORDER = "read again, other parts came out of it than before; it was left as it was"


class Again(Extraction):
    """One run over documents that were chosen. `said`: what a reader answered where nothing changed by it."""

    said: dict[int, str]

    def choose(self, numbers: Sequence[int]) -> None:
        """Which documents, by row number."""
        self._chosen = list(numbers)
        self._total = len(numbers)
        self.said = {}

    def _waiting(self) -> list[Any]:
        some, self._chosen = self._chosen[:_FETCH], self._chosen[_FETCH:]
        document = tables.document.c
        columns = (document.number, document.name, document.size, document.parent)
        query = sa.select(*columns).where(document.number.in_(some)).order_by(document.number)
        with self._case.catalogue.read() as connection:
            rows = list(connection.execute(query))
        self._find([row.number for row in rows if row.parent is None])
        return rows

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(Progress("reading", self._done, self._total))

    def _record(self, connection: sa.Connection, results: list[tuple[int, Reading]]) -> None:
        document = tables.document
        numbers = [number for number, _ in results]
        query = sa.select(document).where(document.c.number.in_(numbers))
        before = {row.number: row for row in connection.execute(query)}
        better = []
        opened: dict[int, list[Part]] = {}
        for number, reading in results:
            if not _same_parts(connection, number, reading.parts):
                self.said[number] = OTHER_ORDER
            elif _no_worse(before[number], reading):
                better.append((number, reading))
            else:
                self.said[number] = reading.reason
                opened[number] = reading.parts
        if better:
            super()._record(connection, better)
        opened = {number: parts for number, parts in opened.items() if parts}
        if opened:
            self._record_parts(connection, opened)


def _no_worse(row: Any, reading: Reading) -> bool:
    """Whether a reading takes the place of the one before: more came of it, or as much and its state is another."""
    if (reading.state, reading.reason) == (row.read_state, row.read_reason):
        return bool(len(reading.pages) > (row.pages or 0))
    state = str(outcome_of(reading)["state"])
    new, old = _RANK.get(state, _UNREAD), _RANK.get(row.state, _UNREAD)
    if len(reading.pages) < (row.pages or 0):
        return False
    if new < old:
        return True
    # Without a family no reader has had it: its bytes could not be had, or it was stopped.
    return new == old and bool(reading.family) and (new < _UNREAD or state != row.state)


def _same_parts(connection: sa.Connection, number: int, parts: Sequence[Part]) -> bool:
    """Whether no part that is a document already is other bytes now: its place is how it is found again."""
    document = tables.document.c
    query = sa.select(document.part, document.content).where(
        document.parent == number, document.content.is_not(None)
    )
    known = {row.part: bytes(row.content) for row in connection.execute(query)}
    return all(
        part.state or part.number not in known or known[part.number] == _digest(part)
        for part in parts
    )


def _digest(part: Part) -> bytes:
    return hashlib.sha256(part.data).digest()


def recognise_again(case: Case, numbers: Sequence[int], *, wordless: bool) -> None:
    """Pages on which OCR failed wait for it again; with `wordless` also those on which it saw no word."""
    page, document = tables.page, tables.document
    sought = page.c.source.startswith("ocr ") if wordless else page.c.source == "ocr failed"
    with case.catalogue.read() as connection:
        there = set(
            connection.execute(sa.select(page.c.document).where(sought).distinct()).scalars()
        )
    for number in there.intersection(numbers):
        with case.catalogue.write() as connection:
            query = sa.select(page.c.number, page.c.source, page.c.text).where(
                page.c.document == number, sought
            )
            again = [
                row.number
                for row in connection.execute(query)
                if row.source == "ocr failed" or (wordless and not unpack_text(row.text).strip())
            ]
            if again:
                where = sa.and_(page.c.document == number, page.c.number.in_(again))
                connection.execute(sa.update(page).where(where).values(needs_ocr=True))
                connection.execute(
                    sa.update(document)
                    .where(document.c.number == number)
                    .values(
                        state="waiting", reason=f"{len(again)} pages wait for OCR", ocr="waiting"
                    )
                )
