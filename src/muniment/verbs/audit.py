"""audit: every byte of vault and log against what was sealed.

Without keys, ciphertext is checked against its digests and the log against itself. Whoever forges an object
whole, digests included, or takes the last one away whole, is noticed with the case's keys: then each object's
manifest is opened, its commitments are computed again and compared with the entries of the log, and vault, log
and journal with what the catalogue says was sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import Folder
from muniment.errors import MunimentError

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report


def catalogue_problems(case: Case) -> Iterator[tuple[str, str]]:
    """Each page of the catalogue and of its write-ahead log: a flipped bit is found wherever it lies, free pages too.

    It reads all of both, about as fast as the vault is read (docs/explanation/faults.md); no query does that.
    """
    from muniment.case.catalogue_pages import frames_hold, pages_hold

    path, key = case.folder.catalogue, case.keys.catalogue
    try:
        if not pages_hold(path, key):
            yield "damaged", path.name
        elif not frames_hold(path, key):
            yield "damaged", f"{path.name}-wal"
    except FileNotFoundError:
        yield "missing", path.name
    except OSError:
        yield "damaged", path.name


# What each room can tell of its own files with the keys of the case: (damaged, missing or unexpected; path).
Check = Callable[["Case"], Iterator[tuple[str, str]]]
CHECKS: tuple[Check, ...] = ()


def audit(folder: Folder) -> Report:
    """The shape of `audit`, by one who has no keys."""
    from muniment.evidence.audit import audit as audit_bytes

    report = audit_bytes(folder.vault, folder.log)
    sound = not (report.damaged or report.missing or report.unexpected) and report.log_ok
    return {
        "ok": sound,
        "sampled": None,
        "with_keys": False,
        "objects": report.objects,
        "bytes": report.bytes,
        "damaged": report.damaged,
        "missing": report.missing,
        "unexpected": report.unexpected,
        "log_ok": report.log_ok,
    }


def audit_case(case: Case) -> Report:
    """The shape of `audit`, with the keys of the case."""
    report = audit(case.folder)
    report["with_keys"] = True
    comparison = _Comparison(case)
    comparison.run()
    for what in ("damaged", "missing", "unexpected"):
        found: set[str] = getattr(comparison, what)
        report[what] = sorted({*report[what], *found})
    for check in CHECKS if comparison.readable else ():
        for what, path in check(case):
            report[what] = sorted({*report[what], path})
    named = [path for what in ("damaged", "missing", "unexpected") for path in report[what]]
    report["log_ok"] = report["log_ok"] and not any(path.startswith("log") for path in named)
    report["ok"] = report["log_ok"] and not named
    return report


class _Comparison:
    """Catalogue and journal against vault and log. Paths are named as `audit` names them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.damaged: set[str] = set()
        self.missing: set[str] = set()
        self.unexpected: set[str] = set()
        self.readable = True

    def run(self) -> None:
        """Compare everything that can be opened."""
        there = self._objects()
        try:
            for what, path in catalogue_problems(self._case):
                getattr(self, what).add(path)
            batches = self._batches() if not (self.damaged | self.missing) else None
        except MunimentError:
            self.damaged.add("catalogue.db")
            batches = None
        if batches is None:
            self.readable = False  # nothing is compared with what cannot be relied on
            return
        known = {row.object for row in batches}
        self.unexpected.update(f"vault/{name}" for name in there if name not in known)
        sealed = [row for row in batches if row.stage == "sealed"]
        for row in sealed:
            if (self._case.folder.vault / row.object).is_dir():
                self._object(row)
            else:
                self.missing.add(f"vault/{row.object}")
        self._log(sealed)
        self._journal({bytes(row.root).hex() for row in sealed})
        self._staging()

    def _objects(self) -> list[str]:
        try:
            return self._case.vault.objects()
        except MunimentError:
            return []  # the walk over the vault has named it already

    def _batches(self) -> list[Any]:
        with self._case.catalogue.read() as connection:
            return list(connection.execute(sa.select(tables.batch)))

    def _object(self, row: Any) -> None:
        try:
            contents = self._case.vault.contents(row.object)
            manifest = json.loads(
                self._case.vault.read_manifest(row.object, self._case.keys.identity)
            )
            root = _root_of(manifest)
        except (MunimentError, ValueError, KeyError, TypeError, AttributeError):
            self.damaged.add(f"vault/{row.object}/v1/content/manifest.age")
            return
        if root != bytes(row.root):
            self.damaged.add(f"vault/{row.object}/v1/content/manifest.age")
        original = tables.original.c
        with self._case.catalogue.read() as connection:
            query = sa.select(original.stored, original.cipher_sha512)
            for file in connection.execute(query.where(original.batch == row.number)):
                path = f"vault/{row.object}/v1/content/{file.stored}"
                if file.stored not in contents:
                    self.missing.add(path)
                elif contents[file.stored] != file.cipher_sha512:
                    self.damaged.add(path)

    def _log(self, sealed: list[Any]) -> None:
        from muniment.evidence.log.note import Signer

        keys = self._case.keys
        signer = Signer.from_private_bytes(keys.log_name, bytes.fromhex(keys.log_key))
        try:
            log = self._case.log
            if log.key != signer.key:
                self.damaged.add("log/vkey")
            for row in sealed:
                if row.log_index >= log.size:
                    self.missing.add(f"log/entry {row.log_index}")
                elif log.entry(row.log_index) != bytes(row.root):
                    self.damaged.add(f"log/entry {row.log_index}")
        except MunimentError:
            self.damaged.add("log")

    def _journal(self, roots: set[str]) -> None:
        """The chain of acts, and that it holds the sealing of each batch."""
        try:
            for act in self._case.journal.acts():
                if act["act"] == "sealed":
                    roots.discard(act["details"]["root"])
        except (MunimentError, ValueError, KeyError):
            self.damaged.add("journal")
            return
        if roots:
            self.missing.add("journal")

    def _staging(self) -> None:
        """What was received and is in no object yet."""
        with self._case.catalogue.read() as connection:
            original = tables.original.c
            waiting = sa.select(original.stored, original.cipher_sha512)
            for row in connection.execute(waiting.where(original.batch.is_(None))):
                try:
                    with (self._case.folder.staging / row.stored).open("rb") as file:
                        digest = hashlib.file_digest(file, "sha512").hexdigest()
                except OSError:
                    self.missing.add(f"staging/{row.stored}")
                    continue
                if digest != row.cipher_sha512:
                    self.damaged.add(f"staging/{row.stored}")


def _root_of(manifest: dict[str, Any]) -> bytes:
    """The root of a batch, computed from its manifest alone."""
    from muniment.evidence.layers import batch_root, file_root

    roots = [
        file_root(
            bytes.fromhex(file["key"]),
            bytes.fromhex(file["tree"]),
            int(file["size"]),
            bytes.fromhex(file["sha256"]),
            bytes.fromhex(file["sha512"]),
            file["properties"],
        )
        for file in manifest["files"]
    ]
    return batch_root(bytes.fromhex(manifest["key"]), bytes.fromhex(manifest["tree"]), roots)
