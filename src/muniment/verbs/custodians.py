"""Who holds a copy: the list of custodians, what was last copied to each, and how each stands."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.custodian_tables import custodian as table
from muniment.case.folder import printable
from muniment.errors import MunimentError, NotFound
from muniment.evidence.custodians import story
from muniment.evidence.custodians.description import COPY
from muniment.verbs.committing import IDLE

if TYPE_CHECKING:
    from muniment.verbs.case import Case

FOLDER = "folder"
# Acts about copies themselves, and those that only note what the log holds: after them a copy still holds all of
# the case that matters.
ABOUT_COPIES = frozenset({"copied", "audited", "repaired", *IDLE})


def all_custodians(case: Case) -> list[Any]:
    """The rows of all custodians, in the order they came."""
    with case.catalogue.read() as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.number)))


def find_custodian(case: Case, named: str | os.PathLike[str]) -> Any | None:
    """The custodian of this name, or whose copy lies in this folder; None where there is none."""
    rows = all_custodians(case)
    for row in rows:
        if row.name == os.fspath(named):
            return row
    real = os.path.realpath(named)
    return next((row for row in rows if row.location == real), None)


def copy_of(case: Case, named: str | os.PathLike[str]) -> tuple[Any | None, Path]:
    """A custodian by name or path, and the folder of the copy. Raises NotFound where none lies there."""
    from muniment.evidence.custodians.place import find_copy

    row = find_custodian(case, named)
    if row is not None:
        return row, find_copy(row.location)
    place = find_copy(named)
    return find_custodian(case, place), place


def keep_custodian(case: Case, name: str, **values: Any) -> None:
    """Note something about a custodian, who becomes known with it."""
    with case.catalogue.write() as connection:
        known = connection.execute(sa.select(table.c.number).where(table.c.name == name)).scalar()
        if known is None:
            connection.execute(sa.insert(table).values(name=name, **values))
        else:
            connection.execute(sa.update(table).where(table.c.number == known).values(**values))


def today() -> str:
    """The day in UTC."""
    return datetime.now(UTC).date().isoformat()


def description_digest(place: Path) -> str:
    """SHA-512 of COPY.json, hexadecimal; "" where there is none."""
    try:
        return hashlib.sha512((place / COPY).read_bytes()).hexdigest()
    except OSError:
        return ""


def standing(case: Case) -> list[dict[str, Any]]:
    """For `status`: each custodian and how it stands, by a look at its COPY.json and our own notes."""
    rows = all_custodians(case)
    if not rows:
        return []
    last = _last_act_that_matters(case)
    return [
        {
            "name": row.name,
            "kind": row.kind,
            "jurisdiction": row.jurisdiction,
            "state": _state(row, last),
            "audited": row.audited or None,
            "copied": row.copied or None,
            "location": printable(row.location),
        }
        for row in rows
    ]


def _state(row: Any, last: int | None) -> str:
    there = description_digest(Path(row.location)) if row.location else ""
    if not there:
        return story.MISSING
    if row.outcome not in ("", story.CURRENT, story.BEHIND):
        return str(row.outcome)
    if row.description and there != row.description:
        return story.UNKNOWN
    if last is None:
        return story.UNKNOWN
    return story.CURRENT if row.description and last <= row.acts else story.BEHIND


def _last_act_that_matters(case: Case) -> int | None:
    """The number of the last act that is not about copies; None where the journal cannot be read."""
    last = 0
    try:
        for act in case.journal.acts():
            if act["act"] not in ABOUT_COPIES:
                last = act["sequence"]
    except MunimentError:
        return None
    return last


def is_current(case: Case, acts: int) -> bool:
    """Whether a copy with the first `acts` acts of the journal holds all that matters."""
    last = _last_act_that_matters(case)
    return last is not None and last <= acts


def counts(standings: list[dict[str, Any]]) -> dict[str, int]:
    """How many custodians hold a copy that is there, and under how many laws."""
    there = [one for one in standings if one["state"] in (story.CURRENT, story.BEHIND)]
    return {
        "custodians": len(there),
        "jurisdictions": len({one["jurisdiction"] for one in there if one["jurisdiction"]}),
    }


def unknown_custodian(named: str | os.PathLike[str]) -> NotFound:
    """The error for a name or path that is none."""
    return NotFound(
        f"No custodian {printable(named)} is known, and no copy lies there.",
        next="`muniment status CASE` names the custodians; a path names a copy too.",
    )
