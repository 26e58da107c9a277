"""Where files dropped on the workbench wait, in clear, until they are received: inside working/ and nowhere else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.case.folder import random_name
from muniment.case.working import in_memory, memory_allowance, open_working
from muniment.errors import Refused

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_RESERVE = 64 << 20


def place_for_drop(case: Case, expected: int) -> Path:
    """A new empty folder for about `expected` bytes. Raises Refused where there is no room for them."""
    working = open_working(case.folder, expected=expected)
    room = shutil.disk_usage(working).free - _RESERVE
    if working == in_memory(case.folder):
        room = min(room, memory_allowance())
    if expected > room:
        raise Refused(
            f"There is room for {max(room, 0) >> 20} MB of dropped files, and these are more.",
            next="Choose their folder on this machine instead; then nothing has to be copied first.",
        )
    place = working / "dropped" / random_name(10)
    place.mkdir(mode=0o700, parents=True)
    return place


def clear_drop(place: Path) -> None:
    """Delete what was dropped, once it is received."""
    shutil.rmtree(place, ignore_errors=True)


def is_open(case: Case) -> bool:
    """Whether the case is still open: `lock`, from wherever, deletes working/."""
    return case.folder.working.is_dir() or in_memory(case.folder).is_dir()


def begin_work(case: Case) -> None:
    """Make working/, so that its absence means that somebody has locked the case."""
    open_working(case.folder)
