"""Listing what an accession holds before anything of it is received.

The list is kept in the catalogue until the last thing on it has a state. So a person is told how much there
is, a million files need no memory, the same file named twice is received once, and what vanishes between
listing and receiving, as with a stick pulled out, is accounted for by name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.many_rows import put_rows
from muniment.verbs.progress import Progress
from muniment.verbs.sources import Source, walk

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Watch

_TOGETHER = 2_000


class Listing:
    """The list of one accession."""

    def __init__(self, case: Case, accession: int) -> None:
        self._case = case
        self._accession = accession

    def extend(self, roots: Sequence[bytes], watch: Watch | None) -> None:
        """Add everything under the roots that is not on the list yet."""
        found = walk(roots, apart=os.fsencode(os.path.realpath(self._case.folder.root)))
        done = 0
        while rows := [self._row(source) for source in islice(found, _TOGETHER)]:
            with self._case.catalogue.write() as connection:
                put_rows(connection, tables.listed, rows, pass_over=True)
            done += len(rows)
            if watch is not None:
                watch(Progress("listing", done, None))
        if watch is not None:
            watch(Progress("listing", done, done))

    def _row(self, source: Source) -> dict[str, Any]:
        return {
            "accession": self._accession,
            "location": source.location,
            "path": source.path,
            "state": source.state,
            "problem": source.problem,
            "taken": False,
        }

    def counts(self) -> tuple[int, int]:
        """How many things are on the list, and how many of them have a state already."""
        with self._case.catalogue.read() as connection:
            row = connection.execute(
                sa.select(sa.func.count(), sa.func.sum(tables.listed.c.taken)).where(
                    tables.listed.c.accession == self._accession
                )
            ).one()
        return int(row[0]), int(row[1] or 0)

    def remaining(self) -> Iterator[tuple[int, Source]]:
        """What has no state yet, in order, with its number on the list."""
        last = 0
        while rows := self._next(last):
            for row in rows:
                last = row.number
                source = Source(bytes(row.location), row.path, 0, 0, row.state, row.problem)
                yield row.number, source

    def _next(self, after: int) -> list[Any]:
        listed = tables.listed.c
        with self._case.catalogue.read() as connection:
            return list(
                connection.execute(
                    sa.select(tables.listed)
                    .where(
                        listed.number > after,
                        # Reckoned with, so that it is no search in the index of accessions: all of the list would be
                        # gone through and sorted for each piece of it.
                        listed.accession + 0 == self._accession,
                        listed.taken.is_(False),
                    )
                    .order_by(listed.number)
                    .limit(_TOGETHER)
                )
            )


def clear(connection: sa.Connection, accession: int) -> None:
    """Forget a list of which all has a state, in the transaction that says so: listed again, it is received again."""
    connection.execute(sa.delete(tables.listed).where(tables.listed.c.accession == accession))


def tick(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Note, in the transaction that gives them a state, that these are done."""
    connection.execute(
        sa.update(tables.listed).where(tables.listed.c.number.in_(numbers)).values(taken=True)
    )


def tick_locations(connection: sa.Connection, accession: int, locations: Sequence[bytes]) -> None:
    """The same, by location."""
    connection.execute(
        sa.update(tables.listed)
        .where(
            tables.listed.c.accession == accession, tables.listed.c.location.in_(list(locations))
        )
        .values(taken=True)
    )
