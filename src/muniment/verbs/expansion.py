"""How much may come out of one file that was received, with all that is in it, however deep.

Each container has limits of its own (reading/pages.py); sixteen archives in each of sixteen, six deep, stay below
them and make sixteen million documents of 30 kB. What is over the limit here is not opened: its state says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.reading.pages import Budget

FREE_PARTS, BYTES_FOR_A_PART = 20_000, 20
FREE_BYTES, RATIO = 4 << 30, 200


@dataclass(slots=True)
class Family:
    """What came out of one original so far, and what may."""

    parts: int
    bytes: int
    most_parts: int
    most_bytes: int

    def takes(self, sizes: Sequence[int]) -> bool:
        """Whether parts of these sizes may come out too; then they are counted."""
        parts, size = self.parts + len(sizes), self.bytes + sum(sizes)
        if parts > self.most_parts or size > self.most_bytes:
            return False
        self.parts, self.bytes = parts, size
        return True

    @property
    def reason(self) -> str:
        """What is said of a container that is not opened."""
        return (
            f"not opened: more than {self.most_parts} documents or {self.most_bytes >> 20} MiB "
            "would come out of the file it lies in"
        )


class Families:
    """The families of the originals that are being read, by the numbers of these.

    What one container may hold by `raised` limits, an original may too.
    """

    def __init__(self, raised: Budget) -> None:
        self._raised = raised
        self._known: dict[int, Family] = {}

    def of(self, connection: sa.Connection, number: int) -> Family:
        """The family of the document with this row number."""
        root = _root(connection, number)
        found = self._known.get(root)
        if found is None:
            if len(self._known) > 1000:
                self._known.clear()
            found = self._known[root] = self._raise(_counted(connection, root))
        return found

    def _raise(self, family: Family) -> Family:
        usual, raised = Budget(), self._raised
        if raised.parts > usual.parts:
            family.most_parts = max(family.most_parts, raised.parts)
        if raised.part_bytes > usual.part_bytes:
            family.most_bytes = max(family.most_bytes, raised.part_bytes)
        return family


def _root(connection: sa.Connection, number: int) -> int:
    document = tables.document.c
    while True:
        parent = connection.execute(
            sa.select(document.parent).where(document.number == number)
        ).scalar()
        if parent is None:
            return number
        number = int(parent)


def _counted(connection: sa.Connection, root: int) -> Family:
    document = tables.document
    size = connection.execute(
        sa.select(document.c.size).where(document.c.number == root)
    ).scalar_one()
    below = (
        sa.select(document.c.number, document.c.size)
        .where(document.c.parent == root)
        .cte(recursive=True)
    )
    below = below.union_all(
        sa.select(document.c.number, document.c.size).where(document.c.parent == below.c.number)
    )
    count, came = connection.execute(
        sa.select(sa.func.count(), sa.func.sum(below.c.size)).select_from(below)
    ).one()
    return Family(
        int(count),
        int(came or 0),
        FREE_PARTS + int(size) // BYTES_FOR_A_PART,
        FREE_BYTES + RATIO * int(size),
    )
