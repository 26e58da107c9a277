"""A name list as the workbench keeps it: in memory only, asked in a thread of its own that can be left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from muniment.errors import Interrupted, MunimentError

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report
    from muniment.verbs.progress import Progress


class Listed:
    """The bytes of a list, how it is to be read, and the grid once it was asked."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.column = ""
        self.phrases = False
        self.report: Report | None = None
        self.error: MunimentError | None = None
        self.done = self.total = 0
        self._thread: threading.Thread | None = None
        self._round = 0
        self._previewed: tuple[tuple[str, bool], Report] | None = None

    @property
    def running(self) -> bool:
        """Whether its lines are being asked."""
        return self._thread is not None and self._thread.is_alive()

    def preview(self, case: Case) -> Report:
        """The first lines as they were read."""
        return case.find_list(self.content, column=self.column, phrases=self.phrases, preview=True)

    def ask(self, case: Case) -> None:
        """Ask every line, from the beginning; what ran before stops."""
        self._round += 1
        self.report = self.error = None
        self.done = self.total = 0
        self._thread = threading.Thread(
            target=self._ask, args=(case, self._round), name="muniment-list", daemon=True
        )
        self._thread.start()

    def row(self, line: int) -> dict[str, Any] | None:
        """The row of a line of the grid."""
        rows: list[dict[str, Any]] = self.report["rows"] if self.report else []
        return next((row for row in rows if row["line"] == line), None)

    def _ask(self, case: Case, mine: int) -> None:
        def watch(progress: Progress) -> None:
            if mine != self._round:
                raise Interrupted("Another list is asked.", next="Look at the newer one.")
            self.done, self.total = progress.done, progress.total or 0

        try:
            report = case.find_list(
                self.content, column=self.column, phrases=self.phrases, watch=watch
            )
        except MunimentError as error:
            if mine == self._round:
                self.error = error
            return
        if mine == self._round:
            self.report = report
