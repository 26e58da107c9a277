"""statements: who said what, with which stance, in articles and documents, each at its passage.

They are read anew each time; only where one stands is kept, so that it has the same identifier the next time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.folder import random_name
from muniment.case.statement_tables import statement
from muniment.claims.statements import VERSION, Statement
from muniment.claims.statements import statements as statements_of
from muniment.verbs.anchored import anchored
from muniment.verbs.article_pages import ArticlePage, article_pages

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

_IDENTIFIER = 10
_PENDING = 2000


def statements(case: Case, document: str | None = None) -> Report:
    """The shape of `statements`: of one document, or of all that were read, are not held and are no tables."""
    found: list[tuple[ArticlePage, Statement]] = []
    for page in article_pages(case, document):
        found += [(page, one) for one in statements_of(page.text, page.spans)]
    items = _identifiers(case, found)
    return {
        "statements": [
            _as_json(page, one, item) for (page, one), item in zip(found, items, strict=True)
        ]
    }


def _as_json(page: ArticlePage, one: Statement, item: str) -> dict[str, Any]:
    return {
        "statement": item,
        "document": page.row.document,
        "reference": page.row.reference,
        "path": page.row.path,
        "page": page.number,
        "speaker": one.speaker,
        "written": one.written,
        "inferred": one.inferred,
        "cue": one.cue,
        "stance": one.stance,
        "content": one.content,
        "partial": one.partial,
        "direct": one.direct,
        "via": one.via or None,
        "passage": anchored(page.text, one.start, one.end, page.number, page.boxes),
        "rule": one.rule,
        "version": one.version,
        "judgement": "proposed",
    }


def _identifiers(case: Case, found: list[tuple[ArticlePage, Statement]]) -> list[str]:
    """The identifier of each, known by where it stands; those that are new are kept."""
    numbers = sorted({page.row.number for page, _ in found})
    known = _known(case, numbers)
    fresh: list[dict[str, Any]] = []
    items: list[str] = []
    for page, one in found:
        place = (page.row.number, page.number, one.start, one.end)
        if place not in known:
            known[place] = random_name(_IDENTIFIER)
            names = ("document", "page", "start", "end")
            fresh.append(
                {**dict(zip(names, place, strict=True)), "item": known[place], "version": VERSION}
            )
        items.append(known[place])
    if fresh:
        with case.catalogue.write() as connection:
            for begin in range(0, len(fresh), _PENDING):
                connection.execute(
                    sa.insert(statement).prefix_with("OR IGNORE"), fresh[begin : begin + _PENDING]
                )
        # Another process may have listed them meanwhile: what it called them holds.
        known = _known(case, numbers)
        items = [known[page.row.number, page.number, one.start, one.end] for page, one in found]
    return items


def _known(case: Case, numbers: Iterable[int]) -> dict[tuple[int, int, int, int], str]:
    row = statement.c
    known: dict[tuple[int, int, int, int], str] = {}
    with case.catalogue.read() as connection:
        for number in numbers:
            for one in connection.execute(sa.select(statement).where(row.document == number)):
                known[one.document, one.page, one.start, one.end] = one.item
    return known


def forget_statements(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Take out where statements of documents that are withdrawn stood, in the caller's transaction."""
    for number in numbers:
        connection.execute(sa.delete(statement).where(statement.c.document == number))
