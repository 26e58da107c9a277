"""A progress bar on standard error while work goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

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
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(progress.stage, total=None, rate="")
            task = tasks[progress.stage]
            speed = bars.tasks[task].speed
            bars.update(
                task,
                completed=progress.done,
                total=progress.total,
                rate=f"{speed:.0f}/s" if speed else "",
            )

        yield watch
