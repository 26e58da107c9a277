"""Translations that persons made, as further pages of their documents: searched, and told for what they are.

A translation is never the document: it is in no seal and no receipt, and a hit in it says whose it is. The index
knows it as a page whose number no page of a document has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.note_tables import note_revision

if TYPE_CHECKING:
    from muniment.verbs.case import Case

FIRST = 1 << 40
"""From here on a page number of the index is that of a row of `note_revision`."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A person's translation of a page, or of the passage of it that is `exact`."""

    note: str
    reference: str
    page: int
    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    text: str
    language: str
    who: str
    time: str

    @property
    def why(self) -> str:
        """What a hit in it says of itself."""
        return f"in a translation into {self.language} by {self.who}, {self.time[:10]}; not the document's own words"


def _standing() -> sa.Select[Any]:
    row = note_revision.c
    return sa.select(note_revision).where(
        row.kind == "translation", row.head, ~row.deleted, ~row.gone
    )


def translated_pages(case: Case, reference: str) -> list[tuple[int, str]]:
    """(page as the index numbers it, text) of every translation that stands of a document."""
    row = note_revision.c
    with case.catalogue.read() as connection:
        rows = connection.execute(
            _standing().where(row.reference == reference).order_by(row.page, row.start, row.number)
        ).all()
    return [(FIRST + one.number, one.value) for one in rows]


def translation_at(case: Case, page: int) -> Translation | None:
    """The translation that is this page of the index; None where it does not stand any more."""
    with case.catalogue.read() as connection:
        row = connection.execute(_standing().where(note_revision.c.number == page - FIRST)).first()
    if row is None:
        return None
    names = [name for name in Translation.__slots__ if name != "text"]
    return Translation(**{name: getattr(row, name) for name in names}, text=row.value)


def page_of(case: Case, document: int, number: int) -> Any:
    """The row of a page of a document."""
    page = tables.page.c
    with case.catalogue.read() as connection:
        return connection.execute(
            sa.select(tables.page).where(page.document == document, page.number == number)
        ).first()
