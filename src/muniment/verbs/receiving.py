"""Receiving: from a person's files to ciphertext in the vault and an entry in the log.

One accession is what was received together. What there is is listed first. Then originals are encrypted into
staging, made durable by one syncfs for each hundred, noted in journal and catalogue, and only then counted
as received. At the end (or at 10,000) the staged files become one object of the vault and one entry of the
log. Every step may be cut off and is taken up again where it stood.

While one hundred is being made durable and noted, the next is encrypted already: the disk is waited for by a
thread of its own. Two hundreds are never noted at a time, and nothing is told before it is noted.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.folder import random_name
from muniment.verbs.listing import Listing, tick
from muniment.verbs.noting import Row, acts_of, enclosed_with, insert
from muniment.verbs.progress import Progress
from muniment.verbs.sealing import BATCH, seal_waiting
from muniment.verbs.sources import Source

if TYPE_CHECKING:
    from muniment.evidence.vault import Stored
    from muniment.verbs.case import Case, Watch

HUNDRED = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GONE = {
    errno.ENOENT: "was there when it was listed, and gone when it was to be received",
    errno.ENOTDIR: "was there when it was listed, and gone when it was to be received",
    errno.ELOOP: "was a file when it was listed, and a link when it was to be received",
}


class Receiving:
    """The receiving of one accession whose list is made."""

    def __init__(self, case: Case, accession: int, watch: Watch | None) -> None:
        self._case = case
        self._accession = accession
        self._watch = watch
        self._rows: list[Row] = []
        self._taken: list[int] = []
        self._noter = ThreadPoolExecutor(1, thread_name_prefix="muniment-noting")
        self._noting: Future[int] | None = None
        self._total = self._done = 0
        self._staging = case.folder.staging
        self._recipient = case.keys.recipient
        self._listing = Listing(case, accession)
        document, original = tables.document.c, tables.original.c
        with case.catalogue.read() as connection:
            self._number = int(
                connection.execute(sa.select(sa.func.max(document.number))).scalar() or 0
            )
            last = connection.execute(
                sa.select(document.reference)
                .where(document.accession == accession, document.parent.is_(None))
                .order_by(document.number.desc())
            ).scalar()
            self._ordinal = int(last.split("/")[1]) if last else 0
            self._kind = connection.execute(
                sa.select(tables.accession.c.kind).where(tables.accession.c.number == accession)
            ).scalar_one()
            query = sa.select(sa.func.count()).where(original.batch.is_(None))
            self._unsealed = int(connection.execute(query).scalar() or 0)
            came = sa.select(custody.channel.c.channel)
            channel = connection.execute(
                came.where(custody.channel.c.accession == accession)
            ).scalar()
        # What an act says of how it came; nothing where nobody said it.
        self._how = {"channel": str(channel)} if channel else {}

    def run(self) -> None:
        """Receive everything on the list that has no state yet, and seal it."""
        self._sweep_staging()
        self._total, self._done = self._listing.counts()
        with self._noter:
            for number, source in self._listing.remaining():
                self._take(source)
                self._taken.append(number)
                if len(self._taken) >= HUNDRED:
                    self._hand_over()
                if self._unsealed + HUNDRED > BATCH:
                    self._seal()
            self._hand_over()
            self._settle()
            self._tell()
            self._seal()

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(Progress("receiving", self._done, self._total))

    def _take(self, source: Source) -> None:
        if source.problem:
            self._problem(source, source.state, source.problem)
            return
        # Without O_NONBLOCK, a pipe put in the file's place since it was listed would be waited for.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            handle = os.open(source.location, flags)
        except OSError as error:
            reason = _GONE.get(error.errno or 0, f"could not be opened: {error.strerror}")
            self._problem(source, "failed", reason)
            return
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            os.close(handle)
            self._problem(source, "failed", "was a file when it was listed, and is none now")
            return
        try:
            stored = self._stage(_Bounded(handle, before.st_size), source)
            if stored is None:
                return
            after = os.fstat(handle)
            longer = _more(handle)
        finally:
            os.close(handle)
        moved = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        changed = moved or longer or stored.size != after.st_size
        self._original(source, stored, before, changed=changed)

    def _stage(self, opened: _Bounded, source: Source) -> Stored | None:
        from muniment.evidence.vault import SourceUnreadable, stage

        try:
            return stage(cast("BinaryIO", opened), self._staging, self._recipient)
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
        row = self._document(source, state=state, reason=reason, size=0, content=None)
        self._rows.append((row, None))

    def _original(
        self, source: Source, stored: Stored, status: os.stat_result, *, changed: bool
    ) -> None:
        from muniment.evidence.layers import file_root

        properties = {"path": source.path, "modified": moment(status.st_mtime_ns)}
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
                    "modified": kept_time(status.st_mtime_ns),
                },
            )
        )

    def _hand_over(self) -> None:
        """Have the hundred that was taken made durable and noted, once the one before it is."""
        self._settle()
        if self._taken:
            rows, taken = self._rows, self._taken
            self._rows, self._taken = [], []
            self._unsealed += sum(1 for _, original in rows if original is not None)
            self._noting = self._noter.submit(self._note, rows, taken)

    def _settle(self) -> None:
        """Wait until the hundred that was handed over is noted; only then is it told. Raises what went wrong."""
        noting, self._noting = self._noting, None
        if noting is not None:
            self._done += noting.result()
            self._tell()

    def _note(self, rows: list[Row], taken: list[int]) -> int:
        """In the thread for it: make a hundred durable, bytes first, then the journal, then the catalogue."""
        from muniment.evidence.vault import sync

        def carry_out(connection: sa.Connection) -> None:
            insert(connection, rows, self._accession)
            tick(connection, taken)

        if any(original is not None for _, original in rows):
            sync(self._staging)
            details = {**self._how, "files": acts_of(rows)}
            if self._kind != "documents":
                details["kind"] = self._kind
            enclosure = {"files": enclosed_with(rows)}
            self._case.journal.append("received", details, enclosure=enclosure, carry_out=carry_out)
        else:
            with self._case.catalogue.write() as connection:
                carry_out(connection)
        return len(taken)

    def _seal(self) -> None:
        self._hand_over()
        self._settle()
        if self._unsealed:
            files, self._unsealed = self._unsealed, 0
            self._tell_sealing(0, files)
            seal_waiting(self._case, self._accession)
            self._tell_sealing(files, files)

    def _tell_sealing(self, done: int, files: int) -> None:
        if self._watch is not None:
            self._watch(Progress("sealing", done, files))

    def _sweep_staging(self) -> None:
        """Remove staged files that no note speaks of: they were never acknowledged."""
        from muniment.evidence.vault import sweep
        from muniment.verbs.sealing_pages import staged_names

        sweep(self._staging, staged_names(self._case))


class _Bounded:
    """A file up to the size it had when it was opened: one that grows as fast as we read would never end."""

    def __init__(self, handle: int, size: int) -> None:
        self._handle = handle
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """As of a file that is not buffered."""
        if size < 0 or size > self._left:
            size = self._left
        content = os.read(self._handle, size) if size else b""
        self._left -= len(content)
        return content


def _more(handle: int) -> bool:
    """Whether a file goes on beyond the size it said it had."""
    try:
        return bool(os.read(handle, 1))
    except OSError:
        return False


def kept_time(nanoseconds: int) -> int:
    """A time as the catalogue can hold it: 64 bits of nanoseconds end in 2262, file systems do not."""
    return max(-(2**63), min(nanoseconds, 2**63 - 1))


def moment(nanoseconds: int) -> str:
    """RFC 3339 in UTC; outside the years 1 to 9999, @ and the seconds since 1970."""
    seconds = nanoseconds // 10**9
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return f"@{seconds}"
    return moment.replace(tzinfo=None).isoformat() + "Z"
