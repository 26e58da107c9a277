"""Notes acts, commits and pads in copies of a case, and is killed at each call to the operating system in turn.

    python killed_keeper.py ORIGINAL KEYS COPIES STEP

For call 1, 1 + STEP, … the case in ORIGINAL (KEYS: its bundle as JSON) is copied to COPIES/<call>/harbour.muniment,
with a MUNIMENT_HOME of its own beside it; a process of its own notes an act, commits, notes another, commits and
pads, and is killed at that call (half a write is done first). Ends at the first call that is never reached. Prints
a JSON list of [call, acts acknowledged].
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from muniment.case.folder import open_folder
from muniment.case.keys import CaseKeys
from muniment.verbs.case import Case
from muniment.verbs.committing import commit_custody, pad_log

COUNTED = ("open", "write", "fsync", "replace", "unlink", "rmdir", "mkdir", "close")


def stop_at(call: int) -> None:
    """From now on count calls, and be killed at the one numbered `call`."""
    left = [call]

    def counted(name, real):
        def instead(*arguments, **more):
            left[0] -= 1
            if left[0] == 0:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **more)

        return instead

    for name in COUNTED:
        setattr(os, name, counted(name, getattr(os, name)))


def work(copy: Path, keys: CaseKeys, call: int, answer: int) -> None:
    tell = os.write
    os.environ["MUNIMENT_HOME"] = str(copy / "home")
    case = Case(open_folder(copy / "harbour"), keys)
    assert case.catalogue
    stop_at(call)
    for number in (1, 2):
        case.record("copied", {"custodian": "north", "number": number})
        tell(answer, b"a")
        commit_custody(case)
    pad_log(case)


def run(original: Path, copy: Path, keys: CaseKeys, call: int) -> tuple[int, int]:
    """One copy in a process of its own: its exit status and how many acts it acknowledged."""
    copy.mkdir()
    shutil.copytree(original, copy / "harbour.muniment")
    shutil.copytree(os.environ["MUNIMENT_HOME"], copy / "home")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(copy, keys, call, writer)
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        acknowledged = pipe.read()
    return os.waitpid(child, 0)[1], len(acknowledged)


if __name__ == "__main__":
    original, copies, step = Path(sys.argv[1]), Path(sys.argv[3]), int(sys.argv[4])
    keys = CaseKeys.from_bytes(Path(sys.argv[2]).read_bytes())
    told = []
    for call in range(1, 10_000, step):
        status, acknowledged = run(original, copies / str(call), keys, call)
        if status == 0:
            break
        if os.WIFEXITED(status):
            sys.exit(f"call {call}: ended with {os.WEXITSTATUS(status)}")
        told.append([call, acknowledged])
    print(json.dumps(told))
