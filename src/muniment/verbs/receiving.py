"""Receiving: from a person's files to ciphertext in the vault and an entry in the log.

One accession is what was received together. Originals are encrypted into staging, made durable by one
syncfs for each hundred, noted in journal and catalogue, and only then counted as received. At the end (or
at 10,000) the staged files become one object of the vault and one entry of the log. Every step may be cut
off and is taken up again where it stood.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import random_name
from muniment.verbs.progress import Progress
from muniment.verbs.sealing import seal_waiting
from muniment.verbs.sources import Source, walk

if TYPE_CHECKING:
    from muniment.evidence.vault import Stored
    from muniment.verbs.case import Case, Watch

HUNDRED = 100
BATCH = 10_000


class Receiving:
    """The receiving of one accession."""

    def __init__(self, case: Case, accession: int, watch: Watch | None) -> None:
        self._case = case
        self._accession = accession
        self._watch = watch
        self._rows: list[tuple[dict[str, Any], dict[str, Any] | None]] = []
        with case.catalogue.read() as connection:
            count = sa.select(sa.func.max(tables.document.c.number))
            self._number = int(connection.execute(count).scalar() or 0)
            within = tables.document.c.accession == accession
            query = sa.select(tables.document.c.path).where(
                within, tables.document.c.parent.is_(None), tables.document.c.content.is_(None)
            )
            self._noted_problems = set(connection.execute(query).scalars())
            query = (
                sa.select(tables.original.c.source)
                .join(tables.document, tables.document.c.number == tables.original.c.number)
                .where(within)
            )
            self._received = set(connection.execute(query).scalars())
            query = sa.select(sa.func.count()).where(within, tables.document.c.parent.is_(None))
            self._ordinal = int(connection.execute(query).scalar() or 0)
            query = sa.select(sa.func.count()).where(tables.original.c.batch.is_(None))
            self._unsealed = int(connection.execute(query).scalar() or 0)

    def run(self, roots: Sequence[bytes]) -> None:
        """Receive everything under the roots that is not received yet, and seal it."""
        self._sweep_staging()
        own = os.fsencode(os.path.realpath(self._case.folder.root))
        done = 0
        for source in walk(roots):
            if source.location == own or source.location.startswith(own + b"/"):
                continue
            done += 1
            self._take(source)
            if len(self._rows) >= HUNDRED:
                self._note()
                self._tell(done)
            if self._unsealed >= BATCH:
                self._seal()
        self._note()
        self._tell(done)
        self._seal()

    def _tell(self, done: int) -> None:
        if self._watch is not None:
            self._watch(Progress("receiving", done, None))

    def _take(self, source: Source) -> None:
        if source.location in self._received:
            return
        if source.problem:
            self._problem(source, source.state, source.problem)
            return
        try:
            handle = os.open(source.location, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            opened: BinaryIO = os.fdopen(handle, "rb")
        except OSError as error:
            self._problem(source, "failed", f"could not be opened: {error.strerror}")
            return
        with opened:
            before = os.fstat(opened.fileno())
            stored = self._stage(_Bounded(opened, before.st_size), source)
            if stored is None:
                return
            after = os.fstat(opened.fileno())
        moved = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        changed = moved or stored.size != after.st_size
        self._original(source, stored, before, changed=changed)

    def _stage(self, opened: _Bounded, source: Source) -> Stored | None:
        from muniment.evidence.vault import SourceUnreadable, stage

        try:
            return stage(
                cast("BinaryIO", opened), self._case.folder.staging, self._case.keys.recipient
            )
        except SourceUnreadable as error:
            self._problem(source, "failed", error.message)
            return None

    def _document(self, source: Source, **fields: Any) -> dict[str, Any]:
        self._number += 1
        self._ordinal += 1
        return {
            "number": self._number,
            "document": random_name(10),
            "reference": f"A{self._accession}/{self._ordinal:04d}",
            "accession": self._accession,
            "path": source.path,
            "name": source.path.rsplit("/", 1)[-1],
            **fields,
        }

    def _problem(self, source: Source, state: str, reason: str) -> None:
        if source.path in self._noted_problems:
            return
        row = self._document(source, state=state, reason=reason, size=source.size, content=None)
        self._rows.append((row, None))

    def _original(
        self, source: Source, stored: Stored, status: os.stat_result, *, changed: bool
    ) -> None:
        from muniment.evidence.layers import file_root

        properties = {"path": source.path, "modified": _moment(status.st_mtime_ns)}
        if changed:
            properties["changed-while-read"] = "yes"
        key, tree = secrets.token_bytes(32), secrets.token_bytes(16)
        root = file_root(key, tree, stored.size, stored.sha256, stored.sha512, properties)
        row = self._document(source, size=stored.size, content=stored.sha256, state="waiting")
        self._rows.append(
            (
                row,
                {
                    "number": row["number"],
                    "key": key,
                    "tree": tree,
                    "root": root,
                    "properties": json.dumps(properties, ensure_ascii=False),
                    "sha256": stored.sha256,
                    "sha512": stored.sha512,
                    "stored": stored.name,
                    "cipher_sha512": stored.cipher_sha512,
                    "cipher_size": stored.cipher_size,
                    "chunk_root": stored.chunk_root,
                    "source": source.location,
                    "modified": status.st_mtime_ns,
                },
            )
        )

    def _note(self) -> None:
        """Make a hundred durable: bytes first, then the journal, then the catalogue."""
        if not self._rows:
            return
        from muniment.evidence.vault import sync

        sync(self._case.folder.staging)
        originals = [original for _, original in self._rows if original is not None]
        if originals:
            self._case.journal.append("received", {"files": list(_for_journal(self._rows))})
        with self._case.catalogue.write() as connection:
            for names, rows in _alike([row for row, _ in self._rows]):
                del names
                connection.execute(sa.insert(tables.document), rows)
            if originals:
                connection.execute(sa.insert(tables.original), originals)
            connection.execute(
                sa.update(tables.accession)
                .where(tables.accession.c.number == self._accession)
                .values(originals=self._ordinal)
            )
        self._unsealed += len(originals)
        self._rows = []

    def _seal(self) -> None:
        self._note()
        if self._unsealed:
            if self._watch is not None:
                self._watch(Progress("sealing", self._unsealed, self._unsealed))
            seal_waiting(self._case, self._accession)
            self._unsealed = 0

    def _sweep_staging(self) -> None:
        """Remove staged files that no note speaks of: they were never acknowledged."""
        from muniment.evidence.vault import sweep

        with self._case.catalogue.read() as connection:
            known = set(connection.execute(sa.select(tables.original.c.stored)).scalars())
        sweep(self._case.folder.staging, known)


class _Bounded:
    """A file up to the size it had when it was opened: one that grows as fast as we read would never end."""

    def __init__(self, opened: BinaryIO, size: int) -> None:
        self._opened = opened
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        if size < 0 or size > self._left:
            size = self._left
        content = self._opened.read(size) if size else b""
        self._left -= len(content)
        return content


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _alike(rows: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    """Rows grouped by the columns they name: a bulk insert wants them the same."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    yield from groups.items()


def _for_journal(
    rows: list[tuple[dict[str, Any], dict[str, Any] | None]],
) -> Iterator[dict[str, Any]]:
    for row, original in rows:
        if original is not None:
            yield {
                "document": row["document"],
                "reference": row["reference"],
                "size": str(row["size"]),
                "stored": original["stored"],
                "sha256": original["sha256"].hex(),
                "sha512": original["sha512"].hex(),
                "key": original["key"].hex(),
                "tree": original["tree"].hex(),
                "root": original["root"].hex(),
                "properties": json.loads(original["properties"]),
            }
