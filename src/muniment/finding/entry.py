"""What goes into the index and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Entry:
    """A document as the index takes it.

    `number` is its row id in the catalogue; `pages` are (page number from 1, raw text). A document whose
    text could not be read has no pages and is still found by its fields.
    """

    number: int
    document: str = ""
    path: str = ""
    title: str = ""
    type: str = ""
    languages: list[str] = field(default_factory=list)
    state: str = ""
    accession: str = ""
    date: str = ""
    sender: str = ""
    recipients: str = ""
    tags: list[str] = field(default_factory=list)
    # What a person said of it, as fields of the query language compare with: `seen:anna`, `starred:yes`.
    labels: list[str] = field(default_factory=list)
    pages: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Passage:
    """One matched span with its surroundings.

    `span` is the match that this passage is about. `text` is the raw page text from `start` to `end`;
    `highlights` are [start, end] relative to `text`, `marks` the same places in the page. All are code points.
    `why` says why the match differs from what was typed, "" where it does not. `page` is 0, and `text`
    empty, for a document without pages. Without a span (a query of fields alone) the passage is the
    beginning of the document, and `span` is None.
    """

    number: int
    page: int
    start: int
    end: int
    text: str
    highlights: list[list[int]]
    marks: list[list[int]]
    span: tuple[int, int] | None
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query.

    `documents` is exact. `passages` counts matched spans; it is exact when `passages_exact`, and otherwise
    at least that many. `facets` maps each of type, language, accession and state to {value: documents}.
    `next` is the offset of the next hit, None after the last.
    """

    documents: int
    passages: int
    passages_exact: bool
    hits: list[Passage]
    facets: dict[str, dict[str, int]]
    next: int | None
