"""What a program asks of `find` by POST: a query, a list, or saved searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.errors import BadUse
from muniment.workbench.find_shapes import AskFind

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report


def found_for(case: Case, asked: AskFind) -> Report:
    """The answer. Raises BadUse unless exactly one thing is asked."""
    things = (asked.query, asked.list, asked.use, asked.forget, asked.saved or None)
    if sum(thing is not None for thing in things) != 1:
        raise BadUse(
            "Exactly one of query, list, use, saved and forget can be asked.",
            next="See /openapi.json.",
        )
    if asked.saved:
        return case.searches()
    if asked.forget is not None:
        return case.forget_search(asked.forget)
    if asked.list is not None:
        return case.find_list(
            asked.list.encode("utf-8", "surrogatepass"),
            column=asked.column,
            phrases=asked.phrases,
            near=asked.near,
            preview=asked.preview,
        )
    query, sort, copies = asked.query or "", str(asked.sort), str(asked.copies)
    if asked.use is not None:
        kept = case.saved_search(asked.use)
        query, sort, copies = kept["query"], kept["sort"], kept["copies"]
    if asked.save is not None:
        case.save_search(asked.save, query, sort=sort, copies=copies)
    limit = None if asked.every else asked.limit
    return case.find(query, limit=limit, offset=asked.offset, sort=sort, copies=copies)
