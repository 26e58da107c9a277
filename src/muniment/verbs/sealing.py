"""Sealing what was received: one object of the vault, one commitment, one entry of the log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import random_name
from muniment.case.many_rows import change_rows
from muniment.verbs.committing import signer_of
from muniment.verbs.noting import forget_what_is_sealed

if TYPE_CHECKING:
    from muniment.verbs.case import Case


BATCH = 10_000
_OF_STORED = ("size", "sha256", "sha512", "cipher_sha512", "cipher_size", "chunk_root")


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
        members = [(number, place, row.number) for place, row in enumerate(rows)]
        change_rows(connection, tables.original, "number", ("batch", "leaf"), members)
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
    original, document = tables.original, tables.document.c
    with case.catalogue.read() as connection:
        members = connection.execute(
            sa.select(original, document.document, document.reference, document.size)
            .join(tables.document, document.number == original.c.number)
            .where(original.c.batch == batch.number)
            .order_by(original.c.leaf)
        )
        rows = [dict(row) for row in members.mappings()]
    head = {"version": 1, "accession": f"A{batch.accession}"}
    into_vault(case, batch, rows, head, [_entry(row) for row in rows])


def into_vault(
    case: Case,
    batch: Any,
    rows: Sequence[Mapping[str, Any]],
    head: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
) -> None:
    """Make the staged files of a batch one object. In its manifest: `head`, what seals the batch, `entries`.

    Each row has the columns of Stored, `name` as `stored`.
    """
    from muniment.evidence.vault import Stored

    seal = {name: bytes(getattr(batch, name)).hex() for name in ("tree", "key", "root")}
    case.vault.seal(
        batch.object,
        case.folder.staging,
        [Stored(name=row["stored"], **{name: row[name] for name in _OF_STORED}) for row in rows],
        json.dumps({**head, **seal, "files": list(entries)}, ensure_ascii=False).encode(),
        case.keys.recipient,
    )


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "content": row["stored"],
        **{name: row[name] for name in ("document", "reference", "size")},
        **{name: row[name].hex() for name in ("sha256", "sha512", "key", "tree", "root")},
        "properties": json.loads(row["properties"]),
    }


def into_log(case: Case, root: bytes) -> int:
    """Make a root an entry of the log, sign the log, and say which entry it is; the same when taken twice.

    In the journal's turn, as all that grows the log.
    """
    log = case.log
    with case.journal.turn():
        index = log.index_of(root)
        if index is None:
            index = log.append([root]).start
        log.publish(signer_of(case.keys))
    return int(index)
