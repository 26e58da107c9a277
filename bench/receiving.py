"""Receiving files of 10 kB: files a second on one core, as a ratio to bare hashing, age and one syncfs for each 100.

    .venv/bin/python -m bench.receiving [--files 4000] [--rounds 2]

Bare reads each file, digests it (SHA-256 and SHA-512), encrypts it with age and writes it, and syncs the file
system once for each 100: the least that receiving must do. `add` also lists, pads, makes the commitment, reads
back, notes in journal and catalogue, and seals the batch into vault and log: its stages up to reading count.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyrage

from muniment.evidence.vault import sync

GOAL = 2500
_HUNDRED = 100
_SIZE = 10_000


def bare_seconds(paths: Sequence[Path], place: Path) -> float:
    """Hash, age and a syncfs for each hundred."""
    recipient = pyrage.x25519.Identity.generate().to_public()
    begin = time.perf_counter()
    for number, path in enumerate(paths):
        data = path.read_bytes()
        hashlib.sha256(data).digest()
        hashlib.sha512(data).digest()
        (place / str(number)).write_bytes(pyrage.encrypt(data, [recipient]))
        if number % _HUNDRED == _HUNDRED - 1:
            sync(place)
    return time.perf_counter() - begin


class _Received(Exception):
    """Everything is received and sealed; reading would begin."""


def receiving_seconds(folder: Path, place: Path) -> float:
    """Seconds of `add` up to reading."""
    from muniment.verbs.case import Case
    from muniment.verbs.progress import Progress

    case, _ = Case.new(place / "bench", "a passphrase for a benchmark")
    begin = time.perf_counter()
    end = begin

    def watch(progress: Progress) -> None:
        nonlocal end
        if progress.stage == "reading":
            raise _Received
        end = time.perf_counter()

    try:
        case.add([folder], watch=watch)
    except _Received:
        end = max(end, _sealed_at(case.folder.log))
    case.lock()
    return end - begin


def _sealed_at(log: Path) -> float:
    """When the checkpoint over the batch was written, on the clock of perf_counter."""
    return time.perf_counter() - (time.time() - (log / "checkpoint").stat().st_mtime)


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:1])
    best_bare, best_ours = float("inf"), float("inf")
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
            best_bare = min(best_bare, bare_seconds(paths, scratch / f"bare{turn}"))
            best_ours = min(best_ours, receiving_seconds(folder, scratch / f"ours{turn}"))
            shutil.rmtree(scratch / f"ours{turn}")
            shutil.rmtree(scratch / f"bare{turn}")
    print(
        f"{chosen.files} files of 10 kB, 1 core: bare {chosen.files / best_bare:.0f} files/s, "
        f"received and sealed {chosen.files / best_ours:.0f} files/s (goal {GOAL}), "
        f"ratio {best_ours / best_bare:.2f}"
    )


if __name__ == "__main__":
    main()
