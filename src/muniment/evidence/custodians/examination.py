"""Examining a copy without keys: every byte against what the vault, the log and COPY.json say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from muniment.case.folder import Folder, printable
from muniment.case.journal import numbers_in
from muniment.case.keyring import live_keys
from muniment.case.listing import problems
from muniment.case.writing import LEFTOVER
from muniment.errors import MunimentError, Newer
from muniment.evidence.anchors.examination import examine
from muniment.evidence.anchors.folder import AnchorFolder
from muniment.evidence.audit import Walk, log_problems
from muniment.evidence.custodians.description import (
    CASE_TOML,
    CATALOGUE,
    COPY,
    FOLDERS,
    Description,
    read_description,
)
from muniment.evidence.custodians.files import INCOMING, digest_of, side_by_side
from muniment.evidence.custodians.place import belongs_to_the_disk
from muniment.evidence.custodians.sampling import SampledWalk

VAULT, LOG = "vault", "log"
QUARANTINE = "quarantine"


@dataclass(slots=True)
class Examined:
    """What was found, paths below the copy's folder as the disk has them. `chunks` is None unless sampled."""

    description: Description | None = None
    objects: int = 0
    bytes: int = 0
    damaged: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    unexpected: set[str] = field(default_factory=set)
    log_ok: bool = True
    chunks: tuple[int, int] | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return self.log_ok and not (self.damaged or self.missing or self.unexpected)

    def named(self, what: str) -> list[str]:
        """The paths of `damaged`, `missing` or `unexpected` as they may be shown, sorted."""
        found: set[str] = getattr(self, what)
        return sorted(printable(path) for path in found)


def examine_vault_and_log(root: Path, sample: int | None = None) -> tuple[Examined, Walk]:
    """Vault and log of a case or of a copy, whole or by a sample of the vault."""
    walk = Walk(root / VAULT) if sample is None else SampledWalk(root / VAULT, sample)
    walk.run()
    wrong = log_problems(root / LOG)
    for path, what in wrong:
        walk.found(what, f"{LOG}/{path}".rstrip("/"))
    chunks = (walk.chunks, walk.of) if isinstance(walk, SampledWalk) else None
    found = Examined(
        objects=len(walk.objects),
        bytes=walk.bytes,
        damaged=set(walk.damaged),
        missing=set(walk.missing),
        unexpected=set(walk.unexpected),
        log_ok=not wrong,
        chunks=chunks,
    )
    return found, walk


def examine_folder(folder: Folder, sample: int | None = None) -> tuple[Examined, Walk]:
    """All that can be told of a case without its keys."""
    found, walk = examine_vault_and_log(folder.root, sample)
    for path, what in AnchorFolder(folder.anchors).problems(folder.log):
        getattr(found, what).add(f"anchors/{path}" if path else "anchors")
    _keys_and_journal(found, folder)
    return found, walk


def _told_by_themselves(found: Examined, folder: Folder) -> None:
    """What keys/, anchors/ and journal/ of a copy tell of themselves; whoever audits it writes nothing there."""
    if folder.anchors.is_dir() and any(folder.anchors.iterdir()):
        for path, what in examine(folder.anchors, folder.log):
            getattr(found, what).add(f"anchors/{path}")
    _keys_and_journal(found, folder)


def _keys_and_journal(found: Examined, folder: Folder) -> None:
    for what, path in problems(live_keys(folder)):
        getattr(found, what).add(path)
    found.missing.update(_gaps(folder))


def _gaps(folder: Folder) -> Iterator[str]:
    """Acts that are missing between others: their numbers tell it without keys."""
    numbers = numbers_in(folder.journal)
    there = set(numbers)
    for number in range(1, max(numbers, default=0)):
        if number not in there:
            yield f"journal/{number:08d}.age"


def examine_copy(place: Path, sample: int | None = None) -> Examined:
    """Everything at a custodian. A copy that was cut off is right where it is what was there or what was coming.

    Raises Newer where a later version of muniment wrote the copy.
    """
    found, walk = examine_vault_and_log(place, sample)
    try:
        found.description = read_description(place)
    except Newer:
        raise
    except MunimentError:
        found.damaged.add(COPY)
        return found
    described = found.description
    if not described.begun:
        # Nothing was promised yet: what has come so far is judged by its own inventories alone.
        found.missing = {path for path in found.missing if _in_an_object(path)}
        found.damaged = {path for path in found.damaged if path.startswith(f"{VAULT}/")}
        found.unexpected = set()
        found.log_ok = True
        return found
    _objects(found, walk, described)
    _files(found, place, described)
    _log(found, place, described)
    _strangers(found, place, described)
    if described.coming is None:
        _told_by_themselves(found, Folder(place, described.case))
    return found


def _in_an_object(path: str) -> bool:
    return path.startswith(f"{VAULT}/") and path.count("/") > 1


def _objects(found: Examined, walk: Walk, described: Description) -> None:
    versions = list(described.versions())
    for name in {name for version in versions for name in version.objects}:
        allowed = {version.objects.get(name) for version in versions}
        if name not in walk.inventories:
            if None not in allowed:
                found.missing.add(f"{VAULT}/{name}")
        elif walk.inventories[name] and walk.inventories[name] not in allowed:
            found.damaged.add(f"{VAULT}/{name}")


def _files(found: Examined, place: Path, described: Description) -> None:
    versions = list(described.versions())
    paths = sorted({path for version in versions for path in version.files})
    digests = side_by_side(lambda path: digest_of(place / path), paths)
    for path, digest in zip(paths, digests, strict=True):
        allowed = {version.files.get(path) for version in versions}
        if digest in allowed:
            found.bytes += (place / path).stat().st_size
        elif os.path.lexists(place / path):
            found.damaged.add(path)
        elif None not in allowed:
            found.missing.add(path)


def _log(found: Examined, place: Path, described: Description) -> None:
    """The log is as long as described, or on its way from one length to the other."""
    if not found.log_ok:
        return
    from muniment.evidence.log.store import Log

    last = described.coming or described
    try:
        log = Log(place / LOG)
        fits = described.log_size <= log.size <= last.log_size
        right = fits and log.root(described.log_size).hex() == described.log_root
        if right and log.size == last.log_size:
            right = log.root().hex() == last.log_root
    except MunimentError:
        right = False
    if not right:
        found.damaged.add(LOG)
        found.log_ok = False


def _strangers(found: Examined, place: Path, described: Description) -> None:
    """What lies there and is described nowhere."""
    known = {path for version in described.versions() for path in version.files}
    for folder in FOLDERS:
        for path in _walk(place, folder):
            if path not in known:
                found.unexpected.add(path)
    ours = {COPY, CATALOGUE, CASE_TOML, VAULT, LOG, INCOMING, QUARANTINE, *FOLDERS}
    for name in os.listdir(place):
        if name not in ours and not belongs_to_the_disk(name) and not LEFTOVER.fullmatch(name):
            found.unexpected.add(name)


def _walk(place: Path, folder: str) -> list[str]:
    """Every path below a folder that is not itself a folder."""
    found = []
    for directory, folders, names in os.walk(place / folder):
        inside = os.path.relpath(directory, place)
        links = [name for name in folders if (place / inside / name).is_symlink()]
        found += [f"{inside}/{name}" for name in (*names, *links)]
    return found
