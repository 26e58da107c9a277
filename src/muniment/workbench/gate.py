"""What stands before every screen: only this machine, only who was given the address, only from our own pages.

Checked in this order: the Host header (a name that resolves here by DNS rebinding is turned away), where the
browser says the request comes from, the cookie, and whether the case is still open. Every answer, errors too,
carries the same strict headers.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from muniment.errors import BadUse, MunimentError, NoKey, Refused
from muniment.verbs.dropping import is_open
from muniment.workbench.rendering import elsewhere, problem
from muniment.workbench.sitting import Sitting

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "x-dns-prefetch-control": "off",
}
# What a page asks for by itself, with nobody there.
_BY_ITSELF = ("/progress", "/desk/live")
_METHODS = ("GET", "HEAD", "POST")


class Gate:
    """ASGI: wraps the application of one sitting."""

    def __init__(self, app: ASGIApp, sitting: Sitting) -> None:
        self._app = app
        self._sitting = sitting
        self._hosts = {f"{name}:{sitting.port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                raw = [pair for pair in message["headers"] if pair[0].decode() not in HEADERS]
                raw += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": raw}
            await send(message)

        request = Request(scope, receive)
        answer = self._answer(request)
        if answer is None:
            await self._app(scope, receive, send_guarded)
        else:
            await answer(scope, receive, send_guarded)

    def _answer(self, request: Request) -> Response | None:
        """The answer of the gate itself; None lets the request through."""
        turned_away = self._from_elsewhere(request)
        if turned_away is not None:
            return problem(request, *turned_away)
        path = request.url.path
        if path.startswith("/static/"):
            return None
        if path == "/" and request.method == "GET" and "token=" in request.url.query:
            return self._exchange(request)
        if not self._known(request):
            error: MunimentError = NoKey(
                "This browser was not given the address of this workbench.",
                next="Open the address that muniment printed. If it was used already, end the workbench with "
                "Ctrl-C and open the case again.",
            )
            return problem(request, error, 401)
        if not is_open(self._sitting.case):
            error = NoKey(
                "The case was locked.", next="Close this window. To go on, run: muniment open CASE"
            )
            return problem(request, error, 423)
        if path not in _BY_ITSELF:
            self._sitting.attendance.used()
        return None

    def _from_elsewhere(self, request: Request) -> tuple[MunimentError, int] | None:
        """Why a request that was not made by our own pages, or not for us, is turned away."""
        hosts = [host.lower() for host in request.headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return BadUse(
                "This name is not one of this workbench.", next="Use the address that was printed."
            ), 421
        if request.method not in _METHODS:
            return BadUse("The workbench knows no such method.", next="Use GET or POST."), 405
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            own = site in ("same-origin", "none")
        else:
            origin = request.headers.get("origin")
            own = origin is None or origin.removeprefix("http://").lower() in self._hosts
        if own:
            return None
        return Refused(
            "The request came from another site, so nothing was done.",
            next="Type the address of the workbench into a window of its own.",
        ), 403

    def _exchange(self, request: Request) -> Response:
        """The token for a cookie, once; the address is then without it."""
        given = parse_qs(request.url.query).get("token", [""])[0]
        right = secrets.compare_digest(given.encode(), self._sitting.token.encode())
        if right and self._known(request):
            return elsewhere("/")
        if not right or self._sitting.spent:
            error = NoKey(
                "This address was used already, or is not whole.",
                next="End the workbench with Ctrl-C and open the case again: it prints a new address.",
            )
            return problem(request, error, 401)
        self._sitting.spent = True
        answer = elsewhere("/")
        answer.set_cookie(
            self._cookie, self._sitting.session, path="/", httponly=True, samesite="strict"
        )
        return answer

    @property
    def _cookie(self) -> str:
        # Cookies are shared by all ports of a name, so each workbench has a name of its own.
        return f"muniment-{self._sitting.port}"

    def _known(self, request: Request) -> bool:
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return False
        morsel = cookies.get(self._cookie)
        return morsel is not None and secrets.compare_digest(
            morsel.value.encode(), self._sitting.session.encode()
        )
