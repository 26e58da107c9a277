"""From sealed documents to the log: a batch of document roots is one object of the vault and one entry."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import random_name
from muniment.case.many_rows import change_rows
from muniment.case.seal_tables import part_file, seal, seal_batch
from muniment.evidence.page_manifest import KIND, VERSION
from muniment.verbs.sealing import BATCH, into_log, into_vault

if TYPE_CHECKING:
    from muniment.verbs.case import Case


def batch_sealed(case: Case) -> None:
    """Put every document seal that is in no batch yet into one, and each batch into vault and log."""
    finish_batches(case)
    while _begin(case):
        finish_batches(case)


def unbatched(case: Case) -> int:
    """How many document seals are staged and in no batch yet."""
    query = sa.select(sa.func.count()).select_from(seal).where(seal.c.batch.is_(None))
    with case.catalogue.read() as connection:
        return int(connection.execute(query).scalar_one())


def _begin(case: Case) -> bool:
    """Make a batch of what waits, at most BATCH of it; False where nothing does."""
    from muniment.evidence.layers import batch_root

    waiting = (
        sa.select(seal.c.number, seal.c.root)
        .where(seal.c.batch.is_(None))
        .order_by(seal.c.number)
        .limit(BATCH)
    )
    with case.catalogue.write() as connection:
        rows = connection.execute(waiting).all()
        if not rows:
            return False
        key, tree = secrets.token_bytes(32), secrets.token_bytes(16)
        values = {
            "object": random_name(26),
            "tree": tree,
            "key": key,
            "root": batch_root(key, tree, [bytes(row.root) for row in rows]),
            "stage": "sealing",
        }
        inserted = connection.execute(sa.insert(seal_batch).values(values))
        assert inserted.inserted_primary_key is not None
        number = inserted.inserted_primary_key[0]
        members = [(number, place, row.number) for place, row in enumerate(rows)]
        change_rows(connection, seal, "number", ("batch", "leaf"), members)
    return True


def finish_batches(case: Case) -> None:
    """Bring every batch that is half sealed to its end. Each step is the same when taken twice."""
    with case.catalogue.read() as connection:
        batches = connection.execute(
            sa.select(seal_batch).where(seal_batch.c.stage == "sealing")
        ).all()
    for row in batches:
        documents = _into_vault(case, row)
        index = into_log(case, bytes(row.root))
        # The catalogue learns it with the act: noting.py.
        case.record(
            "sealed",
            {
                "object": row.object,
                "root": bytes(row.root).hex(),
                "entry": str(index),
                "layer": "document",
                "documents": documents,
            },
        )


def _into_vault(case: Case, batch: Any) -> int:
    """Seal the packages of a batch as one object; how many there are."""
    rows = _members(case, batch.number)
    head = {"version": VERSION, "kind": KIND}
    into_vault(case, batch, rows, head, [_entry(row) for row in rows])
    return len(rows)


def _members(case: Case, batch: int) -> list[dict[str, Any]]:
    """Each seal of a batch in its order, with its document's names and what seals its file."""
    document, original = tables.document, tables.original
    columns = []
    for prefix, table in (("original", original), ("part", part_file)):
        columns += [table.c[name].label(f"{prefix}_{name}") for name in _OF_FILE]
    query = (
        sa.select(
            seal,
            document.c.document.label("name"),
            document.c.reference,
            document.c.size.label("original_size"),
            part_file.c.size.label("part_size"),
            *columns,
        )
        .join(document, document.c.number == seal.c.document)
        .outerjoin(original, original.c.number == seal.c.document)
        .outerjoin(part_file, part_file.c.number == seal.c.document)
        .where(seal.c.batch == batch)
        .order_by(seal.c.leaf)
    )
    with case.catalogue.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


_OF_FILE = ("key", "tree", "root", "sha256", "sha512", "properties")


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    prefix = "original" if row["original_key"] is not None else "part"
    file = {name: row[f"{prefix}_{name}"] for name in (*_OF_FILE, "size")}
    return {
        "content": row["stored"],
        "size": row["size"],
        "sha512": row["sha512"].hex(),
        "document": row["name"],
        "reference": row["reference"],
        "key": file["key"].hex(),
        "tree": row["tree"].hex(),
        "root": row["root"].hex(),
        "tools": json.loads(row["tools"]),
        "pages": row["pages"],
        "file": {
            "size": file["size"],
            **{name: file[name].hex() for name in ("tree", "root", "sha256", "sha512")},
            "properties": json.loads(file["properties"]),
        },
    }
