"""find: passages that answer a query, with their boxes, and what was not searched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.reading.language import at
from muniment.verbs.doubt import doubtful_documents
from muniment.verbs.indexing import hidden, searchable
from muniment.verbs.pages import page_text, passage_boxes, unpack_boxes, unpack_text
from muniment.verbs.translations import FIRST, page_of, translation_at

if TYPE_CHECKING:
    from muniment.finding.entry import Found, Passage
    from muniment.verbs.case import Case, Report

PARTLY = "partly-extracted"
_UNSEARCHED = ("failed", "encrypted", "unsupported", "over-limit", "waiting", "withdrawn")


def find(case: Case, query: str, *, limit: int = 20, offset: int = 0) -> Report:
    """The shape of `find`. Highlights are code points within `text`, `start` and `end` within the page."""
    index = searchable(case)
    seen: dict[tuple[int, int], str] = {}

    def text_of(document: int, page: int) -> str:
        key = (document, page)
        if key not in seen:
            seen[key] = _text(case, document, page)
        return seen[key]

    found = index.search(query, limit=limit, offset=offset, text_of=text_of, without=hidden(case))
    return {
        "query": query,
        "documents": found.documents,
        "passages": found.passages,
        "passages_exact": found.passages_exact,
        "not_searched": not_searched(case),
        "hits": _hits(case, found),
        "facets": found.facets,
        "next": found.next,
    }


def _text(case: Case, document: int, page: int) -> str:
    if page < FIRST:
        return page_text(case, document, page)
    translation = translation_at(case, page)
    return "" if translation is None else translation.text


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
    return [
        _hit(hit, rows[hit.number], pages.get((hit.number, hit.page)))
        if hit.page < FIRST
        else _translated(case, hit, rows[hit.number])
        for hit in found.hits
        if hit.number in rows
    ]


def _pages(case: Case, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """Boxes and languages of pages, by document and page number."""
    page = tables.page.c
    query = sa.select(page.document, page.number, page.boxes, page.language).where(
        sa.tuple_(page.document, page.number).in_(wanted)
    )
    with case.catalogue.read() as connection:
        return {(row.document, row.number): row for row in connection.execute(query)}


def _hit(hit: Passage, row: Any, page: Any) -> dict[str, Any]:
    place = hit.span[0] if hit.span else hit.start
    boxes: list[list[float]] = []
    own: list[list[float]] = []
    if page is not None and page.boxes is not None:
        table = unpack_boxes(page.boxes)
        boxes = [box for start, end in hit.marks for box in passage_boxes(table, start, end)]
        own = passage_boxes(table, *hit.span) if hit.span else []
    return {
        "document": row.document,
        "reference": row.reference,
        "path": row.path,
        "title": row.title,
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
        **_hit(place, row, page),
        "language": translation.language,
        "why": why,
        "derived": {"kind": "translation", **said},
    }
