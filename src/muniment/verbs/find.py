"""find: passages that answer a query, with their boxes, and what was not searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import BadUse
from muniment.reading.language import at
from muniment.verbs.arranging import arranged, how_many_copies, shared_content
from muniment.verbs.doubt import doubtful_documents
from muniment.verbs.indexing import hidden, searchable
from muniment.verbs.pages import (
    page_text,
    passage_boxes,
    rows_at,
    texts_at,
    unpack_boxes,
    unpack_text,
)
from muniment.verbs.translations import FIRST, page_of, translation_at

if TYPE_CHECKING:
    from muniment.finding.entry import Found, Passage
    from muniment.verbs.case import Case, Report

PARTLY = "partly-extracted"
_UNSEARCHED = ("failed", "encrypted", "unsupported", "over-limit", "waiting", "withdrawn")


SORTS = ("relevance", "date", "newest", "path")
COPIES = ("each", "grouped")

MOST = 20_000
"""Hits of one report at most."""

HEAD = (
    "reference", "path", "title", "date", "page", "passage", "language", "why", "copies", "query",
)  # fmt: skip


def rows_of(found: Report) -> list[list[object]]:
    """Hits as a table, for HEAD; the query stands in each row, so that a table tells what it is of."""
    return [
        [hit["text" if name == "passage" else name] for name in HEAD[:-1]] + [found["query"]]
        for hit in found["hits"]
    ]


def find(
    case: Case,
    query: str,
    *,
    limit: int | None = 20,
    offset: int = 0,
    sort: str = "relevance",
    copies: str = "each",
) -> Report:
    """The shape of `find`; without a `limit` every hit, up to MOST.

    Highlights are code points within `text`, `start` and `end` within the page.
    """
    for word, known, name in ((sort, SORTS, "order"), (copies, COPIES, "way to show copies")):
        if word not in known:
            raise BadUse(f"There is no such {name}.", next=f"Use one of {', '.join(known)}.")
    index = searchable(case)
    found = index.search(
        query,
        limit=MOST if limit is None else limit,
        offset=offset,
        text_of=partial(text_of_page, case),
        texts_of=partial(texts_of_pages, case),
        without=hidden(case),
        arranged=None if sort == "relevance" else partial(arranged, case, sort),
        same_as=partial(shared_content, case) if copies == "grouped" else None,
    )
    return {
        "query": query,
        "sort": sort,
        "copies": copies,
        "documents": found.documents,
        "passages": found.passages,
        "passages_exact": found.passages_exact,
        "not_searched": not_searched(case),
        "hits": _hits(case, found),
        "facets": found.facets,
        "next": found.next,
    }


def text_of_page(case: Case, document: int, page: int) -> str:
    """The text of a page as the index knows it: one of the document's own, or a person's translation."""
    if page < FIRST:
        return page_text(case, document, page)
    translation = translation_at(case, page)
    return "" if translation is None else translation.text


def texts_of_pages(case: Case, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The same of many pages at once."""
    found = texts_at(case, [place for place in places if place[1] < FIRST])
    return found | {place: text_of_page(case, *place) for place in places if place[1] >= FIRST}


def not_searched(case: Case) -> dict[str, int]:
    """How many documents hold nothing that could be searched, by state; how many more are held; and how many are
    searched only in part (partly-extracted) or with doubt (doubtful: OCR was not sure of a page of them).
    """
    document = tables.document
    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(document.c.state, sa.func.count().label("n"))
            .where(document.c.state.in_(_UNSEARCHED))
            .group_by(document.c.state)
        ).all()
        held = connection.execute(
            sa.select(sa.func.count()).where(document.c.held, document.c.state.not_in(_UNSEARCHED))
        ).scalar_one()
        partly = connection.execute(
            sa.select(sa.func.count()).where(document.c.state == PARTLY, ~document.c.held)
        ).scalar_one()
        doubtful, _ = doubtful_documents(connection)
    more = {"held": int(held), PARTLY: int(partly), "doubtful": doubtful}
    return {row.state: row.n for row in rows} | {what: n for what, n in more.items() if n}


