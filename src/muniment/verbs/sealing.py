"""Sealing what was received: one object of the vault, one commitment, one entry of the log."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import random_name
from muniment.verbs.noting import forget_what_is_sealed

if TYPE_CHECKING:
    from muniment.verbs.case import Case


BATCH = 10_000


def seal_waiting(case: Case, accession: int) -> None:
    """Seal every original that is received and in no batch yet. Goes on where an earlier run was cut off."""
    finish_sealing(case)
    while _begin(case, accession):
        finish_sealing(case)


def _begin(case: Case, accession: int) -> bool:
    """Make a batch of what waits, at most BATCH of it; False where nothing does."""
    from muniment.evidence.layers import batch_root

    with case.catalogue.write() as connection:
        rows = connection.execute(
            sa.select(tables.original.c.number, tables.original.c.root)
            .where(tables.original.c.batch.is_(None))
            .order_by(tables.original.c.number)
            .limit(BATCH)
        ).all()
        if not rows:
            return False
        key, tree = secrets.token_bytes(32), secrets.token_bytes(16)
        root = batch_root(key, tree, [row.root for row in rows])
        values = {
            "accession": accession,
            "object": random_name(26),
            "tree": tree,
            "key": key,
            "root": root,
            "stage": "sealing",
        }
        inserted = connection.execute(sa.insert(tables.batch).values(values))
        assert inserted.inserted_primary_key is not None
        number = inserted.inserted_primary_key[0]
        connection.execute(
            sa.update(tables.original)
            .where(tables.original.c.number == sa.bindparam("which"))
            .values(batch=number, leaf=sa.bindparam("place")),
            [{"which": row.number, "place": place} for place, row in enumerate(rows)],
        )
    return True


def finish_sealing(case: Case) -> None:
    """Bring every batch that is half sealed to its end. Each step is the same when taken twice."""
    with case.catalogue.read() as connection:
        batches = connection.execute(
            sa.select(tables.batch).where(tables.batch.c.stage == "sealing")
        ).all()
    for row in batches:
        _into_vault(case, row)
        index = into_log(case, bytes(row.root))
        # The catalogue learns it with the act: noting.py.
        case.journal.append(
            "sealed", {"object": row.object, "root": bytes(row.root).hex(), "entry": str(index)}
        )
    forget_what_is_sealed(case)


def _into_vault(case: Case, batch: Any) -> None:
    from muniment.evidence.vault import Stored

    with case.catalogue.read() as connection:
        members = connection.execute(
            sa.select(tables.original, tables.document)
            .join(tables.document, tables.document.c.number == tables.original.c.number)
            .where(tables.original.c.batch == batch.number)
            .order_by(tables.original.c.leaf)
        )
        rows = list(members.mappings())
    stored = [
        Stored(
            name=row[tables.original.c.stored],
            size=row[tables.document.c.size],
            sha256=bytes(row[tables.original.c.sha256]),
            sha512=bytes(row[tables.original.c.sha512]),
            cipher_sha512=row[tables.original.c.cipher_sha512],
            cipher_size=row[tables.original.c.cipher_size],
            chunk_root=row[tables.original.c.chunk_root],
        )
        for row in rows
    ]
    manifest = {
        "version": 1,
        "accession": f"A{batch.accession}",
        "tree": bytes(batch.tree).hex(),
        "key": bytes(batch.key).hex(),
        "root": bytes(batch.root).hex(),
        "files": [_entry(row) for row in rows],
    }
    case.vault.seal(
        batch.object,
        case.folder.staging,
        stored,
        json.dumps(manifest, ensure_ascii=False).encode(),
        case.keys.recipient,
    )


def _entry(row: Any) -> dict[str, Any]:
    original, document = tables.original.c, tables.document.c
    return {
        "content": row[original.stored],
        "document": row[document.document],
        "reference": row[document.reference],
        "size": row[document.size],
        "sha256": bytes(row[original.sha256]).hex(),
        "sha512": bytes(row[original.sha512]).hex(),
        "key": bytes(row[original.key]).hex(),
        "tree": bytes(row[original.tree]).hex(),
        "root": bytes(row[original.root]).hex(),
        "properties": json.loads(row[original.properties]),
    }


def into_log(case: Case, root: bytes) -> int:
    """Make a root an entry of the log, sign the log, and say which entry it is; the same when taken twice."""
    from muniment.evidence.log.note import Signer

    log = case.log
    signer = Signer.from_private_bytes(case.keys.log_name, bytes.fromhex(case.keys.log_key))
    index = log.index_of(root)
    if index is None:
        index = log.append([root]).start
    log.publish(signer)
    return int(index)
