"""How far a long piece of work has come, how fast it goes, and how long the step it is in will take yet."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One sign of life. `stage` is a word (receiving, sealing, reading, ocr); `total` None while unknown."""

    stage: str
    done: int
    total: int | None
    what: str = ""


_LOOKED_BACK = 60.0
_SHORTEST = 5.0
_SIGNS = 4
_STEADY = 1.5
_GROWN = 1.02


class Pace:
    """How fast a stage goes, from its signs of life, and how long it will take yet.

    Only what can be relied on is said. There is a rate once five seconds and a few signs have been seen, of the last
    minute. There is a time left once the two halves of what was seen went about as fast as each other, and the total
    did not grow meanwhile, as it does while containers are opened. It is that of the stage, not of what comes after.
    """

    def __init__(self) -> None:
        self._stage = ""
        self._seen: deque[tuple[float, int, int | None]] = deque()

    def note(self, progress: Progress, now: float) -> None:
        """Take a sign of life. `now`: seconds of a clock that only goes forward."""
        if progress.stage != self._stage:
            self._stage = progress.stage
            self._seen.clear()
        elif self._seen and progress.done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, progress.done, progress.total))
        while len(self._seen) > _SIGNS and now - self._seen[1][0] > _LOOKED_BACK:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Things a second; None while too little was seen."""
        seen = tuple(self._seen)  # another thread may be noting meanwhile
        return _rate(seen[0], seen[-1]) if len(seen) >= _SIGNS else None

    @property
    def left(self) -> float | None:
        """Seconds until this stage is done; None where nobody can tell."""
        seen = tuple(self._seen)
        rate = _rate(seen[0], seen[-1]) if len(seen) >= _SIGNS else None
        if not rate:
            return None
        first, last = seen[0], seen[-1]
        total, before = last[2], first[2]
        if not total or not before or total > before * _GROWN or last[1] >= total:
            return None
        halfway = (first[0] + last[0]) / 2
        middle = min(seen, key=lambda sign: abs(sign[0] - halfway))
        one, two = (_rate(*ends, shortest=1.0) for ends in ((first, middle), (middle, last)))
        if not one or not two or max(one, two) > _STEADY * min(one, two):
            return None
        return (total - last[1]) / rate

    def words(self) -> str:
        """`850 a second, about 3 minutes left of this step`; as much of it as is known, "" for nothing."""
        return ", ".join(
            part for part in (rate_in_words(self.rate), left_in_words(self.left)) if part
        )


def _rate(
    first: tuple[float, int, int | None],
    last: tuple[float, int, int | None],
    shortest: float = _SHORTEST,
) -> float | None:
    seconds = last[0] - first[0]
    return (last[1] - first[1]) / seconds if seconds >= shortest else None


def rate_in_words(rate: float | None) -> str:
    """`850 a second`, or `12 a minute` where it is slow; "" where it is not known or nothing moves."""
    if not rate:
        return ""
    if rate >= 2:
        return f"{rate:,.0f} a second"
    return f"{rate * 60:,.0f} a minute" if rate * 60 >= 1 else "less than one a minute"


def left_in_words(seconds: float | None) -> str:
    """`about 3 minutes left of this step`; "" where it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        told = "less than a minute"
    elif seconds < 5400:
        minutes = round(seconds / 60)
        told = f"about {minutes} {'minute' if minutes == 1 else 'minutes'}"
    else:
        told = f"about {round(seconds / 3600)} hours"
    return f"{told} left of this step"
