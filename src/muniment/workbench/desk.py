"""The Desk: what came in, what failed, what awaits a person, log, anchors and custodians; adding begins here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.workbench.accounting import WORDS, segments, sentence
from muniment.workbench.rendering import data, elsewhere, page, wants_json
from muniment.workbench.searches import Search
from muniment.workbench.sitting import Sitting, Station, sitting_of

if TYPE_CHECKING:
    from muniment.verbs.case import Report

router = APIRouter(include_in_schema=False)
_PROBLEMS = 12
_AWAITED = {
    "reading": "waiting to be read",
    "pages for OCR": "pages that show something and hold no text",
}


@router.get("/")
@router.get("/desk.json")
def desk(request: Request, still: bool = False) -> Response:
    """The Desk."""
    sitting = sitting_of(request)
    status = sitting.case.status()
    if wants_json(request):
        return data(status)
    values = _values(sitting, status)
    return page(
        request,
        "desk.html",
        screen="desk",
        title="Desk",
        still=still,
        tour=_tour(sitting),
        **values,
    )


@router.get("/desk/live")
def live(request: Request) -> Response:
    """The part of the Desk that changes while work goes on."""
    sitting = sitting_of(request)
    return page(request, "desk_live.html", **_values(sitting, sitting.case.status()))


@router.get("/progress")
def progress(request: Request) -> Response:
    """How far the work is, as JSON."""
    return data(sitting_of(request).work.as_json())


@router.post("/tour/{number}")
def station(request: Request, number: int) -> Response:
    """To a station of the tour: its search, or its document."""
    sitting = sitting_of(request)
    if not 0 <= number < len(sitting.tour):
        return elsewhere("/")
    stop = sitting.tour[number]
    if stop.query:
        return elsewhere("/search/" + sitting.searches.keep(Search(stop.query)))
    document = _document_at(sitting, stop.path)
    return elsewhere(f"/document/{document}?page={stop.page}" if document else "/documents")


@router.post("/lock-now")
def lock_now(request: Request) -> Response:
    """Stop the work, delete what is in clear, and end the workbench."""
    sitting = sitting_of(request)
    sitting.work.stop()
    sitting.case.lock()
    answer = page(request, "locked.html", title="Locked", screen="locked")
    sitting.stop()
    return answer


def _values(sitting: Sitting, status: Report) -> dict[str, Any]:
    accounting = status["accounting"]
    bar = segments(accounting["states"], accounting["expected"])
    problems = accounting["problems"]
    awaiting = [(_AWAITED.get(what, what), n) for what, n in status["awaiting"].items() if n]
    return {
        "status": status,
        "accounting": accounting,
        "bar": bar,
        "bar_sentence": sentence(bar),
        **_seen(accounting),
        "problems": problems[:_PROBLEMS],
        "more_problems": max(0, len(problems) - _PROBLEMS),
        "awaiting": awaiting,
        "words": WORDS,
        "work": sitting.work.as_json(),
    }


def _seen(accounting: Report) -> dict[str, Any]:
    """How much of what is there a person has seen, as a bar of 1000."""
    seen, found = accounting["seen"], accounting["found"]
    width = max(6, 1000 * seen // found) if seen and found else 0
    return {
        "seen_width": width,
        "seen_sentence": f"{seen:,} of {found:,} seen by a person.",
    }


def _tour(sitting: Sitting) -> list[tuple[int, Station, bool]]:
    """Stations with their number, and whether what they lead to is there already."""
    if not sitting.tour:
        return []
    paths = {d["path"] for d in sitting.documents()}
    return [
        (number, stop, bool(stop.query and paths) or any(_same(path, stop.path) for path in paths))
        for number, stop in enumerate(sitting.tour)
    ]


def _document_at(sitting: Sitting, path: str) -> str | None:
    for listed in sitting.documents():
        if _same(listed["path"], path):
            return str(listed["document"])
    return None


def _same(path: str, wanted: str) -> bool:
    return bool(wanted) and (path == wanted or path.endswith("/" + wanted))
