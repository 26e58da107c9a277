"""add: receive, seal, read, index, and seal what was read; the same command goes on after any interruption."""

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
from muniment.case import custody_tables as custody
from muniment.case.acts import check_channel
from muniment.case.folder import Folder, printable
from muniment.case.working import in_memory, move_to_disk, on_disk, outgrown
from muniment.case.writing import sweep_leftovers
from muniment.errors import BadUse, Refused
from muniment.verbs.committing import commit_custody
from muniment.verbs.extracting import Extraction
from muniment.verbs.indexing import searchable, writing
from muniment.verbs.listing import Listing, clear
from muniment.verbs.naming import name_documents
from muniment.verbs.put_back import catch_up
from muniment.verbs.received_before import encoded, received_before
from muniment.verbs.receiving import Receiving
from muniment.verbs.recognising import Recognition
from muniment.verbs.sealing import finish_sealing
from muniment.verbs.sealing_pages import keep_pictures, seal_pages
from muniment.verbs.sources import absolute, check_paths

if TYPE_CHECKING:
    from muniment.finding.index import Index
    from muniment.verbs.case import Case, Report, Watch


def add(
    case: Case,
    paths: Sequence[str | os.PathLike[str]],
    *,
    articles: bool = False,
    again: bool = False,
    channel: str = "",
    pictures: float | None = None,
    watch: Watch | None = None,
) -> Report:
    """Receive everything under `paths` as one accession; returns the shape of `add`.

    `pictures`: from now on the case keeps this many GB of sealed page pictures.

    Where an accession was interrupted it is finished first, also when its source is gone: what could not be
    received any more then has a state that says so; without `paths` only that is done. The same paths with
    nothing changed in them are not received twice unless `again`. `channel`: how it came, a word of
    acts.CHANNELS; where an accession is taken up again the one given first stays. Raises BadUse for another
    word, and for a path that is not there or lies in the case itself.
    """
    check_channel(channel)
    roots = absolute(paths) if paths or not _unfinished(case) else []
    kind = "articles" if articles else "documents"
    if not _begun(case, roots):
        check_paths(paths)
        _refuse_the_case_itself(case, roots)
    with one_at_a_time(case):
        sweep_leftovers(case.folder.root)
        sweep_leftovers(case.folder.keys)
        if pictures is not None:
            keep_pictures(case, pictures)
        _keep_memory_free(case, roots)
        number = _accession(case, roots, kind=kind, channel=channel, again=again, watch=watch)
        read_waiting(case, watch)
        _keep_memory_free(case, roots)
        for row in _unfinished(case):
            note_extraction(case, row.number)
            _stage(case, row.number, "done")
        commit_custody(case)
    return report(case, number)


def note_extraction(case: Case, number: int) -> None:
    """One act for all that was read of an accession; none where a kill came right after it."""
    details = extraction_of(case, number)
    last = case.journal.last()
    if last is None or (last["act"], last["details"]) != ("extracted", details):
        case.journal.append("extracted", details)


def extraction_of(case: Case, number: int) -> Report:
    """What such an act says of an accession as it stands."""
    counts = report(case, number)
    return {name: counts[name] for name in ("accession", "documents", "pages", "states")}


def _keep_memory_free(case: Case, roots: list[bytes]) -> None:
    """Move working/ to the disk where it has outgrown its part of memory; `on_disk` then says so.

    Not while something dropped there is being received: it would be gone from where it was named.
    """
    memory = in_memory(case.folder)
    dropped = os.fsencode(memory) + b"/"
    if any(root.startswith(dropped) for root in roots):
        return
    if on_disk(case.folder) or not outgrown(memory):
        return
    with writing(case, wait=True):
        move_to_disk(case.folder)


def _begun(case: Case, roots: list[bytes]) -> bool:
    """Whether these paths were named before and are not finished: then they need not be there any more.

    No paths at all: what is not finished is.
    """
    return any(not roots or _decode(row.sources) == roots for row in _unfinished(case))


