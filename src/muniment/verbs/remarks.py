"""Reading what was noted: the notes of a case or a document as `note` lists them, and marks of each document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.note_tables import note_revision
from muniment.case.notes import Revision, heads_of, in_order
from muniment.errors import NotFound
from muniment.verbs.carrying_notes import revision_of
from muniment.verbs.pages import passage_boxes, unpack_boxes, unpack_text

if TYPE_CHECKING:
    from muniment.verbs.case import Case


@dataclass(slots=True)
class Marks:
    """What stands of a document: who saw it, who starred it, its tags, how many notes, into what it is translated."""

    seen_by: list[str] = field(default_factory=list)
    starred_by: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: int = 0
    translated: list[str] = field(default_factory=list)

    def add(self, kind: str, value: str, language: str, who: str) -> None:
        """Count one more; each name, tag and language once."""
        wanted = {
            "seen": (self.seen_by, who),
            "star": (self.starred_by, who),
            "tag": (self.tags, value),
            "translation": (self.translated, language),
        }
        if kind == "note":
            self.notes += 1
        elif kind in wanted and wanted[kind][1] not in wanted[kind][0]:
            wanted[kind][0].append(wanted[kind][1])

    def as_json(self) -> dict[str, Any]:
        """The fields of a line of `documents`."""
        return {
            "seen_by": self.seen_by,
            "starred": bool(self.starred_by),
            "tags": self.tags,
            "notes": self.notes,
            "translated": self.translated,
        }

    def labels(self) -> list[str]:
        """What the fields `tag`, `seen`, `starred`, `noted` of a query compare with."""
        labels = [f"tag:{tag}" for tag in self.tags]
        labels += [f"seen:{who}" for who in self.seen_by]
        labels += [f"starred:{who}" for who in self.starred_by]
        for name, there in (
            ("seen", self.seen_by), ("starred", self.starred_by), ("noted", self.notes),
        ):  # fmt: skip
            labels += [f"{name}:yes"] if there else []
        return [label.lower() for label in labels]


def marks(case: Case, references: Iterable[str] | None = None) -> Mapping[str, Marks]:
    """The marks of every document that has any, or of these, by reference."""
    row = note_revision.c
    query = (
        sa.select(row.reference, row.kind, row.value, row.language, row.who)
        .where(row.head, ~row.deleted, ~row.gone)
        .order_by(row.time, row.number)
    )
    if references is not None:
        query = query.where(row.reference.in_(list(references)))
    found: dict[str, Marks] = defaultdict(Marks)
    with case.catalogue.read() as connection:
        for one in connection.execute(query):
            found[one.reference].add(one.kind, one.value, one.language, one.who)
    return found


def seen_documents(connection: sa.Connection) -> int:
    """How many documents of the case somebody has seen."""
    row, document = note_revision.c, tables.document.c
    query = (
        sa.select(sa.func.count(document.number.distinct()))
        .join(note_revision, row.reference == document.reference)
        .where(row.kind == "seen", row.head, ~row.deleted, ~row.gone)
    )
    return int(connection.execute(query).scalar_one())


def revisions(case: Case, *, reference: str | None = None) -> dict[str, list[Revision]]:
    """Every revision, by note, the notes in the order they were begun; of one document, or of all."""
    row = note_revision.c
    query = sa.select(note_revision).where(~row.gone).order_by(row.number)
    if reference is not None:
        query = query.where(row.reference == reference)
    found: dict[str, list[Revision]] = {}
    with case.catalogue.read() as connection:
        for one in connection.execute(query):
            found.setdefault(one.note, []).append(revision_of(one))
    return found


def revisions_of(case: Case, note: str) -> list[Revision]:
    """The revisions of one note, named by it or by its beginning. Raises NotFound."""
    row = note_revision.c
    query = sa.select(note_revision).where(~row.gone, row.note.startswith(note, autoescape=True))
    with case.catalogue.read() as connection:
        found = [revision_of(one) for one in connection.execute(query.order_by(row.number))]
    if not note or len({one.note for one in found}) != 1:
        raise NotFound(
            "No note of this case has that identifier, or more than one begins so.",
            next="List them with: muniment note CASE",
        )
    return found


def told(
    case: Case, notes: Iterable[list[Revision]], *, deleted: bool = False
) -> list[dict[str, Any]]:
    """Notes as JSON, in the order of their documents, pages and places; those that are deleted only where asked."""
    standing = [(heads_of(every), every) for every in notes]
    shown = [
        (heads, every) for heads, every in standing if heads and (deleted or not heads[0].deleted)
    ]
    places = _Places(case, {heads[0].reference for heads, _ in shown})
    lines = [_told(places, heads, every) for heads, every in shown]
    return sorted(lines, key=_order)


def _told(places: _Places, heads: list[Revision], every: list[Revision]) -> dict[str, Any]:
    one = heads[0]
    document = places.documents.get(one.reference)
    return {
        "note": one.note,
        "kind": one.kind,
        "document": None if document is None else document.document,
        "reference": one.reference,
        "path": "" if document is None else document.path,
        "page": one.page or None,
        "passage": places.passage(one),
        **one.version(),
        "derived": one.kind == "translation",
        "conflicts": [head.version() for head in heads[1:]],
        "history": [each.version() for each in in_order(every)],
    }


def _order(line: Mapping[str, Any]) -> tuple[Any, ...]:
    accession, _, within = line["reference"].partition("/")
    document = (int(accession[1:]), *map(int, within.split(".")))
    start = line["passage"]["start"] if line["passage"] else -1
    return document, line["page"] or 0, start, line["time"], line["note"]


class _Places:
    """Documents and pages of the notes shown, each read once."""

    def __init__(self, case: Case, references: set[str]) -> None:
        self._case = case
        self._pages: dict[tuple[int, int], Any] = {}
        document = tables.document.c
        columns = (
            document.number,
            document.document,
            document.reference,
            document.path,
            document.held,
        )
        with case.catalogue.read() as connection:
            rows = connection.execute(sa.select(*columns)).all() if references else ()
            self.documents = {row.reference: row for row in rows if row.reference in references}

    def passage(self, one: Revision) -> dict[str, Any] | None:
        """Where the passage stands now, with its boxes; None where no passage is meant."""
        from muniment.finding.locating import Quote, locate

        if not one.exact:
            return None
        names = ("exact", "prefix", "suffix", "start", "end")
        sought = {name: getattr(one, name) for name in names}
        document = self.documents.get(one.reference)
        page = None if document is None else self._page(document.number, one.page)
        if page is None:
            return {**sought, "page": one.page, "boxes": [], "state": "lost"}
        start, end, state = locate(unpack_text(page.text), Quote(**sought))
        boxes = []
        if page.boxes is not None and state != "lost":
            boxes = passage_boxes(unpack_boxes(page.boxes), start, end)
        place = {"start": start, "end": end} if state != "lost" else {}
        return {**sought, **place, "page": one.page, "boxes": boxes, "state": state}

    def _page(self, document: int, number: int) -> Any:
        if (document, number) not in self._pages:
            page = tables.page.c
            query = sa.select(page.text, page.boxes).where(
                page.document == document, page.number == number
            )
            with self._case.catalogue.read() as connection:
                self._pages[document, number] = connection.execute(query).first()
        return self._pages[document, number]
