"""Looking for names in what was read: the last stage of `add`, for which no search waits.

Derived: a document whose names do not stand in the catalogue, or were looked for by other lists and rules, is looked
at again. Each document is one small task; cut off, the next run goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import random_name
from muniment.case.name_tables import mention, name, named_document
from muniment.finding.folding import BREAK, words
from muniment.verbs.pages import unpack, unpack_text
from muniment.verbs.progress import Progress

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Watch

_AT_ONCE = 40
_LONGEST_PAGE = 2_000_000
"""Code points of a page in which names are looked for; beyond is said to be not looked at."""


def look_again(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """The text of these documents (row numbers) changed: look for their names anew. In the caller's transaction."""
    for table in (mention, named_document):
        connection.execute(sa.delete(table).where(table.c.document.in_(numbers)))


def name_documents(case: Case, watch: Watch | None = None) -> int:
    """Look for names in every document that waits for it; returns in how many."""
    done = 0
    while numbers := waiting(case, _AT_ONCE):
        found = {number: list(_rows(case, number)) for number in numbers}
        _write(case, found)
        done += len(numbers)
        if watch is not None:
            watch(Progress("names", done, done + len(waiting(case))))
    return done


def waiting(case: Case, most: int | None = None) -> list[int]:
    """The documents (row numbers) in which names are still to be looked for."""
    from muniment.names.finders import version

    document = tables.document.c
    looked = sa.and_(
        named_document.c.document == document.number, named_document.c.version == version()
    )
    query = (
        sa.select(document.number)
        .outerjoin(named_document, looked)
        .where(named_document.c.document.is_(None), document.state != "withdrawn")
        .where(sa.or_(document.state != "waiting", document.tried > 0))
        .order_by(document.number)
        .limit(most)
    )
    with case.catalogue.read() as connection:
        return list(connection.execute(query).scalars())


def key_of(text: str) -> str:
    """A spelling as names are told apart: folded, words with a space between."""
    return " ".join(word for word in words(text) if word != BREAK)


def _rows(case: Case, number: int) -> list[dict[str, Any]]:
    """The mentions of one document."""
    from muniment.names.finders import mentions

    page = tables.page.c
    query = sa.select(page.number, page.text, page.word_confidence).where(page.document == number)
    with case.catalogue.read() as connection:
        pages = connection.execute(query.order_by(page.number)).all()
    found = []
    for one in pages:
        text = unpack_text(one.text)
        sure = None if one.word_confidence is None else unpack(one.word_confidence)
        if sure is not None and len(sure) != len(text):
            sure = None
        for m in mentions(text[:_LONGEST_PAGE], sure):
            exact = text[m.start : m.end]
            key = key_of(exact)
            if key:
                values = {"page": one.number, "start": m.start, "end": m.end, "exact": exact}
                found.append(
                    {"document": number, "kind": m.kind, "key": key, "rule": m.rule, **values}
                )
    return found


def _write(case: Case, found: dict[int, list[dict[str, Any]]]) -> None:
    """One transaction: what was found takes the place of what was there."""
    from muniment.names.finders import version

    wanted = {(row["kind"], row["key"]) for rows in found.values() for row in rows}
    with case.catalogue.write() as connection:
        gone = tables.document.c.state == "withdrawn"
        query = sa.select(tables.document.c.number).where(tables.document.c.number.in_(found), gone)
        withdrawn = set(connection.execute(query).scalars())
        numbers = [number for number in found if number not in withdrawn]
        look_again(connection, numbers)
        known = _know(connection, wanted)
        rows = [
            {
                **{k: v for k, v in row.items() if k not in ("kind", "key")},
                "name": known[row["kind"], row["key"]],
            }
            for number in numbers
            for row in found[number]
        ]
        if rows:
            connection.execute(sa.insert(mention), rows)
        done = [{"document": number, "version": version()} for number in numbers]
        if done:
            connection.execute(sa.insert(named_document), done)


def _know(connection: sa.Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The row number of each name; new ones get a random item."""
    known: dict[tuple[str, str], int] = {}
    for kind, key in sorted(wanted):
        query = sa.select(name.c.number).where(name.c.kind == kind, name.c.key == key)
        number = connection.execute(query).scalar()
        if number is None:
            inserted = connection.execute(
                sa.insert(name).values(item=random_name(10), kind=kind, key=key)
            )
            assert inserted.inserted_primary_key is not None
            number = inserted.inserted_primary_key[0]
        known[kind, key] = int(number)
    return known
