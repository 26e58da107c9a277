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
from muniment.case.many_rows import put_rows
from muniment.case.seal_tables import part_file
from muniment.errors import Damaged, NotFound
from muniment.reading.language import codes
from muniment.verbs.content import Place, bytes_at, content_of, places_of, spool
from muniment.verbs.expansion import Families
from muniment.verbs.indexing import put, writing
from muniment.verbs.naming import look_again
from muniment.verbs.pages import PICTURED, forget_others, page_row
from muniment.verbs.part_files import part_row
from muniment.verbs.progress import Progress
from muniment.verbs.seals_due import ask_again

if TYPE_CHECKING:
    from muniment.finding.index import Index
    from muniment.reading.pages import Part, Reading
    from muniment.reading.worker import Worker
    from muniment.verbs.case import Case, Watch

_FETCH = 200
_TOGETHER = 64
_PATIENCE = 1.0
_SPOOL = 256 << 20
"""Bytes of parts that wait in working/ to be drawn; the rest is taken out of its container again."""
TOO_DEEP = "it lies in more containers than are opened in one another"


class Extraction:
    """One run over everything that waits in a case."""

    _reader = ""

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
        self._after = 0
        self._left = 0
        self._queue: list[Any] = []
        self._places: dict[int, Place] = {}
        self._spooled = 0
        self._families = Families(case.means.budget)

    def run(self) -> None:
        """Read until nothing waits."""
        running: set[Future[tuple[int, Reading]]] = set()
        self._count_waiting()
        with writing(self._case, wait=True), ThreadPoolExecutor(self._cores) as pool:
            try:
                while True:
                    for row in self._next(self._cores * 2 - len(running)):
                        running.add(pool.submit(self._read, row))
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

    def _waiting(self) -> list[Any]:
        """The next that wait: those behind the last; where there are none, any (a part may wait again)."""
        document = tables.document.c
        # The state is put together with nothing, so that rows are gone through in their order, from the last on: a
        # search in the index of states would go through all that wait, and sort them, for each piece of it.
        rows = self._some(document.number > self._after, document.state + "" == "waiting")
        if rows:
            self._after = rows[-1].number
        else:
            rows = self._some(document.state == "waiting")
        self._find([row.number for row in rows if row.parent is None])
        return rows

    def _some(self, *which: sa.ColumnElement[bool]) -> list[Any]:
        document = tables.document.c
        columns = (document.number, document.name, document.size, document.parent)
        query = (
            sa.select(*columns)
            .where(*which, document.tried == 0)
            .order_by(document.number)
            .limit(_FETCH + len(self._asked))
        )
        with self._case.catalogue.read() as connection:
            return [row for row in connection.execute(query) if row.number not in self._asked]

    def _count_waiting(self) -> None:
        """How many wait, and where the first of them is."""
        document = tables.document.c
        waits = sa.and_(document.state == "waiting", document.tried == 0)
        query = sa.select(sa.func.count(), sa.func.min(document.number)).where(waits)
        with self._case.catalogue.read() as connection:
            self._left, first = connection.execute(query).one()
        self._after = (first or 1) - 1

    def _find(self, originals: list[int]) -> None:
        """Look up where originals lie in the vault."""
        self._places.update(places_of(self._case, originals))

    def _next(self, count: int, *, peek: bool = False) -> list[Any]:
        if count <= 0:
            return []
        if not self._queue:
            self._queue.extend(self._waiting())
        if peek:
            return self._queue[:count]
        taken = self._queue[:count]
        del self._queue[:count]
        self._asked.update(row.number for row in taken)
        return taken

    def _worker(self) -> Worker:
        from muniment.reading.worker import Worker

        worker: Worker | None = getattr(self._local, "worker", None)
        if worker is None:
            worker = Worker(passwords=self._case.passwords)
            self._local.worker = worker
            self._workers.append(worker)
        return worker

    def _read(self, row: Any) -> tuple[int, Reading]:
        """In a thread: the bytes of one document through the sandbox. Always an answer, never an error."""
        from muniment.reading.pages import Reading
        from muniment.reading.worker import NotRead

        number: int = row.number
        means, reader = self._case.means, self._reader
        most = means.budget.document
        if row.size > most:
            return number, Reading("over-limit", f"{row.size} bytes; at most {most} are read")
        place = self._places.pop(number, None)
        try:
            worker = self._worker()
            if place is not None:
                content = bytes_at(self._case, place)
            else:
                content = content_of(self._case, number, worker)
            return number, worker.read(content, row.name, means.budget, reader=reader)
        except NotRead as error:  # its container does not give it out
            return number, Reading(error.state, error.message)
        except (Damaged, NotFound) as error:
            return number, Reading("failed", error.message)

    def _write(self) -> None:
        """One transaction for everything read since the last."""
        self._last = time.monotonic()
        results, self._results = self._results, []
        if results:
            with self._case.catalogue.write() as connection:
                self._hold_back(connection, results)
                self._record(connection, results)
            for which, reading in results:
                self._let_go(which, reading)
            self._done += len(results)
            self._left -= len(results)
            self._written.extend(which for which, _ in results)
            self._asked.difference_update(which for which, _ in results)
        if self._written and (len(self._written) >= _TOGETHER or not results):
            self._index_written()
        self._tell()

    def _let_go(self, number: int, reading: Reading) -> None:
        """Forget the bytes of a part that was read; of one with pictures they wait for its seal if there is room."""
        spooled = spool(self._case, number)
        if reading.family in PICTURED and spooled.exists():
            self._spooled += spooled.stat().st_size
            if self._spooled <= _SPOOL:
                return
        spooled.unlink(missing_ok=True)

    def _index_written(self) -> None:
        if self._written:
            put(self._case, self._index, self._written)
            self._written = []

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(Progress("reading", self._done, self._done + self._left))

    def _record(self, connection: sa.Connection, results: list[tuple[int, Reading]]) -> None:
        """Write readings, in place of what an earlier reading left, and make documents of their parts."""
        document, page = tables.document, tables.page
        numbers = [number for number, _ in results]
        connection.execute(sa.delete(page).where(page.c.document.in_(numbers)))
        forget_others(connection, numbers)
        pages = [page_row(number, one) for number, reading in results for one in reading.pages]
        if pages:
            put_rows(connection, page, pages)
        values = [{"which": number, **outcome_of(reading)} for number, reading in results]
        connection.execute(
            sa.update(document)
            .where(document.c.number == sa.bindparam("which"))
            .values({name: sa.bindparam(name) for name in values[0] if name != "which"}),
            values,
        )
        ask_again(connection, numbers)
        look_again(connection, numbers)
        containers = {number: reading.parts for number, reading in results if reading.parts}
        if containers:
            self._record_parts(connection, containers)

    def _hold_back(self, connection: sa.Connection, results: list[tuple[int, Reading]]) -> None:
        """Parts that would be too many for the original they come from: their container is over a limit."""
        with_parts = {number: reading for number, reading in results if reading.parts}
        if not with_parts:
            return
        known = _known_parts(connection, list(with_parts))
        for number, reading in with_parts.items():
            new = [part for part in reading.parts if (number, part.number) not in known]
            family = self._families.of(connection, number)
            if new and not family.takes([len(part.data) for part in new]):
                reading.state, reading.reason = "over-limit", family.reason
                reading.parts.clear()

    def _record_parts(self, connection: sa.Connection, containers: dict[int, list[Part]]) -> None:
        document = tables.document
        known = _known_parts(connection, list(containers))
        last = int(connection.execute(sa.select(sa.func.max(document.c.number))).scalar() or 0)
        rows: list[dict[str, Any]] = []
        files: list[dict[str, Any]] = []
        within = connection.execute(sa.select(document).where(document.c.number.in_(containers)))
        for container in within.all():
            too_deep = container.reference.count(".") >= self._case.means.depth
            for part in containers[container.number]:
                there = known.get((container.number, part.number))
                if there is not None:
                    if there.content is None and not part.state:
                        self._come_out(connection, there, part, too_deep=too_deep)
                    continue
                last += 1
                rows.append(_part_row(container, part, last, too_deep=too_deep))
                if not part.state:  # else its bytes cannot be had
                    files.append(part_row(last, part.data, rows[-1]["path"], part.number))
                if not too_deep:
                    spool(self._case, last).write_bytes(part.data)
        put_rows(connection, document, rows)
        put_rows(connection, part_file, files)
        self._left += sum(1 for row in rows if row["state"] == "waiting")

    def _come_out(
        self, connection: sa.Connection, there: Any, part: Part, *, too_deep: bool
    ) -> None:
        """A part whose bytes could not be had until now: it waits to be read."""
        import hashlib

        document = tables.document
        values = {
            "size": len(part.data),
            "content": hashlib.sha256(part.data).digest(),
            "state": "over-limit" if too_deep else "waiting",
            "reason": TOO_DEEP if too_deep else "",
            "tried": 0,
        }
        connection.execute(
            sa.update(document).where(document.c.number == there.number).values(values)
        )
        self._left += values["state"] == "waiting"
        row = part_row(there.number, part.data, there.path, part.number)
        connection.execute(sa.insert(part_file).prefix_with("OR IGNORE"), row)
        if not too_deep:
            spool(self._case, there.number).write_bytes(part.data)


