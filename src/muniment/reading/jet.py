"""The pages of Access databases (Jet 3 and 4, ACE): tables, columns and rows, as far as they can be read.

Nothing here believes a length: what leads out of the file or a page raises struct.error, IndexError or ValueError,
or gives less. Rows marked as deleted are left out.
"""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

_DATA, _TABLE = 1, 2
_DELETED, _ELSEWHERE, _PLACE = 0x8000, 0x4000, 0x1FFF
_INLINE, _ONE_PIECE, _LENGTH = 0x80000000, 0x40000000, 0x3FFFFFFF
_BOOLEAN, _TEXT, _OLE, _MEMO = 1, 10, 11, 12
_NUMBERS = {2: "<B", 3: "<h", 4: "<i", 6: "<f", 7: "<d", 18: "<i", 19: "<q"}
_FIXED = {2: 1, 3: 2, 4: 4, 5: 8, 6: 4, 7: 8, 8: 8, 15: 16, 16: 17, 18: 4, 19: 8}
_MONEY, _DATE, _GUID, _DECIMAL = 5, 8, 15, 16
_DAY_NOUGHT = datetime(1899, 12, 30)  # the format knows no zone
_MOST_PIECES = 100_000
_MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in a version of the format."""

    page: int
    rows: int
    row_count: int
    columns: int
    indexes: int
    start: int
    index_size: int
    column_size: int
    number: int
    variable: int
    flags: int
    fixed: int
    length: int
    name_size: int
    width: int  # bytes of the counts in a row


_JET3 = _Layout(2048, 8, 12, 25, 31, 43, 8, 18, 1, 3, 13, 14, 16, 1, 1)
_JET4 = _Layout(4096, 12, 16, 45, 51, 63, 12, 25, 5, 7, 15, 21, 23, 2, 2)


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is the number of its type; `fixed` where it stands in the fixed part of a row, or None."""

    name: str
    kind: int
    number: int
    fixed: int | None
    variable: int
    length: int


@dataclass(frozen=True, slots=True)
class Table:
    """What a definition says: where it stands, how many rows there should be, and the columns in their order."""

    page: int
    rows: int
    columns: tuple[Column, ...]


Value = str | int | float | bool | bytes | None


