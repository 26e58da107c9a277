"""The application: every screen on one FastAPI app, behind the gate."""

from __future__ import annotations

import sys
import traceback
from pathlib import PurePath

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from muniment import __version__
from muniment.errors import BadUse, MunimentError, NotFound
from muniment.workbench import (
    adding,
    answers,
    custody,
    desk,
    documents,
    help_pages,
    name_list,
    naming,
    noting,
    reader,
    receipts,
    search,
    withdrawing,
)
from muniment.workbench.gate import Gate
from muniment.workbench.rendering import HERE, data, problem
from muniment.workbench.sitting import Sitting


def make_app(sitting: Sitting) -> ASGIApp:
    """The whole workbench over one sitting. The API's own description is at /openapi.json."""
    app = FastAPI(
        title="muniment",
        version=__version__,
        summary="The verbs of one open case, by POST, so that no name lands in an address.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.sitting = sitting
    for screen in (
        desk,
        documents,
        search,
        name_list,
        reader,
        noting,
        naming,
        withdrawing,
        custody,
        receipts,
        adding,
        help_pages,
        answers,
    ):
        app.include_router(screen.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(MunimentError, _said)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _missing)
    app.add_exception_handler(Exception, _fault)
    return _Known(Gate(app, sitting), app)


class _Known:
    """Gives the gate's own answers the application they belong to."""

    def __init__(self, gate: Gate, app: FastAPI) -> None:
        self._gate = gate
        self._app = app

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        scope["app"] = self._app
        await self._gate(scope, receive, send)


def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, MunimentError)
    return problem(request, error)


def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = ", ".join(".".join(map(str, e["loc"][1:])) or "body" for e in error.errors())
    bad = BadUse(f"The request cannot be read: {where}.", next="See /openapi.json for its shape.")
    return data(bad.as_json(), 400) if request.method == "POST" else problem(request, bad)


def _missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(request, BadUse("That is not done this way.", next="Go to the Desk."), 405)
    return problem(request, NotFound("There is no such page.", next="Go to the Desk."))


def _fault(request: Request, error: Exception) -> Response:
    """A mistake of ours, told by its place and never by its text: that may be a document's."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "muniment" in f.filename] or frames
    place = f"{type(error).__name__} in {PurePath(ours[-1].filename).name}:{ours[-1].lineno}"
    sys.stderr.write(f"muniment: a mistake of ours: {place}\n")
    said = MunimentError(
        f"muniment made a mistake ({place}).",
        next="Nothing that is sealed is touched. Go back and try again; report the place if it stays.",
    )
    return problem(request, said, 500)
