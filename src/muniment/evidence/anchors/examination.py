"""Examining anchors/ without keys: every changed, missing or added byte, and what does not fit the log beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from muniment.errors import MunimentError
from muniment.evidence.anchors.index import INDEX, Index
from muniment.evidence.log.checkpoint import open_checkpoint
from muniment.evidence.log.store import Log

CHECKPOINTS = "checkpoints/"
DAMAGED, MISSING, UNEXPECTED = "damaged", "missing", "unexpected"


def examine(directory: Path, log_directory: Path) -> list[tuple[str, str]]:
    """All problems as (path in the folder, what)."""
    there = dict(_walk(directory, ""))
    try:
        index = Index.from_json(_content(directory, INDEX, there))
    except (MunimentError, OSError):
        return [(INDEX, DAMAGED if INDEX in there else MISSING)]
    problems = dict(_compare(directory, index, there))
    stamped = [p for p in index.files if p.startswith(CHECKPOINTS) and p not in problems]
    for path in stamped:
        if not _is_of_the_log((directory / path).read_bytes(), log_directory):
            problems[path] = DAMAGED
    return sorted(problems.items())


def _compare(
    directory: Path, index: Index, there: dict[str, bool | None]
) -> Iterator[tuple[str, str]]:
    for path, digest in index.files.items():
        if path not in there:
            yield path, MISSING
        elif sha256(_content(directory, path, there)).hexdigest() != digest:
            yield path, DAMAGED
    for path, digest in index.adding.items():
        if path in there and sha256(_content(directory, path, there)).hexdigest() != digest:
            yield path, DAMAGED
    known = {INDEX, *index.files, *index.adding}
    folders = {path.rpartition("/")[0] for path in known}
    folders |= {folder.rpartition("/")[0] for folder in folders}
    for path, kind in there.items():
        if path in known or (kind is False and path in folders):
            continue
        yield path, UNEXPECTED


def _is_of_the_log(note: bytes, log_directory: Path) -> bool:
    """Whether a checkpoint is one of the log beside the folder, and the log still continues it."""
    try:
        log = Log(log_directory)
        checkpoint = open_checkpoint(note, [log.key])
        return log.root(checkpoint.size) == checkpoint.root
    except MunimentError:
        return False


def _content(directory: Path, path: str, there: dict[str, bool | None]) -> bytes:
    return (directory / path).read_bytes() if there.get(path) else b""


def _walk(directory: Path, within: str) -> Iterator[tuple[str, bool | None]]:
    """Every path below: True for a regular file, False for a folder, None for anything else."""
    with os.scandir(directory / within) as entries:
        for entry in entries:
            path = f"{within}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield path, False
                yield from _walk(directory, f"{path}/")
            else:
                yield path, True if entry.is_file(follow_symlinks=False) else None
