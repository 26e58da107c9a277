"""find --list: each line of a list asked, zeros kept, with near spellings where nothing is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from muniment.finding.mistakes import QueryError
from muniment.finding.name_list import Line, NameList, read_list
from muniment.verbs.find import not_searched, text_of_page, texts_of_pages
from muniment.verbs.indexing import hidden, searchable
from muniment.verbs.progress import Progress

if TYPE_CHECKING:
    from muniment.finding.index import Index
    from muniment.verbs.case import Case, Report, Watch

HEAD = ("line", "query", "documents", "passages", "near", "problem")
_MOST_NEAR = 5
_PREVIEWED = 20


def find_list(
    case: Case,
    content: bytes,
    *,
    column: str = "",
    phrases: bool = False,
    near: bool = True,
    preview: bool = False,
    watch: Watch | None = None,
) -> Report:
    """The shape of `find --list`; with `preview` the first lines as they were read, nothing asked."""
    names = read_list(content, column=column, phrases=phrases)
    if preview:
        return {
            "list": how_it_was_read(names),
            "rows": [_unasked(x) for x in names.lines[:_PREVIEWED]],
        }
    index = searchable(case)
    ask = _asker(case, index, near)
    rows = []
    for done, line in enumerate(names.lines, 1):
        rows.append(ask(line))
        if watch is not None and (done % 20 == 0 or done == len(names.lines)):
            watch(Progress("searching", done, len(names.lines)))
    return {
        "list": how_it_was_read(names),
        "rows": rows,
        "not_searched": not_searched(case),
    }


def rows_of(rows: list[dict[str, Any]]) -> list[list[object]]:
    """The grid as a table, for HEAD."""
    return [
        [
            row["line"],
            row["query"],
            row["documents"],
            row["passages"],
            "; ".join(near["spelling"] for near in row["near"]),
            row["problem"],
        ]
        for row in rows
    ]


def how_it_was_read(names: NameList) -> dict[str, Any]:
    """What was guessed of the file, for a person to check."""
    return {
        "encoding": names.encoding,
        "delimiter": names.delimiter,
        "header": list(names.header),
        "columns": names.columns,
        "column": names.column + 1,
        "lines": len(names.lines),
        "blank": sum(line.problem == "blank" for line in names.lines),
    }


def _unasked(line: Line) -> dict[str, Any]:
    return {
        "line": line.line,
        "query": line.query,
        "cells": list(line.cells),
        "problem": line.problem,
    }


def _asker(case: Case, index: Index, near: bool) -> Callable[[Line], dict[str, Any]]:
    """A function that answers a line; the same query is asked once."""
    from muniment.finding.near_spellings import near_spellings

    without = hidden(case)
    known: dict[str, dict[str, Any]] = {}

    text_of, texts_of = partial(text_of_page, case), partial(texts_of_pages, case)

    def count(query: str) -> tuple[int, int, bool]:
        return index.count(query, text_of=text_of, texts_of=texts_of, without=without)

    def answer(query: str) -> dict[str, Any]:
        try:
            documents, passages, exact = count(query)
        except QueryError as error:
            return {**_NOTHING, "problem": error.message}
        row: dict[str, Any] = {
            "documents": documents,
            "passages": passages,
            "passages_exact": exact,
            "near": [],
            "problem": "",
        }
        if near and not documents:
            spelled = near_spellings(index, query, text_of=text_of, without=without)[:_MOST_NEAR]
            row["near"] = [
                {"spelling": text, "documents": count(f'"{text}"')[0]} for text in spelled
            ]
        return row

    def ask(line: Line) -> dict[str, Any]:
        if not line.query:
            found = _NOTHING
        else:
            if line.query not in known:
                known[line.query] = answer(line.query)
            found = known[line.query]
        problem = line.problem or found["problem"]
        return {"line": line.line, "query": line.query, **found, "problem": problem}

    return ask


_NOTHING: dict[str, Any] = {
    "documents": 0,
    "passages": 0,
    "passages_exact": True,
    "near": [],
    "problem": "",
}
