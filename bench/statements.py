"""Statements found in sentences of our own writing: precision and recall for each construction, in one table.

    .venv/bin/python -m bench.statements [--missing]

Each line of tests/claims/gold.tsv is one sentence by itself: its construction, who speaks, with which stance, words
of what is said; or a look-alike in which nobody says anything. A statement counts as found where it holds the words;
as wrong where a sentence holds no statement, or the statement found does not hold the words. Where articles with
marked statements are at hand (seeds_quotations.json), they are counted in the same way, from the article alone.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from muniment.claims.statements import Statement, statements
from muniment.reading.captured_article import captured

GOLD = Path(__file__).resolve().parents[1] / "tests" / "claims" / "gold.tsv"
SEEDS = Path(
    os.environ.get("MUNIMENT_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "data")
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and what is said in it; `speaker` is "" where nobody says anything."""

    construction: str
    sentence: str
    speaker: str
    stance: str
    words: str


@dataclass(slots=True)
class Count:
    """What was expected, found, and found wrongly."""

    expected: int = 0
    found: int = 0
    speaker: int = 0
    stance: int = 0
    wrong: int = 0


def gold() -> Iterator[Line]:
    """The lines of the table."""
    for row in GOLD.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            construction, sentence, *said = row.split("\t")
            yield Line(construction, sentence, *("" if one == "-" else one for one in said))


def same_speaker(found: str, expected: str) -> bool:
    """Whether two names are one, articles and case aside; a longer one may hold the shorter."""
    one, other = (name.casefold().removeprefix("the ").strip() for name in (found, expected))
    return bool(one) and bool(other) and (one in other or other in one)


def count_line(line: Line, counted: Count) -> list[str]:
    """Count one sentence; gives what is missing or wrong."""
    found = statements(line.sentence)
    troubles: list[str] = []
    if not line.speaker:
        counted.wrong += len(found)
        return [f"- {one.speaker}: {one.exact}" for one in found]
    counted.expected += 1
    right = next((one for one in found if line.words.casefold() in one.exact.casefold()), None)
    for one in found:
        if (
            one is not right
            and line.words.casefold() not in one.exact.casefold()
            and not _goes_with(one, right)
        ):
            counted.wrong += 1
            troubles.append(f"- {one.speaker}: {one.exact}")
    if right is None:
        return [*troubles, "+ nothing found"]
    counted.found += 1
    counted.speaker += same_speaker(right.speaker, line.speaker)
    counted.stance += right.stance == line.stance
    if not same_speaker(right.speaker, line.speaker):
        troubles.append(f"speaker {right.speaker}, expected {line.speaker}")
    if right.stance != line.stance:
        troubles.append(f"stance {right.stance}, expected {line.stance}")
    return troubles


def _goes_with(one: Statement, right: Statement | None) -> bool:
    """The other half of a quotation that is parted by its cue."""
    return right is not None and one.direct and right.direct and one.speaker == right.speaker


def count_seeds() -> tuple[Count, int]:
    """The marked statements of articles, and how many quotations were found that are not marked."""
    counted, others = Count(), 0
    marked = json.loads((SEEDS / "seeds_quotations.json").read_text(encoding="utf-8"))
    for path in sorted((SEEDS / "seeds").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found = statements(text, captured(text).spans)
        expected = [one for one in marked if one["doc"] == path.name]
        used: set[int] = set()
        for one in expected:
            counted.expected += 1
            over = [s for s in found if s.direct and s.start < one["end"] and one["start"] < s.end]
            if over:
                used.add(id(over[0]))
                counted.found += 1
                counted.speaker += same_speaker(over[0].speaker, one["speaker"])
                counted.stance += over[0].stance == one["stance"]
        others += sum(one.direct and id(one) not in used for one in found)
    return counted, others


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--missing", action="store_true", help="what is missing or wrong, by sentence"
    )
    chosen = parser.parse_args()
    counts: dict[str, Count] = defaultdict(Count)
    for line in gold():
        troubles = count_line(line, counts[line.construction])
        if chosen.missing and troubles:
            print(line.construction, line.sentence, *troubles, sep="\n    ")
    total = Count()
    print(
        f"{'construction':<18} {'sentences':>9} {'found':>6} {'speaker':>8} {'stance':>7} {'wrong':>6}"
        "  precision  recall"
    )
    for name, one in [*counts.items(), ("all", total)]:
        if one is not total:
            for field in ("expected", "found", "speaker", "stance", "wrong"):
                setattr(total, field, getattr(total, field) + getattr(one, field))
        precision = one.found / max(1, one.found + one.wrong)
        recall = one.found / max(1, one.expected)
        print(
            f"{name:<18} {one.expected:>9} {one.found:>6} {one.speaker:>8} {one.stance:>7} {one.wrong:>6}"
            f"  {precision:>9.3f}  {recall:>6.3f}"
        )
    if (SEEDS / "seeds_quotations.json").is_file():
        seeds, others = count_seeds()
        print(
            f"articles: {seeds.found} of {seeds.expected} found, {seeds.speaker} with the speaker, "
            f"{seeds.stance} with the stance; {others} other quotations"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
