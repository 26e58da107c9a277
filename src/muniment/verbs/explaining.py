"""Every entry of the log is somebody's, and every file of the journal is an act: what `audit` checks of both.

A room that puts entries into the log adds a function to EXPLAINED, which gives the entries it knows. An entry
that nobody knows was put there by somebody else, or is of a time the rest of the case has forgotten.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.folder import printable
from muniment.case.journal import EMPTY_HEAD, ENCLOSURE, KEPT, Noted
from muniment.case.seal_tables import seal_batch
from muniment.case.writing import LEFTOVER
from muniment.errors import MunimentError
from muniment.verbs.committing import custody_entries, padding
from muniment.verbs.noting import files_of

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_NAME = re.compile(r"[0-9]{8,}\.age")


def batch_entries(case: Case) -> Iterator[bytes]:
    """Roots of batches: from the catalogue, and from manifests of objects it does not know."""
    import json

    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(tables.batch.c.object, tables.batch.c.root)).all()
    yield from (bytes(row.root) for row in rows)
    known = {row.object for row in rows}
    try:
        strangers = [name for name in case.vault.objects() if name not in known]
    except MunimentError:
        return  # the walk over the vault names what is wrong with it
    for name in strangers:
        try:
            manifest = case.vault.read_manifest(name, case.keys.identity)
            yield bytes.fromhex(json.loads(manifest)["root"])
        except (MunimentError, ValueError, KeyError, TypeError):
            continue


def journal_entries(case: Case) -> Iterator[bytes]:
    """Entries that acts speak of, from every act that can be read."""
    for number in case.journal.numbers():
        try:
            entry = case.journal.noted(number).entry
            if entry["act"] in ("sealed", "committed"):
                yield bytes.fromhex(entry["details"]["root"])
            elif entry["act"] == "padded":
                details = entry["details"]
                yield from padding(bytes.fromhex(details["seed"]), int(details["count"]))
        except (MunimentError, ValueError, KeyError, TypeError):
            continue  # `journal_files` names it


Explains = Callable[["Case"], Iterator[bytes]]


def seal_entries(case: Case) -> Iterator[bytes]:
    """Roots of batches of page seals."""
    with case.catalogue.read() as connection:
        for root in connection.execute(sa.select(seal_batch.c.root)).scalars():
            yield bytes(root)


EXPLAINED: tuple[Explains, ...] = (batch_entries, seal_entries, custody_entries, journal_entries)


def log_entries(case: Case) -> Iterator[tuple[str, str]]:
    """Entries nobody explains, and those that custody put there and that are not there."""
    try:
        entries = case.log.entries()
    except MunimentError:
        return  # named by the audit of the log's own files
    known: set[bytes] = set()
    for explains in EXPLAINED:
        known.update(explains(case))
    for number, entry in enumerate(entries):
        if entry not in known:
            yield "unexpected", f"log/entry {number}"
    with case.catalogue.read() as connection:
        expected = [
            (row.log_index, [bytes(row.root)])
            for row in connection.execute(sa.select(custody.commitment))
        ] + [
            (row.log_index, padding(bytes(row.seed), row.entries))
            for row in connection.execute(sa.select(custody.padding))
        ]
    for index, wanted in expected:
        for at, entry in enumerate(wanted, index or 0):
            if index is not None and at >= len(entries):
                yield "missing", f"log/entry {at}"
            elif index is not None and entries[at] != entry:
                yield "damaged", f"log/entry {at}"


def enclosures(case: Case) -> Iterator[tuple[str, str]]:
    """What is enclosed with an act must be what the act commits to. What lies beyond the last act is nobody's yet."""
    last = max(case.journal.numbers(), default=0)
    for number in case.journal.enclosed():
        if not 1 <= number <= last:
            continue
        try:
            files_of(case.journal.noted(number).entry, case.journal.enclosure(number))
        except (MunimentError, ValueError, KeyError, TypeError):
            yield "damaged", f"journal/{case.journal.enclosure_path(number).name}"


def journal_files(case: Case) -> Iterator[tuple[str, str]]:
    """Each act against the one before it, the commitment it stands in, and what the catalogue knows of it."""
    with case.catalogue.read() as connection:
        act = custody.act.c
        known = {
            row.number: row.digest for row in connection.execute(sa.select(act.number, act.digest))
        }
    folder = case.folder.journal
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
        if not _NAME.fullmatch(name) and not LEFTOVER.fullmatch(name):
            if any(name.endswith(end) and name[: -len(end)].isdigit() for end in (ENCLOSURE, KEPT)):
                continue  # `enclosures` and `kept_notes` look at it
            yield "unexpected", f"journal/{printable(name)}"
    numbers = case.journal.numbers()
    there = set(numbers)
    for number in range(1, max([*numbers, *known], default=0) + 1):
        if number not in there:
            yield "missing", f"journal/{number:08d}.age"
    previous: str | None = EMPTY_HEAD
    after = 0
    for number in numbers:
        path = f"journal/{number:08d}.age"
        noted = _read(case, number)
        before = previous if number == after + 1 else None
        if (
            noted is None
            or known.get(number, noted.digest) != noted.digest
            or not _follows(noted, before)
        ):
            yield "damaged", path
        previous, after = (None if noted is None else noted.digest), number


def _read(case: Case, number: int) -> Noted | None:
    try:
        noted = case.journal.noted(number)
        return noted if noted.entry["sequence"] == number else None
    except MunimentError:
        return None


def _follows(noted: Noted, previous: str | None) -> bool:
    """Whether an act names the one before it; where that cannot be read, nobody can tell."""
    return previous is None or noted.entry["previous"] == previous


def commitments(case: Case) -> Iterator[tuple[str, str]]:
    """Each custody root, computed again from the acts it covers."""
    from muniment.verbs.committing import custody_tree, leaves_of

    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(custody.commitment)).all()
    for row in rows:
        try:
            details = case.journal.noted(row.act).entry["details"]
            root = custody_tree(details, leaves_of(case, row.first, row.last)).root
            if root != bytes(row.root) or details["root"] != root.hex():
                yield "damaged", f"journal/{row.act:08d}.age"
        except MunimentError:
            continue  # `journal_files` names the act that is missing or altered
        except (ValueError, KeyError, TypeError):
            yield "damaged", f"journal/{row.act:08d}.age"
