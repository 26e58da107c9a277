"""How soon a verb answers on an open case, start of the program included, beside a bare Python start.

    .venv/bin/python -m bench.open_case [--documents 200] [--rounds 9]

A case of made PDFs is unlocked; each verb then runs as a command of its own, as a person would type it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.add import make_pdf

_VERBS = (
    ("find", "x", "harbour AND NOT ledger"),
    ("find", "x", '"permit inspector"'),
    ("status", "x"),
    ("documents", "x"),
    ("show", "x", "A1/0001", "--text"),
)


def median_seconds(
    command: list[str], rounds: int, folder: Path, environment: dict[str, str]
) -> float:
    """The median over rounds of one whole command."""
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def main() -> None:
    """Print one line a verb."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    program = [str(Path(sys.executable).parent / "muniment")]
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "MUNIMENT_HOME": str(folder / "home"),
            "MUNIMENT_PASSPHRASE": "a passphrase for a benchmark",
        }
        (folder / "pdfs").mkdir()
        for number in range(chosen.documents):
            (folder / "pdfs" / f"{number:05d}.pdf").write_bytes(make_pdf(number))
        for words in (("new", "x"), ("add", "x", "pdfs"), ("unlock", "x", "--for", "10m")):
            subprocess.run(
                [*program, *words],
                cwd=folder,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        bare = median_seconds([sys.executable, "-c", "pass"], chosen.rounds, folder, environment)
        print(f"bare Python start {bare * 1000:6.0f} ms   ({chosen.documents} documents)")
        for words in _VERBS:
            taken = median_seconds([*program, *words], chosen.rounds, folder, environment)
            print(
                f"{' '.join(words):34} {taken * 1000:6.0f} ms   {taken / bare:5.1f} × a bare start"
            )
        subprocess.run(
            [*program, "lock", "x"],
            cwd=folder,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main()
