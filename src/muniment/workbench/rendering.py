"""From data to an answer: a page, or the same data as JSON for a client that asks for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from muniment.case.acts import HOW
from muniment.errors import BadUse, MunimentError
from muniment.workbench.lettering import lines, passage, plain
from muniment.workbench.sitting import Sitting, sitting_of

HERE = Path(__file__).parent
_LONGEST_FORM = 256 << 10


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        lines=lines, passage=passage, plain=plain, channels=list(HOW.items())
    )
    environment.filters.update(
        number=_number, size=_size, kind=_kind, language=_language, source=_source
    )
    return environment


def page(request: Request, template: str, code: int = 200, **values: Any) -> HTMLResponse:
    """A whole page from a template."""
    return HTMLResponse(page_text(sitting_of(request), template, **values), code)


def page_text(sitting: Sitting, template: str, **values: Any) -> str:
    """The text of a page. `screen` names the screen, for navigation and help."""
    values.setdefault("screen", "")
    values.setdefault("title", "")
    for name in ("query", "error", "parts", "work"):
        values.setdefault(name, "")
    return _templates().get_template(template).render(sitting=sitting, **values)


def wants_json(request: Request) -> bool:
    """Whether the client asks for JSON: by the address's end, or by Accept without text/html in it."""
    accept = request.headers.get("accept", "")
    return request.url.path.endswith(".json") or (
        "application/json" in accept and "text/html" not in accept
    )


def data(content: Any, status: int = 200) -> JSONResponse:
    """JSON."""
    return JSONResponse(content, status)


def elsewhere(address: str) -> Response:
    """To another page, after a POST."""
    return RedirectResponse(address, 303)


STATUS = {
    "bad-use": 400,
    "bad-query": 400,
    "not-found": 404,
    "no-key": 423,
    "refused": 409,
    "interrupted": 503,
    "newer-version": 409,
}


def problem(request: Request, error: MunimentError, status: int | None = None) -> Response:
    """An error as a page with a next step, or as JSON."""
    code = status or STATUS.get(error.code, 500)
    if wants_json(request) or _is_verb(request):
        return data(error.as_json(), code)
    # Who was not let in learns nothing of the case, not even its name.
    stranger = code in (401, 403, 421)
    title = "That did not work"
    return page(request, "problem.html", code, error=error, title=title, stranger=stranger)


def _is_verb(request: Request) -> bool:
    """Whether this is one of the JSON verbs, which never answer with a page."""
    return "json" in request.headers.get("content-type", "")


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a plain form. Raises BadUse where it is larger than any of ours."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise BadUse("The form is too long.", next="Ask for less at a time.")
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(fields)


def _number(value: int) -> str:
    return f"{value:,}"


def _size(value: int) -> str:
    """Bytes for people."""
    amount = float(value)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:,.0f} {unit}" if unit == "bytes" else f"{amount:,.1f} {unit}"
        amount /= 1000
    raise AssertionError


_KINDS = {
    "application/pdf": "PDF",
    "text/plain": "text",
    "text/html": "web page",
    "message/rfc822": "mail",
    "application/mbox": "mailbox",
    "application/zip": "ZIP",
    "application/x-tar": "TAR",
    "text/csv": "CSV",
    "application/octet-stream": "unknown",
    "application/msword": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    "application/vnd.ms-outlook": "Outlook",
    "application/rtf": "RTF",
}


def _kind(media_type: str) -> str:
    """A media type in a word or two."""
    if media_type in _KINDS:
        return _KINDS[media_type]
    ending = media_type.rsplit("/", 1)[-1]
    for part, word in (
        ("wordprocessingml", "Word"),
        ("spreadsheetml", "Excel"),
        ("presentationml", "PowerPoint"),
        ("opendocument.text", "OpenDocument text"),
        ("opendocument.spreadsheet", "OpenDocument sheet"),
    ):
        if part in ending:
            return word
    if media_type.startswith("image/"):
        return f"picture ({ending.removeprefix('x-')})"
    return ending.removeprefix("x-").removeprefix("vnd.")


_LANGUAGES = {
    "en": "English", "zh": "Chinese", "zh-Hant": "Chinese (traditional)", "ug": "Uyghur", "ar": "Arabic",
    "ru": "Russian", "kk": "Kazakh", "tr": "Turkish", "fr": "French", "de": "German", "es": "Spanish",
    "fa": "Persian", "ur": "Urdu", "uz": "Uzbek", "ky": "Kyrgyz", "ja": "Japanese", "ko": "Korean",
    "pt": "Portuguese", "it": "Italian", "nl": "Dutch", "pl": "Polish", "he": "Hebrew", "iw": "Hebrew",
}  # fmt: skip


def _language(code: str) -> str:
    """A language's name where it is one that often comes up."""
    return _LANGUAGES.get(code, code)


def _source(source: str) -> str:
    """Where the text of a page came from."""
    if source.startswith("ocr"):
        return f"read from the picture by OCR ({source.removeprefix('ocr').strip() or 'automatic'})"
    return {"text": "its own text", "text layer": "the document's text layer"}.get(source, source)
