"""A progress bar on standard error while work goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.verbs.progress import Pace

if TYPE_CHECKING:
    from muniment.verbs.case import Watch
    from muniment.verbs.progress import Progress


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Watch | None]:
    """A watcher that draws a bar for each stage, or None where nobody looks (no terminal, JSON)."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TaskID,
        TextColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}
        pace = Pace()

        def watch(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(progress.stage, total=None, pace="")
            pace.note(progress, time.monotonic())
            bars.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total,
                pace="" if progress.done == progress.total else pace.words(),
            )

        yield watch
