"""Bringing single files: written aside, put on the disk together, read back against their digests, then renamed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from muniment.case.writing import sync_folder
from muniment.errors import Damaged
from muniment.evidence.vault.staging import sync

BLOCK = 1 << 20
INCOMING = "incoming"  # what is on its way, beside where it goes
_TOGETHER = 256

_WORKERS = 2  # digests are computed outside Python's lock

Tell = Callable[[int], None]  # bytes that have come
Item = TypeVar("Item")
Result = TypeVar("Result")


def no_one(_: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to bring: `path` below the target's root, where its bytes are, and their SHA-512."""

    path: str
    source: Path
    sha512: str


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """The results in the order of the items, worked on by two at a time. What is left is dropped at an error."""
    if len(items) < 2:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(cancel_futures=True)


def digest_of(path: Path, *, from_disk: bool = False) -> str:
    """SHA-512 of a regular file; "" where it cannot be read or is none.

    `from_disk`: what lies in memory is let go first, so that the disk itself answers.
    """
    try:
        return _digest(path, from_disk=from_disk)
    except OSError:
        return ""


def _digest(path: Path, *, from_disk: bool) -> str:
    """The same; raises OSError where it cannot be read."""
    digest = hashlib.sha512()
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        if from_disk:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def write_copy(source: Path, target: Path, tell: Tell = no_one) -> str:
    """Copy a file's bytes to a new file, not durable yet; the SHA-512 of what was read, "" where it cannot be."""
    digest = hashlib.sha512()
    try:
        file = open(source, "rb", buffering=0)  # noqa: SIM115 - closed below
    except OSError:
        return ""
    with file, new_file(target) as out:
        while True:
            try:
                block = file.read(BLOCK)
            except OSError:
                return ""
            if not block:
                return digest.hexdigest()
            digest.update(block)
            out(block)
            tell(len(block))


class new_file:  # noqa: N801 - used as a function, like contextlib's own
    """A file written anew, whatever an earlier attempt left there; gives the function that writes to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Callable[[bytes], None]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        self._handle = os.open(self._path, flags, 0o600)
        return self._write

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view) :]

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def make_folders(root: Path, path: str) -> Path:
    """The folder `path` below root, made for this account alone and durable."""
    place = root
    for name in filter(None, path.split("/")):
        if not (place / name).is_dir():
            (place / name).mkdir(mode=0o700, exist_ok=True)
            sync_folder(place)
        place = place / name
    return place


def bring_files(root: Path, wanted: Sequence[Wanted], tell: Tell = no_one) -> list[Wanted]:
    """Put files in their places below root, each by one rename, after it was read back from the disk.

    Returns those whose source has not the bytes that are wanted: nothing was changed for them. Raises OSError,
    and Damaged where the disk gives back something else than was written.
    """
    refused: list[Wanted] = []
    incoming = make_folders(root, INCOMING)
    for start in range(0, len(wanted), _TOGETHER):
        ready: list[tuple[Wanted, Path]] = []
        for number, one in enumerate(wanted[start : start + _TOGETHER]):
            temporary = incoming / f"file-{number:03d}"
            if write_copy(one.source, temporary, tell) == one.sha512:
                ready.append((one, temporary))
            else:
                refused.append(one)
                temporary.unlink(missing_ok=True)
        settle(incoming, [(temporary, one.sha512) for one, temporary in ready])
        _into_place(root, ready)
    return refused


def _into_place(root: Path, ready: Sequence[tuple[Wanted, Path]]) -> None:
    touched = set()
    for one, temporary in ready:
        folder, _, name = one.path.rpartition("/")
        place = make_folders(root, folder)
        temporary.replace(place / name)
        touched.add(place)
    for place in touched:
        sync_folder(place)


def settle(folder: Path, files: Iterable[tuple[Path, str]]) -> None:
    """Put everything in a folder on the disk and read the files back. Raises Damaged, OSError."""
    sync(folder)
    listed = list(files)

    def good(one: tuple[Path, str]) -> bool:
        return _digest(one[0], from_disk=True) == one[1]

    for (path, _), whole in zip(listed, side_by_side(good, listed), strict=True):
        if not whole:
            raise Damaged(
                f"{path.name} reads back differently from what was written.",
                next="The disk or its cable is failing: take another one for this copy.",
            )
