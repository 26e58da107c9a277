"""Help: the keys, and the language of queries. Each screen also carries its own in a panel."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.workbench.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/help")
def help_page(request: Request) -> Response:
    """Everything there is to know about keys and queries."""
    return page(request, "help.html", screen="help", title="Help")