def _hits(case: Case, found: Found) -> list[dict[str, Any]]:
    numbers = {hit.number for hit in found.hits}
    with case.catalogue.read() as connection:
        query = sa.select(tables.document).where(tables.document.c.number.in_(numbers))
        rows = {row.number: row for row in connection.execute(query)}
    pages = _pages(case, {(hit.number, hit.page) for hit in found.hits if hit.page < FIRST})
    several = how_many_copies(case, numbers)
    return [
        {
            **(
                _hit(hit, rows[hit.number], pages.get((hit.number, hit.page)))
                if hit.page < FIRST
                else _translated(case, hit, rows[hit.number])
            ),
            "copies": several.get(hit.number, 1),
        }
        for hit in found.hits
        if hit.number in rows
    ]


class _Sheet:
    """Boxes and language of a page; each stretch is looked up once, however many hits it is in."""

    def __init__(self, boxes: bytes | None, language: str | None) -> None:
        self._table = None if boxes is None else unpack_boxes(boxes)
        self.language = language or ""
        self._known: dict[tuple[int, int], list[list[float]]] = {}

    def boxes(self, start: int, end: int) -> list[list[float]]:
        """The boxes of a stretch, one for each line; none where the page has no layout."""
        if self._table is None:
            return []
        if (start, end) not in self._known:
            self._known[start, end] = passage_boxes(self._table, start, end)
        return self._known[start, end]


def _pages(case: Case, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], _Sheet]:
    """The pages of hits, by document and page number."""
    rows = rows_at(case, sorted(wanted), ("boxes", "language"))
    return {(row[0], row[1]): _Sheet(row[2], row[3]) for row in rows}


def _hit(hit: Passage, row: Any, page: _Sheet | None) -> dict[str, Any]:
    place = hit.span[0] if hit.span else hit.start
    boxes: list[list[float]] = []
    own: list[list[float]] = []
    if page is not None:
        boxes = [box for start, end in hit.marks for box in page.boxes(start, end)]
        own = page.boxes(*hit.span) if hit.span else []
    return {
        "document": row.document,
        "reference": row.reference,
        "path": row.path,
        "title": row.title,
        "date": row.date,
        "page": hit.page,
        "text": hit.text,
        "start": hit.start,
        "end": hit.end,
        "highlights": [list(pair) for pair in hit.highlights],
        "marks": [list(pair) for pair in hit.marks],
        "span": None if hit.span is None else list(hit.span),
        "boxes": boxes,
        "span_boxes": own,
        "score": hit.score,
        "language": at(page.language, place) if page is not None else "",
        "why": hit.why,
        "derived": None,
    }


def _translated(case: Case, hit: Passage, row: Any) -> dict[str, Any]:
    """A hit in a translation: its text and highlights are the translation's, its place that of what is translated."""
    from muniment.finding.locating import Quote, locate

    translation = translation_at(case, hit.page)
    if translation is None:  # taken back since the index was asked
        return _hit(hit, row, None)
    page = page_of(case, row.number, translation.page)
    start, end, span = 0, 0, None
    if translation.exact and page is not None:
        names = ("exact", "prefix", "suffix", "start", "end")
        sought = Quote(**{name: getattr(translation, name) for name in names})
        start, end, state = locate(unpack_text(page.text), sought)
        span = (start, end) if state != "lost" else None
    place = replace(hit, page=translation.page, start=start, end=end, span=span, marks=[])
    why = "; ".join(filter(None, [translation.why, hit.why]))
    said = {name: getattr(translation, name) for name in ("note", "language", "who", "time")}
    return {
        **_hit(place, row, None if page is None else _Sheet(page.boxes, page.language)),
        "language": translation.language,
        "why": why,
        "derived": {"kind": "translation", **said},
    }