class Database:
    """Raises ValueError where its pages are encrypted or it is no database."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.version = data[0x14]
        self._layout = _JET3 if self.version == 0 else _JET4
        self._owned: dict[int, list[int]] = defaultdict(list)
        for number in range(len(data) // self._layout.page):
            at = number * self._layout.page
            if data[at] == _DATA and data[at + 4 : at + 8] != b"LVAL":
                self._owned[int.from_bytes(data[at + 4 : at + 8], "little")].append(number)
        if self._page(2)[:1] != bytes([_TABLE]):
            raise ValueError("its pages are encrypted")

    def objects(self) -> Iterator[Mapping[str, Value]]:
        """The rows of the catalogue: tables, queries, forms and whatever else is there."""
        return self.rows(self.table(2))

    def table(self, page: int) -> Table:
        """The definition of a table. Raises what a damaged one leads to."""
        layout, raw = self._layout, self._definition(page)
        count = struct.unpack_from("<H", raw, layout.columns)[0]
        if count > _MOST_COLUMNS:
            raise ValueError("too many columns")
        indexes = struct.unpack_from("<I", raw, layout.indexes)[0]
        start = layout.start + indexes * layout.index_size
        at = start + count * layout.column_size
        columns = []
        for which in range(count):
            size = int.from_bytes(raw[at : at + layout.name_size], "little")
            name = self._name(raw[at + layout.name_size : at + layout.name_size + size])
            at += layout.name_size + size
            columns.append(_column(layout, raw, start + which * layout.column_size, name))
        rows = struct.unpack_from("<I", raw, layout.row_count)[0]
        return Table(page, rows, tuple(sorted(columns, key=lambda one: one.number)))

    def rows(self, table: Table) -> Iterator[Mapping[str, Value]]:
        """Each row, by the names of its columns."""
        for number in self._owned.get(table.page, ()):
            page = self._page(number)
            count = struct.unpack_from("<H", page, self._layout.rows)[0]
            for which in range(count):
                place = struct.unpack_from("<H", page, self._layout.rows + 2 + 2 * which)[0]
                if place & _DELETED:
                    continue
                row = self._row(number, which)
                if place & _ELSEWHERE:
                    row = self._pointed(row)
                if row:
                    yield {one.name: self._value(row, one) for one in table.columns}

    def _page(self, number: int) -> bytes:
        at = number * self._layout.page
        page = self._data[at : at + self._layout.page]
        if len(page) < self._layout.page:
            raise IndexError("a page is missing")
        return page

    def _definition(self, number: int) -> bytes:
        pieces, seen = [self._page(number)], {number}
        if pieces[0][0] != _TABLE:
            raise ValueError("no definition of a table")
        while following := int.from_bytes(pieces[-1][4:8], "little"):
            if following in seen:
                raise ValueError("a loop of pages")
            seen.add(following)
            pieces.append(self._page(following))
        return pieces[0] + b"".join(piece[8:] for piece in pieces[1:])

    def _name(self, raw: bytes) -> str:
        if self._layout is _JET4:
            return raw.decode("utf-16-le", "replace")
        return raw.decode("cp1252", "replace")

    def _row(self, number: int, which: int) -> bytes:
        """The bytes of one row, flags or not."""
        page, layout = self._page(number), self._layout
        begin = struct.unpack_from("<H", page, layout.rows + 2 + 2 * which)[0] & _PLACE
        end = layout.page
        if which:
            end = struct.unpack_from("<H", page, layout.rows + 2 * which)[0] & _PLACE
        return page[begin:end]

    def _pointed(self, pointer: bytes) -> bytes:
        return self._row(*divmod(struct.unpack_from("<I", pointer)[0], 256))

    def _value(self, row: bytes, column: Column) -> Value:
        width = self._layout.width
        count = int.from_bytes(row[:width], "little")
        mask = row[len(row) - (count + 7) // 8 :]
        there = column.number < count and bool(mask[column.number // 8] >> column.number % 8 & 1)
        if column.kind == _BOOLEAN:
            return there
        if not there:
            return None
        if column.fixed is not None:
            at = width + column.fixed
            size = _FIXED.get(column.kind, column.length)
            return self._read(row[at : at + size], column.kind)
        places = self._places(row, len(mask))
        if column.variable + 1 >= len(places):
            return None
        return self._read(row[places[column.variable] : places[column.variable + 1]], column.kind)

    def _places(self, row: bytes, mask: int) -> list[int]:
        """Where each value of variable length begins, and where the last ends."""
        end = len(row) - 1 - mask
        if self._layout is _JET4:
            count = struct.unpack_from("<H", row, end - 1)[0]
            return [struct.unpack_from("<H", row, end - 3 - 2 * n)[0] for n in range(count + 1)]
        count = row[end]
        jumps = (len(row) - 1) // 256
        last = end - jumps - 1
        if (last - count) // 256 < jumps:
            jumps -= 1
        used, places = 0, []
        for which in range(count + 1):
            while used < jumps and which == row[end - used - 1]:
                used += 1
            places.append(row[last - which] + 256 * used)
        return places

    def _read(self, raw: bytes, kind: int) -> Value:
        if kind in _NUMBERS:
            return struct.unpack(_NUMBERS[kind], raw)[0]  # type: ignore[no-any-return]
        if kind == _TEXT:
            return self._text(raw)
        if kind == _MEMO:
            return self._text(self._long(raw))
        if kind == _OLE:
            return self._long(raw)
        return _special(raw, kind)

    def _text(self, raw: bytes) -> str:
        if self._layout is _JET3:
            from muniment.reading.member_names import decode_names

            return decode_names([raw], "cp1252")[0]
        if not raw.startswith(b"\xff\xfe"):
            return raw.decode("utf-16-le", "replace")
        # Compressed: one byte a character, until a nought turns to two bytes, and the next one back.
        narrow, rest = True, raw[2:]
        pieces: list[str] = []
        while rest:
            if narrow:
                piece, _, rest = rest.partition(b"\0")
                pieces.append(piece.decode("latin-1"))
            else:
                end = next((n for n in range(0, len(rest), 2) if rest[n] == 0), len(rest))
                pieces.append(rest[:end].decode("utf-16-le", "replace"))
                rest = rest[end + 1 :]
            narrow = not narrow
        return "".join(pieces)

    def _long(self, raw: bytes) -> bytes:
        """A value that is kept elsewhere, in one piece or in many."""
        length, pointer = struct.unpack_from("<II", raw)
        size = length & _LENGTH
        if length & _INLINE:
            return raw[12 : 12 + size]
        if length & _ONE_PIECE:
            return self._row(*divmod(pointer, 256))[:size]
        pieces: list[bytes] = []
        got = 0
        while pointer and got < size and len(pieces) < _MOST_PIECES:
            piece = self._row(*divmod(pointer, 256))
            pointer = struct.unpack_from("<I", piece)[0]
            pieces.append(piece[4:])
            got += len(piece) - 4
        return b"".join(pieces)[:size]


def _column(layout: _Layout, raw: bytes, at: int, name: str) -> Column:
    number, variable, fixed, length = (
        struct.unpack_from("<H", raw, at + where)[0]
        for where in (layout.number, layout.variable, layout.fixed, layout.length)
    )
    is_fixed = bool(raw[at + layout.flags] & 1)
    return Column(name, raw[at], number, fixed if is_fixed else None, variable, length)


def _special(raw: bytes, kind: int) -> Value:
    """Money, dates, identifiers and exact numbers; the bytes of anything else."""
    if kind == _MONEY:
        whole, part = divmod(abs(int.from_bytes(raw, "little", signed=True)), 10_000)
        sign = "-" if raw[-1] & 0x80 else ""
        return f"{sign}{whole}.{part:04d}"
    if kind == _DATE:
        days = struct.unpack("<d", raw)[0]
        try:
            whole = math.trunc(days)  # before day nought the fraction still counts forwards
            moment = _DAY_NOUGHT + timedelta(whole, round(abs(days - whole) * 86_400))
        except (OverflowError, ValueError):
            return None
        return moment.isoformat().removesuffix("T00:00:00")
    if kind == _GUID:
        first = "-".join(
            f"{part:0{size}x}"
            for part, size in zip(struct.unpack_from("<IHH", raw), (8, 4, 4), strict=True)
        )
        return f"{first}-{raw[8:10].hex()}-{raw[10:16].hex()}"
    if kind == _DECIMAL:
        parts = struct.unpack_from("<4I", raw, 1)
        number = 0
        for part in parts:
            number = number << 32 | part
        return -number if raw[0] & 0x80 else number
    return raw
