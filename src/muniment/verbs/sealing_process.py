"""A process of ours that seals documents: trusted code with the keys of the case, one for each core.

It is asked over its standard input, which nobody else sees, and ends with whoever started it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import muniment
from muniment.case.folder import open_folder
from muniment.case.keys import CaseKeys
from muniment.errors import Interrupted, MunimentError

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_CODE = (
    "import sys; sys.path[:0] = {path!r}; from muniment.verbs.sealing_process import main; main()"
)


class SealingProcess:
    """One such process, as the one that started it sees it. Not for several threads at once."""

    def __init__(self, case: Case) -> None:
        path = [str(Path(muniment.__file__).resolve().parent.parent)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE.format(path=path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # there is one of us for each core
        )
        self._send(
            {
                "root": str(case.folder.root),
                "keys": asdict(case.keys),
                "passwords": case.passwords,
            }
        )

    def seal(self, numbers: Sequence[int], room: int) -> int:
        """Seal and record documents; the bytes of pictures kept. Raises what sealing raised, or Interrupted."""
        self._send({"numbers": list(numbers), "room": room})
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise _ended()
        answer = json.loads(line)
        if "error" in answer:
            error = MunimentError(answer["error"], next=answer["next"])
            error.code, error.exit_status = answer["code"], answer["status"]
            raise error
        return int(answer["kept"])

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise _ended() from None

    def kill(self) -> None:
        """End it at once; what it had staged and not recorded is swept later."""
        self._process.kill()

    def close(self) -> None:
        """Let it end and wait for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._process.wait()


def _ended() -> Interrupted:
    return Interrupted(
        "A process that seals pages ended before it was done. What was sealed so far is kept.",
        next="Run the same command again; if it happens again, look whether memory runs out.",
    )


def main() -> None:
    """Serve until standard input ends: the case in the first line, then one group of documents a line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    library = ctypes.CDLL(None)
    library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    source = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not write among the answers
    from muniment.verbs.case import Case
    from muniment.verbs.sealing_pages import DocumentsSealed

    first = json.loads(source.readline())
    case = Case(open_folder(first["root"]), CaseKeys(**first["keys"]))
    case.passwords = tuple(first["passwords"])
    with case, DocumentsSealed(case) as sealed:
        for line in source:
            answers.write(json.dumps(_answer(sealed, json.loads(line))).encode() + b"\n")
            answers.flush()


def _answer(sealed: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"kept": sealed.seal(request["numbers"], request["room"])}
    except MunimentError as error:
        return {
            "error": error.message,
            "next": error.next,
            "code": error.code,
            "status": error.exit_status,
        }
