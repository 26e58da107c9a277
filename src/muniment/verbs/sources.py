"""Walking what a person wants to add: every file there, and every thing that is not one.

Nothing is passed over in silence: links, devices, unreadable folders and files are yielded too, with the
reason why their content cannot be received.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from muniment.case.folder import printable
from muniment.errors import BadUse


@dataclass(frozen=True, slots=True)
class Source:
    """One thing found. `path` is where it was, relative to what was named, safe to show.

    `problem` is "" for a regular file, else a sentence; `state` is then the state to record.
    """

    location: bytes
    path: str
    size: int
    modified: int
    state: str = ""
    problem: str = ""


def check_paths(paths: Sequence[str | os.PathLike[str]]) -> list[bytes]:
    """Absolute forms of the paths named. Raises BadUse for one that is not there."""
    if not paths:
        raise BadUse("Nothing was named to add.", next="Name at least one file or folder.")
    found = []
    for path in paths:
        if not Path(path).exists():
            raise BadUse(
                f"{printable(path)} is not there.",
                next="Check the spelling; nothing was received.",
            )
        found.append(os.path.abspath(os.fsencode(path)))
    return found


def walk(roots: Sequence[bytes]) -> Iterator[Source]:
    """Everything under the roots, in a fixed order. A root that is itself a link is followed."""
    for root in roots:
        resolved = os.path.realpath(root)
        label = os.path.basename(root) or b"."
        yield from _visit(resolved, label)


def _visit(location: bytes, label: bytes) -> Iterator[Source]:
    pending = [(location, label)]
    while pending:
        place, name = pending.pop()
        try:
            status = os.lstat(place)
        except OSError as error:
            yield _problem(place, name, "failed", f"could not be looked at: {error.strerror}")
            continue
        if not stat.S_ISDIR(status.st_mode):
            yield _file(place, name, status)
            continue
        try:
            children = sorted(os.listdir(place), reverse=True)
        except OSError as error:
            yield _problem(place, name, "failed", f"the folder could not be read: {error.strerror}")
            continue
        pending.extend(
            (os.path.join(place, child), os.path.join(name, child)) for child in children
        )


def _file(place: bytes, name: bytes, status: os.stat_result) -> Source:
    if stat.S_ISREG(status.st_mode):
        return Source(place, printable(name), status.st_size, status.st_mtime_ns)
    if stat.S_ISLNK(status.st_mode):
        try:
            target = printable(os.readlink(place))
        except OSError:
            target = "an unknown place"
        return _problem(place, name, "unsupported", f"a link to {target}; links are not followed")
    return _problem(place, name, "unsupported", "neither a file nor a folder")


def _problem(place: bytes, name: bytes, state: str, problem: str) -> Source:
    return Source(place, printable(name), 0, 0, state, problem)
