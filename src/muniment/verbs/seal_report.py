"""What status, show and the Reader say of page seals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal, seal_batch, seal_due, sealed_page
from muniment.verbs.seals_due import count_due

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_MOST_REASONS = 50


def status_of_seals(connection: sa.Connection) -> dict[str, Any]:
    """`seals` of status: what is sealed and in the log, what waits, and why something was left out."""
    newest = _newest()
    page = sealed_page.c
    counts = connection.execute(
        sa.select(
            sa.func.count().label("documents"),
            sa.func.coalesce(sa.func.sum(seal.c.pages), 0).label("pages"),
        ).where(seal.c.number.in_(newest))
    ).one()
    reasons = connection.execute(
        sa.select(page.reason, sa.func.count().label("n"))
        .where(page.seal.in_(newest), page.reason != "")
        .group_by(page.reason)
        .order_by(sa.desc("n"))
        .limit(_MOST_REASONS)
    ).all()
    kept = connection.execute(sa.select(sa.func.coalesce(sa.func.sum(seal.c.pictures), 0))).scalar()
    stuck = connection.execute(
        sa.select(tables.document.c.document, tables.document.c.reference, seal_due.c.reason)
        .join(tables.document, tables.document.c.number == seal_due.c.document)
        .where(seal_due.c.reason != "")
        .order_by(tables.document.c.number)
        .limit(_MOST_REASONS)
    ).all()
    return {
        "documents": int(counts.documents),
        "pages": int(counts.pages),
        "waiting": count_due(connection),
        "pictures": int(kept or 0),
        "reasons": {row.reason: row.n for row in reasons},
        "problems": [dict(row._mapping) for row in stuck],
    }


def _newest() -> sa.Select[Any]:
    """The newest seal in the log of each document that was not withdrawn."""
    return (
        sa.select(sa.func.max(seal.c.number))
        .join(seal_batch, seal_batch.c.number == seal.c.batch)
        .join(tables.document, tables.document.c.number == seal.c.document)
        .where(seal_batch.c.log_index.is_not(None), tables.document.c.state != "withdrawn")
        .group_by(seal.c.document)
    )


def receipts_of_seals(case: Case, number: int, page: int | None = None) -> list[dict[str, Any]]:
    """Where the newest seal of a document, and of one of its pages, is in the log."""
    row = _row(case, number, page)
    if row is None:
        return []
    place = {
        "index": row.log_index,
        "leaf": row.leaf,
        "checkpoint": case.log.checkpoint().decode(),
    }
    found: list[dict[str, Any]] = [{"layer": "document", "page": None, **place}]
    if page is not None and row.roots is not None:
        found.append({"layer": "page", "page": page, **place})
    return found


def seal_of_page(case: Case, number: int, page: int) -> dict[str, Any]:
    """The seal of a page, for the Reader.

    `state`: sealed, text only (sealed without a picture), or not yet; `entry` of the log; `reason` where something
    was left out; `anew`: it is to be sealed again, since it was read again.
    """
    row = _row(case, number, page)
    with case.catalogue.read() as connection:
        asked = connection.execute(
            sa.select(seal_due.c.reason).where(seal_due.c.document == number)
        ).first()
    if row is None or row.roots is None:
        reason = "" if asked is None else asked.reason
        return {"state": "not yet", "entry": None, "reason": reason, "anew": False}
    state = "sealed" if "pixels" in json.loads(row.roots) else "text only"
    return {
        "state": state,
        "entry": row.log_index,
        "reason": row.reason,
        "anew": asked is not None,
    }


def _row(case: Case, number: int, page: int | None) -> Any:
    where = sealed_page.c
    query = (
        sa.select(seal.c.leaf, seal_batch.c.log_index, where.roots, where.reason)
        .join(seal_batch, seal_batch.c.number == seal.c.batch)
        .outerjoin(sealed_page, sa.and_(where.seal == seal.c.number, where.page == page))
        .where(seal.c.document == number, seal_batch.c.log_index.is_not(None))
        .order_by(seal.c.number.desc())
    )
    with case.catalogue.read() as connection:
        return connection.execute(query).first()
