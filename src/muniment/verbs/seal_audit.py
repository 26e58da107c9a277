"""audit of page seals: every package is opened, its trees are computed again and compared with vault and log.

What is in the catalogue is not believed: file, page, document and batch roots follow from manifest and packages
alone, and are then compared with the catalogue's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.seal_tables import seal, seal_batch
from muniment.errors import MunimentError
from muniment.evidence import layers
from muniment.evidence.page_commitment import check_page
from muniment.evidence.page_package import PageRecord, Unpacking, damaged
from muniment.verbs.seal_batches import KIND, VERSION

if TYPE_CHECKING:
    from muniment.verbs.case import Case

Problem = tuple[str, str]
_NOT_A_MANIFEST = (MunimentError, ValueError, KeyError, TypeError, AttributeError)


def check_page_seals(case: Case) -> Iterator[Problem]:
    """What is damaged or missing of page seals; paths as `audit` names them."""
    with case.catalogue.read() as connection:
        batches = connection.execute(sa.select(seal_batch).order_by(seal_batch.c.number)).all()
        staged = list(
            connection.execute(sa.select(seal.c.stored).where(seal.c.batch.is_(None))).scalars()
        )
    for name in staged:
        if not (case.folder.staging / name).is_file():
            yield "missing", f"staging/{name}"
    roots: set[str] = set()
    for row in batches:
        if row.stage != "sealed":
            continue
        roots.add(bytes(row.root).hex())
        if not (case.folder.vault / row.object).is_dir():
            yield "missing", f"vault/{row.object}"
            continue
        yield from _object(case, row)
        yield from _entry(case, row)
    yield from _journal(case, roots)


def objects_of_seals(case: Case) -> set[str]:
    """The objects of the vault that hold page seals."""
    with case.catalogue.read() as connection:
        return set(connection.execute(sa.select(seal_batch.c.object)).scalars())


def _object(case: Case, row: Any) -> Iterator[Problem]:
    content = f"vault/{row.object}/v1/content"
    try:
        contents = case.vault.contents(row.object)
        manifest = json.loads(case.vault.read_manifest(row.object, case.keys.identity))
        root = _batch_root(manifest)
    except _NOT_A_MANIFEST:
        yield "damaged", f"{content}/manifest.age"
        return
    known = _seals(case, row.number)
    told = {file["content"]: file["root"] for file in manifest["files"]}
    if root != bytes(row.root) or told != {name: sealed[1] for name, sealed in known.items()}:
        yield "damaged", f"{content}/manifest.age"
    for name, (digest, _) in known.items():
        if name not in contents:
            yield "missing", f"{content}/{name}"
        elif contents[name] != digest:
            yield "damaged", f"{content}/{name}"
    for file in manifest["files"]:
        if file["content"] in contents and not _whole(case, row.object, file):
            yield "damaged", f"{content}/{file['content']}"


def _seals(case: Case, batch: int) -> dict[str, tuple[str, str]]:
    """Digest of the ciphertext and document root of each package, as the catalogue has them."""
    query = sa.select(seal.c.stored, seal.c.cipher_sha512, seal.c.root).where(seal.c.batch == batch)
    with case.catalogue.read() as connection:
        return {
            row.stored: (row.cipher_sha512, bytes(row.root).hex())
            for row in connection.execute(query)
        }


def _whole(case: Case, name: str, file: dict[str, Any]) -> bool:
    """Whether a package gives the document root its manifest names, every tree of every page computed again."""
    key = bytes.fromhex(file["key"])
    roots: list[bytes] = []
    pages = [0]

    def take(record: PageRecord) -> None:
        if record.page <= pages[-1]:
            raise damaged()
        pages.append(record.page)
        roots.append(check_page(key, record))

    unpacking = Unpacking(take)
    try:
        case.vault.copy_to(
            name, file["content"], int(file["size"]), case.keys.identity, unpacking  # type: ignore[arg-type]
        )
        if unpacking.close() != file["pages"]:
            return False
        sealed = file["file"]
        file_root = layers.file_root(
            key,
            bytes.fromhex(sealed["tree"]),
            int(sealed["size"]),
            bytes.fromhex(sealed["sha256"]),
            bytes.fromhex(sealed["sha512"]),
            sealed["properties"],
        )
        bodies = layers.document_bodies(file_root, file["tools"], roots)
        tree = layers.layer_tree("document", key, bytes.fromhex(file["tree"]), bodies)
    except _NOT_A_MANIFEST:
        return False
    return file_root.hex() == sealed["root"] and tree.root.hex() == file["root"]


def _batch_root(manifest: dict[str, Any]) -> bytes:
    if manifest["version"] != VERSION or manifest["kind"] != KIND:
        raise ValueError("not a manifest of page seals")
    roots = [bytes.fromhex(file["root"]) for file in manifest["files"]]
    key, tree = bytes.fromhex(manifest["key"]), bytes.fromhex(manifest["tree"])
    return layers.batch_root(key, tree, roots)


def _entry(case: Case, row: Any) -> Iterator[Problem]:
    try:
        if row.log_index >= case.log.size:
            yield "missing", f"log/entry {row.log_index}"
        elif case.log.entry(row.log_index) != bytes(row.root):
            yield "damaged", f"log/entry {row.log_index}"
    except MunimentError:
        yield "damaged", "log"


def _journal(case: Case, roots: set[str]) -> Iterator[Problem]:
    try:
        for act in case.journal.acts():
            if act["act"] == "sealed":
                roots.discard(act["details"]["root"])
    except (MunimentError, ValueError, KeyError):
        yield "damaged", "journal"
        return
    if roots:
        yield "missing", "journal"
