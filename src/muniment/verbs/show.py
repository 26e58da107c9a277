"""show: one document with its parts, properties, receipts and text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import NotFound
from muniment.verbs.documents import row_of
from muniment.verbs.pages import others_of, page_texts
from muniment.verbs.seal_report import receipts_of_seals

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report


def show(case: Case, document: str, *, page: int | None = None, text: bool = False) -> Report:
    """The shape of `show`. Pages are separated by form feeds in the whole text."""
    row = row_of(case, document)
    with case.catalogue.read() as connection:
        inside = connection.execute(
            sa.select(tables.document.c.document)
            .where(tables.document.c.parent == row.number)
            .order_by(tables.document.c.part)
        )
        parts = list(inside.scalars())
        parent = connection.execute(
            sa.select(tables.document.c.document).where(tables.document.c.number == row.parent)
        ).scalar()
    answer: dict[str, Any] = {
        "document": row.document,
        "reference": row.reference,
        "path": row.path,
        "title": row.title,
        "type": row.type,
        "languages": row.languages.split(),
        "state": row.state,
        "reason": row.reason,
        "held": bool(row.held),
        "parent": parent,
        "parts": parts,
        "expected_parts": row.expected_parts,
        "pages": row.pages or 0,
        "properties": _properties(row),
        "receipts": receipts(case, row.number, page),
    }
    if page is not None or text:
        answer["text"] = _text(case, row.number, page)
    if page is not None:
        answer["other_readings"] = others_of(case, row.number, page)
    return answer


def _properties(row: Any) -> dict[str, Any]:
    if row.state == "withdrawn":
        return {}
    return {"size": row.size, **json.loads(row.properties)}


def receipts(case: Case, number: int, page: int | None = None) -> list[dict[str, Any]]:
    """Where file, document and, if asked, page are in the log: entry of the batch, and the checkpoint over it."""
    return _receipts_of_file(case, number) + receipts_of_seals(case, number, page)


def _receipts_of_file(case: Case, number: int) -> list[dict[str, Any]]:
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(tables.batch.c.log_index, tables.original.c.leaf)
            .join(tables.original, tables.original.c.batch == tables.batch.c.number)
            .where(tables.original.c.number == number, tables.batch.c.log_index.is_not(None))
        ).first()
    if row is None:
        return []
    return [
        {
            "layer": "file",
            "page": None,
            "index": row.log_index,
            "leaf": row.leaf,
            "checkpoint": case.log.checkpoint().decode(),
        }
    ]


def _text(case: Case, number: int, page: int | None) -> str:
    pages = page_texts(case, number)
    if page is None:
        return "\f".join(text for _, text in pages)
    for which, text in pages:
        if which == page:
            return text
    raise NotFound(
        f"The document has no page {page}.",
        next=f"Pages run from 1 to {len(pages)}." if pages else "It has none.",
    )
