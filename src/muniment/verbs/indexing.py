"""Keeping the index in step with the catalogue.

The index is derived. Each document carries whether it is in the index; after a crash between the two, or
after `lock` has deleted the index, what is missing is put in again before the next search.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.working import open_working
from muniment.verbs.pages import page_texts
from muniment.verbs.progress import Progress
from muniment.verbs.remarks import marks
from muniment.verbs.translations import translated_pages

if TYPE_CHECKING:
    from muniment.finding.entry import Entry
    from muniment.finding.index import Index
    from muniment.verbs.case import Case, Watch

_AT_ONCE = 500


def forget(case: Case) -> None:
    """Delete the index; the next search builds it again.

    What is removed from an index stays in its segments until they are merged, so that words of a withdrawn
    document go only with the whole of it.
    """
    with writing(case, wait=True):
        shutil.rmtree(open_working(case.folder) / "index", ignore_errors=True)


def hidden(case: Case) -> list[int]:
    """Documents that are held or withdrawn and may still be in the index: no search may find them."""
    document = tables.document.c
    gone = sa.or_(document.held, document.state == "withdrawn")
    with case.catalogue.read() as connection:
        query = sa.select(document.number).where(document.indexed == 0, gone)
        return list(connection.execute(query).scalars())


def searchable(case: Case, watch: Watch | None = None, *, own: bool = False) -> Index:
    """The index, with every document that has text in it.

    It is kept open with the case. Who writes to it for a while takes one of its `own`: its writer holds a lock until
    that is let go of.
    """
    index = _opened(case) if own else _open(case)
    if _pending(case):
        with writing(case) as mine:
            if mine:
                try:
                    catch_up(case, index, watch)
                finally:
                    index.close()  # the writer, its memory and its lock; reading goes on
    return index


@contextmanager
def writing(case: Case, *, wait: bool = False) -> Iterator[bool]:
    """Hold the right to write to the index; False where another process has it (and will catch up)."""
    lock = open_working(case.folder) / "index.lock"
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def catch_up(case: Case, index: Index, watch: Watch | None = None) -> None:
    """Put into the index what is not in it yet. Call within `writing`."""
    total = _pending(case)
    done = 0
    while numbers := _next_pending(case):
        put(case, index, numbers)
        done += len(numbers)
        if watch is not None:
            watch(Progress("indexing", done, max(total, done)))


def put(case: Case, index: Index, numbers: Sequence[int]) -> None:
    """Put these documents into the index, in place of what it held of them, and note that it has them."""
    given = list(entries(case, numbers))
    # What is given takes the place of what the index held of it; the rest is held, or withdrawn.
    index.remove(set(numbers).difference(entry.number for entry in given))
    index.add(given)
    index.commit()
    with case.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.document)
            .where(tables.document.c.number.in_(numbers))
            .values(indexed=1)
        )


def entries(case: Case, numbers: Iterable[int]) -> Iterator[Entry]:
    """Index entries of documents, with all their text."""
    from muniment.finding.entry import Entry

    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(tables.document, tables.accession.c.accession.label("label"))
            .join(tables.accession, tables.accession.c.number == tables.document.c.accession)
            .where(tables.document.c.number.in_(list(numbers)))
        ).all()
    said = marks(case, [row.reference for row in rows])
    for row in rows:
        if row.held or row.state == "withdrawn":
            continue
        properties = json.loads(row.properties)
        yield Entry(
            number=row.number,
            document=row.document,
            path=row.path,
            title=row.title,
            type=row.type,
            languages=row.languages.split(),
            state=row.state,
            accession=row.label,
            date=row.date,
            sender=str(properties.get("from", "")),
            recipients=" ".join(
                str(properties.get(name, "")) for name in ("to", "cc", "bcc")
            ).strip(),
            labels=said[row.reference].labels() if row.reference in said else [],
            pages=[*page_texts(case, row.number), *translated_pages(case, row.reference)],
        )


def _open(case: Case) -> Index:
    """The index as it is kept open, or opened anew where another lies in its place."""
    directory = open_working(case.folder) / "index"
    kept = case.__dict__.get("index")
    if kept is not None and kept[0] == _mark_there(directory):
        index: Index = kept[1]
        return index
    index = _opened(case)
    case.__dict__["index"] = (_mark_there(directory), index)
    return index


def _opened(case: Case) -> Index:
    """Open the index anew; where it is a new one, note that nothing is in it."""
    from muniment.finding.index import Index

    directory = open_working(case.folder) / "index"
    index = Index.open(directory)
    mark = _mark(directory)
    if case.catalogue.setting("index") != mark:
        with case.catalogue.write() as connection:
            connection.execute(sa.update(tables.document).values(indexed=0))
        case.catalogue.keep_setting("index", mark)
    return index


def _mark_there(directory: Path) -> str:
    """The name of the index in a folder, "" where there is none."""
    try:
        return (directory / "muniment-mark").read_text()
    except OSError:
        return ""


def _mark(directory: Path) -> str:
    """A random name of this index, so that another one in its place is noticed."""
    marker = directory / "muniment-mark"
    if not marker.exists():
        marker.write_text(secrets.token_hex(16))
    return marker.read_text()


def _waiting_for_index() -> sa.ColumnElement[bool]:
    read = sa.or_(tables.document.c.state != "waiting", tables.document.c.tried > 0)
    return sa.and_(tables.document.c.indexed == 0, read)


def _pending(case: Case) -> int:
    with case.catalogue.read() as connection:
        query = sa.select(sa.func.count()).select_from(tables.document).where(_waiting_for_index())
        return int(connection.execute(query).scalar() or 0)


def _next_pending(case: Case) -> list[int]:
    with case.catalogue.read() as connection:
        query = sa.select(tables.document.c.number).where(_waiting_for_index()).limit(_AT_ONCE)
        return list(connection.execute(query).scalars())
