"""OCR of what waits for it: one page at a time on each core, each page a small task of its own.

The language is chosen per page. The likely one, tried first, is that of the page before, in the same document
or the one before it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import Damaged, NotFound
from muniment.reading.language import codes
from muniment.reading.tesseract import LANGUAGES
from muniment.verbs.content import content_of
from muniment.verbs.indexing import put, writing
from muniment.verbs.naming import look_again
from muniment.verbs.pages import keep_others, pack, pack_boxes, unpack, unpack_boxes, unpack_text
from muniment.verbs.progress import Progress
from muniment.verbs.seals_due import ask_again

if TYPE_CHECKING:
    from muniment.finding.index import Index
    from muniment.reading.ocr import Recogniser
    from muniment.reading.pages import Page
    from muniment.reading.worker import Worker
    from muniment.verbs.case import Case, Watch

FINENESS = 300
"""Dots to the inch at which pages are drawn for OCR; an image is never enlarged."""
READ_BY_OCR = tuple(f"ocr {name.replace('_', '-')}" for name in LANGUAGES)
"""What the source of a page begins with that OCR has read."""


@dataclass(frozen=True, slots=True)
class _Task:
    document: int
    page: int
    name: str


@dataclass(frozen=True, slots=True)
class _Result:
    task: _Task
    page: Page | None
    state: str
    reason: str


class Recognition:
    """One run over every page that waits for OCR."""

    def __init__(
        self, case: Case, index: Index, watch: Watch | None, cores: int | None = None
    ) -> None:
        self._case = case
        self._index = index
        self._watch = watch
        self._cores = cores or len(os.sched_getaffinity(0))
        self._local = threading.local()
        self._processes: list[Worker | Recogniser] = []
        self._likely: str = ""
        self._failures: dict[int, str] = {}
        self._waits: dict[int, str] = {}
        self._done = 0

    def run(self) -> None:
        """Read every page that waits. For want of Tesseract or of a language, pages go on waiting."""
        from muniment.reading.ocr import MISSING, available

        tasks = self._tasks()
        if not tasks:
            return
        if not available():
            self._waits = dict.fromkeys((task.document for task in tasks), MISSING)
            self._explain()
            return
        total = len(tasks)
        self._tell(total)
        running: set[Future[_Result]] = set()
        with writing(self._case, wait=True), ThreadPoolExecutor(self._cores) as pool:
            try:
                while tasks or running:
                    while tasks and len(running) < self._cores:
                        running.add(pool.submit(self._read, tasks.pop(0)))
                    finished, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        self._keep(future.result())
                        self._done += 1
                        self._tell(total)
                self._explain()
            finally:
                for process in self._processes:
                    process.close()

    def _tell(self, total: int) -> None:
        if self._watch is not None:
            self._watch(Progress("ocr", self._done, total))

    def _tasks(self) -> list[_Task]:
        with self._case.catalogue.read() as connection:
            rows = connection.execute(
                sa.select(tables.page.c.document, tables.page.c.number, tables.document.c.name)
                .join(tables.document, tables.document.c.number == tables.page.c.document)
                .where(tables.page.c.needs_ocr)
                .order_by(tables.page.c.document, tables.page.c.number)
            ).all()
        return [_Task(row.document, row.number, row.name) for row in rows]

    def _tools(self) -> tuple[Worker, Recogniser]:
        from muniment.reading.ocr import Recogniser
        from muniment.reading.worker import Worker

        tools: tuple[Worker, Recogniser] | None = getattr(self._local, "tools", None)
        if tools is None:
            tools = (Worker(passwords=self._case.passwords), Recogniser())
            self._local.tools = tools
            self._processes.extend(tools)
        return tools

    def _content(self, task: _Task, worker: Worker) -> bytes:
        """The document's bytes; kept while its pages are being read."""
        held: tuple[int, bytes] | None = getattr(self._local, "held", None)
        if held is None or held[0] != task.document:
            held = (task.document, content_of(self._case, task.document, worker))
            self._local.held = held
        return held[1]

    def _read(self, task: _Task) -> _Result:
        from muniment.reading.pages import EXTRACTED, FAILED
        from muniment.reading.worker import NotRead

        worker, recogniser = self._tools()
        try:
            data = self._content(task, worker)
            pixels = worker.render(data, task.page, FINENESS, name=task.name)
            with self._case.catalogue.read() as connection:
                width = connection.execute(
                    sa.select(tables.page.c.width).where(
                        tables.page.c.document == task.document, tables.page.c.number == task.page
                    )
                ).scalar_one()
            dpi = round(pixels.width * 72 / width) if width else FINENESS
            likely = [self._likely] if self._likely else []
            page = recogniser.read(pixels, dpi, number=task.page, likely=likely)
        except NotRead as error:
            return _Result(task, None, error.state, error.reason or "OCR failed")
        except (Damaged, NotFound) as error:
            return _Result(task, None, FAILED, error.message)
        return _Result(task, page, EXTRACTED, "")

    def _keep(self, result: _Result) -> None:
        """Write one page; when it was the document's last, settle its state and put it into the index."""
        task = result.task
        if result.state == "waiting":
            self._waits[task.document] = result.reason
            return
        if result.reason:
            self._failures.setdefault(task.document, result.reason)
        if result.page is not None and result.page.text:
            self._likely = result.page.source.removeprefix("ocr ").replace("-", "_")
        with self._case.catalogue.write() as connection:
            where = sa.and_(
                tables.page.c.document == task.document, tables.page.c.number == task.page
            )
            before = connection.execute(sa.select(tables.page).where(where)).one()
            values = {"needs_ocr": False, "source": "ocr failed"}
            if result.page is not None:
                values = _merged(before, result.page)
                keep_others(connection, task.document, result.page)
            elif before.source.startswith(READ_BY_OCR):
                values = {"needs_ocr": False}  # tried once more: what the first reading gave stays
            connection.execute(sa.update(tables.page).where(where).values(values))
            look_again(connection, [task.document])
            left = connection.execute(
                sa.select(sa.func.count()).where(
                    tables.page.c.document == task.document, tables.page.c.needs_ocr
                )
            ).scalar_one()
            if left == 0:
                self._settle(connection, task.document)
        if left == 0:
            put(self._case, self._index, [task.document])

    def _explain(self) -> None:
        """Say of each document whose pages go on waiting why they do; what was read of it is made searchable."""
        page, document = tables.page.c, tables.document
        for number, why in sorted(self._waits.items()):
            with self._case.catalogue.write() as connection:
                needs = connection.execute(
                    sa.select(page.needs_ocr).where(page.document == number)
                ).scalars()
                waiting = list(needs)
                connection.execute(
                    sa.update(document)
                    .where(document.c.number == number)
                    .values(
                        reason=f"{sum(waiting)} of {len(waiting)} pages wait for OCR: {why}",
                        indexed=0,
                    )
                )
        if self._waits:
            put(self._case, self._index, sorted(self._waits))

    def _settle(self, connection: sa.Connection, number: int) -> None:
        """The document's state once all its pages are read: what the reader said, and what OCR adds."""
        document = tables.document
        row = connection.execute(sa.select(document).where(document.c.number == number)).one()
        pages = connection.execute(
            sa.select(
                tables.page.c.number,
                tables.page.c.source,
                tables.page.c.text,
                tables.page.c.language,
            )
            .where(tables.page.c.document == number)
            .order_by(tables.page.c.number)
        ).all()
        reasons = self._doubts(number, row.read_reason, pages)
        languages = dict.fromkeys(code for page in pages for code in codes(page.language))
        state = "partly-extracted" if reasons else row.read_state
        connection.execute(
            sa.update(document)
            .where(document.c.number == number)
            .values(
                state=state,
                reason="; ".join(reasons),
                ocr="done",
                languages=" ".join(languages),
                indexed=0,
            )
        )
        ask_again(connection, [number])

    def _doubts(self, number: int, read_reason: str, pages: Sequence[Any]) -> list[str]:
        """Why a document is not wholly extracted: what its reader said, then what OCR could not do."""
        failed = [page.number for page in pages if page.source == "ocr failed"]
        wordless = [
            page.number
            for page in pages
            if page.source.startswith("ocr ")
            and page.source != "ocr failed"
            and not unpack_text(page.text).strip()
        ]
        reasons = [read_reason] if read_reason else []
        if failed:
            first = self._failures.get(number, "")
            why = f" ({first})" if first else ""
            reasons.append(f"OCR failed on page {_list(failed)}{why}")
        if wordless:
            reasons.append(f"no words were recognised on page {_list(wordless)}")
        return reasons


