"""status: what came in, what failed, anchors, copies, what awaits a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.home import home
from muniment.case.surroundings import warnings
from muniment.case.working import on_disk
from muniment.verbs.custodians import counts as count_copies
from muniment.verbs.custodians import standing
from muniment.verbs.doubt import SURE_ENOUGH, doubtful_documents
from muniment.verbs.erasing import unfinished
from muniment.verbs.remarks import seen_documents
from muniment.verbs.seal_report import status_of_seals
from muniment.verbs.stamping import anchors_as_json
from muniment.verbs.witnessing import cosigning_as_json

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

_PROBLEMS = ("failed", "encrypted", "unsupported", "over-limit", "partly-extracted")


def status(case: Case) -> Report:
    """The accounting of every expected part, the log's size and root, and what waits."""
    with case.catalogue.read() as connection:
        accounting = _accounting(connection)
        accessions = connection.execute(
            sa.select(tables.accession).order_by(tables.accession.c.number)
        ).all()
        needs = connection.execute(
            sa.select(sa.func.count()).select_from(tables.page).where(tables.page.c.needs_ocr)
        ).scalar_one()
        seals = status_of_seals(connection)
    holders = standing(case)
    return {
        "case": case.folder.root.name,
        "accounting": accounting,
        "accessions": [_accession(row) for row in accessions],
        "log": {"size": case.log.size, "root": case.log.root().hex()},
        "seals": seals,
        "anchors": anchors_as_json(case),
        "cosigning": cosigning_as_json(case),
        "custodians": holders,
        "copies": count_copies(holders),
        "working": "disk" if on_disk(case.folder) else "memory",
        "sandbox": _sandbox(),
        "warnings": warnings_about(case.folder.root),
        "awaiting": {
            "reading": accounting["states"].get("waiting", 0),
            "pages for OCR": int(needs),
            "withdrawals to finish": unfinished(case),
        },
    }


def _sandbox() -> dict[str, str]:
    """Behind what documents are read on this machine; tried for real, once for each process."""
    from muniment.reading.sandbox import tier

    found = tier()
    return {"tier": found.name, "says": found.description}


def _accounting(connection: sa.Connection) -> dict[str, Any]:
    """What was expected and found, in which states, and what needs a look."""
    document = tables.document
    counts = connection.execute(
        sa.select(document.c.state, sa.func.count().label("n")).group_by(document.c.state)
    ).all()
    pages = connection.execute(sa.select(sa.func.sum(document.c.pages))).scalar()
    held = connection.execute(sa.select(sa.func.count()).where(document.c.held)).scalar_one()
    problems = connection.execute(_problems()).all()
    missing = connection.execute(_undelivered()).all()
    doubtful, doubtful_pages = doubtful_documents(connection)
    states = {row.state: row.n for row in counts}
    lost = sum(row.expected_parts - row.found for row in missing)
    return {
        "expected": sum(states.values()) + lost,
        "found": sum(states.values()),
        "pages": int(pages or 0),
        "states": states,
        "held": int(held),
        "seen": seen_documents(connection),
        "doubtful": {"documents": doubtful, "pages": doubtful_pages, "below": SURE_ENOUGH},
        "problems": [dict(row._mapping) for row in problems],
    }


def warnings_about(root: Path) -> list[str]:
    """What this machine may keep in clear of a case at `root`, a sentence each; none where all is well."""
    return warnings({"the case": root, "MUNIMENT_HOME": home()})


def _problems() -> sa.Select[Any]:
    """What was not read, or not wholly, in the order it was received."""
    document = tables.document.c
    columns = (
        document.document,
        document.reference,
        document.path,
        document.state,
        document.reason,
    )
    # What still waits once `add` has come to its end waits for a person: a language to install, say.
    finished = sa.select(tables.accession.c.number).where(tables.accession.c.stage == "done")
    left = sa.and_(document.state == "waiting", document.accession.in_(finished))
    chosen = sa.or_(document.state.in_(_PROBLEMS), left)
    return sa.select(*columns).where(chosen).order_by(document.number)


def _undelivered() -> sa.Select[Any]:
    """Containers that declare more parts than came out of them."""
    document = tables.document
    part = document.alias("part")
    found = (
        sa.select(sa.func.count())
        .where(part.c.parent == document.c.number)
        .correlate(document)
        .scalar_subquery()
    )
    inner = sa.select(document.c.number, document.c.expected_parts, found.label("found")).where(
        document.c.expected_parts.is_not(None)
    )
    view = inner.subquery()
    return sa.select(view.c.expected_parts, view.c.found).where(
        view.c.expected_parts > view.c.found
    )


def _accession(row: Any) -> dict[str, Any]:
    return {
        "accession": row.accession,
        "kind": row.kind,
        "originals": row.originals,
        "day": row.day,
        "stage": row.stage,
    }
