"""lock: nobody at this machine can read the case now."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


def lock_unless_at_work(folder: Folder) -> bool:
    """Delete everything derived and in clear, unless somebody adds to the case; False where somebody does."""
    with (folder.root / "case.toml").open("rb") as handle:
        alone = _take(handle)
        if alone:
            forget(folder)
    return alone


@contextmanager
def _nobody_at_work(folder: Folder) -> Iterator[bool]:
    """Hold the right to add to the case; others who have it are interrupted. False where one does not stop."""
    with (folder.root / "case.toml").open("rb") as handle:
        end = time.monotonic() + _PATIENCE
        told: set[int] = set()
        stopped = _take(handle)
        while not stopped and time.monotonic() < end:
            for process in _holders(handle) - told:
                told.add(process)
                with suppress(ProcessLookupError, PermissionError):
                    # SIGINT is ignored by what a script runs in the background.
                    os.kill(process, signal.SIGTERM)
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


def _holders(handle: IO[bytes]) -> set[int]:
    """Other processes that hold the file by `flock`, as the kernel lists them.

    Their descriptors cannot be looked at: a process that holds keys lets nobody, not even its own account.
    """
    inode = os.fstat(handle.fileno()).st_ino
    devices = _devices(handle)
    found = set()
    for line in Path("/proc/locks").read_text("ascii").splitlines():
        fields = line.replace("->", " ").split()
        if len(fields) < 6 or fields[1] != "FLOCK":
            continue
        major, minor, number = fields[5].split(":")
        if int(number) == inode and (int(major, 16), int(minor, 16)) in devices:
            found.add(int(fields[4]))
    return {process for process in found if process > 0} - {os.getpid()}


def _devices(handle: IO[bytes]) -> set[tuple[int, int]]:
    """The numbers of the device a file lies on: its own and, where a volume has another (btrfs), the mount's."""
    device = os.fstat(handle.fileno()).st_dev
    found = {(os.major(device), os.minor(device))}
    described = Path(f"/proc/self/fdinfo/{handle.fileno()}").read_text("ascii")
    mount = re.search(r"^mnt_id:\s*(\d+)$", described, re.M)
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
        fields = line.split()
        if mount is not None and fields[0] == mount[1]:
            major, minor = fields[2].split(":")
            found.add((int(major), int(minor)))
    return found
