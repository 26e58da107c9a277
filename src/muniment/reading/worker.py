"""The host side of reading: one sandboxed process at a time, fed documents, believed in nothing.

Whatever a document does to the process that reads it — crash, hang, fill the memory, write rubbish — becomes a
state with a reason, and the next document gets a fresh process.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from muniment.errors import MunimentError
from muniment.reading import protocol, sandbox, seccomp
from muniment.reading.pages import (
    FAILED,
    OVER_LIMIT,
    PARTLY,
    UNSUPPORTED,
    Budget,
    Page,
    Part,
    Pixels,
    Reading,
)

_READ_BYTES = 1 << 20
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_LOOK_SECONDS = 0.02
_START_SECONDS = 30.0
_RECYCLE_DOCUMENTS = 500
_RECYCLE_BYTES = 300 << 20
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


class NotRead(MunimentError):
    """A page image or the bytes of a part cannot be had. `state` and `reason` as for a reading."""

    code = "not-read"

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason or state, next="see the state of the document with `muniment show`")
        self.state = state
        self.reason = reason


class _Stopped(Exception):
    """The process is of no more use; state and reason for the document it had."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


class Worker:
    """Reads documents in a sandbox, one after another. Not for several threads at once: make one Worker each.

    `formats` are files of further families, loaded inside the sandbox beside our own. A process is replaced after
    `recycle` documents, or when it has grown. Raises Refused at the first document where there is no sandbox.
    """

    def __init__(self, *, formats: Sequence[Path] = (), recycle: int = _RECYCLE_DOCUMENTS) -> None:
        self._formats = tuple(path.resolve() for path in formats)
        self._recycle = recycle
        self._process: _Process | None = None
        self._spare: _Process | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(
        self,
        data: bytes,
        name: str,
        budget: Budget | None = None,
        *,
        passwords: Sequence[str] = (),
    ) -> Reading:
        """Everything that can be read of a document. Never fails for the document's sake: see `Reading.state`."""
        request = protocol.Request(
            "read", name, data, budget or Budget(), passwords=tuple(passwords)
        )
        reading = Reading(state=FAILED)
        self._ask(request, reading)
        return reading

    def render(
        self,
        data: bytes,
        page: int,
        dpi: int,
        budget: Budget | None = None,
        *,
        name: str = "",
        passwords: Sequence[str] = (),
    ) -> Pixels:
        """One page as pixels. Raises NotRead with a state and a reason where there is no such image."""
        request = protocol.Request(
            "render", name, data, budget or Budget(), page, dpi, tuple(passwords)
        )
        reading = Reading(state=FAILED)
        pixels = self._ask(request, reading)
        if pixels is None:
            state = UNSUPPORTED if reading.state not in (FAILED, OVER_LIMIT) else reading.state
            raise NotRead(state, reading.reason or "this document has no page images")
        return pixels

    def part(
        self,
        data: bytes,
        number: int,
        budget: Budget | None = None,
        *,
        name: str = "",
        passwords: Sequence[str] = (),
    ) -> bytes:
        """The bytes of one part, by its number in its container. Raises NotRead where it cannot be had."""
        request = protocol.Request(
            "part", name, data, budget or Budget(), number, passwords=tuple(passwords)
        )
        reading = Reading(state=FAILED)
        self._ask(request, reading)
        for part in reading.parts:
            if part.number == number:
                return part.data
        raise NotRead(reading.state, reading.reason or f"there is no part {number}")

    def close(self) -> None:
        """End the processes. A closed Worker starts again when it is asked for something."""
        for process in (self._process, self._spare):
            if process is not None:
                process.kill()
        self._process = self._spare = None

    def _ask(self, request: protocol.Request, reading: Reading) -> Pixels | None:
        """One document through the process; `reading` is filled as replies come."""
        if len(request.data) > min(request.budget.document, (1 << 32) - 1):
            reading.state = OVER_LIMIT
            reading.reason = f"larger than {request.budget.document} bytes"
            return None
        process = self._ready()
        pixels: list[Pixels] = []

        def take(reply: protocol.Reply) -> None:
            if isinstance(reply, Pixels):
                pixels.append(reply)
            else:
                _take(reading, reply)

        try:
            process.ask(request, take)
        except _Stopped as stop:
            process.kill()
            self._process = None
            kept = bool(reading.pages or reading.parts)
            reading.state = PARTLY if kept and stop.state == FAILED else stop.state
            reading.reason = stop.reason + (
                f", after {len(reading.pages)} pages and {len(reading.parts)} parts" if kept else ""
            )
            return None
        return pixels[0] if pixels else None

    def _ready(self) -> _Process:
        """A process that may take one more document; a spare is warmed shortly before one is due."""
        process = self._process
        if process is not None and not process.fit(self._recycle):
            process.kill()
            process = None
        if process is None:
            process, self._spare = self._spare or _Process(self._formats), None
        elif self._spare is None and process.documents == self._recycle - 1:
            self._spare = _Process(self._formats)
        self._process = process
        return process


