"""Copying a case to a custodian's folder, so that it holds a good copy at every moment in between.

First come the objects of the vault that lack there: nothing described changes. Then COPY.json is written with
what is coming, then replaced objects, journal, log, anchors, keys and the catalogue's snapshot take their places,
each by one rename, and last COPY.json says what is there now. Cut off anywhere, the same is done again and goes on
from there. Nothing good at the custodian is ever removed because it is not here: what the case lost it keeps.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from muniment.case.folder import Folder, printable
from muniment.case.journal import ENCLOSURE, KEPT
from muniment.case.writing import sweep_leftovers, sync_folder
from muniment.errors import MunimentError
from muniment.evidence.audit import log_problems
from muniment.evidence.custodians import objects as whole
from muniment.evidence.custodians.description import (
    CASE_TOML,
    CATALOGUE,
    FOLDERS,
    Description,
    describable,
    read_description,
    write_description,
)
from muniment.evidence.custodians.files import (
    INCOMING,
    Tell,
    Wanted,
    bring_files,
    digest_of,
    make_folders,
    no_one,
    side_by_side,
)
from muniment.evidence.custodians.logs import extend_log, put_together, settle_log, vkey_of
from muniment.evidence.custodians.place import is_copy
from muniment.evidence.vault import Vault, ocfl
from muniment.evidence.vault.chunks import decode_chunks
from muniment.evidence.vault.rewriting import clear, exchange

VAULT, LOG, KEYS = "vault", "log", "keys"


@dataclass(frozen=True, slots=True)
class Consent:
    """What only the keys of the case can tell.

    `snapshot` writes a consistent copy of the encrypted catalogue to a path; `replaces(object)`: whether an object
    that differs there may be replaced by ours; `keys_changed`: whether an act says that keys/ was changed since;
    `withdrawn`: whether one says that a document was withdrawn since.
    `note` is called with the number of objects once all are there: what it does to the case is copied too. In `turn`
    nobody writes an act, so that journal and snapshot are of one moment.
    """

    snapshot: Callable[[Path], None]
    replaces: Callable[[str], bool]
    keys_changed: bool = False
    withdrawn: bool = False
    note: Callable[[int], None] = no_one
    turn: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(slots=True)
class Carried:
    """What was written: `objects` of the vault, `bytes` in all; `problems`: (path, why it was not copied)."""

    objects: int = 0
    bytes: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    description: Description | None = None


def begin_place(folder: Folder, place: Path) -> Description:
    """Make the folder of a copy, or read what is described there. Raises Damaged, OSError."""
    if not is_copy(place):
        place.mkdir(mode=0o700, exist_ok=True)
        sync_folder(place.parent)
        write_description(place, Description(case=folder.identifier))
    sweep_leftovers(place)
    return read_description(place)


class Carrying:
    """One copying of a case to a place that `begin_place` has made.

    With `distrust` everything that is there is read, and what is damaged or missing is mended (`mended` names it).
    """

    def __init__(
        self,
        folder: Folder,
        place: Path,
        consent: Consent,
        tell: Tell = no_one,
        *,
        distrust: bool = False,
    ) -> None:
        self._folder = folder
        self._place = place
        self._consent = consent
        self._tell = tell
        self._distrust = distrust
        self._vault = Vault(folder.vault)
        self._old = read_description(place).finished()
        self._checkpoint = b""
        self._replaced: dict[str, dict[str, str]] = {}
        self.carried = Carried()
        self.mended: list[str] = []

    def lacking(self) -> int:
        """About how many bytes of the vault are not there yet."""
        total = 0
        for name in self._vault.objects():
            if not (self._place / VAULT / name).is_dir():
                content = self._folder.vault / name / ocfl.CONTENT
                total += sum(entry.stat().st_size for entry in os.scandir(content))
        return total

    def run(self) -> Carried:
        """Copy everything. Raises OSError and Damaged where the custodian's disk fails."""
        self._clear_incoming()
        if self._distrust:
            self.mended += whole.mend_vault_root(self._place)
        Vault.create(self._place / VAULT)
        objects = self._lacking_objects()
        self._consent.note(len(objects))
        with self._consent.turn():
            coming = self._described(objects)
        write_description(self._place, replace(self._old, coming=coming))
        for name, contents in self._replaced.items():
            self._bring(name, contents)
        self._files(coming)
        if self._distrust:
            self._mend_log()
        extend_log(self._folder.log, self._place, LOG, coming.log_size, self._checkpoint)
        (self._place / INCOMING / CATALOGUE).replace(self._place / CATALOGUE)
        self._forget_old_keys(coming)
        shutil.rmtree(self._place / INCOMING)
        sync_folder(self._place)
        write_description(self._place, coming)
        self.carried.description = coming
        return self.carried

    def _clear_incoming(self) -> None:
        """What an earlier attempt left on its way; objects that are half brought are gone on with."""
        incoming = make_folders(self._place, INCOMING)
        for one in list(incoming.iterdir()):
            if not one.is_dir():
                one.unlink()
            elif "." in one.name or (self._place / VAULT / one.name).is_dir():
                shutil.rmtree(one)

    def _lacking_objects(self) -> dict[str, str]:
        """Bring what lacks; the digests of all inventories that will be there."""
        there = dict(self._old.objects)
        for name in self._in_order():
            try:
                contents = self._vault.contents(name)
            except MunimentError as error:
                self._problem(f"{VAULT}/{name}", error.message)
                continue
            digest = whole.inventory_digest(name, contents)
            if not (self._place / VAULT / name).is_dir():
                if self._bring(name, contents):
                    there[name] = digest
            elif self._digest_there(name) == digest or (
                self._distrust and not self._digest_there(name)
            ):
                there[name] = digest
                self._mend(name, contents)
            elif self._consent.replaces(name):
                self._replaced[name] = contents
                there[name] = digest
            else:
                self._problem(
                    f"{VAULT}/{name}", "differs from the custodian's, and is not as it was sealed"
                )
        return there

    def _in_order(self) -> list[str]:
        """Objects as they were sealed: each names those before it, so that an audit misses none meanwhile."""
        places = {}
        for name in self._vault.objects():
            try:
                content = self._folder.vault / name / ocfl.CONTENT / ocfl.CHUNKS
                places[name] = len(decode_chunks(content.read_bytes())[1])
            except (OSError, ValueError):
                places[name] = len(places)
        return sorted(places, key=lambda name: (places[name], name))

    def _digest_there(self, name: str) -> str:
        try:
            return whole.inventory_digest(name, Vault(self._place / VAULT).contents(name))
        except MunimentError:
            return ""

    def _bring(self, name: str, contents: dict[str, str]) -> bool:
        sources = [self._folder.vault]
        brought = whole.bring_object(name, contents, sources, self._place, tell=self._tell)
        self.carried.bytes += brought.bytes
        self.carried.objects += not brought.missing
        for path in brought.missing:
            self._problem(
                f"{VAULT}/{name}/{path}", "is damaged here; nothing of its object was copied"
            )
        return not brought.missing

    def _mend(self, name: str, contents: dict[str, str]) -> None:
        if not self._distrust:
            return
        mended = whole.mend_object(name, contents, [self._folder.vault], self._place)
        self.carried.bytes += mended.bytes
        self.mended += [f"{VAULT}/{name}/{path}" for path in mended.changed]
        for path in mended.missing:
            self._problem(f"{VAULT}/{name}/{path}", "is damaged here too")

    def _described(self, objects: dict[str, str]) -> Description:
        """What will be there. The catalogue's snapshot is taken now, after the vault it speaks of."""
        from muniment.evidence.log.store import Log

        incoming = make_folders(self._place, INCOMING) / CATALOGUE
        self._consent.snapshot(incoming)
        files = {**self._kept_files(), CATALOGUE: digest_of(incoming, from_disk=True)}
        self.carried.bytes += incoming.stat().st_size
        log = Log(self._folder.log)
        self._checkpoint = log.checkpoint()
        return Description(self._folder.identifier, log.size, log.root().hex(), objects, files)

    def _kept_files(self) -> dict[str, str]:
        """The files beside the catalogue: ours, and those only the custodian has any more."""
        changed = self._consent.keys_changed
        files = {
            path: digest
            for path, digest in self._old.files.items()
            if path != CATALOGUE and not (changed and path.startswith(f"{KEYS}/"))
        }
        paths = list(self._paths())
        digests = side_by_side(lambda path: digest_of(self._folder.root / path), paths)
        for path, digest in zip(paths, digests, strict=True):
            fixed = not path.startswith("anchors/") and not (
                changed and path.startswith(f"{KEYS}/")
            )
            if not digest:
                self._problem(path, "cannot be read")
            elif fixed and self._old.files.get(path, digest) != digest:
                why = (
                    "is not what was copied before, and no act says why; the copy keeps what it has"
                )
                self._problem(path, why)
            else:
                files[path] = digest
        return files

    def _paths(self) -> list[str]:
        """Every file of the case that is described by itself, beside the catalogue."""
        found = [CASE_TOML]
        for folder in FOLDERS:
            for directory, _, names in os.walk(self._folder.root / folder):
                inside = os.path.relpath(directory, self._folder.root)
                found += [f"{inside}/{name}" for name in names if _is_copied(name)]
        for path in (path for path in found if not describable(path)):
            self._problem(printable(path), "has a name no copy can hold")
        return sorted(filter(describable, found))

    def _files(self, coming: Description) -> None:
        wanted = [
            Wanted(path, self._folder.root / path, digest)
            for path, digest in coming.files.items()
            if path != CATALOGUE and not path.startswith(f"{KEYS}/") and not self._has(path, digest)
        ]
        self._keys(coming)
        # As docs/formats/copy.md orders them, the case's description last: with it the copy is one.
        order = (*FOLDERS, CASE_TOML)
        wanted.sort(key=lambda one: (order.index(one.path.partition("/")[0]), one.path))

        def tell(size: int) -> None:
            self.carried.bytes += size

        if self._distrust:
            self.mended += [one.path for one in wanted if one.path in self._old.files]
        for refused in bring_files(self._place, wanted, tell):
            self._problem(refused.path, "is not what was copied before, and is lost there")

    def _keys(self, coming: Description) -> None:
        """Bring keys/ as a whole: of two half folders none opens. Where nothing differs it stays."""
        files = {p: digest for p, digest in coming.files.items() if p.startswith(f"{KEYS}/")}
        lacking = [path for path, digest in files.items() if not self._has(path, digest)]
        fresh, final = self._place / INCOMING / KEYS, self._place / KEYS
        clear(fresh, final)
        if not lacking:
            return
        wanted = [
            Wanted(f"{INCOMING}/{path}", self._folder.root / path, digest)
            for path, digest in files.items()
        ]
        refused = bring_files(self._place, wanted)
        if refused:
            for one in refused:
                self._problem(
                    one.path.removeprefix(f"{INCOMING}/"), "is not what was copied before"
                )
            shutil.rmtree(fresh)
            return
        if self._distrust:
            self.mended += [path for path in lacking if path in self._old.files]
        if final.is_dir():
            exchange(fresh, final)
            shutil.rmtree(fresh)
        else:
            fresh.rename(final)
            sync_folder(self._place)
        self.carried.bytes += sum((final / Path(path).name).stat().st_size for path in files)

    def _mend_log(self) -> None:
        theirs = make_folders(self._place, LOG)
        if log_problems(theirs):
            found = put_together([theirs, self._folder.log], key=vkey_of(self._folder.log))
            if found is not None:
                self.mended += [f"{LOG}/{path}" for path in settle_log(theirs, found)]

    def _has(self, path: str, digest: str) -> bool:
        """Whether a file is there already: by what is described, or by its bytes where that is not trusted."""
        if self._distrust:
            return digest_of(self._place / path) == digest
        return self._old.files.get(path) == digest and (self._place / path).exists()

    def _forget_old_keys(self, coming: Description) -> None:
        """Keys that were taken away from somebody are taken away here too."""
        for path in self._old.files:
            if path not in coming.files:
                (self._place / path).unlink(missing_ok=True)

    def _problem(self, path: str, why: str) -> None:
        self.carried.problems.append((path, why))


def _is_copied(name: str) -> bool:
    """Not what is on its way, and not what is enclosed with an act: it may have to go. The snapshot has it too."""
    return not name.startswith(".") and not name.endswith((ENCLOSURE, KEPT))
