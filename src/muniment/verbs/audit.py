"""audit: every byte of vault, log, anchors and keys/ against what was sealed and written.

Without keys, ciphertext is checked against its digests and the log against itself. Whoever forges an object
whole, digests included, or takes the last one away whole, is noticed with the case's keys: then each object's
manifest is opened, its commitments are computed again and compared with the entries of the log, and vault, log
and journal with what the catalogue says was sealed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import Folder, locate, open_folder, printable
from muniment.case.keyring import last_change, live_keys
from muniment.case.listing import (
    DESCRIPTION,
    LISTING,
    differs,
    listing_digest,
    made_before_listings,
)
from muniment.errors import Damaged, MunimentError, Newer, NotFound
from muniment.verbs.anchoring import check_anchors
from muniment.verbs.carrying_judgements import kept_judgements
from muniment.verbs.carrying_notes import kept_notes
from muniment.verbs.committing import signer_of
from muniment.verbs.explaining import commitments, enclosures, journal_files, log_entries
from muniment.verbs.put_back import older_parts
from muniment.verbs.seal_audit import check_page_seals, objects_of_seals

if TYPE_CHECKING:
    from muniment.evidence.custodians.examination import Examined
    from muniment.verbs.case import Case, Report


def changed_keys(case: Case) -> Iterator[tuple[str, str]]:
    """Whether `keys/` is what its last act says: an older folder put back is whole, and yet not the one in force."""
    try:
        act = last_change(case.folder, case.keys)
    except MunimentError:
        return  # the journal itself is named as damaged
    if act is None:
        if not made_before_listings(live_keys(case.folder)):
            yield "damaged", f"keys/{LISTING}"
    elif act["listing"] != listing_digest(live_keys(case.folder)):
        yield "damaged", f"keys/{LISTING}"


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
CHECKS: tuple[Check, ...] = (
    changed_keys,
    check_anchors,
    check_page_seals,
    older_parts,
    journal_files,
    enclosures,
    kept_notes,
    kept_judgements,
    commitments,
    log_entries,
)


def folder_to_audit(name: str | os.PathLike[str]) -> tuple[Folder, bool]:
    """The case to audit, and whether its case.toml can be read; where it cannot, the rest still can be audited.

    Raises NotFound where there is no case, Newer where a later muniment made it.
    """
    root = locate(name)
    try:
        return open_folder(name), True
    except (Damaged, Newer):
        written = root / "case.toml"
        if not written.is_file() or not differs(root / "keys", DESCRIPTION):
            raise
        return Folder(root=root.absolute(), identifier=""), False


def audit(folder: Folder, sample: int | None = None) -> Report:
    """The shape of `audit`, by one who has no keys. `sample`: so many 64-KiB chunks instead of every byte."""
    from muniment.evidence.custodians.examination import examine_folder

    if not folder.vault.is_dir() and not folder.log.is_dir():
        raise NotFound(
            f"There is neither a vault nor a log in {printable(folder.root)}.",
            next="Restore both from a custodian's copy: muniment repair CASE --from CUSTODIAN",
        )
    found, _ = examine_folder(folder, sample)
    return report_of(found)


def report_of(found: Examined) -> Report:
    """The shape of `audit` for what was found without keys."""
    from muniment.evidence.custodians.sampling import chance_of_seeing

    report: Report = {
        "ok": False,
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
    """The shape of `audit`, with the keys of the case. What it found becomes an act, its paths do not."""
    report = audit(case.folder, sample)
    report["with_keys"] = True
    report["act"] = None
    fresh = "catalogue" not in case.__dict__
    look(case)
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
    decided(report)
    if not any(path.startswith(("catalogue", "journal", "log")) for path in named):
        report["act"] = _noted(case, report)
    elif fresh:
        case.close()  # whoever goes on with this case is told what was put back
    return report


def look(case: Case) -> None:
    """Open the catalogue, whether or not something newer was seen; where it cannot be read, whoever asks is told."""
    try:
        case.look()
    except MunimentError:
        return  # the comparison says so


def _noted(case: Case, report: Report) -> int | None:
    """The number of the act; None where the case cannot be written, which is no finding."""
    counts = {what: len(report[what]) for what in ("damaged", "missing", "unexpected")}
    details = {
        "ok": report["ok"],
        "objects": report["objects"],
        "bytes": str(report["bytes"]),
        **counts,
    }
    if report["sampled"] is not None:
        details["sampled"] = str(report["sampled"]["chunks"])
    try:
        return case.record("audited", details)
    except (OSError, MunimentError):
        return None


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
        known = {row.object for row in batches} | objects_of_seals(self._case)
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
        self._members(row, contents, manifest["files"])

    def _members(self, row: Any, contents: dict[str, str], files: list[dict[str, Any]]) -> None:
        """The originals of a batch by the catalogue; what it says is withdrawn must be gone, here too."""
        original, document = tables.original.c, tables.document.c
        query = (
            sa.select(original.stored, original.cipher_sha512, original.leaf, document.state)
            .join(tables.document, document.number == original.number)
            .where(original.batch == row.number)
        )
        with self._case.catalogue.read() as connection:
            members = connection.execute(query).all()
        for file in members:
            entry = files[file.leaf]
            path = f"vault/{row.object}/v1/content/{entry.get('content', 'manifest.age')}"
            if file.state == "withdrawn":
                if entry.get("state") != "withdrawn":
                    self.unexpected.add(path)
            elif file.stored not in contents:
                self.missing.add(f"vault/{row.object}/v1/content/{file.stored}")
            elif contents[file.stored] != file.cipher_sha512:
                self.damaged.add(path)

    def _log(self, sealed: list[Any]) -> None:
        try:
            log = self._case.log
            if log.key != signer_of(self._case.keys).key:
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
            return  # `journal_files` names the act
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


def root_of_manifest(manifest: dict[str, Any]) -> bytes:
    """The root of a batch, computed from its manifest alone."""
    from muniment.evidence.layers import batch_root

    return batch_root(
        bytes.fromhex(manifest["key"]),
        bytes.fromhex(manifest["tree"]),
        [_file_root(file) for file in manifest["files"]],
    )


def _file_root(file: dict[str, Any]) -> bytes:
    """Computed from all that is committed; of a withdrawn file only the root itself is left."""
    from muniment.evidence.layers import file_root

    if file.get("state") == "withdrawn":
        return bytes.fromhex(file["root"])
    return file_root(
        bytes.fromhex(file["key"]),
        bytes.fromhex(file["tree"]),
        int(file["size"]),
        bytes.fromhex(file["sha256"]),
        bytes.fromhex(file["sha512"]),
        file["properties"],
    )