def _take(reading: Reading, reply: protocol.Reply) -> None:
    """Put one reply where it belongs."""
    if isinstance(reply, Page):
        reading.pages.append(reply)
    elif isinstance(reply, Part):
        reading.parts.append(reply)
    elif isinstance(reply, protocol.Property):
        _add_property(reading.properties, reply)
    elif isinstance(reply, protocol.Outcome):
        reading.state, reading.reason = reply.state, reply.reason
        reading.type, reading.family, reading.title = reply.type, reply.family, reply.title
        reading.expected_pages = reply.expected_pages
        reading.expected_parts = reply.expected_parts


def _add_property(properties: dict[str, str], reply: protocol.Property) -> None:
    """A name that comes twice keeps both values, one a line."""
    before = properties.get(reply.name)
    properties[reply.name] = reply.value if before is None else f"{before}\n{reply.value}"


class _Process:
    """One sandboxed process from its start to its end."""

    def __init__(self, formats: Sequence[Path]) -> None:
        code = (
            f"import sys; sys.path += {sandbox.python_path()!r}; "
            f"from muniment.reading.inside import main; main({[str(path) for path in formats]!r})"
        )
        self.documents = 0
        self._confined = sandbox.launch([*sandbox.interpreter(), "-c", code], read_only=formats)
        popen = self._confined.popen
        assert popen.stdin is not None and popen.stdout is not None
        self._in, self._out = popen.stdin.fileno(), popen.stdout.fileno()
        for descriptor in (self._in, self._out):
            _widen(descriptor)
            os.set_blocking(descriptor, False)
        self._statm = f"/proc/{self._confined.pid}/statm"
        self._greeted = False
        self._looked = 0.0
        self._unsent = [
            memoryview(protocol.frame(protocol.FILTER, {}, seccomp.program(starts_programs=False)))
        ]

    def fit(self, most_documents: int) -> bool:
        """Whether it may take one more document."""
        return (
            self.documents < most_documents
            and self._confined.popen.poll() is None
            and self._resident() < _RECYCLE_BYTES
        )

    def kill(self) -> None:
        """End it at once."""
        self._confined.kill()

    def ask(self, request: protocol.Request, take: Callable[[protocol.Reply], None]) -> None:
        """Send one request and pass on each reply until the last. Raises _Stopped, and is of no use after."""
        if not self._greeted:
            self._greet()
        self.documents += 1
        self._unsent += [memoryview(protocol.request_head(request)), memoryview(request.data)]
        frames = protocol.Frames(request.budget)
        deadline = time.monotonic() + request.budget.seconds
        done = False
        while not done:
            data = self._exchange(deadline, request.budget)
            try:
                for reply in frames.feed(data):
                    take(reply)
                    done = isinstance(reply, protocol.Outcome)
            except protocol.Garbled as garbled:
                raise _Stopped(FAILED, f"its reader answered with {garbled}") from None
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
        except _Stopped as stop:
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
                    raise _Stopped(FAILED, self._ending())
                return data

    def _look(self, deadline: float, budget: Budget) -> None:
        """Stop what takes too long or too much."""
        now = time.monotonic()
        if now > deadline:
            raise _Stopped(OVER_LIMIT, f"it took longer than {budget.seconds:g} seconds")
        if now < self._looked + _LOOK_SECONDS:
            return
        self._looked = now
        if self._resident() > budget.memory:
            raise _Stopped(OVER_LIMIT, f"it needed more than {budget.memory >> 20} MiB of memory")

    def _write(self) -> None:
        while self._unsent:
            try:
                sent = os.write(self._in, self._unsent[0])
            except BlockingIOError:
                return
            except BrokenPipeError:
                raise _Stopped(FAILED, self._ending()) from None
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


def _widen(descriptor: int) -> None:
    """A larger pipe means fewer turns; where the kernel allows no more, the usual size does."""
    import fcntl

    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_BYTES)
    except PermissionError:
        return
