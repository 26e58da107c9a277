"""Pages that were read by OCR and not surely: they are searched, and each answer says it may have missed some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables

if TYPE_CHECKING:
    from muniment.verbs.case import Case

SURE_ENOUGH = 75
"""Mean confidence of a page's characters, in per cent, under which it is searched with doubt."""


def doubtful_pages(case: Case) -> dict[int, int]:
    """How many pages are searched with doubt, by the row number of their document."""
    page = tables.page.c
    query = (
        sa.select(page.document, sa.func.count().label("n"))
        .where(page.confidence < SURE_ENOUGH)
        .group_by(page.document)
    )
    with case.catalogue.read() as connection:
        return {row.document: row.n for row in connection.execute(query)}


def doubtful_documents(connection: sa.Connection) -> tuple[int, int]:
    """How many documents, of those that are searched, have such pages, and how many pages."""
    page, document = tables.page.c, tables.document.c
    query = (
        sa.select(sa.func.count(page.document.distinct()), sa.func.count())
        .select_from(tables.page)
        .join(tables.document, document.number == page.document)
        .where(page.confidence < SURE_ENOUGH, ~document.held)
    )
    documents, pages = connection.execute(query).one()
    return int(documents), int(pages)
