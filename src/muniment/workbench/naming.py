"""Names: who and what is named, by the alphabet, and what a person decides of it; also `names` and `judge`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from muniment.errors import BadUse
from muniment.names.mention import KINDS
from muniment.verbs.case import Case, Report
from muniment.verbs.names import HEAD
from muniment.verbs.note import who_of
from muniment.workbench.name_shapes import AskJudge, AskNames, Judged, Names
from muniment.workbench.rendering import data, elsewhere, form_of, page, wants_json
from muniment.workbench.sitting import Sitting, sitting_of
from muniment.workbench.tables import csv_answer

router = APIRouter()
WORDS = {"person": "persons", "organisation": "organisations", "place": "places"}
ROWS = 200
_FORMS = ("merge", "split", "rename", "delete", "undo")


@router.post("/names", response_model=Names, response_model_exclude_unset=True, tags=["verbs"])
def names_verb(request: Request, asked: AskNames) -> JSONResponse:
    """Who and what is named, or one name with its mentions; merge, split, rename, delete, undo."""
    case = sitting_of(request).case
    if asked.action != "list":
        said = {"value": asked.value, "why": asked.why, "by": asked.by}
        return JSONResponse(case.names_change(asked.action, asked.names, **said))
    report = case.names(
        asked.name, kind=asked.kind, together=asked.together, everything=asked.everything
    )
    return JSONResponse(report)


@router.post("/judge", response_model=Judged, tags=["verbs"])
def judge_verb(request: Request, asked: AskJudge) -> JSONResponse:
    """Accept, reject or doubt what was proposed: a name, or two (with a full stop between) as one."""
    case = sitting_of(request).case
    return JSONResponse(case.judge(asked.item, asked.judgement, why=asked.why, by=asked.by))


@router.get("/names", include_in_schema=False)
@router.get("/names.json", include_in_schema=False)
def names(request: Request, kind: str = "", start: int = 0, everything: bool = False) -> Response:
    """The list. `kind` filters; `everything` shows what was rejected or deleted too."""
    report = _listed(request, kind, everything=everything)
    found = report["names"]
    if wants_json(request):
        return data(report)
    start = max(0, min(start, len(found)))
    return page(
        request,
        "names.html",
        screen="names",
        title="Names",
        rows=found[start : start + ROWS],
        found=len(found),
        start=start,
        step=ROWS,
        kind=kind,
        kinds=[(name, WORDS[name]) for name in KINDS],
        everything=everything,
        initials=_initials(found),
        waiting=report["waiting"],
        tail=("&kind=" + kind if kind else "") + ("&everything=true" if everything else ""),
    )


def _listed(request: Request, kind: str, *, everything: bool) -> Report:
    if kind and kind not in KINDS:
        raise BadUse("There is no such kind of name.", next="Choose one of those listed on Names.")
    return sitting_of(request).case.names(kind=kind or None, everything=everything)


def _initials(found: list[Report]) -> list[tuple[str, int]]:
    """Each letter, and the first page of the list on which it stands."""
    first: dict[str, int] = {}
    for at, one in enumerate(found):
        first.setdefault(one["initial"], at)
    return list(first.items())


@router.get("/names.csv", include_in_schema=False)
def names_csv(request: Request, kind: str = "", everything: bool = False) -> Response:
    """The same as a table."""
    found = _listed(request, kind, everything=everything)["names"]
    rows = (
        ["; ".join(one[field]) if field == "variants" else one[field] for field in HEAD]
        for one in found
    )
    return csv_answer("names", HEAD, rows)


@router.get("/names/{item}", include_in_schema=False)
def one_name(request: Request, item: str, beside: str = "") -> Response:
    """One name: its spellings, its passages, what was decided. `beside`: items of others on the same pages."""
    sitting = sitting_of(request)
    picked = [one for one in beside.split(".") if one.isalnum()]
    report = sitting.case.names(_item(item), together=picked, everything=True)
    if wants_json(request):
        return data(report)
    [one] = report["names"]
    return page(
        request,
        "name.html",
        screen="name",
        title="A name",
        one=one,
        picked=[sitting.case.names(other, everything=True)["names"][0] for other in picked],
        mentions=report["together"] if picked else report["mentions"],
        more=report["more"],
        history=report["history"],
        who=sitting.who,
    )


def _item(item: str) -> str:
    """Addresses hold items alone, never a name. Raises BadUse."""
    if not (item.isascii() and item.isalnum() and item.islower()):
        raise BadUse("That is no identifier of a name.", next="Choose one on Names.")
    return item


@router.post("/names/{item}", include_in_schema=False)
async def decide(request: Request, item: str) -> Response:
    """What a form of the screen decides; back to the name, or to the list where it is gone."""
    sitting, form = sitting_of(request), await form_of(request)
    if form.get("by", "").strip():
        sitting.who = who_of(form["by"])
    what = form.get("what", "")
    now = await run_in_threadpool(_decide, sitting, _item(item), what, form)
    return elsewhere(now)


def _decide(sitting: Sitting, item: str, what: str, form: dict[str, str]) -> str:
    case, said = sitting.case, {"by": sitting.who, "why": form.get("why", "")}
    if what in ("accepted", "rejected", "unsure"):
        case.judge(form.get("pair") or item, what, **said)
        return f"/names/{item}"
    if what == "who":
        return f"/names/{item}"
    if what == "beside":
        return f"/names/{item}?beside={_other(case, form)}"
    if what not in _FORMS:
        raise BadUse("Nothing was decided.", next="Go back to the name and choose there.")
    asked: list[str] = [item]
    words: dict[str, Any] = {}
    if what == "merge":
        asked = [item, _other(case, form)]
    elif what == "split":
        asked = [form.get("part", "")]
    elif what == "rename":
        words["value"] = form.get("value", "")
    elif what == "undo":
        asked = [form.get("judgement", "")]
    case.names_change(what, asked, **words, **said)
    return "/names" if what == "delete" else f"/names/{item}"


def _other(case: Case, form: dict[str, str]) -> str:
    """The item of the other name that a form speaks of."""
    found = case.names(form.get("other", "").strip(), everything=True)["names"]
    if len(found) > 1:
        raise BadUse(
            "There is more than one name like that.",
            next="Give the identifier that stands in its address.",
        )
    return str(found[0]["item"])
