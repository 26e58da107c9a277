"""One page as a reader needs it: its text, its measure, where the text came from and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import NotFound
from muniment.reading.language import codes, main, passages_of
from muniment.verbs.documents import row_of
from muniment.verbs.pages import PICTURED, unpack_text
from muniment.verbs.seal_report import seal_of_page

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report


def page(case: Case, document: str, number: int) -> Report:
    """Page `number` (from 1) of a document.

    `width` and `height` are points, 0 where there is no layout; `confidence` is per cent or null; `picture`
    says whether `page_image` can draw it. A picture without text has an empty text. Raises NotFound.
    """
    row = row_of(case, document)
    found = _page_row(case, row.number, number)
    if found is None and not 1 <= number <= (row.pages or 0):
        raise NotFound(
            f"The document has no page {number}.",
            next=f"Pages run from 1 to {row.pages}." if row.pages else "It has none.",
            document=row.document,
        )
    return {
        "document": row.document,
        "page": number,
        "text": "" if found is None else unpack_text(found.text),
        "width": 0.0 if found is None else found.width,
        "height": 0.0 if found is None else found.height,
        "source": "" if found is None else found.source,
        "language": "" if found is None else main(found.language),
        "languages": [] if found is None else codes(found.language),
        "passages": [] if found is None else passages_of(found.language),
        "confidence": None if found is None else found.confidence,
        "needs_ocr": bool(found is not None and found.needs_ocr),
        "picture": row.family in PICTURED,
        "seal": seal_of_page(case, row.number, number),
        "family": row.family,
    }


def measures(
    case: Case, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], tuple[float, float]]:
    """Width and height in points of the pages (document, number) that can be drawn."""
    page, document = tables.page, tables.document
    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(document.c.document, page.c.number, page.c.width, page.c.height)
            .join(document, document.c.number == page.c.document)
            .where(
                document.c.document.in_({name for name, _ in wanted}),
                page.c.number.in_({number for _, number in wanted}),
                document.c.family.in_(PICTURED),
                page.c.width > 0,
                page.c.height > 0,
            )
        ).all()
    return {
        (row.document, row.number): (row.width, row.height)
        for row in rows
        if (row.document, row.number) in wanted
    }


def _page_row(case: Case, document: int, number: int) -> sa.Row[tuple[object, ...]] | None:
    with case.catalogue.read() as connection:
        return connection.execute(
            sa.select(tables.page).where(
                tables.page.c.document == document, tables.page.c.number == number
            )
        ).first()
