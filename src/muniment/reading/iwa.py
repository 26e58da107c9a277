"""What iWork writes since 2013: archives of messages, each file of them in Snappy's blocks.

Only what is needed to find texts: the Snappy decoder, and the fields of a message (Protocol Buffers' wire format).
All raise ValueError or IndexError where the bytes are damaged.
"""

from __future__ import annotations

from collections.abc import Iterator

_LARGEST = 64 << 20
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


def expand(data: bytes) -> bytes:
    """The content of an .iwa file: blocks of a nought, three bytes of length, and Snappy."""
    out, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at + 1 : at + 4], "little")
        if data[at] != 0 or at + 4 + length > len(data):
            raise ValueError("no block")
        out.append(snappy(data[at + 4 : at + 4 + length]))
        at += 4 + length
    return b"".join(out)


def snappy(data: bytes) -> bytes:
    """One block of raw Snappy (format_description.txt of that project)."""
    length, at = varint(data, 0)
    if length > _LARGEST:
        raise ValueError("too long")
    out = bytearray()
    while at < len(data) and len(out) <= length:
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            size = tag >> 2
            if size >= 60:
                more = size - 59
                size = int.from_bytes(data[at : at + more], "little")
                at += more
            out += data[at : at + size + 1]
            at += size + 1
            continue
        if tag & 3 == 1:
            size, offset, at = (tag >> 2 & 7) + 4, tag >> 5 << 8 | data[at], at + 1
        else:
            wide = 2 if tag & 3 == 2 else 4
            size, offset, at = (
                (tag >> 2) + 1,
                int.from_bytes(data[at : at + wide], "little"),
                at + wide,
            )
        _repeat(out, offset, size)
    if len(out) != length:
        raise ValueError("not as long as it says")
    return bytes(out)


def _repeat(out: bytearray, offset: int, size: int) -> None:
    """Append what stands `offset` bytes before the end; it may run into what is being written."""
    if not 0 < offset <= len(out):
        raise ValueError("points outside")
    start = len(out) - offset
    piece = bytes(out[start : start + size])
    out += (piece * (size // len(piece) + 1))[:size]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = shift = 0
    while shift < 70:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ValueError("an endless number")


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: number and value (a number, or bytes)."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            number, at = varint(data, at)
            yield key >> 3, number
            continue
        if kind == _BYTES:
            size, at = varint(data, at)
        elif kind in (_EIGHT, _FOUR):
            size = 8 if kind == _EIGHT else 4
        else:
            raise ValueError("an unknown kind of field")
        if at + size > len(data):
            raise ValueError("cut off")
        yield key >> 3, data[at : at + size]
        at += size


def messages(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Every message of an expanded file: its type and its bytes."""
    at = 0
    while at < len(content):
        size, at = varint(content, at)
        head = content[at : at + size]
        at += size
        for number, value in fields(head):
            if number == 2 and isinstance(value, bytes):
                said = {name: one for name, one in fields(value) if isinstance(one, int)}
                length = said.get(3, 0)
                yield said.get(1, 0), content[at : at + length]
                at += length
