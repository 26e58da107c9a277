"""One sandboxed process as the host sees it: frames in, replies out, watched by clock and memory."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from muniment.reading import protocol, sandbox, seccomp
from muniment.reading.pages import FAILED, OVER_LIMIT, Budget

_READ_BYTES = 1 << 20
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_LOOK_SECONDS = 0.02
_START_SECONDS = 30.0
_RECYCLE_BYTES = 300 << 20
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


class Stopped(Exception):
    """The process is of no more use; state and reason for the document it had."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


class Process:
    """One sandboxed process from its start to its end.

    `module` is the file of reading/ whose `main` runs inside, with `arguments`; `read_only` are files it may see
    beside the interpreter and the libraries; without `fonts` it sees none of this machine's.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str] = (),
        read_only: Sequence[Path] = (),
        *,
        forks: bool = False,
        fonts: bool = True,
    ) -> None:
        code = (
            f"import sys; sys.path += {sandbox.python_path()!r}; "
            f"from muniment.reading.{module} import main; main({list(arguments)!r})"
        )
        self.documents = 0
        self.holds: bytes | None = None
        """The document it was given last to be drawn, which need not be sent again."""
        self._confined = sandbox.launch(
            [*sandbox.interpreter(), "-c", code],
            read_only=read_only,
            forks=forks,
            fonts=fonts,
        )
        popen = self._confined.popen
        assert popen.stdin is not None and popen.stdout is not None
        self._in, self._out = popen.stdin.fileno(), popen.stdout.fileno()
        for descriptor in (self._in, self._out):
            _widen(descriptor)
            os.set_blocking(descriptor, False)
        self._statm = f"/proc/{self._confined.pid}/statm"
        self._greeted = False
        self._looked = 0.0
        self._unsent = [memoryview(protocol.frame(protocol.FILTER, {}, _second_filter()))]

    def fit(self, most_documents: int, most_bytes: int = _RECYCLE_BYTES) -> bool:
        """Whether it may take one more document: it has had no more than so many, and holds no more of its own."""
        return (
            self.documents < most_documents
            and self._confined.popen.poll() is None
            and self._resident() < most_bytes
        )

    def kill(self) -> None:
        """End it at once."""
        self._confined.kill()

    def ask(
        self, head: bytes, body: bytes, budget: Budget, take: Callable[[protocol.Reply], None]
    ) -> None:
        """Send one request and pass on each reply until the last. Raises Stopped, and is of no use after."""
        if not self._greeted:
            self._greet()
        self.documents += 1
        self._unsent += [memoryview(head), memoryview(body)]
        frames = protocol.Frames(budget)
        deadline = time.monotonic() + budget.seconds
        done = False
        while not done:
            data = self._exchange(deadline, budget)
            try:
                for reply in frames.feed(data):
                    take(reply)
                    done = isinstance(reply, protocol.Outcome)
            except protocol.Garbled as garbled:
                raise Stopped(FAILED, f"its reader answered with {garbled}") from None
        if not frames.empty or self._unsent:
            # What was promised has come; what is left over must not be taken for the next document's answer.
            self.documents = 1 << 30

    def _greet(self) -> None:
        """Wait until the second filter is in force. Refused where the process never gets that far."""
        said = b""
        wanted = protocol.frame(protocol.READY, {})
        deadline = time.monotonic() + _START_SECONDS
        try:
            while len(said) < len(wanted):
                said += self._exchange(deadline, Budget())
        except Stopped as stop:
            self.kill()
            missing = sandbox.tier().missing
            raise missing or sandbox.broken(stop.reason) from None
        if said != wanted:
            self.kill()
            raise sandbox.broken("it greets in an unknown way")
        self._greeted = True

    def _exchange(self, deadline: float, budget: Budget) -> bytes:
        """Send what is unsent while waiting for bytes; looks at clock and memory all the while."""
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if self._unsent:
            poll.register(self._in, select.POLLOUT)
        while True:
            events = dict(poll.poll(_LOOK_SECONDS * 1000))
            self._look(deadline, budget)
            if self._in in events:
                self._write()
                if not self._unsent:
                    poll.unregister(self._in)
            if self._out in events:
                data = os.read(self._out, _READ_BYTES)
                if not data:
                    raise Stopped(FAILED, self._ending())
                return data

    def _look(self, deadline: float, budget: Budget) -> None:
        """Stop what takes too long or too much."""
        now = time.monotonic()
        if now > deadline:
            raise Stopped(OVER_LIMIT, f"it took longer than {budget.seconds:g} seconds")
        if now < self._looked + _LOOK_SECONDS:
            return
        self._looked = now
        if self._resident() > budget.memory:
            raise Stopped(OVER_LIMIT, f"it needed more than {budget.memory >> 20} MiB of memory")

    def _write(self) -> None:
        while self._unsent:
            try:
                sent = os.write(self._in, self._unsent[0])
            except BlockingIOError:
                return
            except BrokenPipeError:
                raise Stopped(FAILED, self._ending()) from None
            self._unsent[0] = self._unsent[0][sent:]
            if not self._unsent[0]:
                del self._unsent[0]

    def _ending(self) -> str:
        """How the process ended, in words of ours."""
        self._confined.kill()
        return "its reader stopped without an answer"

    def _resident(self) -> int:
        """Resident bytes of the process that are its own (files mapped and shared left out)."""
        try:
            with open(self._statm, "rb") as file:
                fields = file.read().split()
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return (int(fields[1]) - int(fields[2])) * _PAGE_SIZE if len(fields) > 2 else 0


def _second_filter() -> bytes:
    """What the process installs itself before it takes a document: from then on it starts no program."""
    return seccomp.program(starts_programs=False, namespaces=sandbox.namespaces())


def _widen(descriptor: int) -> None:
    """A larger pipe means fewer turns; where the kernel allows no more, the usual size does."""
    import fcntl

    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_BYTES)
    except PermissionError:
        return
