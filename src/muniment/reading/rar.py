"""Whether a RAR 5 archive is under a password, by its headers: libarchive does not say, and gives the ciphertext.

Block: CRC-32, size, type, flags (1: extra area, 2: data), their sizes, fields, extra area, data; numbers are variable
in length, seven bits a byte, the lowest first. Older RAR archives say it by flags that libarchive knows.
"""

from __future__ import annotations

from dataclasses import dataclass

_MARK = b"Rar!\x1a\x07\x01\0"
_LIST_LOCKED, _FILE, _END = 4, 2, 5
_WITH_EXTRA, _WITH_DATA = 1, 2
_ENCRYPTION = 1
_MOST_BLOCKS = 200_000


@dataclass(frozen=True, slots=True)
class Locks:
    """`everything`: the list of members is encrypted; else which of the members are, by their order."""

    everything: bool
    members: frozenset[int]


def locks(data: bytes) -> Locks:
    """What of an archive is under a password; nothing where it is no RAR 5 or its headers are damaged."""
    locked: set[int] = set()
    if not data.startswith(_MARK):
        return Locks(False, frozenset())
    at, files = len(_MARK), 0
    try:
        for _ in range(_MOST_BLOCKS):
            size, begin = _number(data, at + 4)
            kind, place = _number(data, begin)
            flags, place = _number(data, place)
            extra = held = 0
            if flags & _WITH_EXTRA:
                extra, place = _number(data, place)
            if flags & _WITH_DATA:
                held, place = _number(data, place)
            if kind == _LIST_LOCKED:
                return Locks(True, frozenset())
            if kind == _END:
                break
            if kind == _FILE:
                if _encrypted(data[begin + size - extra : begin + size] if extra else b""):
                    locked.add(files)
                files += 1
            at = begin + size + held
    except IndexError:
        pass  # cut off: what stands before it is known
    return Locks(False, frozenset(locked))


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends. Raises IndexError."""
    value = 0
    for step in range(10):
        byte = data[at + step]
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:
            return value, at + step + 1
    raise IndexError


def _encrypted(extra: bytes) -> bool:
    """Whether a member's extra area has a record of how it is encrypted."""
    at = 0
    while at < len(extra):
        size, begin = _number(extra, at)
        if _number(extra, begin)[0] == _ENCRYPTION:
            return True
        at = begin + size
    return False
