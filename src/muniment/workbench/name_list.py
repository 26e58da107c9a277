"""Name list: drop or paste a list, see how it was read, ask every line, look through the grid."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.errors import BadUse, NotFound
from muniment.finding.name_list import LARGEST
from muniment.verbs.dropping import clear_drop
from muniment.verbs.find_list import HEAD, rows_of
from muniment.workbench.accounting import WORDS
from muniment.workbench.listed import Listed
from muniment.workbench.receiving import receive
from muniment.workbench.rendering import data, elsewhere, form_of, page, wants_json
from muniment.workbench.search import IN_PART
from muniment.workbench.searches import Search
from muniment.workbench.sitting import Sitting, sitting_of
from muniment.workbench.tables import csv_answer

router = APIRouter(include_in_schema=False)
PAGE_OF_ROWS = 200
_SHOWS = ("all", "found", "zero", "problem")


@router.get("/list")
def begin(request: Request) -> Response:
    """Where a list is dropped or pasted."""
    return page(request, "list.html", screen="list", title="Name list", listed=None)


@router.post("/list/text")
async def pasted(request: Request) -> Response:
    """A list pasted into the form."""
    text = (await form_of(request)).get("text", "")
    return _kept(sitting_of(request), text.encode("utf-8", "replace"))


@router.post("/list/file")
async def dropped(request: Request) -> Response:
    """A list as a file; it lies in working/ until it is in memory, and nowhere else."""
    sitting = sitting_of(request)
    came = await receive(request, sitting.case)
    try:
        files = [path for path in came.roots if path.is_file()]
        if len(files) != 1:
            raise BadUse("One file is needed.", next="Choose the list, then open it.")
        with files[0].open("rb") as file:
            content = file.read(LARGEST + 1)
    finally:
        clear_drop(came.place)
    return _kept(sitting, content)


@router.get("/list/{name}")
@router.get("/list/{name}.json")
def grid(request: Request, name: str, show: str = "all", start: int = 0) -> Response:
    """The preview, how far it is, or the grid."""
    sitting = sitting_of(request)
    listed = list_of(sitting, name)
    if listed.error is not None:
        raise listed.error
    if wants_json(request):
        return data(listed.report or _so_far(sitting, listed))
    shown = _read(sitting, listed) if listed.report is None else _rows(listed.report, show, start)
    return page(
        request,
        "list.html",
        screen="list",
        title="Name list",
        listed=listed,
        name_of=name,
        report=listed.report,
        **shown,
    )


def _so_far(sitting: Sitting, listed: Listed) -> dict[str, Any]:
    """The preview, and how many lines were asked."""
    running = {"running": listed.running, "done": listed.done, "total": listed.total}
    return {**listed.preview(sitting.case), **running}


def _read(sitting: Sitting, listed: Listed) -> dict[str, Any]:
    preview = listed.preview(sitting.case)
    return {"how": preview["list"], "rows": preview["rows"]}


def _rows(report: dict[str, Any], show: str, start: int) -> dict[str, Any]:
    """A page of the grid: the rows of one kind from `start` on."""
    show = show if show in _SHOWS else "all"
    rows = [row for row in report["rows"] if _is_shown(row, show)]
    start = max(0, min(start, len(rows) - 1))
    start -= start % PAGE_OF_ROWS
    return {
        "how": report["list"],
        "rows": rows[start : start + PAGE_OF_ROWS],
        "number": len(rows),
        "start": start,
        "step": PAGE_OF_ROWS,
        "show": show,
        "counts": {word: sum(_is_shown(r, word) for r in report["rows"]) for word in _SHOWS},
        "words": WORDS,
        "unsearched": [(s, n) for s, n in report["not_searched"].items() if s not in IN_PART],
    }


@router.post("/list/{name}/ask")
async def ask(request: Request, name: str) -> Response:
    """Read the list with another column, or ask every line of it."""
    sitting = sitting_of(request)
    listed = list_of(sitting, name)
    form = await form_of(request)
    listed.column = form.get("column", "")
    listed.phrases = form.get("phrases") == "yes"
    listed.preview(sitting.case)
    if form.get("go") == "ask":
        listed.ask(sitting.case)
    else:
        listed.report = None
    return elsewhere(f"/list/{name}")


@router.post("/list/{name}/line")
async def line(request: Request, name: str) -> Response:
    """The hits of a line, or of a near spelling of it, on the Search screen."""
    sitting = sitting_of(request)
    form = await form_of(request)
    wanted, _, near = form.get("line", "").partition(".")
    row = list_of(sitting, name).row(int(wanted) if wanted.isdigit() else 0)
    if row is None:
        raise NotFound("There is no such line.", next="Go back to the list.")
    query = row["query"]
    if near.isdigit() and int(near) < len(row["near"]):
        query = f'"{row["near"][int(near)]["spelling"]}"'
    return elsewhere("/search/" + sitting.searches.keep(Search(query)))


@router.get("/list/{name}/rows.csv")
def grid_csv(request: Request, name: str) -> Response:
    """The whole grid as a table."""
    return csv_answer("list", HEAD, rows_of(_asked(request, name)["rows"]))


@router.get("/list/{name}/rows.json")
def grid_json(request: Request, name: str) -> Response:
    """The whole grid for a program."""
    answer = data(_asked(request, name))
    answer.headers["Content-Disposition"] = 'attachment; filename="list.json"'
    return answer


def list_of(sitting: Sitting, name: str) -> Listed:
    """The list of that address. Raises NotFound where it is of another sitting."""
    listed = sitting.lists.get(name)
    if listed is None:
        raise NotFound(
            "This list is no longer kept: lists live in memory only.", next="Open it again."
        )
    return listed


def _asked(request: Request, name: str) -> dict[str, Any]:
    report = list_of(sitting_of(request), name).report
    if report is None:
        raise BadUse("This list was not asked yet.", next="Go back to it and search all lines.")
    return report


def _kept(sitting: Sitting, content: bytes) -> Response:
    """Keep a list that can be read; one that cannot is an error at once."""
    listed = Listed(content)
    listed.preview(sitting.case)
    return elsewhere("/list/" + sitting.lists.keep(listed))


def _is_shown(row: dict[str, Any], show: str) -> bool:
    if show == "found":
        return bool(row["documents"])
    if show == "zero":
        return not row["documents"] and row["problem"] != "blank"
    if show == "problem":
        return bool(row["problem"])
    return True
