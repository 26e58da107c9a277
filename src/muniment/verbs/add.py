"""add: receive, seal, read and index; the same command goes on after any interruption."""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import Refused
from muniment.verbs.extracting import Extraction
from muniment.verbs.indexing import searchable
from muniment.verbs.receiving import Receiving
from muniment.verbs.recognising import Recognition
from muniment.verbs.sealing import finish_sealing
from muniment.verbs.sources import check_paths, walk

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch


def add(
    case: Case,
    paths: Sequence[str | os.PathLike[str]],
    *,
    articles: bool = False,
    again: bool = False,
    watch: Watch | None = None,
) -> Report:
    """Receive everything under `paths` as one accession; returns the shape of `add`.

    Where an accession was interrupted it is finished first. The same paths with nothing changed in them are
    not received twice unless `again`.
    """
    roots = check_paths(paths)
    with one_at_a_time(case):
        number = _accession(case, roots, articles=articles, again=again, watch=watch)
        read_waiting(case, watch)
        _stage(case, number, "done")
    return report(case, number)


@contextmanager
def one_at_a_time(case: Case) -> Iterator[None]:
    """Only one process receives or reads at a time. Raises Refused where another does."""
    with (case.folder.root / "case.toml").open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "Another muniment is adding to this case.",
                next="Wait until it is done; `muniment status` shows how far it is.",
            ) from None
        yield


def read_waiting(case: Case, watch: Watch | None) -> None:
    """Read and index everything that waits in the case."""
    index = searchable(case, watch)
    Extraction(case, index, watch).run()
    Recognition(case, index, watch).run()


def _accession(
    case: Case, roots: list[bytes], *, articles: bool, again: bool, watch: Watch | None
) -> int:
    """The accession these roots belong to, received and sealed."""
    finish_sealing(case)
    for row in _unfinished(case):
        earlier = _decode(row.sources)
        if row.stage == "receiving":
            Receiving(case, row.number, watch).run([r for r in earlier if os.path.lexists(r)])
            _stage(case, row.number, "reading")
        if earlier == roots:
            return int(row.number)
    if not again:
        same = _already_here(case, roots)
        if same is not None:
            return same
    number = _begin(case, roots, "articles" if articles else "documents")
    Receiving(case, number, watch).run(roots)
    _stage(case, number, "reading")
    return number


def _begin(case: Case, roots: list[bytes], kind: str) -> int:
    with case.catalogue.write() as connection:
        top = connection.execute(sa.select(sa.func.max(tables.accession.c.number))).scalar()
        number = int(top or 0) + 1
        connection.execute(
            sa.insert(tables.accession).values(
                number=number,
                accession=f"A{number}",
                kind=kind,
                sources=_encode(roots),
                day=datetime.now(UTC).date().isoformat(),
                stage="receiving",
                originals=0,
            )
        )
    return number


def _stage(case: Case, number: int, stage: str) -> None:
    with case.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.accession)
            .where(tables.accession.c.number == number)
            .values(stage=stage)
        )


def _unfinished(case: Case) -> list[Any]:
    with case.catalogue.read() as connection:
        return list(
            connection.execute(
                sa.select(tables.accession)
                .where(tables.accession.c.stage != "done")
                .order_by(tables.accession.c.number)
            )
        )


def _already_here(case: Case, roots: list[bytes]) -> int | None:
    """The accession that came from the same places, if every file there is still as it was received."""
    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(tables.accession.c.number)
            .where(tables.accession.c.sources == _encode(roots))
            .order_by(tables.accession.c.number.desc())
        ).all()
        if not rows:
            return None
        number = int(rows[0].number)
        held = {
            bytes(row.source): (row.size, row.modified)
            for row in connection.execute(
                sa.select(
                    tables.original.c.source, tables.original.c.modified, tables.document.c.size
                )
                .join(tables.document, tables.document.c.number == tables.original.c.number)
                .where(tables.document.c.accession == number)
            )
        }
    now = {s.location: (s.size, s.modified) for s in walk(roots) if not s.problem}
    return number if now == held and held else None


def report(case: Case, number: int) -> Report:
    """The shape of `add` for one accession."""
    within = tables.document.c.accession == number
    with case.catalogue.read() as connection:
        label = connection.execute(
            sa.select(tables.accession.c.accession).where(tables.accession.c.number == number)
        ).scalar_one()
        states = {
            row.state: row.n
            for row in connection.execute(
                sa.select(tables.document.c.state, sa.func.count().label("n"))
                .where(within)
                .group_by(tables.document.c.state)
            )
        }
        originals = connection.execute(
            sa.select(sa.func.count()).where(within, tables.document.c.parent.is_(None))
        ).scalar_one()
        pages = connection.execute(
            sa.select(sa.func.sum(tables.document.c.pages)).where(within)
        ).scalar()
    return {
        "accession": label,
        "originals": originals,
        "documents": sum(states.values()),
        "pages": int(pages or 0),
        "states": states,
    }


def _encode(roots: list[bytes]) -> str:
    return json.dumps([base64.b64encode(root).decode() for root in roots])


def _decode(sources: str) -> list[bytes]:
    return [base64.b64decode(item) for item in json.loads(sources)]
