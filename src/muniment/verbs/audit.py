"""audit: every byte of vault and log against what was sealed.

Without keys, ciphertext is checked against its digests and the log against itself. Whoever forges an object
whole, digests included, or takes the last one away whole, is noticed with the case's keys: then each object's
manifest is opened, its commitments are computed again and compared with the entries of the log, and vault, log
and journal with what the catalogue says was sealed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import Folder, printable
from muniment.errors import MunimentError

if TYPE_CHECKING:
    from muniment.evidence.custodians.examination import Examined
    from muniment.verbs.case import Case, Report


# What each room can tell of its own files with the keys of the case: (damaged, missing or unexpected; path).
Check = Callable[["Case"], Iterator[tuple[str, str]]]
CHECKS: tuple[Check, ...] = ()


def audit(folder: Folder, sample: int | None = None) -> Report:
    """The shape of `audit`, by one who has no keys. `sample`: so many 64-KiB chunks instead of every byte."""
    from muniment.errors import NotFound
    from muniment.evidence.custodians.examination import examine_vault_and_log

    if not folder.vault.is_dir() and not folder.log.is_dir():
        raise NotFound(
            f"There is neither a vault nor a log in {printable(folder.root)}.",
            next="Restore both from a custodian's copy: muniment repair CASE --from CUSTODIAN",
        )
    found, _ = examine_vault_and_log(folder.root, sample)
    return report_of(found)


def report_of(found: Examined) -> Report:
    """What was found in the shape of `audit`."""
    from muniment.evidence.custodians.sampling import chance_of_seeing

    report: Report = {
        "ok": found.sound,
        "sampled": None,
        "with_keys": False,
        "objects": found.objects,
        "bytes": found.bytes,
        "damaged": found.named("damaged"),
        "missing": found.named("missing"),
        "unexpected": found.named("unexpected"),
        "log_ok": found.log_ok,
    }
    if found.chunks is not None:
        chunks, of = found.chunks
        chance = round(chance_of_seeing(chunks, of), 4)
        report["sampled"] = {"chunks": chunks, "of": of, "chance": chance}
    return decided(report)


def decided(report: Report) -> Report:
    """`ok` by what the report names: a sample in which nothing was found says neither yes nor no."""
    named = any(report[what] for what in ("damaged", "missing", "unexpected"))
    sound = bool(report["log_ok"]) and not named
    report["ok"] = None if sound and report["sampled"] is not None else sound
    return report


def audit_case(case: Case, sample: int | None = None) -> Report:
    """The shape of `audit`, with the keys of the case."""
    report = audit(case.folder, sample)
    report["with_keys"] = True
    comparison = _Comparison(case)
    comparison.run()
    for what in ("damaged", "missing", "unexpected"):
        found: set[str] = getattr(comparison, what)
        report[what] = sorted({*report[what], *found})
    for check in CHECKS:
        for what, path in check(case):
            report[what] = sorted({*report[what], path})
    named = [path for what in ("damaged", "missing", "unexpected") for path in report[what]]
    report["log_ok"] = report["log_ok"] and not any(path.startswith("log") for path in named)
    return decided(report)


class _Comparison:
    """Catalogue and journal against vault and log. Paths are named as `audit` names them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.damaged: set[str] = set()
        self.missing: set[str] = set()
        self.unexpected: set[str] = set()

    def run(self) -> None:
        """Compare everything that can be opened."""
        there = self._objects()
        try:
            batches = self._batches()
        except MunimentError:
            self.damaged.add("catalogue.db")
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
            root = root_of_manifest(manifest)
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
            waiting = sa.select(tables.original.c.stored).where(tables.original.c.batch.is_(None))
            for name in connection.execute(waiting).scalars():
                if not (self._case.folder.staging / name).is_file():
                    self.missing.add(f"staging/{name}")


def root_of_manifest(manifest: dict[str, Any]) -> bytes:
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
