"""The bytes of a document: of an original from the vault, of a part out of its container."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where an original lies in the vault, and what its bytes must hash to."""

    document: str
    object: str
    stored: str
    size: int
    sha256: bytes


def original_of(case: Case, number: int) -> bytes:
    """All bytes of an original, checked against what was sealed."""
    place = places_of(case, [number]).get(number)
    if place is None:
        raise NotFound(
            "Nothing was received of this document.", next="See its reason with: muniment show"
        )
    return bytes_at(case, place)


def places_of(case: Case, numbers: Sequence[int]) -> dict[int, Place]:
    """Where these originals lie, by row number; those not in the vault are left out."""
    original, document = tables.original.c, tables.document.c
    query = (
        sa.select(
            original.number,
            document.document,
            tables.batch.c.object,
            original.stored,
            document.size,
            original.sha256,
        )
        .join(tables.document, document.number == original.number)
        .join(tables.batch, tables.batch.c.number == original.batch)
        .where(original.number.in_(numbers))
    )
    with case.catalogue.read() as connection:
        return {
            row.number: Place(row.document, row.object, row.stored, row.size, bytes(row.sha256))
            for row in connection.execute(query)
        }


def bytes_at(case: Case, place: Place) -> bytes:
    """The bytes at a place of the vault. Raises Damaged where they do not match their seal."""
    content = case.vault.read(place.object, place.stored, place.size, case.keys.identity)
    if hashlib.sha256(content).digest() != place.sha256:
        raise Damaged(
            "An original no longer matches its seal.",
            next="Run: muniment audit CASE, then repair from a custodian.",
            document=place.document,
        )
    return content


def spool(case: Case, number: int) -> Path:
    """Where the bytes of a part wait, in clear, in working/, until they are read."""
    directory = open_working(case.folder) / "parts"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory / str(number)
