"""Who may come in: raw requests, as a hostile page or another account of the machine would send them."""

from __future__ import annotations

import http.client
import re
import socket
from pathlib import Path

import pytest

from muniment.workbench.gate import HEADERS
from tests.workbench.bench import muniment, workbench

pytestmark = pytest.mark.hostile

PAGES = (
    "/", "/documents", "/search", "/add", "/help", "/openapi.json", "/nothing", "/static/paper.css", "/documents.csv",
)  # fmt: skip


@pytest.mark.parametrize(
    "path", [*PAGES, "/document/nothing", "/image/nothing/1", "/search/nothing"]
)
def test_every_answer_carries_the_strict_headers(plain_bench, path):
    for cookie in (None, ""):
        answer, body = plain_bench.ask("GET", path, cookie=cookie)
        for name, value in HEADERS.items():
            assert answer.getheader(name) == value
        policy = answer.getheader("content-security-policy")
        assert (
            policy.startswith("default-src 'none'")
            and "unsafe" not in policy
            and "http" not in policy
        )
        assert answer.getheader("server") is None
        if b"<html" in body:
            assert not re.search(rb"<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|<style", body)
            assert not re.search(rb'(?:src|href|action)="(?:https?:)?//', body)


@pytest.mark.parametrize("path", [p for p in PAGES if not p.startswith("/static/")])
def test_without_the_cookie_nothing_is_shown(plain_bench, path):
    for cookie in ("", f"muniment-{plain_bench.port}=guess", "muniment=1; ;;=", "\x80=1"):
        answer, body = plain_bench.ask("GET", path, cookie=cookie, headers={"Accept": "text/html"})
        assert answer.status == 401
        assert b"barge" not in body and b"memo" not in body


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "evil.example:{port}",
        "127.0.0.1:{port}.evil.example", "",
    ],
)  # fmt: skip
def test_another_name_is_turned_away(plain_bench, host):
    answer, body = plain_bench.ask(
        "GET", "/documents", headers={"Host": host.format(port=plain_bench.port)}
    )
    assert answer.status in (400, 421)
    assert b"memo" not in body


def test_two_host_headers_are_turned_away(plain_bench):
    with socket.create_connection(("127.0.0.1", plain_bench.port), timeout=10) as line:
        line.sendall(
            f"GET /documents HTTP/1.1\r\nHost: 127.0.0.1:{plain_bench.port}\r\nHost: evil.example\r\n"
            f"Cookie: {plain_bench.enter()}\r\nConnection: close\r\n\r\n".encode()
        )
        assert line.recv(64).split()[1] in (b"400", b"421")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_our_own_names_are_let_in(plain_bench, name):
    answer, _ = plain_bench.ask("GET", "/help", headers={"Host": f"{name}:{plain_bench.port}"})
    assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:{port}"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/search", "/add/go", "/drop", "/find", "/status", "/lock", "/lock-now"]
)
def test_a_form_on_another_site_does_nothing(plain_bench, path, headers):
    sent = {name: value.format(port=plain_bench.port) for name, value in headers.items()}
    sent["Content-Type"] = "application/x-www-form-urlencoded"
    answer, _ = plain_bench.ask("POST", path, "query=barge&add=%2Fetc", sent)
    assert answer.status == 403
    assert plain_bench.post("/status")[0] == 200


def test_another_site_cannot_even_look(plain_bench):
    answer, body = plain_bench.ask(
        "GET", "/documents.json", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status == 403 and b"memo" not in body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_turned_away(plain_bench, method):
    answer, _ = plain_bench.ask(method, "/")
    assert answer.status == 405 and answer.getheader("access-control-allow-origin") is None


def test_the_address_works_once_and_the_cookie_is_closed(empty):
    path = empty.address.removeprefix(empty.root)
    wrong, _ = empty.ask("GET", path + "x", cookie="")
    assert wrong.status == 401
    first, _ = empty.ask("GET", path, cookie="")
    cookie = first.getheader("set-cookie").lower()
    assert first.status == 303 and first.getheader("location") == "/"
    assert "httponly" in cookie and "samesite=strict" in cookie and str(empty.port) in cookie
    assert empty.address.split("token=")[1].lower() not in cookie
    again, _ = empty.ask("GET", path, cookie="")
    assert again.status == 401
    empty.cookie = first.getheader("set-cookie").split(";")[0]
    assert empty.ask("GET", path)[0].status == 303
    assert empty.ask("GET", "/")[0].status == 200


def test_a_query_never_lands_in_an_address(plain_bench):
    answer, _ = plain_bench.ask(
        "POST", "/search", "query=barge", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 303
    assert re.fullmatch(r"/search/[a-z2-7]{16}", answer.getheader("location"))
    _, body = plain_bench.ask("GET", answer.getheader("location"))
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', body.decode())
    assert addresses and not [a for a in addresses if "barge" in a.lower()]


def test_only_loopback_listens(plain_bench):
    listening = {
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == plain_bench.port
    }
    assert listening == {f"0100007F:{plain_bench.port:04X}"}


def test_a_taken_port_is_said_plainly(tmp_path, plain_bench):
    import subprocess
    import sys

    from tests.workbench.bench import environment

    muniment(tmp_path, "new", "other")
    done = subprocess.run(
        [sys.executable, "-m", "muniment", "open", "other", "--no-browser", "--port", str(plain_bench.port)],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2 and str(plain_bench.port) in done.stderr
    muniment(tmp_path, "lock", "other")


def test_locked_from_elsewhere_it_shows_nothing_more(tmp_path):
    muniment(tmp_path, "new", "harbour")
    with workbench(tmp_path, "open", "harbour") as bench:
        assert bench.ask("GET", "/documents")[0].status == 200
        muniment(tmp_path, "lock", "harbour")
        answer, body = bench.ask("GET", "/documents", headers={"Accept": "text/html"})
        assert answer.status == 423 and b"locked" in body
        assert bench.ask("POST", "/status")[0].status == 423


def test_ctrl_c_ends_it_cleanly(empty):
    empty.enter()
    assert empty.end() == 0
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        empty.ask("GET", "/")
