"""Append to copies of a log and stop at each call to the operating system in turn.

    python counted_calls.py ORIGINAL COPIES KIND COUNT STEP

For call 1, 1 + STEP, … a copy of the log in ORIGINAL is made in COPIES/<call>; a process of its own opens it, appends
COUNT entries and publishes, and at that call is stopped: KIND `kill` kills it (half a write is done first),
`full` makes the call fail as a full disk does. Ends at the first call that is never reached. Prints a JSON list
of [call, what the process acknowledged: "", "appended", "published"].
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log

COUNTED = ("open", "write", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir", "close")
SIGNER = Signer.from_private_bytes("muniment/kills", bytes(range(32)))


def entries(count: int, first: int = 0) -> list[bytes]:
    return [hashlib.sha256(i.to_bytes(8, "big")).digest() for i in range(first, first + count)]


def stop_at(call: int, kind: str) -> None:
    """From now on count calls, and stop at the one numbered `call`."""
    left = [call]

    def counted(name, real):
        def instead(*arguments, **more):
            left[0] -= 1
            if left[0] != 0:
                return real(*arguments, **more)
            if name == "write":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            if kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, "No space left on device")

        return instead

    for name in (
        COUNTED if kind == "kill" else COUNTED[:-1]
    ):  # a full disk closes files all the same
        setattr(os, name, counted(name, getattr(os, name)))


def work(copy: Path, call: int, kind: str, count: int, answer: int) -> None:
    tell = os.write
    stop_at(call, kind)
    log = Log(copy)
    start = len(entries_of(copy))
    log.append(entries(count, start))
    tell(answer, b"a")
    log.publish(SIGNER)
    tell(answer, b"p")


def entries_of(copy: Path) -> range:
    return range(json.loads((copy / "tree.json").read_bytes())["size"])


def run(original: Path, copy: Path, call: int, kind: str, count: int) -> tuple[int, bytes]:
    """One copy in a process of its own: its exit status and what it acknowledged."""
    if not copy.exists():
        shutil.copytree(original, copy, copy_function=os.link)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(copy, call, kind, count, writer)
            status = 0
        except OSError as error:
            status = 2 if error.errno == errno.ENOSPC else 1
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        acknowledged = pipe.read()
    return os.waitpid(child, 0)[1], acknowledged


if __name__ == "__main__":
    original, copies, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    count, step = int(sys.argv[4]), int(sys.argv[5])
    told = []
    for call in range(1, 10_000, step):
        status, acknowledged = run(original, copies / str(call), call, kind, count)
        if status == 0:
            break
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 2:
            sys.exit(f"call {call}: ended with {os.WEXITSTATUS(status)}")
        told.append([call, {b"": "", b"a": "appended", b"ap": "published"}[acknowledged]])
    print(json.dumps(told))
