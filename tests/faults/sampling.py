"""Which of the calls of a command are tried: all of them, or some of every kind."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

FAULTS = ("ENOSPC", "EIO", "SIGKILL")
SAMPLED = (*FAULTS, "ENOSPC+")  # the last: a disk that stays full
Trial = tuple[int, str]


def every(calls: Sequence[tuple[str, str]], faults: Sequence[str] = FAULTS) -> list[Trial]:
    """Each call with each fault."""
    return [(which, fault) for which in range(1, len(calls) + 1) for fault in faults]


def some(calls: Sequence[tuple[str, str]], many: int, seed: int) -> list[Trial]:
    """So many trials, spread over all pairs of a call's name and the place it is about."""
    chance = random.Random(seed)
    kinds: dict[tuple[str, str], list[int]] = {}
    for which, (name, path) in enumerate(calls, 1):
        kinds.setdefault((name, place_of(path)), []).append(which)
    for group in kinds.values():
        chance.shuffle(group)
    chosen: list[int] = []
    while len(chosen) < min(many, len(calls)):
        for group in kinds.values():
            if group and len(chosen) < many:
                chosen.append(group.pop())
    return sorted((which, SAMPLED[n % len(SAMPLED)]) for n, which in enumerate(chosen))


def place_of(path: str) -> str:
    """The part of the case a path lies in: `log`, `catalogue.db-wal`, `in memory`."""
    if path.startswith("/dev/shm/muniment-"):
        return "in memory"
    _, found, inside = path.partition(".muniment")
    return inside.strip("/").split("/")[0] or "the case" if found else "beside the case"


class Served:
    """Trials of one scenario in a process of their own, one after another."""

    def __init__(self, scenario: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults", scenario],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.calls: list[tuple[str, str]] = [(name, path) for name, path in self._answer()]

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, trials: Iterable[Trial]) -> Iterator[dict[str, Any]]:
        """What became of each, with the number of its call under `which`."""
        assert self._process.stdin is not None
        for which, fault in trials:
            self._process.stdin.write(f"{which} {fault}\n")
            self._process.stdin.flush()
            yield {**self._answer(), "which": which}

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the trials ended before their time; see their standard error")
        return json.loads(line)
