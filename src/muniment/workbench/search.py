"""Search: a query, the hits with their passages and pages, and what was not searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.errors import BadUse, NotFound
from muniment.verbs.adjoining import joined
from muniment.verbs.find import HEAD, rows_of
from muniment.verbs.page import measures
from muniment.workbench.accounting import WORDS
from muniment.workbench.framing import framed
from muniment.workbench.rendering import data, elsewhere, form_of, page, problem, wants_json
from muniment.workbench.searches import PAGE, Search
from muniment.workbench.sitting import Sitting, sitting_of
from muniment.workbench.tables import csv_answer

if TYPE_CHECKING:
    from muniment.verbs.case import Report

router = APIRouter(include_in_schema=False)
_FACETS = {"type": "Type", "language": "Language", "accession": "Accession", "state": "State"}
_ORDERS = (
    ("relevance", "best first"),
    ("date", "oldest first"),
    ("newest", "newest first"),
    ("path", "by path"),
)
IN_PART = ("partly-extracted", "doubtful")


@router.get("/search")
def empty(request: Request) -> Response:
    """The query box, and the searches of this sitting."""
    sitting = sitting_of(request)
    return page(
        request,
        "search.html",
        screen="search",
        title="Search",
        found=None,
        recent=_recent(sitting),
        saved=sitting.case.searches()["searches"],
    )


@router.post("/search")
async def ask(request: Request) -> Response:
    """Keep the query in memory and go to its opaque address."""
    form = await form_of(request)
    query = form.get("query", "").strip()
    more = form.get("and", "").strip()
    if not query and not more:
        return elsewhere("/search")
    if more:
        query = f"({query}) AND {more}" if query else more
    search = Search(query, form.get("sort", ""), form.get("copies", ""))
    return elsewhere("/search/" + sitting_of(request).searches.keep(search))


@router.post("/search/saved")
async def saved(request: Request) -> Response:
    """Ask a saved search again (`use`), or keep it no longer (`forget`)."""
    sitting = sitting_of(request)
    form = await form_of(request)
    if form.get("forget"):
        sitting.case.forget_search(form["forget"])
        return elsewhere("/search")
    kept = sitting.case.saved_search(form.get("use", ""))
    search = Search(kept["query"], kept["sort"], kept["copies"])
    return elsewhere("/search/" + sitting.searches.keep(search))


@router.post("/search/{name}/save")
async def save(request: Request, name: str) -> Response:
    """Keep a search under a name, in the case."""
    sitting = sitting_of(request)
    search = search_of(sitting, name)
    title = (await form_of(request)).get("title", "")
    sitting.case.save_search(title, search.query, sort=search.sort, copies=search.copies)
    return elsewhere(f"/search/{name}")


@router.get("/search/{name}")
@router.get("/search/{name}.json")
def results(request: Request, name: str, start: int = 0) -> Response:
    """A page of hits, or what is wrong with the query."""
    sitting = sitting_of(request)
    search = search_of(sitting, name)
    start = max(0, start - start % PAGE)
    try:
        found = search.page(sitting.case, start, sitting.work.version)
    except BadUse as error:
        if wants_json(request):
            return problem(request, error)
        return _mistake(request, search, error)
    if wants_json(request):
        return data(found)
    return page(
        request,
        "search.html",
        screen="search",
        title="Search",
        found=found,
        name_of=name,
        query=search.query,
        search=search,
        orders=_ORDERS,
        saved_as=[
            kept["name"]
            for kept in sitting.case.searches()["searches"]
            if kept["query"] == search.query
        ],
        start=start,
        groups=_groups(sitting, found, start),
        facets=_facets(found),
        words=WORDS,
        step=PAGE,
        unsearched=[(s, n) for s, n in found["not_searched"].items() if s not in IN_PART],
        in_part=[(s, n) for s, n in found["not_searched"].items() if s in IN_PART],
        recent=_recent(sitting),
    )


@router.get("/search/{name}/hit/{number}")
def go_to_hit(request: Request, name: str, number: int) -> Response:
    """To the Reader, at hit `number` (from 0) of a search."""
    sitting = sitting_of(request)
    around = search_of(sitting, name).hit(sitting.case, number, sitting.work.version)
    if around is None:
        return elsewhere(f"/search/{name}")
    return elsewhere(f"/document/{around.hit['document']}?search={name}&hit={number}#hit")


@router.get("/search/{name}/hits.csv")
def results_csv(request: Request, name: str) -> Response:
    """Every hit as a table, up to 20,000."""
    sitting = sitting_of(request)
    search = search_of(sitting, name)
    return csv_answer("hits", HEAD, rows_of(search.every_hit(sitting.case)))


@router.get("/search/{name}/hits.json")
def results_json(request: Request, name: str) -> Response:
    """Every hit, up to 20,000, with the query."""
    sitting = sitting_of(request)
    answer = data(search_of(sitting, name).every_hit(sitting.case))
    answer.headers["Content-Disposition"] = 'attachment; filename="hits.json"'
    return answer


def search_of(sitting: Sitting, name: str) -> Search:
    """The search of that address. Raises NotFound where it is of another sitting."""
    search = sitting.searches.get(name)
    if search is None:
        raise NotFound(
            "This search is no longer kept: searches live in memory only.", next="Search again."
        )
    return search


def _mistake(request: Request, search: Search, error: BadUse) -> Response:
    """The query with the character the error points at."""
    position = getattr(error, "position", None)
    query = search.query
    parts = None
    if isinstance(position, int) and query:
        parts = (query[:position], query[position : position + 1], query[position + 1 :])
    return page(
        request,
        "search.html",
        400,
        screen="search",
        title="Search",
        found=None,
        query=query,
        error=error,
        parts=parts,
        recent=_recent(sitting_of(request)),
        saved=[],
    )


def _recent(sitting: Sitting) -> list[tuple[str, str]]:
    """The last searches, each query once."""
    seen: dict[str, str] = {}
    for name, search in sitting.searches.latest(40):
        seen.setdefault(search.query, name)
    return [(name, query) for query, name in seen.items()][:8]


def _groups(sitting: Sitting, found: Report, start: int) -> list[dict[str, Any]]:
    """Hits by document and page, those that overlap joined; each with the number of its first match."""
    sizes = measures(sitting.case, {(h["document"], h["page"]) for h in found["hits"]})
    groups: list[dict[str, Any]] = []
    number = start
    for hit in joined(found["hits"]):
        if not groups or groups[-1]["document"] != hit["document"]:
            groups.append({"document": hit["document"], "hit": hit, "hits": [], "pages": []})
        group = groups[-1]
        group["hits"].append((number, hit))
        size = sizes.get((hit["document"], hit["page"]))
        if size is not None:
            if not group["pages"] or group["pages"][-1]["page"] != hit["page"]:
                group["pages"].append(
                    {"page": hit["page"], "size": size, "number": number, "framed": []}
                )
            group["pages"][-1]["framed"] += [(False, box) for box in framed(hit["boxes"])]
        number += max(1, len(hit["spans"]))
    return groups


def _facets(found: Report) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """Facets that divide the hits, most frequent values first."""
    result = []
    for name, label in _FACETS.items():
        values = sorted(found["facets"].get(name, {}).items(), key=lambda pair: (-pair[1], pair[0]))
        if len(values) > 1:
            result.append((name, label, values[:12]))
    return result
