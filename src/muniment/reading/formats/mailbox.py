"""A mailbox in one file (mbox, RFC 4155): every message is a part, damaged or not; every byte belongs to one.

A message begins at a line `From …` with a date, or at one after an empty line with headers behind it: that is how
readers since Unix have told them apart. The bytes of a part are those between two such lines, exactly (">From "
at the start of a line is left as it is), without the empty line that closes a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from muniment.reading import mime
from muniment.reading.formats import Account, Document, Format, register
from muniment.reading.pages import FAILED

_LINE = re.compile(rb"^From [^\r\n]*", re.M)
_DATED = re.compile(
    rb"From .*?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*?(?:\d{1,2}:\d\d).*?\d{4}|From .*?\d{4}-\d\d-\d\d.*?\d\d:\d\d"
)
_HEADER = re.compile(rb"\r?\n[!-9;-~]{2,60}:[ \t\r\n]")


@dataclass(frozen=True, slots=True)
class Span:
    """Where one message stands: its separator begins at `separator`, its own bytes are from `start` to `end`.

    `following`: where the next separator begins, or the file ends. Between `end` and `following` stands at most the
    empty line that closes the message.
    """

    separator: int
    start: int
    end: int
    following: int


def messages(data: bytes) -> Iterator[Span]:
    """The messages of an mbox in order; what stands before the first separator is a message with none."""
    starts = [
        found.start() for found in _LINE.finditer(data) if _separates(data, found.start(), found[0])
    ]
    if not starts or starts[0] != 0:
        starts = [0, *starts]
    for begin, following in zip(starts, [*starts[1:], len(data)], strict=True):
        line_end = data.find(b"\n", begin, following) + 1 or following
        start = line_end if data.startswith(b"From ", begin) else begin
        yield Span(begin, start, _end(data, start, following), following)


def _separates(data: bytes, position: int, line: bytes) -> bool:
    if _DATED.match(line):
        return True
    alone = position == 0 or _blank(data, position)
    return alone and _HEADER.match(data, position + len(line)) is not None


def _blank(data: bytes, position: int) -> bool:
    """Whether the line before this place is empty."""
    return data[max(0, position - 4) : position].endswith((b"\n\n", b"\n\r\n"))


def _end(data: bytes, start: int, following: int) -> int:
    """Without the empty line that closes a message."""
    if data.endswith(b"\r\n\r\n", start, following):
        return following - 2
    return following - 1 if data.endswith(b"\n\n", start, following) else following


def read(document: Document, account: Account) -> None:
    """Every message as a part."""
    data = document.data
    spans = list(messages(data))
    if spans and spans[0].separator == spans[0].start and not data[: spans[0].end].strip():
        spans = spans[1:]
    account.expect(parts=len(spans))
    account.property("messages", str(len(spans)))
    for number, span in enumerate(spans, 1):
        message = data[span.start : span.end]
        properties = {
            "separator": mime.decode_text(data[span.separator : span.start], "")[0].strip()
        }
        name = f"message {number:0{len(str(len(spans)))}d}.eml"
        if message.strip():
            account.part(message, name=name, properties=properties)
        else:
            account.part(
                message,
                name=name,
                properties=properties,
                state=FAILED,
                reason="nothing stands between its separator and the next",
            )


def identify(data: bytes, name: str) -> str | None:  # noqa: ARG001 - the shape of a rule
    """A file whose first line is a separator with a date, whatever stands behind it."""
    first = data[:400].partition(b"\n")[0]
    return "application/mbox" if _DATED.match(first) else None


register(Format(family="mailbox", types=("application/mbox",), read=read, identify=identify))
