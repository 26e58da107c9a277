"""Compound files (MS-CFB): a small file system in a file, which old Office files, MSG and Thumbs.db are.

Damaged chains end where they break; loops end where they began. Nothing larger than the file itself is ever built.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
_NONE = 0xFFFFFFFF
_STORAGES = (1, 5)


@dataclass(frozen=True, slots=True)
class Entry:
    """A storage (folder) or a stream; `path` holds the names of the storages above it, its own last."""

    path: tuple[str, ...]
    storage: bool
    start: int
    size: int


class Compound:
    """The entries of a compound file. Raises ValueError where it is none."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE) or len(data) < 512:
            raise ValueError("no compound file")
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if not 7 <= shift <= 16 or not 4 <= mini_shift <= 12:
            raise ValueError("no compound file")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        directory, self._cutoff, mini_fat = struct.unpack_from("<I4xII", data, 48)
        self._fat = self._numbers(self._fat_sectors())
        self._mini_fat = self._numbers(self._chain(mini_fat, self._fat))
        raw = b"".join(self._sector(one) for one in self._chain(directory, self._fat))
        self._raw = [raw[at : at + 128] for at in range(0, len(raw) - 127, 128)]
        root = self._raw[0] if self._raw else bytes(128)
        start, size = struct.unpack_from("<II", root, 116)
        self._mini = b"".join(self._sector(one) for one in self._chain(start, self._fat))[:size]
        self.entries = self._walk()

    def read(self, entry: Entry) -> bytes:
        """The bytes of a stream."""
        if entry.size < self._cutoff:
            size = self._mini_size
            pieces = [
                self._mini[one * size : (one + 1) * size]
                for one in self._chain(entry.start, self._mini_fat)
            ]
        else:
            pieces = [self._sector(one) for one in self._chain(entry.start, self._fat)]
        return b"".join(pieces)[: entry.size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _fat_sectors(self) -> list[int]:
        """The sectors of the allocation table: 109 in the header, the rest in a chain of its own."""
        found = list(struct.unpack_from("<109I", self._data, 76))
        following = struct.unpack_from("<I", self._data, 68)[0]
        seen: set[int] = set()
        while following < _END and following not in seen:
            seen.add(following)
            numbers = self._numbers([following])
            if not numbers:
                break
            found += numbers[:-1]
            following = numbers[-1]
        return [one for one in found if one < _END]

    def _numbers(self, sectors: list[int]) -> list[int]:
        raw = b"".join(self._sector(one) for one in sectors)
        return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))

    def _chain(self, start: int, table: list[int]) -> list[int]:
        found: list[int] = []
        seen: set[int] = set()
        while start < len(table) and start not in seen:
            seen.add(start)
            found.append(start)
            start = table[start]
        return found

    def _walk(self) -> list[Entry]:
        """All entries, storages before what is in them; the trees of siblings are walked without recursion."""
        found: list[Entry] = []
        if not self._raw:
            return found
        seen: set[int] = set()
        waiting = [(struct.unpack_from("<I", self._raw[0], 76)[0], ())]
        while waiting:
            number, above = waiting.pop()
            if number >= len(self._raw) or number in seen:
                continue
            seen.add(number)
            raw = self._raw[number]
            length = min(64, max(2, struct.unpack_from("<H", raw, 64)[0]))
            path: tuple[str, ...] = (*above, raw[: length - 2].decode("utf-16-le", "replace"))
            left, right, child = struct.unpack_from("<III", raw, 68)
            start, size = struct.unpack_from("<II", raw, 116)
            found.append(Entry(path, raw[66] in _STORAGES, start, size))
            waiting += [(right, above), (left, above)]
            if raw[66] in _STORAGES and child != _NONE:
                waiting.append((child, path))  # type: ignore[arg-type]  # a path of any length
        return found
