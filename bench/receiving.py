"""Receiving files of 10 kB: files a second on one core, as a ratio to bare hashing, age and one syncfs for each 100.

    .venv/bin/python -m bench.receiving [--files 4000] [--rounds 2]

Bare reads each file, digests it (SHA-256 and SHA-512), encrypts it with age and writes it, and syncs the file
system once for each 100: the least that receiving must do. `add` also lists, pads, makes the commitment, reads
back, notes in journal and catalogue, and seals the batch into vault and log: its stages up to reading count.

Nothing is deleted before the end: before it makes a file, ext4 looks at every inode that was deleted within the last
minutes, so that a round right after another's files were deleted takes up to twice as long. CPU time is told
beside the rate, since it says more on a machine with other work.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pyrage

from muniment.evidence.vault import sync

GOAL = 2500
_HUNDRED = 100
_SIZE = 10_000


def bare_seconds(paths: Sequence[Path], place: Path) -> tuple[float, float]:
    """Hash, age and a syncfs for each hundred: seconds, and those of the processor."""
    recipient = pyrage.x25519.Identity.generate().to_public()
    begin, worked = time.perf_counter(), time.process_time()
    for number, path in enumerate(paths):
        data = path.read_bytes()
        hashlib.sha256(data).digest()
        hashlib.sha512(data).digest()
        (place / str(number)).write_bytes(pyrage.encrypt(data, [recipient]))
        if number % _HUNDRED == _HUNDRED - 1:
            sync(place)
    return time.perf_counter() - begin, time.process_time() - worked


class _Received(Exception):
    """Everything is received and sealed; reading would begin."""


def receiving_seconds(folder: Path, place: Path) -> tuple[float, float, dict[str, float]]:
    """`add` up to reading: seconds, those of the processor, and those of the processor for each stage."""
    from muniment.verbs.case import Case
    from muniment.verbs.progress import Progress

    case, _ = Case.new(place / "bench", "a passphrase for a benchmark")
    stages: dict[str, float] = {}
    begin = time.perf_counter()
    worked = last = time.process_time()
    end = begin

    def watch(progress: Progress) -> None:
        nonlocal last, end
        if progress.stage not in ("listing", "receiving", "sealing"):
            raise _Received
        now = time.process_time()
        stages[progress.stage] = stages.get(progress.stage, 0.0) + now - last
        last, end = now, time.perf_counter()

    with suppress(_Received):
        case.add([folder], watch=watch)
    case.lock()
    return end - begin, last - worked, stages


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:1])
    bare, ours = [], []
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as name:
        scratch = Path(name)
        os.environ["MUNIMENT_HOME"] = str(scratch / "home")
        folder = scratch / "files"
        folder.mkdir()
        chance = random.Random(1)
        for number in range(chosen.files):
            (folder / f"{number:05d}.txt").write_bytes(chance.randbytes(_SIZE))
        paths = sorted(folder.iterdir())
        for turn in range(chosen.rounds):
            for kind in ("bare", "ours"):
                (scratch / f"{kind}{turn}").mkdir()
            bare.append(bare_seconds(paths, scratch / f"bare{turn}"))
            ours.append(receiving_seconds(folder, scratch / f"ours{turn}"))
    best_bare, best_ours = min(one[0] for one in bare), min(one[0] for one in ours)
    cpu_bare, (_, cpu_ours, stages) = min(one[1] for one in bare), min(ours, key=lambda one: one[1])
    each = 1e6 / chosen.files
    print(
        f"{chosen.files} files of 10 kB, 1 core: bare {chosen.files / best_bare:.0f} files/s, "
        f"received and sealed {chosen.files / best_ours:.0f} files/s (goal {GOAL}), "
        f"ratio {best_ours / best_bare:.2f}"
    )
    print(
        f"processor: bare {cpu_bare * each:.0f} us a file, received and sealed {cpu_ours * each:.0f}, "
        f"ratio {cpu_ours / cpu_bare:.2f} ("
        + ", ".join(f"{name} {seconds * each:.0f}" for name, seconds in stages.items())
        + ")"
    )


if __name__ == "__main__":
    main()
