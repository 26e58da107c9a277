"""Changing `keys/`: the whole folder is written anew beside the old one, noted in the journal, and put in its place.

    .keys-next    the folder as it will be, its listing written last; worth nothing until the journal names it
    the act       `keyed` with the digest of that listing: from here on the change is made
    keys/         is moved to .keys-before, .keys-next to keys/, and .keys-before is deleted

A kill at any point leaves one whole folder of keys that opens. Whoever opens the case next brings the change to its
end where the journal has the act, and takes it back where it has not. Nothing in this folder is secret in clear, and
what is prepared is never readable with keys that are going out of force.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.case.folder import Folder
from muniment.case.listing import DESCRIPTION, LISTING, encode_listing, listing_digest, problems
from muniment.case.writing import sync_folder, write_whole
from muniment.errors import Damaged, MunimentError, NoKey

if TYPE_CHECKING:
    from muniment.case.keys import CaseKeys

ACT = "keyed"


def next_keys(folder: Folder) -> Path:
    """Where a change is prepared."""
    return folder.root / ".keys-next"


def live_keys(folder: Folder) -> Path:
    """The folder of keys in force: `keys/`, but for the moment in which it has its other name."""
    if not folder.keys.exists() and next_keys(folder).is_dir():
        return next_keys(folder)
    return folder.keys


def _before(folder: Folder) -> Path:
    return folder.root / ".keys-before"


def wrapped(folder: Folder, name: str, *, prepared: bool = False) -> bytes:
    """A file of `keys/`. A kill in the middle of a change may have left keys/ under its other name.

    `prepared`: the file of a change that is not in force yet. Raises OSError.
    """
    if prepared:
        return (next_keys(folder) / name).read_bytes()
    try:
        return (folder.keys / name).read_bytes()
    except FileNotFoundError:
        if folder.keys.is_dir():
            raise
        if next_keys(folder).is_dir():
            return (next_keys(folder) / name).read_bytes()
        return (folder.keys / name).read_bytes()  # it was put in its place meanwhile


def wraps(folder: Folder) -> list[str]:
    """The names of the files in `keys/` that are age files."""
    return sorted(path.name for path in live_keys(folder).glob("*.age"))


def write_keys(place: Path, description: bytes, files: Mapping[str, bytes]) -> str:
    """Write a folder of keys, the listing last; returns the digest of the listing."""
    for name, content in files.items():
        write_whole(place / name, content)
    write_whole(place / LISTING, encode_listing({**files, DESCRIPTION: description}))
    return listing_digest(place)


def prepare(folder: Folder, files: Mapping[str, bytes]) -> str:
    """Write `keys/` as it will be; returns the digest of its listing, for the act."""
    settle_names(folder)
    place = next_keys(folder)
    place.mkdir(mode=0o700)
    digest = write_keys(place, (folder.root / "case.toml").read_bytes(), files)
    sync_folder(folder.root)
    return digest


def put_in_place(folder: Folder) -> None:
    """Make what is prepared `keys/`. Only once its act is in the journal."""
    if folder.keys.is_dir():
        folder.keys.rename(_before(folder))
        sync_folder(folder.root)
    next_keys(folder).rename(folder.keys)
    sync_folder(folder.root)
    shutil.rmtree(_before(folder), ignore_errors=True)


def settle_names(folder: Folder) -> None:
    """Take away what a change left beside `keys/`. Only while no other process changes it."""
    if not folder.keys.is_dir() and next_keys(folder).is_dir():
        put_in_place(folder)
    for place in (next_keys(folder), _before(folder)):
        if place.is_dir():
            shutil.rmtree(place)


def unsettled(folder: Folder) -> bool:
    """Whether a change was cut off, or is being made."""
    return next_keys(folder).exists() or _before(folder).exists()


def replaced(folder: Folder) -> bool:
    """Whether a change was cut off when the new `keys/` stood in its place already."""
    return _before(folder).exists() and not next_keys(folder).exists()


def settle(folder: Folder, keys: CaseKeys, *, prepared: bool) -> None:
    """Bring a change that was cut off to its end, or take it back.

    `prepared`: the keys in hand are those of the change. Raises NoKey where the keys in hand are no longer, or
    not yet, those of the case.
    """
    if not unsettled(folder):
        return
    with (folder.root / "case.toml").open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if prepared:
                raise _not_yet() from None
            return  # whoever is at work in the case is making the change
        if not folder.keys.is_dir():
            put_in_place(folder)
            return
        act = _decided(folder, keys)
        if act is None:
            settle_names(folder)
            if prepared:
                raise _not_yet()
            return
        put_in_place(folder)
        if not prepared and act["change"] in ("rotated", "passphrase"):
            raise no_longer()


def _decided(folder: Folder, keys: CaseKeys) -> dict[str, Any] | None:
    """The act of what is prepared, where the journal has it and it is whole."""
    place = next_keys(folder)
    if not place.is_dir() or next(problems(place), None) is not None:
        return None
    act = last_change(folder, keys)
    return act if act is not None and act["listing"] == listing_digest(place) else None


def last_change(folder: Folder, keys: CaseKeys) -> dict[str, Any] | None:
    """The details of the latest act that changed `keys/`; None where there is none. Raises Damaged."""
    from muniment.case.journal import Journal

    found = None
    journal = Journal(folder.journal, keys.recipient, keys.identity)
    try:
        for act in journal.acts():
            if act["act"] == ACT:
                found = dict(act["details"])
    except (ValueError, KeyError, TypeError):
        raise Damaged(
            "The journal cannot be read.", next="Restore journal/ from a custodian's copy."
        ) from None
    return found if found and {"change", "listing"} <= set(found) else None


def no_longer() -> MunimentError:
    """What is told to whoever comes with a passphrase that was replaced by a change that was cut off."""
    return NoKey(
        "Who can open this case was changed, and that change, once cut off, is finished now.",
        next="Open it with the new passphrase. If the new recovery identity was never shown, make another with: "
        "muniment key CASE rotate --only recovery",
    )


def _not_yet() -> MunimentError:
    return NoKey(
        "The change to this passphrase was cut off before it was made.",
        next="Open the case with the passphrase before it, then change it again.",
    )
