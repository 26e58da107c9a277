"""lock: nobody at this machine can read the case now."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from muniment.case.folder import Folder
from muniment.case.working import forget
from muniment.errors import Refused

if TYPE_CHECKING:
    from muniment.verbs.case import Report

_PATIENCE = 20.0


def lock(folder: Folder) -> Report:
    """Interrupt whoever adds to the case, then delete everything derived and in clear. Needs no keys.

    Raises Refused where a process does not stop: then it may write in clear again.
    """
    with _nobody_at_work(folder) as stopped:
        forget(folder)
    if not stopped:
        raise Refused(
            "What was in clear is deleted, but a muniment that adds to this case does not stop.",
            next="End that process, then run `muniment lock` again.",
        )
    return {"case": folder.root.name, "until": None}


@contextmanager
def _nobody_at_work(folder: Folder) -> Iterator[bool]:
    """Hold the right to add to the case; others who have it are interrupted. False where one does not stop."""
    with (folder.root / "case.toml").open("rb") as handle:
        end = time.monotonic() + _PATIENCE
        told: set[int] = set()
        stopped = _take(handle)
        while not stopped and time.monotonic() < end:
            for process in _holders(folder.root / "case.toml") - told:
                told.add(process)
                os.kill(process, signal.SIGINT)
            if not told:
                break  # this very process, which stops its own work before it locks
            threading.Event().wait(0.05)
            stopped = _take(handle)
        yield stopped or not told


def _take(handle: IO[bytes]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holders(path: Path) -> set[int]:
    """Other processes of this account that have the file open."""
    real = os.path.realpath(path)
    found = set()
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            descriptors = os.listdir(f"/proc/{process}/fd")
            if any(_leads_to(f"/proc/{process}/fd/{name}", real) for name in descriptors):
                found.add(int(process))
        except OSError:
            continue  # another account's, or ended meanwhile
    return found - {os.getpid()}


def _leads_to(link: str, real: str) -> bool:
    try:
        return os.readlink(link) == real  # noqa: PTH115 - thousands of these
    except OSError:
        return False
