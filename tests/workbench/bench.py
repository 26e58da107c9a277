"""The real workbench on a real case, in a process of its own, and Debian's Chromium to look at it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSPHRASE = "bakoti rumesa dilovu hasita goluve"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=\S+")


class Bench:
    """A workbench that runs. `address` is what it printed, to be used once; `root` is without the token."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        self.root = address.split("/?")[0]
        self.port = int(self.root.rsplit(":", 1)[1])
        self.cookie = ""

    def enter(self) -> str:
        """Exchange the token; returns the cookie, as a header carries it. The first time only."""
        if not self.cookie:
            path = self.address.removeprefix(self.root)
            answer, _ = self.ask("GET", path, cookie="")
            assert answer.status == 303 and answer.getheader("location") == "/"
            self.cookie = str(answer.getheader("set-cookie")).split(";")[0]
        return self.cookie

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        cookie: str | None = None,
    ) -> tuple[HTTPResponse, bytes]:
        """One raw request, with the sitting's cookie unless another is given ("" for none)."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = dict(headers or {})
        if cookie is None:
            cookie = self.enter()
        if cookie:
            sent.setdefault("Cookie", cookie)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def post(self, path: str, **content: object) -> tuple[int, dict]:
        """A verb, as a program calls it; returns the HTTP status and the JSON."""
        answer, body = self.ask(
            "POST", path, json.dumps(content), {"Content-Type": "application/json"}
        )
        return answer.status, json.loads(body)

    def visit(self, browser: Browser, **options: object) -> Page:
        """A window of its own in which the person has already come in."""
        name, value = self.enter().split("=", 1)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.add_cookies(
            [
                {
                    "name": name,
                    "value": value,
                    "domain": "127.0.0.1",
                    "path": "/",
                    "sameSite": "Strict",
                }
            ]
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    def settled(self, seconds: float = 120) -> dict:
        """Wait until no work is going on; returns the last progress."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _, now = self.post("/progress")
            if not now["running"]:
                return now
        raise AssertionError("the work does not end")

    def end(self) -> int:
        """Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def environment(home: Path, passphrase: str = PASSPHRASE) -> dict[str, str]:
    """The variables of a person who runs muniment with a home of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    return {
        **kept,
        "MUNIMENT_HOME": str(home),
        "MUNIMENT_PASSPHRASE": passphrase,
        "HOME": str(home),
        "PYTHONIOENCODING": "utf-8",
    }


def muniment(home: Path, *arguments: object) -> str:
    """Run a command of muniment; returns what it printed."""
    home.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "muniment", *map(str, arguments)],
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


@contextmanager
def workbench(home: Path, *arguments: object, passphrase: str = PASSPHRASE) -> Iterator[Bench]:
    """`muniment open …` (or whatever is named) until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "muniment", *map(str, arguments), "--no-browser"],
        cwd=home,
        env=environment(home, passphrase),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if _ADDRESS.search(line):
                yield Bench(process, line.strip())
                break
        else:
            raise AssertionError("the workbench ended without printing its address")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        process.stdout.close()
