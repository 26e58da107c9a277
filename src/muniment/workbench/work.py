"""Long work in one background thread: it can be left, watched from any screen, and goes on after an interruption."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from muniment.errors import Interrupted, MunimentError
from muniment.verbs.progress import Pace

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch
    from muniment.verbs.progress import Progress

    Task = Callable[[Case, Watch], Report | None]

_WORDS = {
    "listing": "Listing what is there",
    "receiving": "Receiving and encrypting",
    "sealing": "Sealing",
    "sealing pages": "Sealing pages",
    "reading": "Reading",
    "indexing": "Indexing",
    "names": "Looking for names",
    "ocr": "Reading pictures of text (OCR)",
}


@dataclass(slots=True)
class Job:
    """One piece of work: what it is for, what to do, and what to do after it, if it came to its end."""

    title: str
    task: Task
    after: Callable[[], None] | None = None
    report: Report | None = None
    error: MunimentError | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def result(self) -> Report:
        """Wait for the end; returns the report, or raises what went wrong."""
        self.ended.wait()
        if self.error is not None:
            raise self.error
        return self.report or {}


class Work:
    """The work of one sitting: one job at a time, the others wait their turn."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._waiting: deque[Job] = deque()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopping = False
        self._progress: Progress | None = None
        self._pace = Pace()
        self.version = 0
        self.error: dict[str, str] | None = None
        self.report: Report | None = None

    @property
    def running(self) -> bool:
        """Whether anything is being done now."""
        return self._job is not None

    def begin(self, title: str, task: Task, *, after: Callable[[], None] | None = None) -> Job:
        """Do `task(case, watch)` as soon as what was begun before is done; `after` is called if it succeeds."""
        job = Job(title, task, after)
        with self._lock:
            self._waiting.append(job)
            self.error = None
            if self._job is None:
                self._job = self._waiting.popleft()
                self._thread = threading.Thread(target=self._run, name="muniment-work", daemon=True)
                self._thread.start()
        return job

    def stop(self, patience: float = 15.0) -> None:
        """Ask the work to stop at its next sign of life and wait for it. It goes on when it is run again."""
        self._stopping = True
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(patience)

    def as_json(self) -> dict[str, Any]:
        """How far the work is: for the Desk, and for a program."""
        job, progress = self._job, self._progress
        return {
            "running": job is not None,
            "version": self.version,
            "title": job.title if job else "",
            "stage": progress.stage if job and progress else "",
            "sentence": self._sentence(),
            "pace": self._pace.words() if job and progress else "",
            "rate": self._pace.rate if job and progress else None,
            "left": self._pace.left if job and progress else None,
            "done": progress.done if job and progress else 0,
            "total": progress.total if job and progress else None,
            "waiting": len(self._waiting),
            "error": self.error,
            "report": self.report,
        }

    def _sentence(self) -> str:
        job, progress = self._job, self._progress
        if job is None:
            return ""
        if progress is None:
            return f"{job.title}: looking at what there is"
        stage = _WORDS.get(progress.stage, progress.stage)
        of = f" of {progress.total:,}" if progress.total else ""
        return f"{stage}: {progress.done:,}{of}"

    def _watch(self, progress: Progress) -> None:
        if self._stopping:
            raise Interrupted(
                "The work was stopped part of the way.", next="Open the case and add again."
            )
        self._pace.note(progress, time.monotonic())
        self._progress = progress
        self.version += 1

    def _run(self) -> None:
        while (job := self._job) is not None:
            self._do(job)
            with self._lock:
                self._progress = None
                self._pace = Pace()
                self._job = self._waiting.popleft() if self._waiting else None
                self.version += 1

    def _do(self, job: Job) -> None:
        """One job. A fault of ours becomes an error on the Desk, told by where it is and never by its text."""
        try:
            job.report = self.report = job.task(self._case, self._watch)
        except MunimentError as error:
            job.error = error
        finally:
            if job.report is None and job.error is None and sys.exc_info()[0] is not None:
                job.error = MunimentError(
                    f"muniment made a mistake{_place()}.",
                    next="What is sealed is safe. Add again; report the place if it happens again.",
                )
                self._job = None
            if job.error is not None:
                self.error = job.error.as_json()["error"]
            if job.after is not None and job.error is None:
                job.after()
            self.version += 1
            job.ended.set()


def _place() -> str:
    """Where the exception being handled was raised: file and line, nothing that was in memory."""
    kind, _, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    if not frames or kind is None:
        return ""
    return f" ({kind.__name__} in {PurePath(frames[-1].filename).name}:{frames[-1].lineno})"
