"""Walking what a person wants to add: every file there, and every thing that is not one.

Nothing is passed over in silence: links, devices, unreadable folders and files are yielded too, with the
reason why their content cannot be received.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    roots = absolute(paths)
    for path in paths:
        if not os.path.exists(path):
            raise BadUse(
                f"{printable(path)} is not there.",
                next="Check the spelling; nothing was received.",
            )
    return roots


def absolute(paths: Sequence[str | os.PathLike[str]]) -> list[bytes]:
    """Absolute forms of the paths named, each once, there or not. Raises BadUse where none is named."""
    if not paths:
        raise BadUse("Nothing was named to add.", next="Name at least one file or folder.")
    return list(dict.fromkeys(os.path.abspath(os.fsencode(path)) for path in paths))


def walk(roots: Sequence[bytes], *, apart: bytes = b"") -> Iterator[Source]:
    """Everything under the roots, in a fixed order. A root that is itself a link is followed.

    `apart` is the real path of a folder that is named as one thing and not gone into, unless a root lies in it.
    """
    for root in roots:
        resolved = os.path.realpath(root)
        label = os.path.basename(root) or b"."
        yield from _visit(resolved, label, apart)


def _visit(location: bytes, label: bytes, apart: bytes) -> Iterator[Source]:
    """Names are joined as they are needed: a folder may hold a million."""
    open_folders: list[tuple[bytes, bytes, Iterator[bytes]]] = [(b"", b"", iter([b""]))]
    while open_folders:
        folder, shown, names = open_folders[-1]
        name = next(names, None)
        if name is None:
            open_folders.pop()
            continue
        place = os.path.join(folder, name) if folder else location
        path = os.path.join(shown, name) if folder else label
        try:
            status = os.lstat(place)
            if not stat.S_ISDIR(status.st_mode):
                yield _file(place, path, status)
                continue
        except OSError as error:
            yield _problem(place, path, "failed", f"could not be looked at: {error.strerror}")
            continue
        if place == apart:
            yield _problem(place, path, "unsupported", "the case itself; it is not put into itself")
            continue
        try:
            open_folders.append((place, path, iter(sorted(os.listdir(place)))))
        except OSError as error:
            yield _problem(place, path, "failed", f"the folder could not be read: {error.strerror}")


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
