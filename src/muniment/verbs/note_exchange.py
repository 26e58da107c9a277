"""note --export and --import: the notes of a case as one collection, and another's put together with ours.

Taking the same collection in again changes nothing. Where two people replaced the same revision both stay, and are
told as a conflict until somebody settles it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.note_tables import note_revision
from muniment.case.notes import Revision, heads_of
from muniment.publication.web_annotation import collection, revisions_in
from muniment.verbs.hold import shuffle
from muniment.verbs.note import keep_revisions
from muniment.verbs.remarks import revisions, told

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report


def exported(case: Case) -> Report:
    """The notes of the case as a W3C Web Annotation collection; what was replaced or deleted is told with it."""
    every = revisions(case)
    standing = [head for one in every.values() for head in heads_of(one) if not head.deleted]
    there = {one.revision for one in standing}
    earlier = [each for one in every.values() for each in one if each.revision not in there]
    boxes = {
        line["revision"]: line["passage"]["boxes"]
        for line in told(case, every.values())
        if line["passage"]
    }
    return collection(
        case.folder.identifier, standing, earlier, lambda one: boxes.get(one.revision, [])
    )


def imported(case: Case, found: Mapping[str, Any]) -> Report:
    """Put a collection together with what is here. Raises BadUse where it is none, or of another case."""
    fresh: dict[str, Revision] = {}
    touched: set[str] = set()
    refused: list[dict[str, str]] = []
    known, judge = 0, _Judge(case)
    for name, one, problem in revisions_in(found, case.folder.identifier):
        problem = problem or ("" if one is None else judge.problem(one, fresh))
        if problem or one is None:
            refused.append({"note": name, "reason": problem})
            continue
        touched.add(one.note)
        if judge.knows(one) or one.revision in fresh:
            known += 1
        else:
            fresh[one.revision] = one
    keep_revisions(case, sorted(fresh.values(), key=lambda one: (one.time, one.revision)))
    if fresh:
        shuffle(case)
    return {
        "note": None,
        "notes": _conflicts(case, touched),
        "taken": len(fresh),
        "known": known,
        "refused": refused,
    }


class _Judge:
    """What may be taken in, by what the case holds."""

    def __init__(self, case: Case) -> None:
        document = tables.document.c
        with case.catalogue.read() as connection:
            query = sa.select(document.document, document.reference, document.state)
            tops = connection.execute(query.where(document.parent.is_(None)))
            self._originals = {row.document: (row.reference, row.state) for row in tops}
            rows = connection.execute(sa.select(note_revision)).all()
        self._rows = {row.revision: row for row in rows}
        self._notes: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for row in rows:
            if not row.gone:
                self._notes[row.note] = (row.kind, row.original, row.reference)

    def knows(self, one: Revision) -> bool:
        """Whether the case has this revision."""
        return one.revision in self._rows

    def problem(self, one: Revision, fresh: Mapping[str, Revision]) -> str:
        """Why a revision may not be taken in, or ""."""
        reference, state = self._originals.get(one.original, ("", ""))
        if reference != one.reference.partition(".")[0]:
            return "Its document is not in this case."
        if state == "withdrawn":
            return "Its document is withdrawn."
        row = self._rows.get(one.revision)
        same = fresh.get(one.revision)
        if row is not None and _content(row) != _content(one):
            return "It is another than the one of the same name here."
        if same is not None and _content(same) != _content(one):
            return "Two of the same name in it are not the same."
        about = (one.kind, one.original, one.reference)
        if self._notes.setdefault(one.note, about) != about:
            return "It is of another document or kind than the note it belongs to."
        return ""


_COMPARED = (
    "note", "kind", "original", "reference", "page", "exact", "start", "end", "value", "language", "who", "time",
    "deleted",
)  # fmt: skip


def _content(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in _COMPARED)


def _conflicts(case: Case, touched: Iterable[str]) -> list[dict[str, Any]]:
    """The notes among these of which more than one version stands."""
    among = set(touched)
    found = [every for name, every in revisions(case).items() if name in among]
    return told(case, [every for every in found if len(heads_of(every)) > 1], deleted=True)
