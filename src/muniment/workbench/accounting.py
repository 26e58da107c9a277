"""The accounting as a drawing: one bar in which no state is too small to be seen."""

from __future__ import annotations

from dataclasses import dataclass

ORDER = (
    "extracted",
    "partly-extracted",
    "waiting",
    "failed",
    "encrypted",
    "over-limit",
    "unsupported",
    "withdrawn",
    "missing",
)
WORDS = {
    "extracted": "extracted",
    "partly-extracted": "partly extracted",
    "waiting": "waiting",
    "failed": "failed",
    "encrypted": "encrypted",
    "over-limit": "over a limit",
    "unsupported": "unsupported",
    "withdrawn": "withdrawn",
    "missing": "declared by a container, not in it",
    "held": "held",  # beside a state, and never in the bar
    "doubtful": "searched with doubt",  # the same
}
WIDTH = 1000
_LEAST = 6


@dataclass(frozen=True, slots=True)
class Segment:
    """One state in the bar; `x` and `width` in thousandths of the bar."""

    state: str
    words: str
    count: int
    x: int
    width: int


def segments(states: dict[str, int], expected: int) -> list[Segment]:
    """The bar of an accounting. What a container declares and does not hold is `missing`."""
    counts = dict(states)
    lost = expected - sum(states.values())
    if lost > 0:
        counts["missing"] = lost
    present = [(state, counts[state]) for state in ORDER if counts.get(state)]
    total = sum(count for _, count in present)
    if not total:
        return []
    widths = [max(_LEAST, round(WIDTH * count / total)) for _, count in present]
    widths[widths.index(max(widths))] -= sum(widths) - WIDTH
    result, x = [], 0
    for (state, count), width in zip(present, widths, strict=True):
        result.append(Segment(state, WORDS[state], count, x, width))
        x += width
    return result


def sentence(bar: list[Segment]) -> str:
    """The bar in words, for people who do not see it."""
    return "; ".join(f"{segment.count:,} {segment.words}" for segment in bar) + "."
