"""The process that keeps a case open after `unlock`.

It holds the keys in memory, listens on a socket that only this account may use, and runs each command that
comes in a forked child with everything already loaded. It never opens a document itself. When nobody has
used it for the set time, when the machine was suspended, or when `lock` says so, it forgets the keys,
deletes what is derived and ends.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

from muniment.case.folder import Folder
from muniment.case.keys import CaseKeys
from muniment.case.working import forget
from muniment.command.sockets import listen, receive, same_account, socket_path

_LOOK_EVERY = 5.0
_PATIENCE = 10.0


def keep(folder: Folder, keys: CaseKeys, seconds: float) -> None:
    """Begin to keep the case; returns at once in the caller, with the socket ready."""
    channel = listen(folder.identifier)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        channel.close()
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    Keeper(folder, keys, seconds, channel).serve()


class Keeper:
    """The keeping process itself."""

    def __init__(
        self, folder: Folder, keys: CaseKeys, seconds: float, channel: socket.socket
    ) -> None:
        self._folder = folder
        self._keys = keys
        self._seconds = seconds
        self._channel = channel
        self._children: set[int] = set()
        self._place = _identity(socket_path(folder.identifier))

    def serve(self) -> None:
        """Serve until idle, suspended or told to lock; then forget everything. Never returns."""
        _become_quiet()
        _load()
        os.chdir("/")
        deadline = time.monotonic() + self._seconds
        asleep = _time_asleep()
        while True:
            ready, _, _ = select.select([self._channel], [], [], _LOOK_EVERY)
            self._reap()
            if _time_asleep() - asleep > 1.0 or self._cut_off():
                break
            if self._children:
                deadline = time.monotonic() + self._seconds
            if not ready:
                if time.monotonic() >= deadline:
                    break
                continue
            if not self._take_one():
                break
            deadline = time.monotonic() + self._seconds
        self._end()

    def _take_one(self) -> bool:
        """One caller; False when told to lock."""
        caller, _ = self._channel.accept()
        with caller:
            if not same_account(caller):
                return True
            caller.settimeout(5)
            try:
                message, descriptors = receive(caller)
            except (ValueError, OSError):
                return True
            try:
                if "lock" in message:
                    self._end(caller)
                if "for" in message:
                    self._seconds = float(message["for"])
                    caller.sendall(b"\0")
                if "run" in message and len(descriptors) == 3:
                    self._run(caller, message, descriptors)
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
        return True

    def _run(self, caller: socket.socket, message: dict[str, Any], descriptors: list[int]) -> None:
        child = os.fork()
        if child:
            self._children.add(child)
            return
        self._channel.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = 1
        try:
            status = _serve_caller(self._folder, self._keys, caller, message, descriptors)
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            try:
                sys.stdout.flush()
                sys.stderr.flush()
                caller.sendall(bytes([status]))
            finally:
                os._exit(status)

    def _reap(self) -> None:
        for child in list(self._children):
            done, _ = os.waitpid(child, os.WNOHANG)
            if done:
                self._children.discard(child)

    def _cut_off(self) -> bool:
        """Whether nobody can reach this process any more: its socket is gone, or is another's."""
        return _identity(socket_path(self._folder.identifier)) != self._place

    def _end(self, caller: socket.socket | None = None) -> None:
        """Stop the children, forget the keys and what is derived, answer, end."""
        replaced = self._cut_off() and socket_path(self._folder.identifier).exists()
        if not replaced:
            socket_path(self._folder.identifier).unlink(missing_ok=True)
        for number, patience in ((signal.SIGINT, _PATIENCE), (signal.SIGKILL, None)):
            for child in self._children:
                os.kill(child, number)
            self._wait(patience)
        if not replaced:
            forget(self._folder)
        if caller is not None:
            caller.sendall(b"\0")
        os._exit(0)

    def _wait(self, patience: float | None) -> None:
        """Until all children have ended, for `patience` seconds at most."""
        end = None if patience is None else time.monotonic() + patience
        while self._children and (end is None or time.monotonic() < end):
            select.select([], [], [], 0.02)
            self._reap()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _serve_caller(
    folder: Folder,
    keys: CaseKeys,
    caller: socket.socket,
    message: dict[str, Any],
    descriptors: list[int],
) -> int:
    """In the child: take on the caller's folder, environment and streams, and run the command."""
    from muniment.command import opening
    from muniment.command.program import run

    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.environ.clear()
    os.environ.update({str(n): str(v) for n, v in dict(message["environment"]).items()})
    os.chdir(message["folder"])
    caller.settimeout(None)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - open for as long as the process
    sys.stdout = _stream(1)
    sys.stderr = _stream(2)
    opening.keep_for_this_process(folder.identifier, keys)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_watch, args=(caller,), daemon=True).start()
    return run([str(argument) for argument in message["run"]])


def _stream(descriptor: int) -> TextIO:
    return open(descriptor, "w", closefd=False, encoding="utf-8", errors="backslashreplace")


def _watch(caller: socket.socket) -> None:
    """Interrupt this process when the caller asks for it or is gone."""
    try:
        caller.recv(1)
    except OSError:
        return
    os.kill(os.getpid(), signal.SIGINT)


def _become_quiet() -> None:
    """No core dumps, no terminal, no place on the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.environ.pop("MUNIMENT_PASSPHRASE", None)


def _load() -> None:
    """Load what verbs need, so that a forked child has it at once."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import muniment.command.program
    from muniment.verbs import add, custody, documents, find, indexing, show, status

    del add, custody, documents, find, indexing, show, status
    import numpy
    import sqlcipher3
    import tantivy

    del numpy, sqlcipher3, tantivy
    muniment.command.program.load_all()


def _time_asleep() -> float:
    """Seconds this machine has been suspended since it started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
