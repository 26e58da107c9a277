"""The shapes of `find` for the API's own description: a query, a list, saved searches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from muniment.workbench.shapes import Ask, Counts, Shape


class AskFind(Ask):
    """find: a query, a list, the name of a saved search, or the saved searches themselves."""

    query: str | None = None
    limit: int = Field(20, ge=1, le=1000)
    every: bool = Field(False, description="every hit, up to 20,000, instead of `limit`")
    offset: int = Field(0, ge=0)
    sort: Literal["relevance", "date", "newest", "path"] = "relevance"
    copies: Literal["each", "grouped"] = "each"
    list: str | None = Field(None, description="the text of a list (CSV); each line is asked")
    column: str = Field("", description="of the list: its heading or its number")
    phrases: bool = Field(False, description="lines of the list are names as they stand")
    near: bool = Field(True, description="offer near spellings for lines without a hit")
    preview: bool = Field(False, description="only how the list was read")
    save: str | None = Field(None, description="keep the query under this name")
    use: str | None = Field(None, description="ask the saved search of this name")
    saved: bool = Field(False, description="only name the saved searches")
    forget: str | None = Field(None, description="keep the saved search of this name no longer")


class Hit(Shape):
    """A passage. Offsets are code points, boxes points from the page's top left."""

    document: str
    path: str
    title: str
    page: int
    text: str
    start: int
    end: int
    highlights: list[list[int]]
    marks: list[list[int]]
    span: list[int] | None
    boxes: list[list[float]]
    span_boxes: list[list[float]]
    score: float
    language: str
    why: str
    derived: dict[str, str] | None
    date: str
    copies: int


class Found(Shape):
    """find."""

    query: str
    sort: str
    copies: str
    documents: int
    passages: int
    passages_exact: bool
    not_searched: Counts
    hits: list[Hit]
    facets: dict[str, Counts]
    next: int | None


class Asked(Shape):
    """A line of a list; with `preview` only `line`, `query`, `problem` and the `cells`."""

    line: int
    query: str
    problem: str


class FoundList(Shape):
    """find with a list."""

    rows: list[Asked]
    list: dict[str, object]


class Searches(Shape):
    """find with `saved` or `forget`."""

    searches: list[dict[str, str]]
