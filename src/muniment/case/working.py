"""`working/`: what is derived and in clear, in memory while it fits.

By default it is a 0700 folder in /dev/shm, so that text never touches the disk. Where that would take more
than a quarter of the machine's memory it lies in the case's own `working/` and the person is warned.
`lock` deletes it; it can always be built again from vault and catalogue.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from muniment.case.folder import Folder
from muniment.errors import Refused

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the one place in memory the design allows


def in_memory(folder: Folder) -> Path:
    """Where `working/` lies in memory."""
    return SHARED_MEMORY / f"muniment-{folder.identifier}"


def memory_allowance() -> int:
    """A quarter of physical memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4


def open_working(folder: Folder, *, expected: int = 0) -> Path:
    """The folder to work in, made if need be. `expected`: bytes it will hold, as far as known."""
    if folder.working.is_dir():
        return folder.working
    if not SHARED_MEMORY.is_dir() or expected > memory_allowance():
        folder.working.mkdir(mode=0o700, exist_ok=True)
        return folder.working
    place = in_memory(folder)
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        status = place.lstat()
        ours = status.st_uid == os.geteuid() and stat.S_ISDIR(status.st_mode)
        if not ours or stat.S_IMODE(status.st_mode) != 0o700:
            raise Refused(
                f"{place} exists and is not a private folder of this account.",
                next="Find out who made it, remove it, and try again.",
            ) from None
    return place


def on_disk(folder: Folder) -> bool:
    """Whether derived text lies on the disk (worth a warning where the disk is not encrypted)."""
    return folder.working.is_dir()


def outgrown(place: Path) -> bool:
    """Whether what is in memory takes more than its allowance."""
    total = 0
    for directory, _, names in os.walk(place):
        for name in names:
            try:
                total += (Path(directory) / name).lstat().st_size
            except FileNotFoundError:
                continue
    return total > memory_allowance()


def move_to_disk(folder: Folder) -> Path:
    """Move what is in memory to the disk. Call with nobody else at work in it."""
    place = in_memory(folder)
    if place.is_dir():
        temporary = folder.root / ".working-moving"
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.copytree(place, temporary)
        temporary.chmod(0o700)
        temporary.rename(folder.working)
        shutil.rmtree(place)
    else:
        folder.working.mkdir(mode=0o700, exist_ok=True)
    return folder.working


def forget(folder: Folder) -> None:
    """Delete everything derived, in memory and on disk. Deleting is not erasing: see the threat model."""
    for place in (in_memory(folder), folder.working, folder.root / ".working-moving"):
        if place.is_symlink():
            place.unlink()
        elif place.is_dir():
            shutil.rmtree(place)
