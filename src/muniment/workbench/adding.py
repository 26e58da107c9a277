"""Adding: choose a folder on this machine, type its path, or drop files; the work is done in the background."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from fastapi import APIRouter, Request
from starlette.responses import Response

from muniment.case.acts import check_channel
from muniment.case.folder import printable
from muniment.errors import BadUse, NotFound
from muniment.verbs.dropping import clear_drop
from muniment.verbs.sources import walk
from muniment.workbench.receiving import Dropped, receive
from muniment.workbench.rendering import data, elsewhere, form_of, page, wants_json
from muniment.workbench.sitting import Sitting, sitting_of
from muniment.workbench.work import Job

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch

router = APIRouter(include_in_schema=False)
_MOST_SHOWN = 500
_MOST_COUNTED = 50_000
_PATIENCE = 1.5


@dataclass(frozen=True, slots=True)
class Item:
    """A thing in a folder: `entry` is its path, written so that any bytes survive a form."""

    name: str
    entry: str
    folder: bool
    size: int


@router.get("/add")
def choose(request: Request) -> Response:
    """The folder browser, at the person's home."""
    return elsewhere("/add/" + sitting_of(request).folders.keep(_home()))


@router.post("/add/go")
async def go(request: Request) -> Response:
    """Go to a folder (`folder`, or a typed `path`), or add it (`add`)."""
    sitting = sitting_of(request)
    form = await form_of(request)
    if form.get("add"):
        path = _existing(_unwritten(form["add"]))
        articles = form.get("articles") == "yes"
        begin(
            sitting,
            [path],
            articles=articles,
            channel=check_channel(form.get("channel", "")),
            title=f"Adding {printable(path.name or path)}",
        )
        return elsewhere("/")
    chosen = _unwritten(form.get("folder", ""))
    wanted = _existing(form.get("path", "").strip() or chosen or str(_home()))
    return elsewhere("/add/" + sitting.folders.keep(wanted))


@router.get("/add/{name}")
def browse(request: Request, name: str) -> Response:
    """One folder, or one file, before it is added: what is in it and what it would take."""
    sitting = sitting_of(request)
    place = sitting.folders.get(name)
    if place is None:
        raise NotFound("That folder is no longer kept in memory.", next="Choose it again.")
    items, hidden, unread = _items(place)
    return page(
        request,
        "add.html",
        screen="add",
        title="Add",
        place=_written(place),
        shown=printable(place),
        above=_above(place),
        items=items[:_MOST_SHOWN],
        more=max(0, len(items) - _MOST_SHOWN),
        hidden=hidden,
        unread=unread,
        takes=_takes(place),
        places=_places(),
        is_folder=place.is_dir(),
    )


@router.post("/drop")
async def drop(request: Request) -> Response:
    """Files dropped on a page or chosen in the form: kept in working/ until they are received."""
    sitting = sitting_of(request)
    dropped = await receive(request, sitting.case)
    if not dropped.roots:
        clear_drop(dropped.place)
        raise BadUse("No file came with the form.", next="Choose files, then add them.")
    begin(
        sitting,
        dropped.roots,
        articles=dropped.fields.get("articles") == "yes",
        channel=_channel_of(dropped),
        title=f"Adding {dropped.files:,} dropped files",
        dropped=dropped.place,
    )
    if wants_json(request):
        return data({"files": dropped.files, "bytes": dropped.size}, 202)
    return elsewhere("/")


def begin(
    sitting: Sitting,
    paths: Sequence[Path],
    *,
    articles: bool,
    channel: str = "",
    title: str,
    dropped: Path | None = None,
) -> Job:
    """Add in the background; what was dropped is deleted from working/ when that has ended."""

    def task(case: Case, watch: Watch) -> Report:
        return case.add(list(paths), articles=articles, channel=channel, watch=watch)

    after = None if dropped is None else lambda: clear_drop(dropped)
    return sitting.work.begin(title, task, after=after)


def _channel_of(dropped: Dropped) -> str:
    """How it came, from the form. What was dropped is deleted again where that is no word of the list."""
    try:
        return check_channel(dropped.fields.get("channel", ""))
    except BadUse:
        clear_drop(dropped.place)
        raise


def _home() -> Path:
    return Path.home() if Path.home().is_dir() else Path("/")


def _written(place: str | Path) -> str:
    """A path as a form carries it: names need not be UTF-8."""
    return quote_from_bytes(os.fsencode(place))


def _unwritten(value: str) -> str:
    return os.fsdecode(unquote_to_bytes(value))


def _existing(path: str) -> Path:
    place = Path(path).expanduser()
    if "\0" in path or not place.is_absolute() or not os.path.lexists(place):
        raise BadUse(
            f"{printable(path)} is not there.",
            next="Type the whole path, from / on, or choose a folder from the list.",
        )
    return place


def _items(place: Path) -> tuple[list[Item], int, str]:
    """What is in a folder, folders first; how many hidden things; why it could not be read."""
    if not place.is_dir():
        return [], 0, ""
    try:
        with os.scandir(place) as entries:
            found = list(entries)
    except OSError as error:
        return [], 0, f"This folder cannot be read: {error.strerror}."
    seen = [entry for entry in found if not entry.name.startswith(".")]
    items = [_item(entry) for entry in seen]
    items.sort(key=lambda item: (not item.folder, item.name.casefold()))
    return items, len(found) - len(seen), ""


def _item(entry: os.DirEntry[str]) -> Item:
    try:
        folder = entry.is_dir()
        size = 0 if folder else entry.stat(follow_symlinks=False).st_size
    except OSError:
        folder, size = False, 0
    return Item(printable(entry.name), _written(entry.path), folder, size)


def _above(place: Path) -> list[tuple[str, str]]:
    """The folders above, outermost first: (name, path)."""
    return [(printable(p.name) or "/", _written(p)) for p in reversed(place.parents)]


def _places() -> list[tuple[str, str]]:
    """Where things to add often are: home, and what is plugged in."""
    places = [("Home", _written(_home()))]
    for mounts in (Path("/media"), Path("/run/media"), Path("/mnt"), Path("/Volumes")):
        try:
            children = sorted(c for c in mounts.iterdir() if c.is_dir())
        except OSError:
            continue
        places += [(printable(child.name), _written(child)) for child in children]
    return [*places, ("This machine", "/")]


def _takes(place: Path) -> dict[str, Any]:
    """How much adding this would take, as far as it can be counted at once."""
    files = size = problems = 0
    whole = True
    end = time.monotonic() + _PATIENCE
    for source in walk([os.fsencode(place)]):
        files += 1
        size += source.size
        problems += bool(source.problem)
        if files >= _MOST_COUNTED or time.monotonic() > end:
            whole = False
            break
    return {"files": files, "size": size, "problems": problems, "whole": whole}
