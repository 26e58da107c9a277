"""Doing harm to one file of a case, and making it good again: for tests that an audit notices."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Harm = Callable[[Path, random.Random], None]


def flip(path: Path, chance: random.Random) -> None:
    """One bit."""
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(path: Path, chance: random.Random) -> None:
    """Shorter by some bytes, or empty."""
    content = path.read_bytes()
    path.write_bytes(
        content[: chance.choice([0, len(content) - 1, chance.randrange(len(content))])]
    )


def lengthen(path: Path, chance: random.Random) -> None:
    """Some bytes more at the end."""
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.choice([1, 5, 4096])))


def remove(path: Path, chance: random.Random) -> None:
    """Gone."""
    path.unlink()


def zero(path: Path, chance: random.Random) -> None:
    """A sector of noughts, as a failing disk gives it back."""
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content)) // 512 * 512
    end = min(len(content), at + 512)
    content[at:end] = bytes(end - at)
    if bytes(content) == path.read_bytes():
        content[at] ^= 1
    path.write_bytes(content)


def files_of(root: Path) -> dict[str, list[Path]]:
    """Every file of a case by the part of it in which it lies: `vault`, `log`, `catalogue.db`, …"""
    found: dict[str, list[Path]] = {}
    for path in sorted(filter(Path.is_file, root.rglob("*"))):
        if path.stat().st_size:
            found.setdefault(path.relative_to(root).parts[0], []).append(path)
    return found


@contextmanager
def harmed(path: Path, how: Harm, chance: random.Random) -> Iterator[None]:
    """The file with harm done to it, and afterwards as it was."""
    content = path.read_bytes()
    how(path, chance)
    try:
        yield
    finally:
        path.write_bytes(content)


@contextmanager
def added(path: Path, content: bytes) -> Iterator[None]:
    """A file that was not there."""
    path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink()


def copied(root: Path, target: Path) -> Path:
    """A copy of a case, as it lies there just now."""
    shutil.copytree(root, target)
    return target
