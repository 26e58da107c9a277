"""Page seals whose rows the catalogue has lost: they come again from their manifests and packages in the vault.

Every seal needs its row, or a withdrawal would not find the pages of its document.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import part_file, seal, seal_batch, sealed_page
from muniment.errors import MunimentError
from muniment.evidence.page_manifest import NOT_A_MANIFEST, batch_root_of
from muniment.evidence.page_package import PageRecord, Unpacking
from muniment.verbs.manifests import Sealed

if TYPE_CHECKING:
    from muniment.verbs.case import Case

# What stays of the seal of a withdrawn document.
_WITHDRAWN: dict[str, Any] = {
    "tree": b"",
    "tools": "{}",
    "pages": 0,
    "pictures": 0,
    "stored": "",
    "size": 0,
    "sha256": b"",
    "sha512": b"",
    "cipher_sha512": "",
    "cipher_size": 0,
    "chunk_root": "",
}


def page_seals_again(case: Case, objects: list[Sealed]) -> None:
    """Put into the catalogue the objects of page seals it does not know, oldest first."""
    with case.catalogue.read() as connection:
        known = set(connection.execute(sa.select(seal_batch.c.object)).scalars())
    found = []
    for one in objects:
        try:
            root = batch_root_of(one.manifest)
        except NOT_A_MANIFEST:
            continue
        index = case.log.index_of(root)
        if one.name not in known and index is not None:
            found.append((index, root, one))
    for index, root, one in sorted(found, key=lambda each: each[0]):
        packages = {
            file["content"]: _package(case, one, file)
            for file in one.manifest["files"]
            if file.get("state") != "withdrawn"
        }
        with case.catalogue.write() as connection:
            _batch(connection, one, root, index, packages)


def _batch(
    connection: sa.Connection,
    one: Sealed,
    root: bytes,
    index: int,
    packages: Mapping[str, tuple[dict[str, Any], list[dict[str, Any]]]],
) -> None:
    inserted = connection.execute(
        sa.insert(seal_batch).values(
            object=one.name,
            tree=bytes.fromhex(one.manifest["tree"]),
            key=bytes.fromhex(one.manifest["key"]),
            root=root,
            log_index=index,
            stage="sealed",
        )
    )
    assert inserted.inserted_primary_key is not None
    batch = inserted.inserted_primary_key[0]
    for leaf, file in enumerate(one.manifest["files"]):
        place = {"batch": batch, "leaf": leaf, "root": bytes.fromhex(file["root"])}
        if file.get("state") == "withdrawn":
            number = _any_withdrawn(connection)
            if number is not None:
                values = {**_WITHDRAWN, **place, "document": number}
                connection.execute(sa.insert(seal).values(**values))
            continue
        number = _document(connection, file)
        if number is None:
            continue
        values, pages = packages[file["content"]]
        made = connection.execute(sa.insert(seal).values(**values, **place, document=number))
        assert made.inserted_primary_key is not None
        rows = [{"seal": made.inserted_primary_key[0], **page} for page in pages]
        if rows:
            connection.execute(sa.insert(sealed_page), rows)


def _any_withdrawn(connection: sa.Connection) -> int | None:
    """Whose seal it was nobody knows any more; a document that is withdrawn stands for it."""
    document = tables.document.c
    query = sa.select(document.number).where(document.state == "withdrawn")
    found = connection.execute(query.order_by(document.number).limit(1)).scalar()
    return None if found is None else int(found)


def _document(connection: sa.Connection, file: Mapping[str, Any]) -> int | None:
    """The document of a seal. A part that nobody knows any more comes again, waiting to be read."""
    document = tables.document.c
    for column, value in (
        (document.document, file["document"]),
        (document.reference, file["reference"]),
    ):
        query = sa.select(document.number).where(column == value)
        found = connection.execute(query).scalar()
        if found is not None:
            _part_file(connection, int(found), file)
            return int(found)
    within, _, part = file["reference"].rpartition(".")
    if not within:
        return None
    parent = connection.execute(
        sa.select(tables.document).where(document.reference == within)
    ).first()
    if parent is None:  # its container was never sealed: what holds both stands for it
        return _document(connection, {**file, "reference": within})
    number = int(connection.execute(sa.select(sa.func.max(document.number))).scalar() or 0) + 1
    path = file["file"]["properties"]["path"]
    connection.execute(
        sa.insert(tables.document).values(
            number=number,
            document=file["document"],
            reference=file["reference"],
            accession=parent.accession,
            parent=parent.number,
            part=int(part),
            path=path,
            name=path.rsplit("/", 1)[-1],
            size=int(file["file"]["size"]),
            held=parent.held,
            content=bytes.fromhex(file["file"]["sha256"]),
        )
    )
    _part_file(connection, number, file)
    return number


def _part_file(connection: sa.Connection, number: int, file: Mapping[str, Any]) -> None:
    """What seals the file of a part: without it, the part would be sealed under another key when it is read again."""
    sealed = file["file"]
    query = sa.select(tables.document.c.document, tables.document.c.parent).where(
        tables.document.c.number == number
    )
    row = connection.execute(query).one()
    if row.parent is None or row.document != file["document"]:
        return
    connection.execute(
        sa.insert(part_file).prefix_with("OR IGNORE"),
        {
            "number": number,
            "key": bytes.fromhex(file["key"]),
            "properties": json.dumps(sealed["properties"], ensure_ascii=False),
            "size": int(sealed["size"]),
            **{name: bytes.fromhex(sealed[name]) for name in ("tree", "root", "sha256", "sha512")},
        },
    )


def _package(
    case: Case, one: Sealed, file: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of a seal and those of its pages, from the package itself; of a damaged one without its pages."""
    pages: list[dict[str, Any]] = []
    pictures = 0
    digest = hashlib.sha256()

    def take(record: PageRecord) -> None:
        nonlocal pictures
        pictures += len(record.picture or b"")
        place, length = unpacking.at
        pages.append(
            {
                "page": record.page,
                "trees": json.dumps({k: v.hex() for k, v in record.trees.items()}),
                "roots": json.dumps({k: v.hex() for k, v in record.roots.items()}),
                "place": place,
                "length": length,
                "kept": record.picture is not None,
                "reason": record.reason,
            }
        )

    unpacking = Unpacking(take)
    try:
        target = cast("BinaryIO", _Both(unpacking, digest))
        case.vault.copy_to(one.name, file["content"], int(file["size"]), case.keys.identity, target)
        unpacking.close()
    except MunimentError:
        pages, pictures = [], 0  # audit names it
    stored = one.stored(file["content"])
    values = {
        "tree": bytes.fromhex(file["tree"]),
        "tools": json.dumps(file["tools"], sort_keys=True),
        "pages": int(file["pages"]),
        "pictures": pictures,
        "size": int(file["size"]),
        "sha256": digest.digest(),
        "sha512": bytes.fromhex(file["sha512"]),
        **stored,
        "cipher_size": int(stored["cipher_size"]),
    }
    return values, pages


class _Both:
    """A file that is unpacked and digested as it is written."""

    def __init__(self, unpacking: Unpacking, digest: Any) -> None:
        self._unpacking = unpacking
        self._digest = digest

    def write(self, piece: bytes | memoryview) -> int:
        self._digest.update(piece)
        return self._unpacking.write(piece)