def _merged(before: sa.Row[tuple[object, ...]], page: Page) -> dict[str, object]:
    """What OCR read, followed by what the page had already (annotations, a broken text layer)."""
    earlier = _not_by_ocr(before)
    text, boxes, sure = page.text, page.boxes or b"", page.word_confidence or b""
    if earlier.strip():
        gap = "\n\n" if text else ""
        kept = b"" if before.boxes is None else unpack_boxes(before.boxes)[-16 * len(earlier) :]
        kept = kept if len(kept) == 16 * len(earlier) else bytes(16 * len(earlier))
        boxes += bytes(16 * len(gap)) + kept
        sure += b"\xff" * (len(gap) + len(earlier))
        text += gap + earlier
    return {
        "text": pack(text.encode("utf-8", "surrogatepass")),
        "boxes": pack_boxes(boxes),
        "source": page.source,
        "confidence": page.confidence,
        "word_confidence": pack(sure),
        "language": page.language,
        "needs_ocr": False,
    }


def _not_by_ocr(before: sa.Row[tuple[object, ...]]) -> str:
    """What a page says besides what an earlier OCR read on it: of that every letter has a confidence."""
    text = unpack_text(before.text)
    if not before.source.startswith(READ_BY_OCR) or before.word_confidence is None:
        return text
    read = unpack(before.word_confidence).rstrip(b"\xff")
    return text[len(read) :].removeprefix("\n\n")


def _list(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8])
    return shown + (f" and {len(numbers) - 8} more" if len(numbers) > 8 else "")
