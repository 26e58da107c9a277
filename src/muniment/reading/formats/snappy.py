"""Single files in Snappy's framing (framing_format.txt of that project): the content is the one part."""

from __future__ import annotations

from muniment.reading import iwa
from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.archive import last, without_ending
from muniment.reading.pages import FAILED, OVER_LIMIT

_BEGIN = b"\xff\x06\0\0sNaPpY"
_PACKED, _PLAIN, _SKIPPED, _CRC = 0, 1, 0x80, 4


def read(document: Document, account: Account) -> None:
    """One part. Its checksums are not compared: a block that does not unpack ends it."""
    account.expect(parts=1)
    out, left, at, damaged = [], account.part_bytes_left(), 0, False
    data = document.data
    while at + 4 <= len(data) and not damaged:
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
        block = data[at + 4 : at + 4 + size]
        at += 4 + size
        damaged = len(block) < size or (kind not in (_PACKED, _PLAIN) and kind < _SKIPPED)
        if damaged or kind >= _SKIPPED:
            continue
        try:
            out.append(block[_CRC:] if kind == _PLAIN else iwa.snappy(block[_CRC:]))
        except (ValueError, IndexError):
            damaged = True
            continue
        left -= len(out[-1])
        if left < 0:
            raise Unreadable(OVER_LIMIT, "it expands to more bytes than allowed")
    if damaged and not out:
        raise Unreadable(FAILED, "it is damaged: its bytes do not unpack")
    name = without_ending(document.name)
    account.part(b"".join(out), name=last(name), path=name)
    if damaged:
        account.partly("it is cut off or damaged; what stands behind cannot be read")


def identify(data: bytes, name: str) -> str | None:  # noqa: ARG001 - the shape of a rule
    """By its first block."""
    return "application/x-snappy-framed" if data.startswith(_BEGIN) else None


register(
    Format(family="archive", types=("application/x-snappy-framed",), read=read, identify=identify)
)
