"""What a reader says of what they read: `note` for programs, the forms of the Reader, and the list of all notes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from muniment.case.notes import KINDS
from muniment.errors import BadUse
from muniment.publication.web_annotation import MOST_BYTES, read_collection
from muniment.verbs.case import Case, Report
from muniment.verbs.note import who_of
from muniment.workbench.note_shapes import AskNote, Collection, Noted
from muniment.workbench.rendering import data, elsewhere, form_of, page, wants_json
from muniment.workbench.sitting import Sitting, sitting_of
from muniment.workbench.tables import csv_answer

router = APIRouter()
WORDS = {
    "note": "notes",
    "tag": "tags",
    "star": "stars",
    "seen": "seen by",
    "translation": "translations",
}
_HEAD = ("reference", "path", "page", "kind", "value", "passage", "language", "who", "time")
_AT_ONCE = 200


@router.post("/note", response_model=Noted | Collection, tags=["verbs"])
def note(request: Request, asked: AskNote) -> JSONResponse:
    """Say something of a document, list what was said, change it, take it back, or exchange it with others."""
    sitting = sitting_of(request)
    report = _do(sitting.case, asked)
    if asked.action not in ("list", "export"):
        sitting.forget_list()
    return JSONResponse(report)


def _do(case: Case, asked: AskNote) -> Report:
    said: dict[str, Any] = {"value": asked.value, "language": asked.language, "by": asked.by}
    if asked.action == "export":
        return case.note_export()
    if asked.action == "import":
        if asked.collection is None:
            raise BadUse("There is no collection to take in.", next="Give it as `collection`.")
        return case.note_import(asked.collection)
    if asked.action == "change":
        return case.note_change(asked.note, **said)
    if asked.action == "delete":
        return case.note_delete(asked.note, by=asked.by)
    if asked.action == "list":
        return case.notes(asked.document, deleted=asked.deleted)
    if asked.document is None:
        raise BadUse("It is not said of what.", next="Give `document`.")
    place: dict[str, Any] = {"page": asked.page, "passage": asked.passage, "start": asked.start}
    return case.note(asked.document, asked.kind, **said, **place)


@router.post("/document/{document}/note", include_in_schema=False)
async def say(request: Request, document: str) -> Response:
    """What a form of the Reader says; back to the page it was said on."""
    sitting, form = sitting_of(request), await form_of(request)
    if form.get("by", "").strip():
        sitting.who = who_of(form["by"])
    await run_in_threadpool(_say, sitting, document, form)
    sitting.forget_list()
    tail = "".join(f"&{name}={form[name]}" for name in ("search", "hit") if _plain(form.get(name)))
    held = "&held=true" if form.get("held") else ""
    number = form["here"] if _plain(form.get("here")) else "1"
    return elsewhere(f"/document/{document}?page={number}{tail}{held}#notes")


def _plain(text: str | None) -> bool:
    return bool(text) and str(text).isascii() and str(text).isalnum()


def _say(sitting: Sitting, document: str, form: dict[str, str]) -> None:
    case, what = sitting.case, form.get("what", "")
    if form.get("delete"):
        case.note_delete(form["delete"], by=sitting.who)
        return
    value = form.get("value", "").replace("\r\n", "\n")
    if form.get("change"):
        case.note_change(form["change"], value=value, by=sitting.who)
        return
    if what not in KINDS:
        raise BadUse("Nothing was said.", next="Go back to the page and say it there.")
    of_page = form.get("of") == "page" or bool(form.get("passage", "").strip())
    number = form.get("here", "")
    case.note(
        document,
        what,  # type: ignore[arg-type]
        value=value,
        page=int(number) if of_page and number.isdecimal() and len(number) < 10 else None,
        passage=form.get("passage", "").replace("\r\n", "\n"),
        start=int(form["start"]) if form.get("start", "").isdecimal() else 0,
        language=form.get("language", "").strip(),
        by=sitting.who,
    )


@router.get("/notes", include_in_schema=False)
@router.get("/notes.json", include_in_schema=False)
def notes(request: Request, kind: str = "", start: int = 0, taken: str = "") -> Response:
    """All that readers said, by document."""
    sitting = sitting_of(request)
    report = sitting.case.notes()
    everything = report["notes"]
    shown = [one for one in everything if not kind or one["kind"] == kind]
    if wants_json(request):
        return data({**report, "notes": shown})
    start = max(0, min(start, len(shown)))
    counts = Counter(one["kind"] for one in everything)
    return page(
        request,
        "notes.html",
        screen="notes",
        title="Notes",
        groups=list(grouped(shown[start : start + _AT_ONCE])),
        kinds=[(name, WORDS[name], counts[name]) for name in KINDS if counts[name]],
        kind=kind,
        found=len(shown),
        start=start,
        step=_AT_ONCE,
        conflicts=sum(bool(one["conflicts"]) for one in everything),
        all_notes=len(everything),
        held=report["held"],
        taken=sitting.taken.get(taken),
    )


def grouped(listed: Iterable[Report]) -> Iterator[list[Report]]:
    """Notes of one document behind each other, as they come."""
    group: list[Report] = []
    for one in listed:
        if group and group[0]["reference"] != one["reference"]:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


@router.get("/notes.csv", include_in_schema=False)
def notes_csv(request: Request, kind: str = "") -> Response:
    """The same as a table."""
    found = sitting_of(request).case.notes()["notes"]
    rows = (
        [one["passage"]["exact"] if name == "passage" and one["passage"] else one[name] or "" for name in _HEAD]
        for one in found
        if not kind or one["kind"] == kind
    )  # fmt: skip
    return csv_answer("notes", _HEAD, rows)


@router.post("/notes/export", include_in_schema=False)
async def export(request: Request) -> Response:
    """All notes as a file for a colleague, once the form says that it may leave."""
    if (await form_of(request)).get("confirmed") != "yes":
        raise BadUse(
            "The notes leave this machine in clear, and that was not confirmed.",
            next="Go back, tick `It may leave this machine`, and try again.",
        )
    found = await run_in_threadpool(sitting_of(request).case.note_export)
    content = json.dumps(found, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    headers = {"content-disposition": 'attachment; filename="notes.jsonld"'}
    return Response(content, media_type="application/ld+json", headers=headers)


@router.post("/notes/import", include_in_schema=False)
async def take_in(request: Request) -> Response:
    """Put the notes of a file of this machine together with those here; the answer says what came."""
    sitting, form = sitting_of(request), await form_of(request)
    path = Path(form.get("path", "").strip())
    if not path.is_absolute() or not path.is_file():
        raise BadUse("There is no such file.", next="Give the whole path of a file, from / on.")
    report = await run_in_threadpool(_take_in, sitting.case, path)
    sitting.forget_list()
    return elsewhere(f"/notes?taken={sitting.taken.keep(report)}")


def _take_in(case: Case, path: Path) -> Report:
    with path.open("rb") as file:
        return case.note_import(read_collection(file.read(MOST_BYTES + 1)))
