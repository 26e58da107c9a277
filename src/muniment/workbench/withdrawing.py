"""Hold, release and withdraw, from the Reader; a withdrawal is confirmed on a page that says what it does."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from muniment.errors import BadUse
from muniment.verbs.documents import family_of, row_of
from muniment.verbs.withdraw import same_content
from muniment.workbench.rendering import elsewhere, form_of, page
from muniment.workbench.sitting import Sitting, sitting_of

router = APIRouter(include_in_schema=False)
REASONS = (
    ("source", "The source wishes it"),
    ("privacy", "Privacy of somebody in it"),
    ("privilege", "It is privileged, such as a letter to a lawyer"),
    ("unlawful", "Images that are unlawful to hold"),
)


@router.post("/document/{document}/hold")
async def hold(request: Request, document: str) -> Response:
    """Hold the document, or release it (`release`)."""
    sitting = sitting_of(request)
    release = (await form_of(request)).get("release") == "yes"
    await run_in_threadpool(sitting.case.hold, document, release=release)
    sitting.forget_list()
    return elsewhere(f"/document/{document}")


@router.get("/document/{document}/withdraw")
def confirm(request: Request, document: str) -> Response:
    """What a withdrawal will do, what it cannot do, and the choice of a reason."""
    sitting = sitting_of(request)
    shown = sitting.case.show(document)
    row = row_of(sitting.case, document)
    return page(
        request,
        "withdraw.html",
        screen="withdraw",
        title=f"Withdraw {shown['reference']}",
        shown=shown,
        top=_original(sitting, shown["reference"]),
        family=len(family_of(sitting.case, row.number)),
        copies=same_content(sitting.case, row),
        reasons=REASONS,
    )


@router.post("/document/{document}/withdraw")
async def withdraw(request: Request, document: str) -> Response:
    """Withdraw it, once the form says why and that the person is sure."""
    sitting = sitting_of(request)
    form = await form_of(request)
    if form.get("sure") != "yes" or not form.get("why"):
        raise BadUse(
            "Nothing was withdrawn: the form does not say why, or that you are sure.",
            next="Go back, choose a reason and tick the box.",
        )
    answer = await run_in_threadpool(sitting.case.withdraw, document, form["why"])
    sitting.forget_list()
    title = f"{answer['reference']} is withdrawn"
    return page(request, "withdrawn.html", screen="withdraw", title=title, answer=answer)


def _original(sitting: Sitting, reference: str) -> str:
    """The identifier of the original a part lies in, or of the original itself."""
    return str(row_of(sitting.case, reference.partition(".")[0]).document)
