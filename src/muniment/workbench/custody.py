"""Custody: every act and the entry of the log that holds it, timestamps, copies, receipts, the audit."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.errors import BadUse
from muniment.verbs.custody import receipt_files, told_act
from muniment.workbench.custody_picture import picture_of, state_of
from muniment.workbench.rendering import data, elsewhere, form_of, page, wants_json
from muniment.workbench.sitting import sitting_of
from muniment.workbench.tables import csv_answer

if TYPE_CHECKING:
    from muniment.verbs.case import Report

router = APIRouter(include_in_schema=False)
ROWS = 100
_HEAD = ("act", "day", "who", "kind", "event", "words", "entry")
FEW = 6
_ANCHORS = {
    "attested": "attested",
    "pending": "asked, no reply yet",
    "failed": "does not hold",
}
_CONTRADICTIONS = {
    "rollback": "it showed fewer entries than before",
    "split-view": "it signed two different logs of one size",
    "unproved": "it is not shown to begin with what was seen before",
}


@router.get("/custody")
@router.get("/custody.json")
def custody(request: Request, before: int = 0) -> Response:
    """Acts, the newest first; `before` is the number of an act: those older than it."""
    sitting = sitting_of(request)
    report = sitting.case.custody()
    if wants_json(request):
        return data(report)
    acts = [act for act in reversed(report["acts"]) if not before or act["act"] < before]
    status = sitting.case.status()
    anchors = _anchors(status["anchors"])
    given = [act for act in reversed(report["acts"]) if act["kind"] == "disclosed"]
    return page(
        request,
        "custody.html",
        screen="custody",
        title="Custody",
        report=report,
        acts=acts[:ROWS],
        all_acts=len(report["acts"]),
        earlier=acts[ROWS - 1]["act"] if len(acts) > ROWS else 0,
        before=before,
        anchors=anchors[:FEW],
        all_anchors=len(anchors),
        attested=any(one["state"] == "attested" for one in anchors),
        cosigning=status["cosigning"],
        contradictions=_contradictions(status["cosigning"]["contradictions"]),
        given=given[:FEW],
        all_given=len(given),
        custodians=[{**c, "state": state_of(c)} for c in status["custodians"]],
        picture=picture_of(status["custodians"]),
        audit=_last_audit(report["acts"]),
        found=None,
        received=bool(status["accounting"]["found"]),
    )


@router.get("/custody.csv")
def custody_csv(request: Request) -> Response:
    """The same acts as a table."""
    acts = sitting_of(request).case.custody()["acts"]
    return csv_answer("custody", _HEAD, ([act[name] for name in _HEAD] for act in acts))


@router.get("/custody/act/{number}")
def act(request: Request, number: int) -> Response:
    """One act, as a receipt would tell it."""
    case = sitting_of(request).case
    report = case.custody(number)
    if wants_json(request):
        return data(report)
    return page(
        request,
        "custody_act.html",
        screen="custody",
        title=f"Act {number}",
        act=report,
        told=told_act(case, number),
    )


@router.post("/custody/act/{number}/receipt")
async def receipt(request: Request, number: int) -> Response:
    """The receipt of one act, as a ZIP file, once the person has said that it may leave."""
    form = await form_of(request)
    if form.get("confirmed") != "yes":
        raise BadUse(
            "The receipt was not confirmed.", next="Go back, read what it tells, and tick the box."
        )
    files = receipt_files(sitting_of(request).case, number)
    return Response(
        _packed(files, f"act-{number}"),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="act-{number}-receipt.zip"'},
    )


@router.post("/custody/audit")
def audit(request: Request) -> Response:
    """Read every byte now. The outcome is an act; the paths are shown once, here."""
    sitting = sitting_of(request)
    found = sitting.case.audit()
    if found["ok"]:
        return elsewhere("/custody")
    return page(request, "custody_audit.html", screen="custody", title="Audit", found=_named(found))


def _named(found: Report) -> list[tuple[str, str]]:
    return [(what, path) for what in ("damaged", "missing", "unexpected") for path in found[what]]


def _anchors(anchors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Timestamps with their words, the newest first."""
    return [{**one, "said": _ANCHORS[one["state"]]} for one in reversed(anchors)]


def _contradictions(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Logs of other newsrooms that told two stories, with what that was."""
    return [{**one, "said": _CONTRADICTIONS.get(one["kind"], one["kind"])} for one in found]


def _last_audit(acts: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((act for act in reversed(acts) if act["kind"] == "audited"), None)


def _packed(files: dict[str, bytes], folder: str) -> bytes:
    """A ZIP file that tells no time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", (2000, 1, 1, 0, 0, 0))
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()
