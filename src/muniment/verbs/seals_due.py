"""Which documents are to be sealed: read and settled, and not sealed since.

A document that is read again, or gets its text by OCR, is sealed anew with fresh tree ids; the earlier seal is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import part_file, seal, seal_due
from muniment.verbs.pages import PICTURED

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_READ = ("extracted", "partly-extracted")


def seal_again(case: Case, numbers: Iterable[int], *, reason: str = "") -> None:
    """Ask that documents (row numbers) be sealed anew by the next `add`. `reason`: why they were not until now."""
    with case.catalogue.write() as connection:
        ask_again(connection, list(numbers), reason=reason)


def ask_again(connection: sa.Connection, numbers: Sequence[int], *, reason: str = "") -> None:
    """`seal_again` for those that have a seal, in a transaction that is open; the others are due anyway."""
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        sealed = sa.select(seal.c.document).where(seal.c.document.in_(some)).distinct()
        rows = [{"document": n, "reason": reason} for n in connection.execute(sealed).scalars()]
        connection.execute(sa.delete(seal_due).where(seal_due.c.document.in_(some)))
        if rows:
            connection.execute(sa.insert(seal_due), rows)


def cannot_now(connection: sa.Connection, number: int, reason: str) -> None:
    """Note why a document goes on waiting for its seal."""
    connection.execute(sa.delete(seal_due).where(seal_due.c.document == number))
    connection.execute(sa.insert(seal_due).values(document=number, reason=reason[:500]))


@dataclass(frozen=True, slots=True)
class Due:
    """A document that is to be sealed: its row number, its pages, and whether they have pictures."""

    number: int
    pages: int
    pictured: bool

    @property
    def cost(self) -> int:
        """Roughly, in tenths of what a page with a picture takes."""
        return 1 + self.pages * (10 if self.pictured else 1)


def due(case: Case) -> list[Due]:
    """Each document that is to be sealed, in the order they were received."""
    document = tables.document.c
    columns = (document.number, sa.func.coalesce(document.pages, 0), document.family)
    query = sa.select(*columns).where(_due()).order_by(document.number)
    with case.catalogue.read() as connection:
        return [Due(row[0], row[1], row[2] in PICTURED) for row in connection.execute(query)]


def count_due(connection: sa.Connection) -> int:
    """How many documents wait for their seal, those whose pages wait for OCR included."""
    query = sa.select(sa.func.count()).select_from(tables.document).where(_wanted())
    return int(connection.execute(query).scalar_one())


def _due() -> sa.ColumnElement[bool]:
    document = tables.document.c
    return sa.and_(_wanted(), document.state != "waiting", document.ocr != "waiting")


def _wanted() -> sa.ColumnElement[bool]:
    """Read, of bytes that are in the vault, and without a seal or to be sealed again."""
    document = tables.document.c
    original = tables.original.c
    read = sa.or_(document.state.in_(_READ), document.pages > 0)
    in_vault = sa.exists().where(original.number == document.number, original.batch.is_not(None))
    part = sa.exists().where(part_file.c.number == document.number)
    found = sa.and_(document.parent.is_not(None), sa.or_(read, part))
    sealed = sa.exists().where(seal.c.document == document.number)
    asked = sa.exists().where(seal_due.c.document == document.number)
    return sa.and_(
        document.state != "withdrawn",
        sa.or_(sa.and_(read, in_vault), found),
        sa.or_(~sealed, asked),
    )
