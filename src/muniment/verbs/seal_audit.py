"""audit of page seals: every package is opened, its trees are computed again and compared with vault and log.

What is in the catalogue is not believed: file, page, document and batch roots follow from manifest and packages
alone, and are then compared with the catalogue's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal, seal_batch
from muniment.errors import MunimentError
from muniment.evidence.page_manifest import NOT_A_MANIFEST, batch_root_of, package_holds

if TYPE_CHECKING:
    from muniment.verbs.case import Case

Problem = tuple[str, str]


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
        root = batch_root_of(manifest)
    except NOT_A_MANIFEST:
        yield "damaged", f"{content}/manifest.age"
        return
    known = _seals(case, row.number)
    if root != bytes(row.root) or len(known) != len(manifest["files"]):
        yield "damaged", f"{content}/manifest.age"
    for sealed, file in zip(known, manifest["files"], strict=False):
        for what, name in _package(sealed, file, contents):
            yield what, f"{content}/{name}"
    for file in manifest["files"]:
        if file.get("content") in contents and not _whole(case, row.object, file):
            yield "damaged", f"{content}/{file['content']}"


def _package(sealed: Any, file: dict[str, Any], contents: dict[str, str]) -> Iterator[Problem]:
    """One document of a batch: the catalogue's seal, the manifest's entry, and what lies in the object."""
    if file["root"] != bytes(sealed.root).hex():
        yield "damaged", "manifest.age"
    if sealed.state == "withdrawn":
        if file.get("state") != "withdrawn":
            yield "unexpected", file.get("content", "manifest.age")
        return
    if file.get("content") != sealed.stored:
        yield "damaged", "manifest.age"
    if sealed.stored not in contents:
        yield "missing", sealed.stored
    elif contents[sealed.stored] != sealed.cipher_sha512:
        yield "damaged", sealed.stored


def _seals(case: Case, batch: int) -> list[Any]:
    """Each seal of a batch in its order, as the catalogue has it, and the state of its document."""
    document = tables.document.c
    query = (
        sa.select(seal.c.stored, seal.c.cipher_sha512, seal.c.root, document.state)
        .join(tables.document, document.number == seal.c.document)
        .where(seal.c.batch == batch)
        .order_by(seal.c.leaf)
    )
    with case.catalogue.read() as connection:
        return list(connection.execute(query))


def _whole(case: Case, name: str, file: dict[str, Any]) -> bool:
    def write_to(target: Any) -> None:
        case.vault.copy_to(name, file["content"], int(file["size"]), case.keys.identity, target)

    return package_holds(file, write_to)


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
        return  # `journal_files` names the act
    if roots:
        yield "missing", "journal"
