"""The process that keeps a case open after `unlock`.

It holds the keys in memory, listens on a socket that only this account may use, and runs each command that
comes in a forked child with everything already loaded. It never opens a document itself. When nobody has
used it for the set time, when the machine was suspended, when the login session ends, when it is told to end
(SIGTERM, SIGHUP), when who can open the case was changed, or when `lock` says so, it forgets the keys, deletes
what is derived and ends.
"""

from __future__ import annotations

import hashlib
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

from muniment.case.attendance import Attendance, login_session
from muniment.case.folder import Folder
from muniment.case.keys import CaseKeys
from muniment.case.listing import small_file
from muniment.case.secrecy import keep_to_oneself
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
        self._attendance = Attendance(seconds, session=login_session())
        self._channel = channel
        self._children: set[int] = set()
        self._place = _identity(socket_path(folder.identifier))
        self._door = _door(folder)
        self._told_to_end = False

    def serve(self) -> None:
        """Serve until it is time to lock, or told to; then forget everything. Never returns."""
        _become_quiet()
        wake = self._heed_the_end()
        _load()
        os.chdir("/")
        watched: list[socket.socket | int] = [self._channel, wake]
        while not self._told_to_end:
            ready, _, _ = select.select(watched, [], [], _LOOK_EVERY)
            self._reap()
            if self._children:
                self._attendance.used()
            if self._attendance.over() or self._cut_off() or self._told_to_end:
                break
            if self._channel in ready:
                if not self._take_one():
                    break
                self._attendance.used()
        self._end()

    def _heed_the_end(self) -> int:
        """Make SIGTERM and SIGHUP end the serving; returns a descriptor that wakes it, however it waits."""
        reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._be_told)
        return reader

    def _be_told(self, *_: object) -> None:
        self._told_to_end = True

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
                    self._attendance.seconds = float(message["for"])
                    caller.sendall(b"\0")
                if self._door != _door(self._folder):
                    return False
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
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
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
        """Whether nobody can reach this process any more, or its keys are no longer those of the case."""
        changed = not self._children and _door(self._folder) != self._door
        return changed or self._replaced()

    def _replaced(self) -> bool:
        """Whether its socket is gone, or is another's."""
        return _identity(socket_path(self._folder.identifier)) != self._place

    def _end(self, caller: socket.socket | None = None) -> None:
        """Stop the children, forget the keys and what is derived, answer, end."""
        replaced = self._replaced() and socket_path(self._folder.identifier).exists()
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


def _door(folder: Folder) -> bytes:
    """What tells one passphrase and set of keys from the next."""
    return hashlib.sha256(small_file(folder.keys / "daily.json") or b"").digest()


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
    """No core dumps, no debugger, no terminal, no place on the disk."""
    keep_to_oneself()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("MUNIMENT_PASSPHRASE", "MUNIMENT_NEW_PASSPHRASE"):
        os.environ.pop(name, None)


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
