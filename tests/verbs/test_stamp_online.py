"""Going online is a choice, and only through a proxy: nothing else connects, ever."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from muniment.errors import BadUse, Refused
from tests.authority import Authority
from tests.conftest import PASSPHRASE
from tests.socks import Proxy, WebAuthority
from tests.verbs.stamping import answer, know, requests, states

SITES = [
    ("clock.example", True, "attested"),
    ("clock.example", False, "pending"),
    ("other.example", True, "pending"),
]


@pytest.fixture
def web(clock):
    server = WebAuthority(clock.reply)
    yield server
    server.close()


@pytest.fixture
def proxy(web):
    proxy = Proxy(web.port)
    yield proxy
    proxy.close()


def test_through_the_proxy(sealed, clock, web, proxy):
    know(sealed, clock, "clock", url="http://clock.example:8080/tsa?a=b")
    report = sealed.stamp(online=True, proxy=proxy.address)
    assert states(report) == [("clock", "attested")] and report["problems"] == []
    assert proxy.names == [("clock.example", 8080)], "the proxy looks the name up"
    (asked,) = web.asked
    assert asked["path"] == "/tsa?a=b" and asked["Host"] == "clock.example:8080"
    assert asked["Content-Type"] == "application/timestamp-query"
    assert "User-Agent" not in asked
    sealed.stamp(online=True)
    assert len(web.asked) == 1, "this checkpoint is attested already"


def test_without_a_proxy_nothing_is_sent(sealed, clock, web):
    know(sealed, clock, "clock", url=f"http://127.0.0.1:{web.port}/")
    with pytest.raises(Refused, match="No SOCKS proxy"):
        sealed.stamp(online=True)
    assert web.asked == [] and sealed.stamp()["anchors"] == []


def test_with_a_proxy_that_is_not_there_nothing_is_sent(sealed, clock, web):
    know(sealed, clock, "clock", url=f"http://127.0.0.1:{web.port}/")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"127.0.0.1:{gone.getsockname()[1]}"
    report = sealed.stamp(online=True, proxy=address)
    assert "gave no timestamp" in report["problems"][0]["problem"]
    assert web.asked == [] and states(report) == [("clock", "pending")]


@pytest.mark.parametrize("address", ["proxy.example:9050", "127.0.0.1", "a@127.0.0.1:1", "x", ""])
def test_an_address_that_would_be_looked_up_here(sealed, address):
    with pytest.raises(BadUse, match="SOCKS proxy"):
        sealed.stamp(proxy=address)
    assert sealed.stamp()["proxy"] is None


@pytest.mark.parametrize("trouble", ["refused", "status", "page", "too long"])
def test_what_comes_back_otherwise(sealed, clock, trouble):
    replies = {"page": lambda _: b"<html>", "too long": lambda _: b"0" * 300_000}
    web = WebAuthority(
        replies.get(trouble, clock.reply), status=503 if trouble == "status" else 200
    )
    proxy = Proxy(web.port, status=5 if trouble == "refused" else 0)
    know(sealed, clock, "clock", url="http://clock.example/")
    report = sealed.stamp(online=True, proxy=proxy.address)
    assert len(report["problems"]) == 1 and states(report) == [("clock", "pending")]
    proxy.close()
    web.close()


def test_what_is_no_proxy(sealed, clock):
    """Something that talks, but not SOCKS, gets no request."""
    know(sealed, clock, "clock", url="http://clock.example/")
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            channel, _ = listener.accept()
            with channel:
                heard.append(channel.recv(3))
                channel.sendall(b"HT")
                heard.append(channel.recv(100))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        report = sealed.stamp(online=True, proxy=f"127.0.0.1:{listener.getsockname()[1]}")
        thread.join(10)
    assert "no SOCKS5 proxy" in report["problems"][0]["problem"]
    assert heard == [b"\x05\x01\x00", b""]


def test_one_authority_down_does_not_stop_the_other(sealed, clock, web, proxy, tmp_path):
    tower = Authority(tmp_path / "tower", name="Tower")
    know(
        sealed, tower, "a-tower", url="http://tower.example/"
    )  # the proxy leads it to the wrong one
    know(sealed, clock, "clock", url="http://clock.example/")
    report = sealed.stamp(online=True, proxy=proxy.address)
    assert states(report) == [("a-tower", "failed"), ("clock", "attested")]


@pytest.mark.parametrize(("host", "trusted", "state"), SITES)
def test_the_web_certificate_is_checked(sealed, clock, tmp_path, monkeypatch, host, trusted, state):
    usage = ExtendedKeyUsageOID.SERVER_AUTH
    site = Authority(tmp_path / "site", name="Site", usage=usage, host=host)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(site.folder / "office.pem", site.folder / "office.key")
    web = WebAuthority(clock.reply, tls=tls)
    proxy = Proxy(web.port)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(site.roots))
    know(sealed, clock, "clock", url="https://clock.example/")
    report = sealed.stamp(online=True, proxy=proxy.address)
    assert states(report) == [("clock", state)]
    if state == "pending":
        assert "web certificate" in report["problems"][0]["problem"] and web.asked == []
    assert proxy.names == [("clock.example", 443)]
    proxy.close()
    web.close()


_WATCHED = """
import json, sys
from muniment.command.program import run
seen = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.append(event)
sys.addaudithook(watch)
statuses = [run(words) for words in json.loads(sys.argv[1])]
print(statuses, seen, file=sys.stderr)
"""


def test_no_verb_connects_unless_told_to(sealed, clock, stick, web, tmp_path, monkeypatch):
    """Each step of stamping by files, watched from inside; with --online and no proxy it refuses."""
    monkeypatch.setenv("MUNIMENT_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{web.port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{web.port}")

    def run(*commands: list[object]) -> str:
        words = json.dumps([[str(word) for word in one] for one in commands])
        command = [sys.executable, "-c", _WATCHED, words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stderr

    root = sealed.root
    url = f"http://127.0.0.1:{web.port}/"
    said = run(
        ["stamp", root, "--authority", "clock", "--roots", clock.roots, "--url", url],
        ["stamp", root, "--request", stick],
        ["stamp", root, "--online"],
    )
    assert "No SOCKS proxy" in said and said.endswith("[0, 0, 1] []\n"), said
    (request,) = stick.glob("*.tsq")
    reply = answer(clock, request)
    said = run(
        ["stamp", root, "--reply", reply], ["stamp", root], ["status", root], ["audit", root]
    )
    assert said.endswith("[0, 0, 0, 0] []\n"), said
    assert web.asked == [] and request in requests(sealed, stick)


def test_one_file_only_knows_how_to_connect(project):
    """Client connections are made in online.py; sockets elsewhere are of this machine alone."""
    found = set()
    for path in (project / "src").rglob("*.py"):
        text = path.read_text()
        words = ("create_connection", "http.client", "urllib.request", "import ssl", "httpx")
        if any(word in text for word in words):
            found.add(path.name)
    assert found == {"online.py"}
