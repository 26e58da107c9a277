"""Searches kept under a name, in the catalogue: encrypted like everything there, and never in the journal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from muniment.errors import BadUse, NotFound
from muniment.finding.query import parse

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_SETTING = "searches"
MOST, LONGEST = 500, 120


def saved_searches(case: Case) -> list[dict[str, Any]]:
    """Every saved search in order of name: `name`, `query`, `sort`, `copies`."""
    kept: list[dict[str, Any]] = json.loads(case.catalogue.setting(_SETTING, "[]"))
    return sorted(kept, key=lambda search: search["name"].casefold())


def save_search(
    case: Case, name: str, query: str, *, sort: str = "relevance", copies: str = "each"
) -> list[dict[str, Any]]:
    """Keep a query under a name, in place of one of that name. Raises QueryError, BadUse."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST:
        raise BadUse(
            f"A saved search has a name of 1 to {LONGEST} characters.", next="Give it a short name."
        )
    parse(query)
    others = [search for search in saved_searches(case) if search["name"] != name]
    if len(others) >= MOST:
        raise BadUse(f"At most {MOST} searches are kept.", next="Forget some of them first.")
    others.append({"name": name, "query": query, "sort": sort, "copies": copies})
    case.catalogue.keep_setting(_SETTING, json.dumps(others, ensure_ascii=False))
    return saved_searches(case)


def forget_search(case: Case, name: str) -> list[dict[str, Any]]:
    """Keep a search no longer. Raises NotFound."""
    saved_search(case, name)
    others = [search for search in saved_searches(case) if search["name"] != name]
    case.catalogue.keep_setting(_SETTING, json.dumps(others, ensure_ascii=False))
    return others


def saved_search(case: Case, name: str) -> dict[str, Any]:
    """The saved search of a name. Raises NotFound."""
    for search in saved_searches(case):
        if search["name"] == name:
            return search
    raise NotFound("No search is saved under this name.", next="See `find CASE --saved`.")