def _refuse_the_case_itself(case: Case, roots: list[bytes]) -> None:
    own = os.fsencode(os.path.realpath(case.folder.root))
    dropped = os.fsencode(os.path.realpath(case.folder.working / "dropped"))
    for root in roots:
        real = os.path.realpath(root)
        inside = real == own or real.startswith(own + b"/")
        if inside and not real.startswith(dropped + b"/"):
            raise BadUse(
                f"{printable(root)} is the case itself, or lies in it.",
                next="Name the folder the source handed over; nothing was received.",
            )


@contextmanager
def one_at_a_time(case: Case) -> Iterator[None]:
    """Only one process receives or reads at a time. Raises Refused where another does."""
    with alone_in(case.folder):
        yield


@contextmanager
def alone_in(folder: Folder) -> Iterator[None]:
    """The same for one who has no keys."""
    with (folder.root / "case.toml").open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "Another muniment is adding to this case.",
                next="Wait until it is done; `muniment status` shows how far it is.",
            ) from None
        yield


def read_waiting(case: Case, watch: Watch | None, index: Index | None = None) -> None:
    """Read, index and seal everything that waits in the case, and look for names in it.

    `index`: the one that is open already.
    """
    index = index or searchable(case, watch, own=True)
    Extraction(case, index, watch).run()
    Recognition(case, index, watch).run()
    seal_pages(case, watch)
    name_documents(case, watch)


def _accession(
    case: Case, roots: list[bytes], *, kind: str, channel: str, again: bool, watch: Watch | None
) -> int:
    """The accession these roots belong to, received and sealed."""
    catch_up(case)
    finish_sealing(case)
    mine: int | None = None
    for row in _unfinished(case):
        earlier = _decode(row.sources)
        if row.stage in ("listing", "receiving"):
            _receive(case, row.number, earlier, watch, listed=row.stage == "receiving")
        if earlier == roots:
            mine = int(row.number)
        if not roots:
            mine = int(row.number)
    if mine is not None:
        return mine
    if not again:
        same = received_before(case, roots, kind)
        if same is not None:
            return same
    number = _begin(case, roots, kind, channel)
    _receive(case, number, roots, watch)
    return number


def _receive(
    case: Case, number: int, roots: list[bytes], watch: Watch | None, *, listed: bool = False
) -> None:
    """List, receive and seal. `listed`: an earlier run made the list, and what is gone since stands on it."""
    there = [root for root in roots if os.path.lexists(root)] if listed else roots
    Listing(case, number).extend(there, watch)
    _stage(case, number, "receiving")
    Receiving(case, number, watch).run()
    with case.catalogue.write() as connection:
        clear(connection, number)
        _set_stage(connection, number, "reading")


def _begin(case: Case, roots: list[bytes], kind: str, channel: str) -> int:
    with case.catalogue.write() as connection:
        top = connection.execute(sa.select(sa.func.max(tables.accession.c.number))).scalar()
        number = int(top or 0) + 1
        connection.execute(
            sa.insert(tables.accession).values(
                number=number,
                accession=f"A{number}",
                kind=kind,
                sources=encoded(roots),
                day=datetime.now(UTC).date().isoformat(),
                stage="listing",
                originals=0,
            )
        )
        if channel:
            values = {"accession": number, "channel": channel}
            connection.execute(sa.insert(custody.channel).values(values))
    return number


def _stage(case: Case, number: int, stage: str) -> None:
    with case.catalogue.write() as connection:
        _set_stage(connection, number, stage)


def _set_stage(connection: sa.Connection, number: int, stage: str) -> None:
    connection.execute(
        sa.update(tables.accession).where(tables.accession.c.number == number).values(stage=stage)
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


def _decode(sources: str) -> list[bytes]:
    return [base64.b64decode(item) for item in json.loads(sources)]
