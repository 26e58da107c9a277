"""Reading chosen documents again: what comes of it is kept where it is no worse than what was there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
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
        self._reader = self._case.means.reader

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
            row = before[number]
            if not _same_parts(connection, number, reading.parts):
                self.said[number] = OTHER_ORDER
            elif self._reader or "reader" in json.loads(row.properties):
                had = _letters(connection, number)
                if reading.family and _gives_more(had, reading):
                    better.append((number, self._with_ours(row, reading)))
                else:
                    self.said[number] = _said_by_other(reading, self._reader or "our own reader")
            elif _no_worse(row, reading, _parts(connection, number)):
                better.append((number, reading))
            else:
                self.said[number] = reading.reason
                opened[number] = reading.parts
        if better:
            super()._record(connection, better)
        opened = {number: parts for number, parts in opened.items() if parts}
        if opened:
            self._record_parts(connection, opened)

    def _with_ours(self, row: Any, reading: Reading) -> Reading:
        return _beside(row, reading, self._reader) if self._reader else reading


def _no_worse(row: Any, reading: Reading, parts: int) -> bool:
    """Whether a reading takes the place of the one before: more came of it, or as much and its state is another.

    `parts`: how many documents came out of it until now.
    """
    state = str(outcome_of(reading)["state"])
    new, old = _RANK.get(state, _UNREAD), _RANK.get(row.state, _UNREAD)
    pages = row.pages or 0
    if len(reading.pages) < pages or new > old:
        return False
    if len(reading.pages) > pages or len(reading.parts) > parts:
        return bool(reading.family)
    if (reading.state, reading.reason) == (row.read_state, row.read_reason):
        return False
    if new < old:
        return True
    # Without a family no reader has had it: its bytes could not be had, or it was stopped.
    return new == old and bool(reading.family) and (new < _UNREAD or state != row.state)


def _parts(connection: sa.Connection, number: int) -> int:
    document = tables.document.c
    query = sa.select(sa.func.count()).where(document.parent == number)
    return int(connection.execute(query).scalar() or 0)


def _letters(connection: sa.Connection, number: int) -> list[int]:
    """How many letters and digits each page has, as it was read."""
    page = tables.page.c
    query = sa.select(page.text).where(page.document == number).order_by(page.number)
    return [_count(unpack_text(text)) for text in connection.execute(query).scalars()]


def _count(text: str) -> int:
    return sum(map(str.isalnum, text))


def _gives_more(had: Sequence[int], reading: Reading) -> bool:
    """Whether another reader's text takes the place of what is there: more letters, and no page fewer.

    Pages without a letter do not count: nothing cites them.
    """
    got = [_count(page.text) for page in reading.pages]
    return sum(got) > sum(had) and (len(got) >= len(had) or not any(had))


def _beside(row: Any, reading: Reading, reader: str) -> Reading:
    """Another reader's text, with all else that our own had found and said.

    It does not tell what is missing: what our own reader could not do stays said.
    """
    said = row.read_reason or row.reason
    if row.state in ("unsupported", "extracted"):
        state, reason = reading.state, reading.reason
    else:
        state = "partly-extracted"
        reason = "; ".join(filter(None, (f"its text was read by {reader}", reading.reason, said)))
    return replace(
        reading,
        state=state,
        reason=reason,
        type=row.type or reading.type,
        family=row.family or reading.family,
        title=row.title or reading.title,
        properties={**reading.properties, **json.loads(row.properties), "reader": reader},
        expected_pages=row.expected_pages,
        expected_parts=row.expected_parts,
    )


def _said_by_other(reading: Reading, reader: str) -> str:
    if reading.state in ("extracted", "partly-extracted"):
        return f"{reader} found no more text than there is"
    return reading.reason


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


def recognise_again(case: Case, numbers: Sequence[int], *, wordless: bool, chinese: bool) -> None:
    """Pages on which OCR failed wait for it again; with `wordless` also those on which it saw no word.

    With `chinese` those that it read as Chinese.
    """
    page, document = tables.page, tables.document
    every = wordless or chinese
    sought = page.c.source.startswith("ocr ") if every else page.c.source == "ocr failed"
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
                if row.source == "ocr failed"
                or (chinese and row.source.startswith("ocr chi"))
                or (wordless and not unpack_text(row.text).strip())
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
