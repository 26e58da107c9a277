"""Mending the catalogue: a snapshot that is as it was written, then what journal and vault say beyond it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import custody_tables as custody
from muniment.case.catalogue import check_catalogue, open_catalogue
from muniment.case.journal import numbers_in
from muniment.errors import MunimentError
from muniment.evidence.custodians.description import CATALOGUE
from muniment.evidence.custodians.mending import NO_SOURCE, Mending, Source
from muniment.verbs.noting import carried_out

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_BESIDE = ("-wal", "-shm", "-journal")


def mend_gone_catalogue(mending: Mending) -> None:
    """Without keys: a catalogue that is gone comes back as the latest copy has it."""
    if (mending.root / CATALOGUE).is_file():
        return
    _aside(mending, "the catalogue it belongs to is gone")
    if not _latest(mending, mending.sources):
        mending.fail(
            CATALOGUE, NO_SOURCE + "; with the passphrase it is made anew from vault and journal"
        )


def mend_catalogue(case: Case, mending: Mending) -> bool:
    """With keys: where it cannot be read, or is of an earlier time, the latest snapshot there is; else an empty one.

    Whatever it is, `make_good` brings it up to the journal. Returns whether it was made anew.
    """
    acts = max(case.journal.numbers(), default=0)
    here = _carried(case)
    if here is not None and here > acts:
        _forget_lost_acts(case, mending, acts, here)
        here = acts
    if here is not None and here >= acts - 1:
        return False
    if here is not None and not any(_acts(source) > here for source in mending.sources):
        return False
    case.close()
    ours = _aside(mending, "it could not be read" if here is None else "it is of an earlier time")
    for source in sorted(mending.sources, key=_acts, reverse=True):
        if here is not None and _acts(source) <= here:
            break
        if _latest(mending, [source]) or mending.take(CATALOGUE, source):
            if (there := _carried(case)) is not None and there <= acts:
                return False
            case.close()
            mending.mended.repaired.remove(CATALOGUE)
            _aside(mending, "a copy's snapshot, and it could not be read")
    if here is not None:
        _back(mending, ours)
        case.look()
        return False
    open_catalogue(case.folder.catalogue, case.keys.catalogue, create=True).close()
    case.look()
    mending.mended.repaired.append(CATALOGUE)
    return True


def _forget_lost_acts(case: Case, mending: Mending, acts: int, here: int) -> None:
    """Acts that only the catalogue still speaks of are lost, and named: what comes next takes their numbers.

    What they put into the log stays explained, under numbers no act has. The mark outside the case still knows
    that there was more, so that a person has to accept it (`custody --accept-older`).
    """
    path = "journal/{:08d}.age"
    named = {one for one, _ in mending.mended.not_repaired}
    for number in range(acts + 1, here + 1):
        if path.format(number) not in named:
            mending.fail(path.format(number), NO_SOURCE)
    span, filled = custody.commitment, custody.padding
    with case.catalogue.write() as connection:
        connection.execute(sa.delete(custody.act).where(custody.act.c.number > acts))
        connection.execute(
            sa.update(span)
            .where(span.c.act > acts)
            .values(act=-span.c.act, first=-span.c.first, last=-span.c.last)
        )
        connection.execute(sa.update(filled).where(filled.c.act > acts).values(act=-filled.c.act))


def _acts(source: Source) -> int:
    return max(numbers_in(source.root / "journal"), default=0)


def _latest(mending: Mending, sources: list[Source]) -> bool:
    kept = mending.sources
    mending.sources = sorted(sources, key=_acts, reverse=True)
    try:
        return mending.file(CATALOGUE)
    finally:
        mending.sources = kept


def _carried(case: Case) -> int | None:
    """How many acts the catalogue has carried out; None where it cannot be read, or is of another story.

    Every page of it is read, what is not written back yet included. It is open afterwards.
    """
    try:
        case.close()
        case.look()
        with case.catalogue.write() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM setting").fetchall()
        with case.catalogue.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        case.close()
        check_catalogue(case.folder.catalogue, case.keys.catalogue)
        case.look()
        with case.catalogue.read() as connection:
            known = carried_out(connection)
        if known is None:
            return 0
        if case.journal.path(known[0]).exists() and case.journal.noted(known[0]).digest != known[1]:
            return None
    except MunimentError:
        return None
    return known[0]


def _aside(mending: Mending, why: str) -> list[tuple[str, str]]:
    """Put it aside; returns where what is now."""
    before = len(mending.mended.aside)
    for name in (CATALOGUE, *(f"{CATALOGUE}{end}" for end in _BESIDE)):
        if os.path.lexists(Path(mending.root) / name):
            mending.put_aside(name, why)
    return mending.mended.aside[before:]


def _back(mending: Mending, aside: list[tuple[str, str]]) -> None:
    for path, now in aside:
        (mending.root / now).rename(mending.root / path)
        mending.mended.aside.remove((path, now))