def _known_parts(connection: sa.Connection, containers: list[int]) -> dict[tuple[int, int], Any]:
    """Parts that are documents already, by container and place."""
    document = tables.document.c
    columns = (document.number, document.parent, document.part, document.path, document.content)
    query = sa.select(*columns).where(document.parent.in_(containers))
    return {(found.parent, found.part): found for found in connection.execute(query)}


def outcome_of(reading: Reading) -> dict[str, object]:
    """What a reading says of its document, as columns of the catalogue."""
    wanting = sum(1 for page in reading.pages if page.needs_ocr)
    languages = dict.fromkeys(code for page in reading.pages for code in codes(page.language))
    state, reason = reading.state, reading.reason
    if wanting and state in ("extracted", "partly-extracted"):
        state, reason = "waiting", f"{wanting} of {len(reading.pages)} pages wait for OCR"
    elif (
        state == "extracted"
        and not reading.parts
        and not any(p.text.strip() for p in reading.pages)
    ):
        state, reason = _without_text(reading)
    return {
        "type": reading.type,
        "family": reading.family,
        "title": reading.title,
        "state": state,
        "reason": reason,
        "pages": len(reading.pages),
        "expected_pages": reading.expected_pages,
        "expected_parts": reading.expected_parts,
        "languages": " ".join(languages),
        "date": str(reading.properties.get("date", "")),
        "properties": json.dumps(reading.properties, ensure_ascii=False),
        "ocr": "waiting" if wanting else "",
        "read_state": reading.state,
        "read_reason": reading.reason,
        "tried": 1,
        "indexed": 0,
    }


def _without_text(reading: Reading) -> tuple[str, str]:
    """What becomes of a document that was read and gave nothing: it is said, not passed over."""
    if reading.type == "inode/x-empty":
        return "extracted", "the file is empty"
    return "partly-extracted", "it was read, and no text was found in it"


def _part_row(row: Any, part: Part, number: int, *, too_deep: bool) -> dict[str, object]:
    """A part as a row of the catalogue; `row` is its container's."""
    import hashlib

    state, reason = (
        part.state or "waiting",
        part.reason,
    )  # bytes that cannot be had come with a state
    if too_deep and state == "waiting":
        state, reason = "over-limit", TOO_DEEP
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
        "held": row.held,
        "content": None if part.state else hashlib.sha256(part.data).digest(),
        "properties": json.dumps(part.properties, ensure_ascii=False),
        "state": state,
        "reason": reason,
    }
