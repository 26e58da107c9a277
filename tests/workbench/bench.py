"""The real workbench on a real case, in a process of its own, and Debian's Chromium to look at it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
PASSPHRASE = "bakoti rumesa dilovu"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=\S+")


class Bench:
    """A workbench that runs. `address` is what it printed, to be used once; `root` is without the token."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        self.root = address.split("/?")[0]
        self.port = int(self.root.rsplit(":", 1)[1])

    def end(self) -> int:
        """Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def environment(home: Path) -> dict[str, str]:
    """The variables of a person who runs muniment with a home of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    return {
        **kept,
        "MUNIMENT_HOME": str(home),
        "MUNIMENT_PASSPHRASE": PASSPHRASE,
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
def workbench(home: Path, *arguments: object) -> Iterator[Bench]:
    """`muniment open …` (or whatever is named) until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "muniment", *map(str, arguments), "--no-browser"],
        cwd=home,
        env=environment(home),
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
