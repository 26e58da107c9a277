"""Where a custodian's copy lies: the folder a person names, or one of its own inside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from muniment.case.folder import Folder, open_folder, printable
from muniment.errors import BadUse, MunimentError, NotFound, Refused
from muniment.evidence.custodians.description import COPY, read_description

_OWN = "muniment-"
# What file systems and other systems put on a disk by themselves.
_OF_THE_DISK = {"lost+found", "System Volume Information", "$RECYCLE.BIN", ".Trashes"}
_OF_THE_DISK |= {".Spotlight-V100", ".fseventsd"}


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to copy to. `same_disk`: on the file system the case itself lies on."""

    root: Path
    same_disk: bool


def find_copy(path: str | os.PathLike[str]) -> Path:
    """The folder that holds a copy: the one named, or the only one in it. Raises NotFound, BadUse.

    A folder with vault and keys is one too, though its COPY.json be lost.
    """
    if not os.fspath(path):
        raise unknown_place()
    named = Path(path)
    if (named / COPY).exists() or ((named / "vault").is_dir() and (named / "keys").is_dir()):
        return named.absolute()
    inside = []
    if named.is_dir() and not (named / "case.toml").exists():
        inside = sorted(one for one in named.glob(f"{_OWN}*") if (one / COPY).exists())
    if len(inside) == 1:
        return inside[0].absolute()
    if inside:
        raise BadUse(
            f"{printable(named)} holds copies of {len(inside)} cases.",
            next=f"Name one of them: {printable(inside[0])}",
        )
    raise NotFound(
        f"There is no copy of a case at {printable(named)}.",
        next="Check the path; is the disk there and mounted?",
    )


def is_copy(path: str | os.PathLike[str]) -> bool:
    """Whether a copy lies in this very folder. "" is a place that is not known."""
    return bool(os.fspath(path)) and (Path(path) / COPY).exists()


def unknown_place() -> NotFound:
    """The error for a custodian of whom only the name is known."""
    return NotFound(
        "Nobody knows any more where this custodian's copy lies: the catalogue was lost that said so.",
        next="Name its folder; from then on it is known again.",
    )


def place_for(folder: Folder, named: str | os.PathLike[str]) -> Place:
    """Where the copy of a case lies, or will lie, in the folder named. Makes nothing.

    Raises BadUse or Refused where it would lie in a case, or in the place of another case's copy; NotFound for "".
    """
    if not os.fspath(named):
        raise unknown_place()
    target = Path(os.path.realpath(named))
    own = Path(os.path.realpath(folder.root))
    if target == own or own in target.parents:
        raise BadUse(
            f"{printable(target)} is the case itself, or lies in it.",
            next="Name a folder on another disk.",
        )
    _refuse_cases(target, folder)
    if target.exists() and not target.is_dir():
        raise BadUse(f"{printable(target)} is not a folder.", next="Name a folder or a disk.")
    if not target.is_dir() and not target.parent.is_dir():
        raise BadUse(
            f"The folder {printable(target.parent)} does not exist.",
            next="Check the path; is the disk there and mounted?",
        )
    if target.is_dir() and not is_copy(target) and _strangers(target):
        target = target / f"{_OWN}{folder.identifier}"
        _refuse_cases(target, folder)
        if target.is_dir() and not is_copy(target) and _strangers(target):
            raise Refused(
                f"{printable(target)} is there already and is not a copy of this case.",
                next="Name another folder; nothing was changed.",
            )
    existing = next(p for p in (target, *target.parents) if p.exists())
    return Place(target, existing.stat().st_dev == own.stat().st_dev)


def _refuse_cases(target: Path, folder: Folder) -> None:
    if is_copy(target):
        try:
            described = read_description(target).case
        except MunimentError:
            described = _identifier(target)
        if described not in (folder.identifier, ""):
            raise Refused(
                f"{printable(target)} holds the copy of another case.",
                next="Name another folder; nothing was changed.",
            )
        return
    for place in (target, *target.parents):
        if (place / "case.toml").exists() or is_copy(place):
            raise BadUse(
                f"{printable(target)} is a case, or lies in one.",
                next="Name a folder outside every case, on another disk.",
            )


def _identifier(place: Path) -> str:
    """The identifier in case.toml; "" where it cannot be read."""
    try:
        return open_folder(place).identifier
    except MunimentError:
        return ""


def _strangers(target: Path) -> bool:
    names = set(os.listdir(target)) - _OF_THE_DISK
    return any(not name.startswith(".Trash-") for name in names)


def belongs_to_the_disk(name: str) -> bool:
    """Whether a name in a copy's folder is the file system's own."""
    return name in _OF_THE_DISK or name.startswith(".Trash-")
