"""documents: every part, where it was, its state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import BadUse, NotFound
from muniment.verbs.doubt import doubtful_pages
from muniment.verbs.remarks import Marks, marks

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

STATES = (
    "extracted",
    "partly-extracted",
    "failed",
    "encrypted",
    "unsupported",
    "over-limit",
    "waiting",
    "withdrawn",
)


PROBLEMS = ("failed", "encrypted", "unsupported", "over-limit", "partly-extracted")
HEAD = (
    "reference", "document", "path", "title", "type", "state", "reason", "pages", "languages", "size", "parent",
    "doubtful", "seen_by", "starred", "tags", "notes",
)  # fmt: skip


def documents(case: Case, *, state: str | None = None, marked: str | None = None) -> Report:
    """All documents in the order they were received, parts behind their container.

    `held`, `problems` (whatever needs a look) and `doubtful` (OCR was not sure of a page) are no states, but
    asked for as one. `marked` is what persons said of them: MARKED, or tag:NAME.
    """
    check_marked(marked)
    if state is not None and state not in (*STATES, *_ASKED_AS_STATES):
        raise BadUse(f"There is no state {state!r}.", next="States are: " + ", ".join(STATES) + ".")
    parent = tables.document.alias("parent")
    query = (
        sa.select(tables.document, parent.c.document.label("within"))
        .outerjoin(parent, parent.c.number == tables.document.c.parent)
        .order_by(tables.document.c.number)
    )
    if state == "held":
        query = query.where(tables.document.c.held)
    elif state == "problems":
        query = query.where(tables.document.c.state.in_(PROBLEMS))
    elif state is not None and state != "doubtful":
        query = query.where(tables.document.c.state == state)
    with case.catalogue.read() as connection:
        rows = connection.execute(query).all()
    said, doubts = marks(case), doubtful_pages(case)
    lines = [
        line(row, said.get(row.reference, Marks()), doubts.get(row.number, 0))
        for row in sorted(rows, key=_place)
        if state != "doubtful" or row.number in doubts
    ]
    return {"documents": [one for one in lines if not marked or is_marked(one, marked)]}


_ASKED_AS_STATES = ("held", "problems", "doubtful")
MARKED = ("seen", "unseen", "starred", "noted", "tagged", "translated")


def check_marked(marked: str | None) -> None:
    """Raises BadUse where `marked` is none of what documents can be asked for by."""
    if marked and marked not in MARKED and not marked.startswith("tag:"):
        raise BadUse(
            "Documents are not marked so.", next=f"Ask for one of {', '.join(MARKED)}, or tag:NAME."
        )


def is_marked(one: dict[str, Any], marked: str) -> bool:
    """Whether a line of `documents` is marked so."""
    if marked.startswith("tag:"):
        return marked[4:].lower() in (tag.lower() for tag in one["tags"])
    there = {
        "seen": one["seen_by"],
        "unseen": not one["seen_by"] and one["state"] != "withdrawn",
        "starred": one["starred"],
        "noted": one["notes"],
        "tagged": one["tags"],
        "translated": one["translated"],
    }
    return bool(there[marked])


def _place(row: Any) -> tuple[int, ...]:
    """The order of references: A2/0014, then its parts A2/0014.1, A2/0014.2, then A2/0015."""
    accession, _, within = row.reference.partition("/")
    return (int(accession[1:]), *map(int, within.split(".")))


def line(row: Any, said: Marks, doubtful: int) -> dict[str, Any]:
    """One document as `documents` lists it."""
    return {
        "document": row.document,
        "reference": row.reference,
        "path": row.path,
        "title": row.title,
        "type": row.type,
        "state": row.state,
        "reason": row.reason,
        "pages": row.pages or 0,
        "parent": row.within,
        "languages": row.languages.split(),
        "held": bool(row.held),
        "size": row.size,
        "doubtful": doubtful,
        **said.as_json(),
    }


def rows_of(listed: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Documents as rows of a table under HEAD."""
    for one in listed:
        yield [_cell(name, one[name]) for name in HEAD]


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else ""
    between = " " if name == "languages" else "; "
    return between.join(value) if isinstance(value, list) else value


def family_of(case: Case, number: int) -> list[int]:
    """The row numbers of a document and of every part found in it, however deep."""
    document = tables.document
    family = sa.select(document.c.number).where(document.c.number == number).cte(recursive=True)
    family = family.union_all(
        sa.select(document.c.number).where(document.c.parent == family.c.number)
    )
    with case.catalogue.read() as connection:
        return list(connection.execute(sa.select(family.c.number)).scalars())


def row_of(case: Case, document: str) -> Any:
    """The catalogue's row of a document, named by identifier or reference. Raises NotFound."""
    column = tables.document.c.reference if "/" in document else tables.document.c.document
    with case.catalogue.read() as connection:
        row = connection.execute(sa.select(tables.document).where(column == document)).first()
    if row is None:
        raise NotFound(
            "No document of this case has that identifier.",
            next="List them with: muniment documents CASE",
        )
    return row
