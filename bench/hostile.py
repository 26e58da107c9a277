"""Files made to take a reader down: the state each gets, in how many seconds and with how much memory.

    .venv/bin/python -m bench.hostile [--sparse 2048] [NAME ...]

Each is received and read by `add` in a case of its own, with default limits. Memory is the most that all processes
together had of their own (RssAnon), looked at fifty times a second.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.hostile_files import files, sparse


def family(root: int) -> list[int]:
    """This process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def anonymous(process: int) -> int:
    """RssAnon of a process in bytes."""
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0


class Memory:
    """The most memory of this process and its children, beyond what it had at first."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            self.most = max(self.most, sum(map(anonymous, family(os.getpid()))))

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def _inside(rows: list[dict[str, Any]]) -> None:
    """How what came out of it stands, and the last of it."""
    if len(rows) > 1:
        last, states = rows[-1], Counter(row["state"] for row in rows)
        deep = last["reference"].count(".")
        print(
            f"{'':18} {dict(states)}; the last, {deep} deep: {last['state']} {last['reason'][:90]}",
            flush=True,
        )


def main() -> int:
    """One line for each; the exit status is 1 where one has no state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sparse", type=int, default=2048, metavar="MB", help="0: none")
    chosen = parser.parse_args()
    from muniment.verbs.case import Case

    stateless = 0
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as name:
        scratch = Path(name)
        os.environ["MUNIMENT_HOME"] = str(scratch / "home")
        leak = scratch / "leak"
        leak.mkdir()
        for file, content in files(tuple(chosen.names)):
            (leak / file).write_bytes(content)
        if chosen.sparse and (not chosen.names or "sparse.bin" in chosen.names):
            sparse(leak / "sparse.bin", chosen.sparse << 20)
        for number, path in enumerate(sorted(leak.iterdir())):
            case, _ = Case.new(scratch / f"case-{number}", "a passphrase for a benchmark")
            begin = time.perf_counter()
            with Memory() as memory:
                case.add([path])
            seconds = time.perf_counter() - begin
            rows = case.documents()["documents"]
            first = rows[0]
            stateless += first["state"] in ("", "waiting")
            print(
                f"{path.name:18} {path.stat().st_size:>11,} bytes  {first['state']:17} {seconds:6.1f} s  "
                f"{memory.most / 2**20:6.0f} MiB  {len(rows)} documents, {first['pages'] or 0} pages  "
                f"{first['reason'][:90]}",
                flush=True,
            )
            _inside(rows)
            case.lock()
    return int(stateless > 0)


if __name__ == "__main__":
    raise SystemExit(main())
