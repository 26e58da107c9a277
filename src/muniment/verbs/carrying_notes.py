"""Notes in the journal and in the catalogue, and the second made good from the first.

The act `noted` holds for each revision a random name and its salted commitment. What was said is enclosed with it for
good, so that it outlives a lost catalogue; a withdrawal takes out what was said of its document, and leaves the name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.journal import KEPT
from muniment.case.note_tables import note_revision
from muniment.case.notes import Revision, from_record
from muniment.errors import MunimentError
from muniment.verbs.carrying_judgements import judged_acts

if TYPE_CHECKING:
    from muniment.verbs.case import Case

AT_ONCE = 100
"""Revisions in one act."""
_STAYS = ("note", "revision", "original")
_KEPT_WHEN_GONE = ("number", "note", "revision", "original", "act", "head")
_EMPTY: dict[str, Any] = {
    **{
        column.name: type(column.default.arg)()  # type: ignore[union-attr]
        for column in note_revision.c
        if column.name not in (*_KEPT_WHEN_GONE, "gone")
    },
    "previous": "[]",
    "gone": True,
}


def keep(
    case: Case, revisions: Sequence[Revision], allowed: Callable[[Sequence[Revision]], None]
) -> None:
    """Note revisions for good. `allowed` is called in the journal's turn, and raises where one may not be noted."""
    from muniment.verbs.committing import commit_earlier_days

    for first in range(0, len(revisions), AT_ONCE):
        some = revisions[first : first + AT_ONCE]
        items = [{"item": one.revision, "root": one.root()} for one in some]

        def details(
            number: int, head: str, some: Sequence[Revision] = some, items: Any = items
        ) -> dict[str, Any]:
            del number, head
            allowed(some)
            return {"items": items}

        case.journal.append("noted", details, kept={"items": [one.record() for one in some]})
    commit_earlier_days(case)


def carry_noted(
    connection: sa.Connection, act: Mapping[str, Any], enclosure: Mapping[str, Any] | None
) -> None:
    """Bring into the catalogue what an act notes and is enclosed with it. Safe to repeat."""
    known, number = note_revision.c.revision, int(act["sequence"])
    for name, said in opened(act["details"], enclosure):
        if connection.execute(sa.select(known).where(known == name)).first() is not None:
            continue
        if isinstance(said, Revision):
            _insert(connection, said, number)
            _look_again(connection, [said.reference])
        elif said is not None:
            values = {**_EMPTY, **said, "act": number, "head": False}
            connection.execute(sa.insert(note_revision).values(**values))


def opened(
    details: Mapping[str, Any], enclosure: Mapping[str, Any] | None
) -> Iterator[tuple[str, Revision | dict[str, str] | None]]:
    """Each item of an act, by name, with its revision; with what stays of it where it was taken out.

    None where neither is there, or what is there is not what was noted.
    """
    items = [] if enclosure is None else enclosure["items"]
    by_name = {item["revision"]: item for item in items}
    for item in details["items"]:
        record = by_name.get(item["item"])
        if record is not None and record.get("gone") is True:
            yield item["item"], {name: str(record[name]) for name in _STAYS}
            continue
        try:
            said = None if record is None else from_record(record)
        except MunimentError:
            said = None
        yield item["item"], said if said is not None and said.root() == item["root"] else None


def _insert(connection: sa.Connection, revision: Revision, act: int) -> None:
    """The row of a revision, and which of its note stand now: in whatever order they came."""
    row = note_revision.c
    others = connection.execute(
        sa.select(row.revision, row.previous).where(row.note == revision.note)
    ).all()
    replaced = any(revision.revision in json.loads(other.previous) for other in others)
    values = {**revision.record(), "previous": json.dumps(list(revision.previous))}
    connection.execute(sa.insert(note_revision).values(**values, act=act, head=not replaced))
    if revision.previous:
        connection.execute(
            sa.update(note_revision)
            .where(row.note == revision.note, row.revision.in_(revision.previous))
            .values(head=False)
        )


def _look_again(connection: sa.Connection, references: Sequence[str]) -> None:
    """The index takes these documents anew before the next search."""
    document = tables.document
    connection.execute(
        sa.update(document).where(document.c.reference.in_(references)).values(indexed=0)
    )


