"""Receives and seals in a process whose n-th call that changes the disk fails, or is its last.

    python failing_disk.py RECIPIENT

reads lines of `N HOW FOLDER`, and does each in a forked process of its own. FOLDER holds `sources/` with files to
receive and an empty `staging/`. HOW is `kill` (SIGKILL instead of the call), `short` (from there on every write takes
a part of what it is given) or the name of an error, such as ENOSPC. N counts os.open for writing, os.write, os.fsync,
os.syncfs, os.rename, os.replace, os.mkdir, os.unlink, os.rmdir and os.utime; 0 lets all of them through. What is
acknowledged is appended to FOLDER/acknowledged as JSON lines, through calls that are not counted, so that whoever
reads it later knows what may not be lost. For each line one line of JSON is printed: the status of the process (minus
the signal that ended it), and either the number of calls or the error it ended with.
"""

from __future__ import annotations

import ctypes
import dataclasses
import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from muniment.errors import MunimentError
from muniment.evidence.vault import Stored, Vault, stage, sweep, sync

OBJECT = "theonlyobject"
MANIFEST = b'{"version":1}'
HUNDRED = 3  # files per sync: small, so that every kind of call comes early
COUNTED = ("write", "fsync", "syncfs", "rename", "replace", "mkdir", "unlink", "rmdir", "utime")
real_open, real_write, real_fsync = os.open, os.write, os.fsync


class Disk:
    """Counts the calls and lets the n-th one go wrong."""

    def __init__(self, which: int, how: str) -> None:
        self.which, self.how, self.calls = which, how, 0

    def watch(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.how == "short" and self.calls >= self.which and name == "write":
                data = bytes(arguments[1])
                return real(arguments[0], data[: 1 + len(data) // 2])
            if self.how == "short" or self.calls != self.which:
                return real(*arguments, **named)
            if self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            number = getattr(errno, self.how)
            raise OSError(number, os.strerror(number))

        return call

    def install(self) -> None:
        """Put the counting functions in the place of the system's."""
        libc = ctypes.CDLL(None, use_errno=True)

        def syncfs(handle: int) -> None:
            if libc.syncfs(handle) != 0:
                raise OSError(ctypes.get_errno(), "syncfs")

        os.syncfs = syncfs  # type: ignore[attr-defined]
        for name in COUNTED:
            setattr(os, name, self.watch(name, getattr(os, name)))
        writing = self.watch("open", real_open)

        def counted_open(path: Any, flags: int, *rest: Any, **named: Any) -> int:
            chosen = writing if flags & (os.O_WRONLY | os.O_RDWR) else real_open
            handle: int = chosen(path, flags, *rest, **named)
            return handle

        os.open = counted_open  # type: ignore[assignment]


def acknowledge(folder: Path, what: dict[str, Any]) -> None:
    """What the journal does: durable before anybody is told."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    handle = real_open(folder / "acknowledged", flags, 0o600)
    real_write(handle, json.dumps(what).encode() + b"\n")
    real_fsync(handle)
    os.close(handle)


def acknowledged(folder: Path) -> list[dict[str, Any]]:
    """All that was acknowledged by this and earlier processes."""
    path = folder / "acknowledged"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def stored_of(line: dict[str, Any]) -> Stored:
    """A Stored as it was noted."""
    digests = {name: bytes.fromhex(line[name]) for name in ("sha256", "sha512")}
    fields = {field.name: line[field.name] for field in dataclasses.fields(Stored)}
    return Stored(**(fields | digests))


def receive(folder: Path, recipient: str) -> None:
    """Receive what is not received yet, three by three, and seal it: what `add` does, at its smallest."""
    staging = folder / "staging"
    vault = Vault.create(folder / "vault")
    noted = acknowledged(folder)
    known = {line["source"]: stored_of(line) for line in noted if "source" in line}
    sweep(staging, {stored.name for stored in known.values()})
    waiting: list[tuple[str, Stored]] = []

    def note() -> None:
        sync(staging)
        for name, stored in waiting:
            digests = {"sha256": stored.sha256.hex(), "sha512": stored.sha512.hex()}
            acknowledge(folder, {"source": name} | dataclasses.asdict(stored) | digests)
            known[name] = stored
        waiting.clear()

    for source in sorted((folder / "sources").iterdir()):
        if source.name not in known:
            with open(source, "rb") as file:
                waiting.append((source.name, stage(file, staging, recipient)))
        if len(waiting) == HUNDRED:
            note()
    note()
    vault.seal(OBJECT, staging, list(known.values()), MANIFEST, recipient)
    acknowledge(folder, {"sealed": OBJECT})


def once(folder: Path, recipient: str, which: int, how: str) -> tuple[int, str]:
    """Status 3 is an error that says what to do next; another error is a traceback and status 1."""
    disk = Disk(which, how)
    disk.install()
    try:
        receive(folder, recipient)
    except MunimentError as error:
        return (3 if error.next else 1), error.code
    return 0, str(disk.calls)


def forked(folder: Path, recipient: str, which: int, how: str) -> tuple[int, str]:
    """`once` in a process of its own, which may not survive it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status, said = once(folder, recipient, which, how)
            real_write(writer, said.encode())
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def main() -> None:
    """Do what each line of the standard input asks for."""
    for line in sys.stdin:
        which, how, folder = line.rstrip("\n").split(" ", 2)
        print(json.dumps(forked(Path(folder), sys.argv[1], int(which), how)), flush=True)


if __name__ == "__main__":
    main()
