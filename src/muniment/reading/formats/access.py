"""Access databases (mdb, accdb): every table is a page, a row a line, its cells parted by tabs.

Tables of the system are left out; queries, forms, reports, modules and linked tables are named in the properties.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.jet import Database, Value
from muniment.reading.pages import ENCRYPTED, FAILED

_MARKS = (b"\0\x01\0\0Standard Jet DB\0", b"\0\x01\0\0Standard ACE DB\0")
_BROKEN = (ValueError, IndexError, struct.error)
_TABLE, _SYSTEM, _PAGE = 1, 0x80000002, 0x00FFFFFF
_OTHERS = {
    4: "linked-table", 5: "query", 6: "linked-table", -32768: "form", -32764: "report", -32766: "macro",
    -32761: "module",
}  # fmt: skip
_MOST_NAMED = 1_000


def read(document: Document, account: Account) -> None:
    """Every table that a person made."""
    try:
        base = Database(document.data)
    except ValueError:
        raise Unreadable(ENCRYPTED, "its pages are encrypted with a password") from None
    except IndexError:
        raise Unreadable(FAILED, "it is cut off before its list of tables") from None
    tables: list[tuple[str, int]] = []
    try:
        for row in base.objects():
            _object(row, tables, account)
    except _BROKEN:
        if not tables:
            raise Unreadable(FAILED, "its list of tables is damaged") from None
        account.partly("its list of tables is damaged")
    account.expect(pages=max(1, len(tables)))
    account.property("tables", str(len(tables)))
    for name, page in tables:
        _table(base, name, page, account)
    if not tables:
        account.page("")


def _object(row: Mapping[str, Value], tables: list[tuple[str, int]], account: Account) -> None:
    """One row of the catalogue."""
    name, kind, flags, page = (row.get(one) for one in ("Name", "Type", "Flags", "Id"))
    if not isinstance(name, str) or not isinstance(page, int):
        return
    if kind == _TABLE and not (isinstance(flags, int) and flags & _SYSTEM):
        tables.append((name, page & _PAGE))
    elif isinstance(kind, int) and kind in _OTHERS and len(tables) < _MOST_NAMED:
        where = [one for one in (row.get("Database"), row.get("Connect")) if isinstance(one, str)]
        account.property(_OTHERS[kind], " ".join([name, *filter(None, where)]))


def _table(base: Database, name: str, page: int, account: Account) -> None:
    lines, rows, wanted = [name], 0, 0
    try:
        table = base.table(page)
        wanted = table.rows
        lines.append("\t".join(column.name for column in table.columns))
        for row in base.rows(table):
            lines.append("\t".join(_cell(row[column.name]) for column in table.columns))
            rows += 1
    except _BROKEN:
        account.partly("a table is damaged: the rows behind the damage are missing")
    if rows < wanted:
        account.partly(f"{rows} of {wanted} rows of a table could be read")
    account.page("\n".join(lines))


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    return " ".join(str(value).split())


def identify(data: bytes, name: str) -> str | None:  # noqa: ARG001 - the shape of a rule
    """By its first bytes."""
    return "application/x-msaccess" if data.startswith(_MARKS) else None


register(Format(family="office", types=("application/x-msaccess",), read=read, identify=identify))
