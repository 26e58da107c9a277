"""What becomes of a verb when a call to the disk fails: each call in turn, with a full disk, a failing one, a kill.

    .venv/bin/python -m bench.faults [--scenario copy] [--sample 60 | --all] [--minutes 30] [--processes 2] [--write]

One trial: in a fresh case the verb is run in a process of its own, and its n-th call that changes a file below the
case, below its folder in memory or below a custodian's folder fails, whoever makes it (Python, SQLCipher, tantivy,
age). Then `audit`; the verb again; `audit`; and everything is looked at (tests/faults). `--scenario all` tries one
verb after another. The trials are in no order, so that those done when the `--minutes` are over are a fair sample.
`--write` puts the counts into docs/explanation/faults.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults.sampling import SAMPLED, Served, Trial, every, some
from tests.faults.scenarios import SCENARIOS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "faults.md"
VERDICTS = ("survived", "resumed", "repaired", "lost")
Rows = list[dict[str, Any]]


def tried(scenario: str, chosen: argparse.Namespace) -> tuple[Rows, int]:
    """What became of the trials, shared between so many processes; and how many there were to be."""
    end = time.monotonic() + 60 * chosen.minutes
    servers = [Served(scenario) for _ in range(chosen.processes)]
    calls = servers[0].calls
    trials = every(calls) if chosen.all else some(calls, chosen.sample, chosen.seed)
    random.Random(chosen.seed).shuffle(trials)
    shares = [trials[n :: chosen.processes] for n in range(chosen.processes)]
    with ThreadPoolExecutor(chosen.processes) as pool:
        found = list(pool.map(lambda pair: _one(*pair, end), zip(servers, shares, strict=True)))
    rows = sorted((row for rows in found for row in rows), key=lambda row: row["which"])
    return rows, len(trials)


def _one(server: Served, share: list[Trial], end: float) -> Rows:
    rows = []
    with server:
        for row in server.run(share):
            rows.append(row)
            if len(rows) % 50 == 0:
                print(f"{len(rows)} of {len(share)}", file=sys.stderr, flush=True)
            if row["problems"]:
                print(json.dumps(row), file=sys.stderr, flush=True)
            if time.monotonic() > end:
                break
    return rows


def table(rows: Rows) -> str:
    """The counts for each call and fault, as a table in Markdown."""
    reached = [row for row in rows if row["call"]]
    counts = Counter((row["call"]["name"], row["fault"], row["verdict"]) for row in reached)
    names = sorted({name for name, _, _ in counts})
    lines = ["| call | fault | injected | " + " | ".join(VERDICTS) + " |", "|---|---|" + "--:|" * 5]
    for name in [*names, "all"]:
        for fault in filter({f for _, f, _ in counts}.__contains__, SAMPLED):
            said = [
                sum(
                    n
                    for (c, f, v), n in counts.items()
                    if (c, f, v) == (c, fault, verdict) and name in (c, "all")
                )
                for verdict in VERDICTS
            ]
            lines.append(f"| {name} | {fault} | {sum(said)} | " + " | ".join(map(str, said)) + " |")
    return "\n".join(lines)


def write(scenario: str, text: str) -> None:
    """Put a table between its marks on the page."""
    begin, end = f"<!-- faults: {scenario} -->\n", "<!-- end -->"
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    if not found:
        sys.exit(f"{PAGE.name} has no place for {scenario}: put its two marks there")
    PAGE.write_text(before + begin + text + "\n" + end + rest.partition(end)[2], encoding="utf-8")


def main() -> int:
    """Print the table, and each trial that was lost; the exit status is 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="add", choices=[*SCENARIOS, "all"])
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20191124)
    parser.add_argument("--all", action="store_true", help="every call, with every fault")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="for each verb")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    chosen = parser.parse_args()
    names = list(SCENARIOS) if chosen.scenario == "all" else [chosen.scenario]
    return max([_reported(name, chosen) for name in names])


def _reported(scenario: str, chosen: argparse.Namespace) -> int:
    rows, wanted = tried(scenario, chosen)
    text = table(rows)
    missed = sum(1 for row in rows if not row["call"])
    print(
        f"{scenario}: {len(rows)} of {wanted} trials, {missed} ended before their call\n\n{text}",
        flush=True,
    )
    if chosen.write:
        write(scenario, text)
    return int(any(row["problems"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
