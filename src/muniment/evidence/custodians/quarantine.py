"""Putting aside what does not belong where it lies: never deleted, with a note that says where it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from muniment.case.folder import printable, random_name
from muniment.case.writing import sync_folder, write_whole
from muniment.evidence.custodians.files import make_folders

QUARANTINE = "quarantine"


class Quarantine:
    """One folder below `quarantine/` for all that one run puts aside; made with the first thing."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: Path | None = None
        self._notes: list[str] = []

    def put(self, path: str, why: str) -> str:
        """Move root/path aside; returns where it is now, below root. The note is on the disk before it moves."""
        if self._folder is None:
            self._folder = make_folders(self._root, f"{QUARANTINE}/{random_name(8)}")
        folder = self._folder
        number = len(self._notes) + 1
        self._notes.append(f"{number:04d}  {printable(path)}: {why}\n")
        write_whole(folder / "note.txt", "".join(self._notes).encode())
        os.rename(self._root / path, folder / f"{number:04d}")  # noqa: PTH104 - links too, as they are
        sync_folder(folder)
        parent = (self._root / path).parent
        if parent.is_dir():
            sync_folder(parent)
        return f"{QUARANTINE}/{folder.name}/{number:04d}"


def forget_aside(root: Path, holds: Callable[[str], bool]) -> None:
    """Delete what was put aside below root and, by where it lay, may hold what was withdrawn."""
    for note in (root / QUARANTINE).glob("*/note.txt"):
        for line in note.read_text("utf-8", "replace").splitlines():
            number, _, where = line.partition("  ")
            place = note.parent / number
            if not number.isdigit() or not holds(where):
                continue
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
