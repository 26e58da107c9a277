"""The verbs for programs: JSON by POST at the verb's own word, the same documents as `--json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from muniment.case.acts import check_channel
from muniment.errors import BadUse
from muniment.reading.limits import means
from muniment.verbs.sources import check_paths
from muniment.workbench import claim_shapes, find_shapes, shapes
from muniment.workbench.adding import begin
from muniment.workbench.documents import begin_retry
from muniment.workbench.finding_for import found_for
from muniment.workbench.sitting import sitting_of

_PATHS = ("roots", "chain", "crl", "request", "bundle", "cosign", "output")
router = APIRouter(
    tags=["verbs"],
    responses={
        400: {"model": shapes.Problem, "description": "bad use: the query, path or document"},
        401: {"model": shapes.Problem, "description": "no cookie of this sitting"},
        423: {"model": shapes.Problem, "description": "the case is locked"},
    },
)


@router.post("/status", response_model=shapes.Status)
def status(request: Request) -> JSONResponse:
    """What came in, what failed, anchors, copies, what awaits a person."""
    return JSONResponse(sitting_of(request).case.status())


@router.post("/documents", response_model=shapes.Documents)
def documents(request: Request, asked: shapes.AskDocuments) -> JSONResponse:
    """Every part, where it was, and its state."""
    return JSONResponse(sitting_of(request).case.documents(state=asked.state, marked=asked.marked))


@router.post("/show", response_model=shapes.Shown)
def show(request: Request, asked: shapes.AskShow) -> JSONResponse:
    """One document: parts, properties, receipts and, if asked, its text."""
    case = sitting_of(request).case
    return JSONResponse(case.show(asked.document, page=asked.page, text=asked.text))


@router.post(
    "/find",
    response_model=find_shapes.Found | find_shapes.FoundList | find_shapes.Searches,
)
def find(request: Request, asked: find_shapes.AskFind) -> JSONResponse:
    """Passages that answer a query, and what was not searched; or the lines of a list; or saved searches."""
    return JSONResponse(found_for(sitting_of(request).case, asked))


@router.post("/statements", response_model=claim_shapes.Statements)
def statements(request: Request, asked: claim_shapes.AskFigures | None = None) -> JSONResponse:
    """Who said what, with which stance, in one document or in all that are no tables."""
    return JSONResponse(sitting_of(request).case.statements(asked.document if asked else None))


@router.post("/figures", response_model=claim_shapes.Figures)
def figures(request: Request, asked: claim_shapes.AskFigures | None = None) -> JSONResponse:
    """Numbers with their bounds, of one document or of all that are no tables."""
    return JSONResponse(sitting_of(request).case.figures(asked.document if asked else None))


@router.post(
    "/add",
    response_model=shapes.Added,
    responses={202: {"model": shapes.Working, "description": "begun; asked not to wait"}},
)
def add(request: Request, asked: shapes.AskAdd) -> JSONResponse:
    """Receive files and folders of this machine: seal, extract, index. POST /progress says how far it is."""
    check_channel(asked.channel)
    places = [Path(path) for path in asked.paths]
    if not all(place.is_absolute() for place in places):
        raise BadUse("A path is not whole.", next="Give paths from / on.")
    check_paths(places)
    sitting = sitting_of(request)
    job = begin(
        sitting,
        places,
        articles=asked.articles,
        channel=asked.channel,
        title="Adding for a program",
    )
    if not asked.wait:
        return JSONResponse(sitting.work.as_json(), 202)
    return JSONResponse(job.result())


@router.post("/retry", response_model=shapes.Retried)
def retry(request: Request, asked: shapes.AskRetry) -> JSONResponse:
    """Try again what was not read, or not wholly: with passwords (kept nowhere), another reader, higher limits."""
    by = means(asked.reader, asked.limits)
    job = begin_retry(sitting_of(request), asked.document, asked.passwords, by)
    return JSONResponse(job.result())


@router.post("/progress", response_model=shapes.Working)
def progress(request: Request) -> JSONResponse:
    """How far the background work is; `report` is the shape of `add` once it is done."""
    return JSONResponse(sitting_of(request).work.as_json())


@router.post("/stamp", response_model=shapes.Stamped)
def stamp(request: Request, asked: shapes.AskStamp) -> JSONResponse:
    """Timestamps and cosignatures of the log, by files that are carried; with nothing, how things stand."""
    given = {
        name: value
        for name, value in asked.model_dump().items()
        if value is not None and value is not False
    }
    named = [given[name] for name in _PATHS if name in given] + given.get("reply", [])
    if not all(Path(path).is_absolute() for path in named):
        raise BadUse("A path is not whole.", next="Give paths from / on.")
    return JSONResponse(sitting_of(request).case.stamp(**given))


@router.post("/audit", response_model=shapes.Audited)
def audit(request: Request, asked: shapes.AskAudit | None = None) -> JSONResponse:
    """Every byte, or a sample, of vault and log against what was sealed; or a custodian's copy."""
    asked = asked or shapes.AskAudit(custodian=None, sample=None)
    case = sitting_of(request).case
    return JSONResponse(case.audit(custodian=asked.custodian, sample=asked.sample))


@router.post("/copy", response_model=shapes.Copied)
def copy(request: Request, asked: shapes.AskCopy) -> JSONResponse:
    """Bring a custodian's copy up to this case; answers when all of it is there."""
    case = sitting_of(request).case
    report = case.copy(
        asked.custodian, jurisdiction=asked.jurisdiction, name=asked.name, anew=asked.anew
    )
    return JSONResponse(report)


@router.post("/repair", response_model=shapes.Repaired)
def repair(request: Request, asked: shapes.AskRepair) -> JSONResponse:
    """Mend this case from copies, or with `custodian` that copy from this case."""
    case = sitting_of(request).case
    return JSONResponse(case.repair(asked.sources, custodian=asked.custodian))


@router.post("/hold", response_model=shapes.Held)
def hold(request: Request, asked: shapes.AskHold) -> JSONResponse:
    """Hide a document and its parts from search, thumbnails and page images, or release them."""
    case = sitting_of(request).case
    return JSONResponse(case.hold(asked.document, release=asked.release))


@router.post("/withdraw", response_model=shapes.Withdrawn)
def withdraw(request: Request, asked: shapes.AskWithdraw) -> JSONResponse:
    """Take an original and its parts out of the case for good. It cannot be undone."""
    return JSONResponse(sitting_of(request).case.withdraw(asked.document, asked.why))


@router.post("/custody", response_model=shapes.Custody | shapes.ActShown)
def custody(request: Request, asked: shapes.AskCustody) -> JSONResponse:
    """Every act of custody and the log entry that holds it, or one act. Receipts are downloads of the screen."""
    return JSONResponse(sitting_of(request).case.custody(asked.act))


@router.post("/key", response_model=shapes.Keyed)
def key(request: Request, asked: shapes.AskKey) -> JSONResponse:
    """Who can open the case: list, add, revoke."""
    case = sitting_of(request).case
    if asked.action == "add":
        return JSONResponse(case.key_add(asked.recipient, label=asked.label))
    if asked.action == "revoke":
        return JSONResponse(case.key_revoke(asked.label))
    return JSONResponse(case.key_list())


@router.post("/lock", response_model=shapes.Locked)
def lock(request: Request) -> JSONResponse:
    """Stop the work, delete everything derived and in clear, and end the workbench."""
    sitting = sitting_of(request)
    sitting.work.stop()
    answer: dict[str, Any] = sitting.case.lock()
    sitting.stop()
    return JSONResponse(answer)
