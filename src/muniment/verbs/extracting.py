"""Reading what waits: bytes to the sandbox, text to the catalogue, words to the index.

Each document is one small task whose state is in the catalogue; a killed run leaves it waiting and the next
run takes it up. As many sandboxed workers run as there are cores. What they return is written by one hand.
"""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import printable, random_name
from muniment.errors import Damaged, NotFound
from muniment.verbs.content import content_of, spool
from muniment.verbs.indexing import put, writing
from muniment.verbs.pages import page_row
from muniment.verbs.progress import Progress

if TYPE_CHECKING:
    from muniment.finding.index import Index
    from muniment.reading.pages import Part, Reading
    from muniment.reading.worker import Worker
    from muniment.verbs.case import Case, Watch

_FETCH = 200
_TOGETHER = 64
_PATIENCE = 1.0
_DEEPEST = 12
_LARGEST = 1 << 30


class Extraction:
    """One run over everything that waits in a case."""

    def __init__(
        self, case: Case, index: Index, watch: Watch | None, cores: int | None = None
    ) -> None:
        self._case = case
        self._index = index
        self._watch = watch
        self._cores = cores or len(os.sched_getaffinity(0))
        self._local = threading.local()
        self._workers: list[Worker] = []
        self._done = 0
        self._written: list[int] = []
        self._results: list[tuple[int, Reading]] = []
        self._last = time.monotonic()
        self._asked: set[int] = set()
        self._queue: list[int] = []

    def run(self) -> None:
        """Read until nothing waits."""
        running: set[Future[tuple[int, Reading]]] = set()
        with writing(self._case, wait=True), ThreadPoolExecutor(self._cores) as pool:
            try:
                while True:
                    for number in self._next(self._cores * 2 - len(running)):
                        running.add(pool.submit(self._read, number))
                    if not running:
                        self._write()
                        if not self._next(1, peek=True):
                            break
                        continue
                    finished, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        self._results.append(future.result())
                    if len(self._results) >= _TOGETHER or self._late():
                        self._write()
                self._index_written()
            finally:
                for worker in self._workers:
                    worker.close()

    def _late(self) -> bool:
        return time.monotonic() - self._last > _PATIENCE

    def _waiting(self) -> list[int]:
        with self._case.catalogue.read() as connection:
            query = (
                sa.select(tables.document.c.number)
                .where(tables.document.c.state == "waiting", tables.document.c.tried == 0)
                .order_by(tables.document.c.number)
                .limit(_FETCH + len(self._asked))
            )
            return [n for n in connection.execute(query).scalars() if n not in self._asked]

    def _next(self, count: int, *, peek: bool = False) -> list[int]:
        if count <= 0:
            return []
        if not self._queue:
            self._queue.extend(self._waiting())
        if peek:
            return self._queue[:count]
        taken = self._queue[:count]
        del self._queue[:count]
        self._asked.update(taken)
        return taken

    def _worker(self) -> Worker:
        from muniment.reading.worker import Worker

        worker: Worker | None = getattr(self._local, "worker", None)
        if worker is None:
            worker = Worker()
            self._local.worker = worker
            self._workers.append(worker)
        return worker

    def _read(self, number: int) -> tuple[int, Reading]:
        """In a thread: the bytes of one document through the sandbox. Always an answer, never an error."""
        from muniment.reading.pages import Reading
        from muniment.reading.worker import NotRead

        with self._case.catalogue.read() as connection:
            row = connection.execute(
                sa.select(
                    tables.document.c.name, tables.document.c.size, tables.document.c.path
                ).where(tables.document.c.number == number)
            ).one()
        if row.size > _LARGEST:
            return number, Reading("over-limit", f"{row.size} bytes; at most {_LARGEST} are read")
        try:
            worker = self._worker()
            return number, worker.read(content_of(self._case, number, worker), row.name)
        except (NotRead, Damaged, NotFound) as error:
            return number, Reading("failed", error.message)

    def _write(self) -> None:
        """One transaction for everything read since the last."""
        self._last = time.monotonic()
        results, self._results = self._results, []
        if results:
            with self._case.catalogue.write() as connection:
                top = sa.select(sa.func.max(tables.document.c.number))
                number = int(connection.execute(top).scalar() or 0)
                for which, reading in results:
                    number = self._record(connection, which, reading, number)
            for which, _ in results:
                spool(self._case, which).unlink(missing_ok=True)
            self._done += len(results)
            self._written.extend(which for which, _ in results)
            self._asked.difference_update(which for which, _ in results)
        if self._written and (len(self._written) >= _TOGETHER or not results):
            self._index_written()
        self._tell()

    def _index_written(self) -> None:
        if self._written:
            put(self._case, self._index, self._written)
            self._written = []

    def _tell(self) -> None:
        if self._watch is None:
            return
        with self._case.catalogue.read() as connection:
            query = sa.select(sa.func.count()).where(
                tables.document.c.state == "waiting", tables.document.c.tried == 0
            )
            left = int(connection.execute(query).scalar() or 0)
        self._watch(Progress("reading", self._done, self._done + left))

    def _record(self, connection: sa.Connection, number: int, reading: Reading, last: int) -> int:
        """Write one reading; returns the highest row number in use."""
        document = tables.document
        row = connection.execute(sa.select(document).where(document.c.number == number)).one()
        pages = [page_row(number, page) for page in reading.pages]
        wanting = sum(1 for page in reading.pages if page.needs_ocr)
        languages = dict.fromkeys(page.language for page in reading.pages if page.language)
        state, reason = reading.state, reading.reason
        if wanting and state in ("extracted", "partly-extracted"):
            state, reason = "waiting", f"{wanting} of {len(pages)} pages wait for OCR"
        connection.execute(sa.delete(tables.page).where(tables.page.c.document == number))
        if pages:
            connection.execute(sa.insert(tables.page), pages)
        connection.execute(
            sa.update(document)
            .where(document.c.number == number)
            .values(
                type=reading.type,
                family=reading.family,
                title=reading.title,
                state=state,
                reason=reason,
                pages=len(pages),
                expected_pages=reading.expected_pages,
                expected_parts=reading.expected_parts,
                languages=" ".join(languages),
                date=str(reading.properties.get("date", "")),
                properties=json.dumps(reading.properties, ensure_ascii=False),
                ocr="waiting" if wanting else "",
                read_state=reading.state,
                read_reason=reading.reason,
                tried=1,
                indexed=0,
            )
        )
        return self._record_parts(connection, row, reading.parts, last)

    def _record_parts(
        self,
        connection: sa.Connection,
        row: sa.Row[tuple[object, ...]],
        parts: list[Part],
        last: int,
    ) -> int:
        known = {
            found.part
            for found in connection.execute(
                sa.select(tables.document.c.part).where(tables.document.c.parent == row.number)
            )
        }
        too_deep = row.reference.count(".") >= _DEEPEST
        for part in parts:
            if part.number not in known:
                last += 1
                values = _part_row(row, part, last, too_deep=too_deep)
                connection.execute(sa.insert(tables.document).values(values))
                if values["state"] == "waiting":
                    spool(self._case, last).write_bytes(part.data)
        return last


def _part_row(row: Any, part: Part, number: int, *, too_deep: bool) -> dict[str, object]:
    """A part as a row of the catalogue; `row` is its container's."""
    import hashlib

    state, reason = (
        part.state or "waiting",
        part.reason,
    )  # bytes that cannot be had come with a state
    if too_deep and state == "waiting":
        state, reason = "over-limit", f"more than {_DEEPEST} containers deep"
    inside = printable(part.path or part.name or f"part {part.number}")
    return {
        "number": number,
        "document": random_name(10),
        "reference": f"{row.reference}.{part.number}",
        "accession": row.accession,
        "parent": row.number,
        "part": part.number,
        "path": f"{row.path}/{inside}",
        "name": inside.rsplit("/", 1)[-1],
        "size": len(part.data),
        "content": None if part.state else hashlib.sha256(part.data).digest(),
        "properties": json.dumps(part.properties, ensure_ascii=False),
        "state": state,
        "reason": reason,
    }
