"""A receipt as a download: an act of its own, confirmed; no name of the document in its address or file name."""

from __future__ import annotations

import io
import zipfile
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from muniment.errors import BadUse
from muniment.verbs.receipt import receipt_files
from muniment.workbench.sitting import sitting_of

router = APIRouter(include_in_schema=False)
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP knows: when it was made is nobody's affair


@router.post("/receipt")
def receipt(
    request: Request,
    document: Annotated[str, Form()],
    confirmed: Annotated[str, Form()] = "",
    path: Annotated[str, Form()] = "",
    page: Annotated[str, Form()] = "",
) -> Response:
    """The receipt of a document, or of one of its pages, as a ZIP file."""
    if confirmed != "yes":
        raise BadUse(
            "A receipt leaves this machine, and that was not confirmed.",
            next="Go back, tick `It may leave this machine`, and try again.",
        )
    if page and not page.isdecimal():
        raise BadUse("That is no number of a page.", next="Go back to the page and take it there.")
    number = int(page[:9]) if page else None
    files, _ = receipt_files(
        sitting_of(request).case, document, page=number, properties=path == "yes"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"receipt/{name}", _DATE), content)
    headers = {"content-disposition": 'attachment; filename="receipt.zip"'}
    return Response(packed.getvalue(), media_type="application/zip", headers=headers)
