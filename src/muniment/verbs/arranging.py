"""Documents in the order of their dates or paths, and which of them are copies of one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from muniment.case import catalogue as tables

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_AT_ONCE = 10_000
_document = tables.document.c


def arranged(case: Case, order: str, numbers: Sequence[int]) -> list[int]:
    """Documents by `path`, by `date` (oldest first) or `newest` first; those without a date come last."""
    keys: list[tuple[str, str, int]] = []
    for some in _parts(numbers):
        query = sa.select(_document.number, _document.path, _document.date).where(
            _document.number.in_(some)
        )
        with case.catalogue.read() as connection:
            keys += [(row.date, row.path, row.number) for row in connection.execute(query)]
    if order == "path":
        keys.sort(key=lambda key: (key[1], key[2]))
    else:
        keys.sort(key=lambda key: (key[1], key[2]))
        keys.sort(key=lambda key: key[0], reverse=order == "newest")
        keys.sort(key=lambda key: not key[0])
    return [number for _, _, number in keys]


def shared_content(case: Case, numbers: Iterable[int]) -> dict[int, bytes]:
    """The digest of the content of each document that has one."""
    found: dict[int, bytes] = {}
    for some in _parts(list(numbers)):
        query = sa.select(_document.number, _document.content).where(
            _document.number.in_(some), _document.content.is_not(None), _document.size > 0
        )
        with case.catalogue.read() as connection:
            found.update((row.number, row.content) for row in connection.execute(query))
    return found


def how_many_copies(case: Case, numbers: Iterable[int]) -> dict[int, int]:
    """For each document how many in the case have the very same content, itself included."""
    mine = shared_content(case, numbers)
    counted: dict[bytes, int] = {}
    for some in _parts(list(set(mine.values()))):
        query = (
            sa.select(_document.content, sa.func.count().label("n"))
            .where(
                _document.content.in_(some),
                _document.held.is_(False),
                _document.state != "withdrawn",
            )
            .group_by(_document.content)
        )
        with case.catalogue.read() as connection:
            counted.update((row.content, row.n) for row in connection.execute(query))
    return {number: max(1, counted.get(digest, 1)) for number, digest in mine.items()}


_Value = TypeVar("_Value")


def _parts(values: Sequence[_Value]) -> Iterable[Sequence[_Value]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
