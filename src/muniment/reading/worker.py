"""The host side of reading: one sandboxed process at a time, fed documents, believed in nothing.

Whatever a document does to the process that reads it — crash, hang, fill the memory, write rubbish — becomes a
state with a reason, and the next document gets a fresh process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from muniment.errors import MunimentError
from muniment.reading import protocol
from muniment.reading.limits import HIGHEST, OWN
from muniment.reading.pages import (
    ENCRYPTED,
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
from muniment.reading.process import Process, Stopped

_RECYCLE_DOCUMENTS = 500
_WARM_UP = 100
"""A spare is started this many documents before it is needed: its start must not take the time of one."""


class NotRead(MunimentError):
    """A page image or the bytes of a part cannot be had. `state` and `reason` as for a reading."""

    code = "not-read"

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason or state, next="see the state of the document with `muniment show`")
        self.state = state
        self.reason = reason


class Worker:
    """Reads documents in a sandbox, one after another. Not for several threads at once: make one Worker each.

    `formats` are files of further families, loaded inside the sandbox beside our own. A process is replaced after
    `recycle` documents, or when it has grown. Without `fonts` it sees none of this machine's, so that every machine
    draws the same. `passwords` are tried on whatever is encrypted. Raises Refused at the first document where there
    is no sandbox.
    """

    def __init__(
        self,
        *,
        formats: Sequence[Path] = (),
        recycle: int = _RECYCLE_DOCUMENTS,
        fonts: bool = True,
        passwords: Sequence[str] = (),
    ) -> None:
        self._fonts = fonts
        self._passwords = tuple(passwords)
        self._formats = tuple(path.resolve() for path in formats)
        self._recycle = recycle
        self._process: Process | None = None
        self._spare: Process | None = None
        self._families: set[str] = set()

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
        reader: str = OWN,
    ) -> Reading:
        """Everything that can be read of a document. Never fails for the document's sake: see `Reading.state`.

        `reader`: another than ours, by its name in reading/limits.py.
        """
        tried = self._tried(passwords)
        request = protocol.Request(
            "read", name, data, budget or Budget(), passwords=tried, reader=reader
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
        """One page as pixels. Raises NotRead with a state and a reason where there is no such image.

        The process keeps the bytes it was given last: page after page of one document, they are sent once.
        """
        request = protocol.Request(
            "render", name, data, budget or Budget(), page, dpi, self._tried(passwords)
        )
        reading = Reading(state=FAILED)
        pixels = self._ask(request, reading)
        if pixels is None:
            known = (FAILED, OVER_LIMIT, ENCRYPTED)
            state = reading.state if reading.state in known else UNSUPPORTED
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
        """The bytes of one part, by its number in its container. Raises NotRead where it cannot be had.

        Limits are the highest unless given: it was found once already, perhaps with limits that were raised.
        """
        request = protocol.Request(
            "part", name, data, budget or HIGHEST.budget, number, passwords=self._tried(passwords)
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

    def _tried(self, passwords: Sequence[str]) -> tuple[str, ...]:
        return tuple(passwords) or self._passwords

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

        held = request.action == "render" and process.holds is request.data
        process.holds = request.data if request.action == "render" else None
        head = protocol.request_head(replace(request, held=held))
        try:
            process.ask(head, b"" if held else request.data, request.budget, take)
        except Stopped as stop:
            process.kill()
            self._process = None
            kept = bool(reading.pages or reading.parts)
            reading.state = PARTLY if kept and stop.state == FAILED else stop.state
            reading.reason = stop.reason + (
                f", after {len(reading.pages)} pages and {len(reading.parts)} parts" if kept else ""
            )
            return None
        self._families.add(reading.family)
        return pixels[0] if pixels else None

    def _start(self) -> Process:
        """A new process, told which families it will probably meet."""
        warm = [f"warm:{family}" for family in sorted(self._families)]
        arguments = [*map(str, self._formats), *warm]
        return Process("inside", arguments, self._formats, fonts=self._fonts)

    def _ready(self) -> Process:
        """A process that may take one more document; a spare gets ready well before one is due."""
        process = self._process
        if process is not None and not process.fit(self._recycle):
            process.kill()
            process = None
        if process is None:
            process, self._spare = self._spare or self._start(), None
        elif self._spare is None and process.documents >= max(1, self._recycle - _WARM_UP):
            self._spare = self._start()
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
