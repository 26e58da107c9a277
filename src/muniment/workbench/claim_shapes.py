"""Shapes of what is found in the text by rules: passages, figures."""

from __future__ import annotations

from pydantic import Field

from muniment.workbench.shapes import Ask, Shape


class AskFigures(Ask):
    """figures and statements."""

    document: str | None = Field(
        None, description="identifier or reference; all that are no tables where null"
    )


class Passage(Shape):
    """Where something stands: exact words with what is around them, code points of the page, boxes in points."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    page: int
    boxes: list[list[float]]
    state: str


class Statement(Shape):
    """Who said what; `written` are the words the name `speaker` stands for."""

    statement: str
    document: str
    reference: str
    path: str
    page: int
    speaker: str
    written: str
    inferred: bool
    cue: str
    stance: str
    content: str
    partial: bool
    direct: bool
    via: str | None
    passage: Passage
    rule: str
    version: int
    judgement: str


class Statements(Shape):
    """statements."""

    statements: list[Statement]


class Figure(Shape):
    """A number with its bounds; `low` or `high` is null where it is open."""

    document: str
    reference: str
    path: str
    page: int
    text: str
    low: float | None
    high: float | None
    closed: bool
    modifier: str
    counted: str
    scope: str
    as_of: str
    fate: str
    passage: Passage


class Figures(Shape):
    """figures."""

    figures: list[Figure]
