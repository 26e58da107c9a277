"""What becomes of a verb when a call to the disk fails: each call in turn, with a full disk, a failing one, a kill.

    .venv/bin/python -m bench.faults [--scenario add] [--sample 60 | --all] [--processes 2] [--write]

One trial: in a fresh case the verb is run in a process of its own, and its n-th call that changes a file below the
case, or below its folder in memory, fails, whoever makes it (Python, SQLCipher, tantivy, age). Then `audit`; the verb
again; `audit`; and everything is looked at (tests/faults). `--write` puts the counts into docs/explanation/faults.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults.sampling import SAMPLED, Served, Trial, every, some

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "faults.md"
VERDICTS = ("survived", "resumed", "repaired", "lost")
Rows = list[dict[str, Any]]


def tried(scenario: str, chosen: argparse.Namespace) -> Rows:
    """All trials, shared between so many processes."""
    servers = [Served(scenario) for _ in range(chosen.processes)]
    calls = servers[0].calls
    trials = every(calls) if chosen.all else some(calls, chosen.sample, chosen.seed)
    shares = [trials[n :: chosen.processes] for n in range(chosen.processes)]
    with ThreadPoolExecutor(chosen.processes) as pool:
        found = list(pool.map(lambda pair: _one(*pair), zip(servers, shares, strict=True)))
    return sorted((row for rows in found for row in rows), key=lambda row: row["which"])


def _one(server: Served, share: list[Trial]) -> Rows:
    rows = []
    with server:
        for row in server.run(share):
            rows.append(row)
            if len(rows) % 50 == 0:
                print(f"{len(rows)} of {len(share)}", file=sys.stderr, flush=True)
            if row["problems"]:
                print(json.dumps(row), file=sys.stderr, flush=True)
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
    begin, end = f"<!-- faults: {scenario} -->\n", "\n<!-- end -->"
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    if not found:
        sys.exit(f"{PAGE.name} has no place for {scenario}: put its two marks there")
    PAGE.write_text(before + begin + text + end + rest.partition(end)[2], encoding="utf-8")


def main() -> int:
    """Print the table, and each trial that was lost; the exit status is 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="add")
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20191124)
    parser.add_argument("--all", action="store_true", help="every call, with every fault")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    chosen = parser.parse_args()
    rows = tried(chosen.scenario, chosen)
    text = table(rows)
    missed = sum(1 for row in rows if not row["call"])
    print(f"{chosen.scenario}: {len(rows)} trials, {missed} ended before their call\n\n{text}")
    if chosen.write:
        write(chosen.scenario, text)
    return int(any(row["problems"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
