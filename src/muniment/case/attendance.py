"""Whether somebody is still at work on an open case, or it is time to lock it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from muniment.errors import BadUse

_SESSIONS = Path("/run/systemd/sessions")
_DURATION = re.compile(r"([1-9][0-9]{0,5})([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}


def time_asleep() -> float:
    """Seconds this machine has been suspended since it started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def login_session() -> Path | None:
    """Where systemd-logind keeps this process's login session; None where there is none to be seen."""
    number = os.environ.get("XDG_SESSION_ID", "")
    place = _SESSIONS / number
    return place if number.isalnum() and place.is_file() else None


def seconds_of(duration: str) -> float:
    """45s, 30m or 8h in seconds. Raises BadUse where it is no such time."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise BadUse(f"{duration!r} is not a time.", next="Write 45s, 30m or 8h.")
    return float(int(match[1]) * _UNITS[match[2]])


class Attendance:
    """Counts from the last use. `asleep` reads how long the machine was suspended; `session` is the login's file."""

    def __init__(
        self,
        seconds: float,
        *,
        asleep: Callable[[], float] = time_asleep,
        session: Path | None = None,
    ) -> None:
        self.seconds = seconds
        self._asleep = asleep
        self._session = session
        self._slept = asleep()
        self._deadline = time.monotonic() + seconds

    def used(self) -> None:
        """Somebody did something."""
        self._deadline = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds until it counts as unused."""
        return max(0.0, self._deadline - time.monotonic())

    def over(self) -> str:
        """Why it is time to lock: suspended, logged out or unused; "" while it is not."""
        if self._asleep() - self._slept > 1.0:
            return "suspended"
        if self._session is not None and _ended(self._session):
            return "logged out"
        return "" if self.left() else "unused"


def _ended(session: Path) -> bool:
    """Whether logind has closed a session, or is closing it while something of it still runs."""
    try:
        return "STATE=closing" in session.read_text("utf-8", "replace").split()
    except OSError:
        return True
