"""One sitting at the workbench: the open case and what is kept in memory only, for as long as it runs."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from starlette.requests import Request

from muniment.case.attendance import Attendance
from muniment.case.folder import random_name
from muniment.verbs.note import who_of
from muniment.workbench.listed import Listed
from muniment.workbench.searches import Search
from muniment.workbench.work import Work

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

Kind = TypeVar("Kind")

# Another process may add to the case too, without this one's knowledge.
_FRESH = 3.0


class Kept(Generic[Kind]):
    """Values under random names, so that nothing a person typed is part of an address. The oldest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[str, Kind] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, value: Kind) -> str:
        """Keep a value; returns its name."""
        name = random_name(16)
        with self._lock:
            self._values[name] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return name

    def get(self, name: str) -> Kind | None:
        """The value of that name, if it is still kept."""
        with self._lock:
            return self._values.get(name)

    def latest(self, count: int) -> list[tuple[str, Kind]]:
        """The newest, newest first."""
        with self._lock:
            return list(reversed(self._values.items()))[:count]


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the tour on the Desk: where to go and what to see there."""

    title: str
    see: str
    query: str = ""
    path: str = ""
    page: int = 1


def stations(tour: list[dict[str, Any]] | None) -> list[Station]:
    """The tour as the caller gave it: each with `title`, `see`, and a `query` or the `path` of a document."""
    return [
        Station(
            title=str(item.get("title", "")),
            see=str(item.get("see", "")),
            query=str(item.get("query") or ""),
            path=str(item.get("path") or ""),
            page=int(item.get("page") or 1),
        )
        for item in tour or []
    ]


@dataclass
class Sitting:
    """What every screen shares. `token` is given out once; `session` is what the browser then carries."""

    case: Case
    port: int
    attendance: Attendance = field(default_factory=lambda: Attendance(8 * 3600.0))
    banner: str = ""
    tour: list[Station] = field(default_factory=list)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    spent: bool = False
    searches: Kept[Search] = field(default_factory=lambda: Kept(500))
    lists: Kept[Listed] = field(default_factory=lambda: Kept(20))
    folders: Kept[Path] = field(default_factory=lambda: Kept(500))
    # What came of notes that were taken in, until they are shown.
    taken: Kept[dict[str, Any]] = field(default_factory=lambda: Kept(20))
    who: str = field(default_factory=lambda: who_of(""))
    stop: Callable[[], None] = field(default=lambda: None)
    # Pictures are drawn in the sandbox; two at a time leave the machine usable.
    drawing: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(2)
    )

    def __post_init__(self) -> None:
        self.work = Work(self.case)
        self._listed: tuple[int, float, list[Report]] | None = None

    def documents(self) -> list[Report]:
        """Every document, as `documents` lists them; read anew when the work has moved on, or after a while."""
        version, now = self.work.version, time.monotonic()
        known = self._listed
        if known is not None and known[0] == version and now - known[1] < _FRESH:
            return known[2]
        listed: list[Report] = self.case.documents()["documents"]
        self._listed = (version, now, listed)
        return listed

    def forget_list(self) -> None:
        """Read the documents anew, and let go of every hit: something was held, released or withdrawn."""
        self._listed = None
        for _, search in self.searches.latest(500):
            search.forget()

    @property
    def name(self) -> str:
        """The case's name, for people."""
        return self.case.folder.root.name.removesuffix(".muniment")


def sitting_of(request: Request) -> Sitting:
    """The sitting a request belongs to."""
    sitting: Sitting = request.app.state.sitting
    return sitting
