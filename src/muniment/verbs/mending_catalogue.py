"""Mending the catalogue: a snapshot that is as it was written, then what journal and vault say beyond it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.case.catalogue import check_catalogue, open_catalogue
from muniment.errors import Damaged, MunimentError
from muniment.evidence.custodians.description import CATALOGUE
from muniment.evidence.custodians.mending import NO_SOURCE, Mending, Source

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
    """With keys: where it cannot be read, the latest snapshot that can; else an empty one, to be filled.

    Returns whether it was replaced.
    """
    if _readable(case):
        return False
    case.close()
    _aside(mending, "it could not be read")
    for source in sorted(mending.sources, key=_acts, reverse=True):
        if _latest(mending, [source]) or mending.take(CATALOGUE, source):
            if _readable(case):
                return True
            case.close()
            mending.mended.repaired.remove(CATALOGUE)
            _aside(mending, "a copy's snapshot, and it could not be read")
    open_catalogue(case.folder.catalogue, case.keys.catalogue, create=True).close()
    mending.mended.repaired.append(CATALOGUE)
    return True


def _acts(source: Source) -> int:
    return source.description.acts if source.description is not None else 0


def _latest(mending: Mending, sources: list[Source]) -> bool:
    kept = mending.sources
    mending.sources = sorted(sources, key=_acts, reverse=True)
    try:
        return mending.file(CATALOGUE)
    finally:
        mending.sources = kept


def _readable(case: Case) -> bool:
    """Whether the catalogue opens and every page of it is whole, what is not written back yet included."""
    try:
        case.close()
        with case.catalogue.write() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM setting").fetchall()
        with case.catalogue.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        case.close()
        check_catalogue(case.folder.catalogue, case.keys.catalogue)
    except (Damaged, MunimentError):
        return False
    return True


def _aside(mending: Mending, why: str) -> None:
    for name in (CATALOGUE, *(f"{CATALOGUE}{end}" for end in _BESIDE)):
        if os.path.lexists(Path(mending.root) / name):
            mending.put_aside(name, why)
