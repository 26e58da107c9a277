"""Many rows at once into the catalogue: what SQLAlchemy does for each row is done once for all of them.

Tens of thousands of files a minute are noted through this; a statement is made and compiled once for each table and
choice of columns, and a row is a plain tuple on its way to the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa


def put_rows(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    pass_over: bool = False,
) -> None:
    """Insert rows in the caller's transaction; columns a row does not name get their default.

    `pass_over`: a row whose key is there already is left as it is there.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    for names, alike in groups.items():
        columns, given, added = _columns(table, names)
        statement = _insert(connection.dialect, table, columns, pass_over)
        pick = itemgetter(*given)
        if len(given) == 1:
            values = [(pick(row), *added) for row in alike]
        elif added:
            values = [pick(row) + added for row in alike]
        else:
            values = [pick(row) for row in alike]
        connection.exec_driver_sql(statement, values)


@lru_cache(maxsize=64)
def _columns(
    table: sa.Table, names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Any, ...]]:
    """All columns of a statement: those given, then those with a plain default; the given; the defaults."""
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if column.name not in names
        and isinstance(column.default, sa.ColumnDefault)
        and column.default.is_scalar
    }
    return (*names, *defaults), names, tuple(defaults.values())


@lru_cache(maxsize=64)
def _insert(dialect: sa.Dialect, table: sa.Table, columns: tuple[str, ...], pass_over: bool) -> str:
    assert dialect.name == "sqlite", "another database has its own word for it"
    quote = dialect.identifier_preparer.quote
    marks = ", ".join("?" * len(columns))
    named = ", ".join(map(quote, columns))
    either = "INSERT OR IGNORE" if pass_over else "INSERT"
    return f"{either} INTO {quote(table.name)} ({named}) VALUES ({marks})"


def change_rows(
    connection: sa.Connection,
    table: sa.Table,
    key: str,
    names: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Set the columns `names` of many rows in the caller's transaction. A row: their values, then that of `key`."""
    if rows:
        quote = connection.dialect.identifier_preparer.quote
        changes = ", ".join(f"{quote(name)} = ?" for name in names)
        where = f"{quote(key)} = ?"
        statement = f"UPDATE {quote(table.name)} SET {changes} WHERE {where}"  # noqa: S608 - names of ours
        connection.exec_driver_sql(statement, list(rows))
