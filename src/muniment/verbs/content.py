"""The bytes of a document: of an original from the vault, of a part out of its container."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.working import open_working
from muniment.errors import Damaged, NotFound

if TYPE_CHECKING:
    from muniment.reading.worker import Worker
    from muniment.verbs.case import Case


def content_of(case: Case, number: int, worker: Worker) -> bytes:
    """All bytes of the document with this row number.

    A part is looked for in working/ first and else taken out of its container again, in the sandbox.
    Raises Damaged where the vault's bytes do not match their seal, NotFound where the part does not come out.
    """
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(
                tables.document.c.parent, tables.document.c.part, tables.document.c.document
            ).where(tables.document.c.number == number)
        ).first()
    if row is None:
        raise NotFound("No such document.", next="See: muniment documents CASE")
    if row.parent is None:
        return original_of(case, number)
    spooled = spool(case, number)
    try:
        return spooled.read_bytes()
    except FileNotFoundError:
        pass
    container = content_of(case, row.parent, worker)
    return bytes(worker.part(container, row.part))


def original_of(case: Case, number: int) -> bytes:
    """All bytes of an original, checked against what was sealed."""
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(
                tables.original,
                tables.document.c.size,
                tables.batch.c.object,
                tables.document.c.document,
            )
            .join(tables.document, tables.document.c.number == tables.original.c.number)
            .join(tables.batch, tables.batch.c.number == tables.original.c.batch)
            .where(tables.original.c.number == number)
        ).first()
    if row is None:
        raise NotFound(
            "Nothing was received of this document.", next="See its reason with: muniment show"
        )
    import hashlib

    content = case.vault.read(row.object, row.stored, row.size, case.keys.identity)
    if hashlib.sha256(content).digest() != bytes(row.sha256):
        raise Damaged(
            "An original no longer matches its seal.",
            next="Run: muniment audit CASE, then repair from a custodian.",
            document=row.document,
        )
    return content


def spool(case: Case, number: int) -> Path:
    """Where the bytes of a part wait, in clear, in working/, until they are read."""
    directory = open_working(case.folder) / "parts"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory / str(number)
