"""Whether `add` costs as much for each file of 100,000 as of 1,000, in time, in memory and on the disk.

    .venv/bin/python -m bench.growth [--files 1000,10000,100000] [--scratch FOLDER] [--json FILE]

Small made files (bench/small_files.py) are received, sealed, read and indexed, and their pages sealed, each size
in a process of its own. Told are the seconds and the processor's seconds for each file (all processes), beside
those of the smallest size; the peak of the anonymous resident memory (RssAnon) of `add` and all its children
together, read from /proc twice a second; and what lies on the disk and in memory at the end. With `--interrupt`
it is stopped in the middle of reading, and run again; with `--found` it ends when everything is found, before the
pages are sealed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.small_files import make_small_files

GOAL, MEMORY = 1.25, 1 << 30
STAGE = "sealing pages"
_EACH = 0.5


def anonymous(root: int) -> int:
    """Bytes of RssAnon of a process and of all that came of it."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path(f"/proc/{entry}/status").read_text()
            except OSError:  # it has ended
                continue
            fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
            parents[int(entry)] = int(fields["PPid"])
            sizes[int(entry)] = int(fields.get("RssAnon", "0 kB").split()[0]) * 1024
    family = {root}
    found = True
    while found:
        more = {one for one, parent in parents.items() if parent in family} - family
        family |= more
        found = bool(more)
    return sum(sizes.get(one, 0) for one in family)


class Peak(threading.Thread):
    """The most anonymous memory that a process and its children have together."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._ended = threading.Event()
        self.bytes = 0

    def run(self) -> None:
        while not self._ended.wait(_EACH):
            self.bytes = max(self.bytes, anonymous(self._root))

    def end(self) -> int:
        """Stop looking; returns the peak."""
        self._ended.set()
        self.join()
        return self.bytes


def in_a_process(scratch: Path, count: int, *, interrupt: bool, found: bool) -> dict[str, Any]:
    """One size in a process of its own, watched from here."""
    folder, place = scratch / f"files-{count}", scratch / f"case-{count}"
    place.mkdir()
    size = make_small_files(folder, count)
    os.sync()
    peak, runs = 0, []
    for turn in range(2 if interrupt else 1):
        command = [sys.executable, "-m", "bench.growth", "--one", str(folder), str(place)]
        if interrupt and turn == 0:
            command += ["--stop-in", "reading"]
        elif found:
            command += ["--stop-in", STAGE]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        watcher = Peak(process.pid)
        watcher.start()
        said, _ = process.communicate()
        peak = max(peak, watcher.end())
        if process.returncode:
            sys.exit(f"add ended with {process.returncode}")
        runs.append(json.loads(said))
    row: dict[str, Any] = {"files": count, "bytes": size, "peak_rss_anon": peak, **runs[-1]}
    row["seconds"] = sum(run["seconds"] for run in runs)
    row["processor_seconds"] = sum(run["processor_seconds"] for run in runs)
    return row


def one(folder: Path, place: Path, *, stop_in: str) -> dict[str, Any]:
    """In a process of its own: `add`, and what it took; until half is read, or until the pages are to be sealed."""
    os.environ["MUNIMENT_HOME"] = str(place / "home")
    from muniment.case.working import in_memory
    from muniment.verbs.case import Case

    words = "a passphrase for a benchmark"
    if (place / "bench.muniment").exists():
        case = Case.open(place / "bench.muniment", words)
    else:
        case, _ = Case.new(place / "bench", words)
    stages: dict[str, float] = {}
    begin = last = time.perf_counter()

    def watch(progress: Any) -> None:
        nonlocal last
        now = time.perf_counter()
        stages[progress.stage] = stages.get(progress.stage, 0.0) + now - last
        last = now
        half = progress.done * 2 > (progress.total or 0)
        if progress.stage == stop_in and (half or stop_in == STAGE):
            raise _Stopped

    try:
        report = case.add([folder], watch=watch)
    except _Stopped:
        report = {"states": case.status()["accounting"]["states"]}
    seconds = time.perf_counter() - begin
    used = sum(p.lstat().st_size for p in case.folder.root.rglob("*") if p.is_file())
    places = (case.folder.working, in_memory(case.folder))
    working = sum(p.lstat().st_size for at in places for p in at.rglob("*") if p.is_file())
    catalogue = (case.folder.root / "catalogue.db").stat().st_size
    case.lock()
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "processor_seconds": sum(usage.ru_utime + usage.ru_stime for usage in usages),
        "stages": {name: round(value, 2) for name, value in stages.items()},
        "states": report.get("states", {}),
        "disk": used,
        "working": working,
        "catalogue": catalogue,
    }


class _Stopped(Exception):
    """As far as was asked for."""


def main() -> None:
    """Print a line and its stages for each size; the exit status is 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", default="1000,10000,100000")
    parser.add_argument("--scratch", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--interrupt", action="store_true", help="stop each once half is read")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--found", action="store_true", help="end before the pages are sealed")
    parser.add_argument("--stop-in", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(one(*chosen.one, stop_in=chosen.stop_in)))
        return
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="muniment-bench-", dir=chosen.scratch) as name:
        for count in map(int, chosen.files.split(",")):
            row = in_a_process(Path(name), count, interrupt=chosen.interrupt, found=chosen.found)
            rows.append(row)
            tell(rows[-1], rows[0])
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1))


def tell(row: dict[str, Any], first: dict[str, Any]) -> None:
    """One size, beside the smallest."""
    count = row["files"]
    each, processor = row["seconds"] / count, row["processor_seconds"] / count
    times = each / (first["seconds"] / first["files"])
    worked = processor / (first["processor_seconds"] / first["files"])
    print(
        f"{count:>7} files  {row['seconds']:>7.1f} s  {count / row['seconds']:>5.0f} files/s  "
        f"{each * 1e3:.2f} ms a file ({times:.2f} of the smallest)  processor {processor * 1e3:.2f} ms "
        f"({worked:.2f}, goal {GOAL})  RssAnon {row['peak_rss_anon'] >> 20} MiB (goal {MEMORY >> 20})  "
        f"disk {row['disk'] / row['bytes']:.1f} times what came in, of it catalogue {row['catalogue'] >> 20} MiB; "
        f"working/ {row['working'] >> 20} MiB"
    )
    stages = (f"{stage} {seconds / count * 1e6:.0f}" for stage, seconds in row["stages"].items())
    print(f"        microseconds a file: {', '.join(stages)}; {row['states']}", flush=True)


if __name__ == "__main__":
    main()