def revision_of(row: Any) -> Revision:
    """A row as a revision."""
    values = {name: getattr(row, name) for name in Revision.__slots__}
    return Revision(**{**values, "previous": tuple(json.loads(row.previous))})


def erase_notes(connection: sa.Connection, documents: Sequence[str]) -> None:
    """Empty the rows of what was said of these originals, in the caller's transaction."""
    connection.execute(
        sa.update(note_revision)
        .where(note_revision.c.original == sa.bindparam("which"))
        .values(**_EMPTY),
        [{"which": name} for name in documents],
    )


def take_out_of_journal(case: Case, documents: Sequence[str]) -> None:
    """Take what was said of these originals out of what is enclosed; safe to repeat.

    In the journal's turn: who notes something meanwhile came before, or sees that the document is withdrawn.
    """
    row = note_revision.c
    with case.journal.turn():
        with case.catalogue.write() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            erase_notes(connection, documents)
            acts = connection.execute(
                sa.select(row.act).where(row.original.in_(documents)).distinct()
            )
            numbers = sorted(acts.scalars())
        for number in numbers:
            kept = case.journal.enclosure(number)
            items = [] if kept is None else kept["items"]
            left = [_taken_out(item) if item["original"] in documents else item for item in items]
            if left != items:
                case.journal.keep_instead(number, {"items": left})


def _taken_out(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: item[name] for name in _STAYS}, "gone": True}


def enclose_again(case: Case) -> int:
    """Enclose what the catalogue has and the journal has lost (after a restoration); returns how many acts."""
    with case.catalogue.read() as connection:
        acts = _acts(connection)
        rows = {row.revision: row for row in connection.execute(sa.select(note_revision))}
    again = 0
    for number, details in acts:
        if not _lacking(case, number, details):
            continue
        known = [rows[item["item"]] for item in details["items"] if item["item"] in rows]
        if known:
            items = [_taken_out(r._asdict()) if r.gone else revision_of(r).record() for r in known]
            case.journal.keep_instead(number, {"items": items})
            again += 1
    return again


def _lacking(case: Case, number: int, details: Mapping[str, Any]) -> bool:
    """Whether anything an act notes is not enclosed with it as it was noted."""
    try:
        return any(said is None for _, said in opened(details, case.journal.enclosure(number)))
    except (MunimentError, ValueError, KeyError, TypeError, AttributeError):
        return True


def notes_lost(case: Case) -> int:
    """How many revisions acts speak of and nobody has any more: neither catalogue nor journal."""
    with case.catalogue.read() as connection:
        known = set(connection.execute(sa.select(note_revision.c.revision)).scalars())
        acts = _acts(connection)
    return sum(item["item"] not in known for _, details in acts for item in details["items"])


def _acts(connection: sa.Connection) -> list[tuple[int, Any]]:
    """Number and details of the acts that note something."""
    act = custody.act.c
    rows = connection.execute(sa.select(act.number, act.details).where(act.act == "noted")).all()
    return [(row.number, json.loads(row.details)) for row in rows]


def kept_notes(case: Case) -> Iterator[tuple[str, str]]:
    """For `audit`: what is enclosed with each act, and the catalogue's rows, against what the act commits to."""
    with case.catalogue.read() as connection:
        acts = _acts(connection)
        rows = {row.revision: row for row in connection.execute(sa.select(note_revision))}
    for number, details in acts:
        path = case.journal.kept_path(number)
        if _lacking(case, number, details):
            yield "damaged" if path.exists() else "missing", f"journal/{path.name}"
        if any(_altered(rows.get(item["item"]), item["root"]) for item in details["items"]):
            yield "damaged", "catalogue.db"
    with case.catalogue.read() as connection:
        noted = {number for number, _ in acts} | judged_acts(connection)
    folder = case.folder.journal
    last = max(case.journal.numbers(), default=0)
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
        stem = name[: -len(KEPT)]
        # One beyond the last act is what a killed process left of an act that never was.
        if name.endswith(KEPT) and stem.isdigit() and int(stem) <= last and int(stem) not in noted:
            yield "unexpected", f"journal/{name}"


def _altered(row: Any, root: str) -> bool:
    return row is not None and not row.gone and revision_of(row).root() != root
