"""Files dropped on the workbench: kept in working/ until they are received, whatever they call themselves."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

SECRET = b"the harbour master knows " * 90_000
BOUNDARY = "xX-boundary-Xx"


def form(files, fields=(), end=True) -> bytes:
    parts = b""
    for name, value in fields:
        parts += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, content in files:
        parts += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'.encode()
        parts += b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n"
    return parts + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


def send(bench, body, **headers):
    return bench.ask(
        "POST",
        "/drop",
        body,
        {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Accept": "application/json",
            **headers,
        },
    )


def written(*roots) -> set[str]:
    return {str(Path(d) / f) for root in roots for d, _, names in os.walk(root) for f in names}


def working(bench) -> Path:
    import tomllib

    case = next(bench.home.glob("*.muniment"))
    return (
        Path("/dev/shm")
        / f"muniment-{tomllib.loads((case / 'case.toml').read_text())['identifier']}"
    )


@pytest.mark.hostile
def test_names_cannot_leave_the_folder_and_no_file_is_lost(empty):
    names = [
        "a.txt", "a.txt", "../../escape.txt", "/etc/passwd", "..", "sub/dir/b.txt", "\u202egpj.exe",
        "x" * 300 + ".txt", "C:\\temp\\c.txt",
    ]  # fmt: skip
    before = written("/tmp")
    answer, body = send(empty, form([(name, f"file {i}".encode()) for i, name in enumerate(names)]))
    assert answer.status == 202, body
    assert empty.settled()["error"] is None
    assert empty.settled()["report"]["originals"] == len(names)
    paths = [d["path"] for d in empty.post("/documents")[1]["documents"]]
    assert {"a.txt", "a (2).txt", "sub/dir/b.txt", "escape.txt", "etc/passwd"} <= set(paths)
    assert not [p for p in paths if ".." in p.split("/") or "\u202e" in p]
    assert not [p for p in written("/tmp") - before if "escape" in p]
    assert not written(working(empty) / "dropped")


def test_what_is_dropped_lies_in_working_and_nowhere_else(empty):
    """Two megabytes: more than what form parsers spool to /tmp. Every file the process opens is looked into."""
    seen: dict[str, bool] = {}
    stop = threading.Event()

    def look():
        while not stop.is_set():
            for link in Path(f"/proc/{empty.process.pid}/fd").iterdir():
                try:
                    target = str(link.readlink())
                    if target.startswith("/") and not target.startswith(
                        ("/dev/null", "/usr", "/proc")
                    ):
                        seen[target] = (
                            seen.get(target, False) or b"harbour master" in link.read_bytes()
                        )
                except OSError:
                    continue

    empty.enter()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        answer, _ = send(empty, form([("big.txt", SECRET)], [("articles", "yes")]))
        assert answer.status == 202
        assert empty.settled()["report"]["states"] == {"extracted": 1}
    finally:
        stop.set()
        watcher.join()
    holding = [name for name, held in seen.items() if held]
    assert not [name for name in holding if not name.startswith(str(working(empty)))], holding
    assert empty.post("/status")[1]["accessions"][0]["kind"] == "articles"


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (form([("a.txt", b"cut off")], end=False), {}, 400),
        (b"not a form", {}, 400),
        (form([]), {}, 400),
        (form([("", b"")]), {}, 400),
        (b"", {"Content-Type": "text/plain"}, 400),
    ],
)
def test_a_broken_form_adds_nothing(plain_bench, body, headers, code):
    before = plain_bench.post("/status")[1]["accounting"]
    answer, _ = send(plain_bench, body, **headers)
    assert answer.status == code
    assert plain_bench.post("/status")[1]["accounting"] == before


def test_more_than_there_is_room_for_is_refused_before_it_comes(plain_bench):
    import socket

    with socket.create_connection(("127.0.0.1", plain_bench.port), timeout=20) as line:
        line.sendall(
            f"POST /drop HTTP/1.1\r\nHost: 127.0.0.1:{plain_bench.port}\r\nCookie: {plain_bench.enter()}\r\n"
            f"Accept: application/json\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
            f"Content-Length: {1 << 45}\r\n\r\n".encode()
        )
        assert line.recv(64).split()[1] == b"409"
