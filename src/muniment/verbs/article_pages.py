"""Pages of documents as statements and figures are read from them: the article alone where one is marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.verbs.documents import row_of
from muniment.verbs.pages import unpack_boxes, unpack_text

if TYPE_CHECKING:
    from muniment.verbs.case import Case

READ = ("extracted", "partly-extracted")
_TABLES = (
    "%spreadsheet%", "%excel%", "%csv%", "%tab-separated%", "%msaccess%", "%dbf%", "%lotus%", "%numbers%",
)  # fmt: skip
"""Types that are all numbers (patterns of SQL): read where one of them is asked for by name."""


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One page: its document's row, its number and text, the spans of the article in it (None: all), its boxes."""

    row: Any
    number: int
    text: str
    spans: list[list[int]] | None
    boxes: bytes | None


def article_pages(case: Case, document: str | None = None) -> Iterator[ArticlePage]:
    """Pages of one document, or of all that were read and are not held, in order. Raises NotFound."""
    with case.catalogue.read() as connection:
        if document is not None:
            rows = [row_of(case, document)]
        else:
            query = (
                sa.select(tables.document)
                .where(
                    tables.document.c.state.in_(READ),
                    sa.not_(tables.document.c.held),
                    *(tables.document.c.type.not_like(pattern) for pattern in _TABLES),
                )
                .order_by(tables.document.c.number)
            )
            rows = list(connection.execute(query).all())
    for row in rows:
        yield from _pages(case, row)


def _pages(case: Case, row: Any) -> Iterator[ArticlePage]:
    article = json.loads(row.properties).get("article") if row.state in READ else None
    spans = json.loads(article) if article else None
    with case.catalogue.read() as connection:
        found = connection.execute(
            sa.select(tables.page.c.number, tables.page.c.text, tables.page.c.boxes)
            .where(tables.page.c.document == row.number)
            .order_by(tables.page.c.number)
        ).all()
    for page in found:
        boxes = None if page.boxes is None else unpack_boxes(page.boxes)
        here = spans if page.number == 1 else None
        yield ArticlePage(row, page.number, unpack_text(page.text), here, boxes)
