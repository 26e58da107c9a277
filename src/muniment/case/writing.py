"""Writing a file whole: temporary file, fsync, rename, fsync of the folder, read back."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from muniment.errors import Damaged

_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{12}")


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put `content` at `path` so that after any crash there is the old file or the new one.

    Raises OSError (disk full, permission) with nothing at `path` changed, and Damaged where the bytes read
    back differ from those written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    if path.read_bytes() != content:
        raise Damaged(
            f"{path.name} reads back differently from what was written.",
            next="The disk or its cable is failing: copy the case elsewhere before going on.",
        )


def is_leftover(name: str) -> bool:
    """Whether a name is that of a temporary file of `write_whole`."""
    return _LEFTOVER.fullmatch(name) is not None


def sweep_leftovers(directory: Path) -> None:
    """Remove temporary files of `write_whole` that a kill left behind. Call with nobody writing there."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if is_leftover(entry.name) and entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
