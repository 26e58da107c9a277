"""Rewrites the object of copies of a vault, and is killed at each call that changes the disk in turn.

    python counted_rewriting.py FOLDER COPIES KIND

FOLDER holds `vault/`, `staging/` and `asked.json`: the object, the names that go, and the keys. For call 1, 2, … a
copy is made in COPIES/<call> and a process of its own rewrites the object there; at that call it is killed, or the
call is refused (KIND is `kill`, or the name of an error such as ENOSPC). KIND may begin with `plain-`: then the file
system cannot exchange two folders. Ends at the first call that is never reached. Prints a JSON list of statuses.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from pathlib import Path

from failing_disk import COUNTED, Disk

from muniment.errors import MunimentError
from muniment.evidence.vault import Vault, rewriting

WITHDRAWN = b'{"version":1,"without":true}'


def no_exchange(one: Path, other: Path) -> None:
    """What FAT answers to RENAME_EXCHANGE."""
    raise OSError(errno.EINVAL, "Invalid argument")


def rewrite(folder: Path) -> bool:
    """What `withdraw` does with the vault."""
    asked = json.loads((folder / "asked.json").read_text())
    return rewriting.rewrite(
        Vault(folder / "vault"),
        asked["object"],
        set(asked["drop"]),
        lambda manifest: WITHDRAWN,
        folder / "staging",
        asked["recipient"],
        asked["identity"],
    )


def disturbed(copy: Path, call: int, kind: str) -> int:
    """In a process of its own; its status: minus the signal, 0 when done, 3 for an error that says what to do."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        disk = Disk(call, kind.removeprefix("plain-"))
        disk.install()
        os.link = disk.watch("link", os.link)  # type: ignore[assignment]
        real = no_exchange if kind.startswith("plain-") else rewriting._exchange_names
        rewriting._exchange_names = disk.watch("renameat2", real)  # type: ignore[assignment]
        rewrite(copy)
        status = 0
    except MunimentError as error:
        status = 3 if error.next else 1
    finally:
        os._exit(status)


def main() -> None:
    """Every call in turn."""
    assert "unlink" in COUNTED
    folder, copies, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    told = []
    for call in range(1, 1000):
        copy = copies / str(call)
        shutil.copytree(folder, copy)
        told.append(disturbed(copy, call, kind))
        if told[-1] == 0:
            break
    print(json.dumps(told))


if __name__ == "__main__":
    main()
