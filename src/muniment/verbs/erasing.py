"""What a withdrawal takes out of the catalogue, out of working/ and out of the lists of what was received.

Of a withdrawn document there stay its identifier, its reference (which stands in the place of its path), its place
among the others, the root of its commitment, the state and the reason. Everything that tells content or comes from it
goes: text, boxes, names, properties, digests, sizes, keys, and where it lay.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.working import in_memory
from muniment.verbs.carrying_judgements import forget_names
from muniment.verbs.carrying_notes import erase_notes
from muniment.verbs.content import spool
from muniment.verbs.erasing_seals import erase_seals, sweep_staging
from muniment.verbs.indexing import forget as forget_index
from muniment.verbs.page_image import forget_images
from muniment.verbs.pages import forget_others
from muniment.verbs.statements import forget_statements

if TYPE_CHECKING:
    from muniment.verbs.case import Case

OF_ANY_DOCUMENT = ("catalogue", "journal/")
"""What holds words or keys of every document, by where it lies."""

# What the columns of a withdrawn document hold. Those not named here stay, or are set one by one.
_EMPTY: dict[str, Any] = {
    "type": "",
    "family": "",
    "title": "",
    "size": 0,
    "content": None,
    "state": "withdrawn",
    "held": False,
    "pages": None,
    "expected_pages": None,
    "expected_parts": None,
    "languages": "",
    "date": "",
    "properties": "{}",
    "ocr": "",
    "read_state": "",
    "read_reason": "",
    "indexed": 0,
    "tried": 1,
}
# `stored`, the random name in the vault, goes last of all: it says what is still to be taken out there.
_NO_ORIGINAL: dict[str, Any] = {
    "key": b"",
    "tree": b"",
    "properties": "{}",
    "sha256": b"",
    "sha512": b"",
    "cipher_sha512": "",
    "cipher_size": 0,
    "chunk_root": "",
    "source": b"",
    "modified": 0,
}


UNFINISHED = "withdrawal"
"""The setting that names a document whose withdrawal has begun and not come to its end."""


def unfinished(case: Case) -> int:
    """How many withdrawals were begun and cut off: 0 or 1."""
    return int(bool(case.catalogue.setting(UNFINISHED)))


def withdrawn_rows(
    number: int, document: str, reference: str, accession: int, root: bytes, reason: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of an original that was withdrawn, for a catalogue that is made anew."""
    names = {"document": document, "reference": reference, "path": reference, "name": reference}
    row = {**_EMPTY, **names, "number": number, "accession": accession, "reason": reason}
    return row, {**_NO_ORIGINAL, "number": number, "root": root, "stored": ""}


def erase(case: Case, numbers: Sequence[int], reason: str) -> None:
    """Take the documents with these row numbers out of catalogue and working/. Safe to repeat."""
    locations = _locations(case, numbers)
    which = [{"which": number} for number in numbers]
    document, original = tables.document, tables.original
    with case.catalogue.write() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        _forget_sources(connection, locations)
        connection.execute(
            sa.update(document)
            .where(document.c.number == sa.bindparam("which"))
            .values(**_EMPTY, reason=reason, path=document.c.reference, name=document.c.reference),
            which,
        )
        connection.execute(
            sa.update(original)
            .where(original.c.number == sa.bindparam("which"))
            .values(**_NO_ORIGINAL),
            which,
        )
        connection.execute(
            sa.delete(tables.page).where(tables.page.c.document == sa.bindparam("which")), which
        )
        for number in numbers:
            forget_others(connection, [number])
        erase_seals(connection, numbers)
        forget_names(connection, numbers)
        forget_statements(connection, numbers)
        erase_notes(connection, _names(connection, numbers))
    for location in locations.values():
        _forget_drop(case, location)


def _names(connection: sa.Connection, numbers: Sequence[int]) -> list[str]:
    """The identifiers of the documents with these row numbers."""
    document, among = tables.document.c, set(numbers)
    rows = connection.execute(sa.select(document.number, document.document)).all()
    return [row.document for row in rows if row.number in among]


def erase_derived(case: Case, numbers: Sequence[int]) -> None:
    """Delete what working/ and staging/ hold of them: page images, bytes of parts, packages; and the whole index."""
    document, among = tables.document.c, set(numbers)
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(document.number, document.document)).all()
    for number in numbers:
        spool(case, number).unlink(missing_ok=True)
    forget_images(case, [row.document for row in rows if row.number in among])
    shutil.rmtree(case.folder.root / ".working-moving", ignore_errors=True)
    sweep_staging(case)
    forget_index(case)


def clear_quarantine(case: Case, names: Collection[str]) -> None:
    """Delete what `repair` put aside of these objects or files: it may hold ciphertext of what is withdrawn.

    A catalogue or a journal that was put aside holds its words, or its keys.
    """
    from muniment.evidence.custodians.quarantine import forget_aside

    def holds(where: str) -> bool:
        return where.startswith(OF_ANY_DOCUMENT) or any(name in where for name in names)

    forget_aside(case.folder.root, holds)


def clear_quarantine_of_copy(root: Path) -> None:
    """The same in a copy that is brought over a withdrawal: which names were withdrawn nobody knows any more."""
    from muniment.evidence.custodians.quarantine import forget_aside

    forget_aside(root, lambda where: where.startswith(("vault/", "staging/", *OF_ANY_DOCUMENT)))


def _locations(case: Case, numbers: Sequence[int]) -> dict[int, bytes]:
    """Where the originals among them lay when they were received."""
    among, original = set(numbers), tables.original.c
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(original.number, original.source)).all()
    return {row.number: bytes(row.source) for row in rows if row.number in among and row.source}


def _forget_sources(connection: sa.Connection, locations: dict[int, bytes]) -> None:
    """Take the places out of the lists of what there was, and out of the sources of their accessions."""
    listed, accession = tables.listed.c, tables.accession
    for number, location in locations.items():
        connection.execute(sa.delete(tables.listed).where(listed.location == location))
        row = connection.execute(
            sa.select(accession)
            .join(tables.document, tables.document.c.accession == accession.c.number)
            .where(tables.document.c.number == number)
        ).one()
        own = base64.b64encode(location).decode()
        left = [source for source in json.loads(row.sources) if source != own]
        if not _others(connection, row.number, set(locations)):
            left = []
        connection.execute(
            sa.update(accession)
            .where(accession.c.number == row.number)
            .values(sources=json.dumps(left))
        )


def _others(connection: sa.Connection, accession: int, besides: set[int]) -> bool:
    """Whether anything of an accession stays that is not withdrawn."""
    document = tables.document.c
    query = sa.select(document.number).where(
        document.accession == accession, document.state != "withdrawn", document.parent.is_(None)
    )
    return any(number not in besides for number in connection.execute(query).scalars())


def _forget_drop(case: Case, location: bytes) -> None:
    """Delete the file itself where it lies in working/, dropped there and left by an `add` that was cut off."""
    place = Path(os.fsdecode(location))
    for working in (in_memory(case.folder), case.folder.working):
        if place.is_relative_to(working / "dropped"):
            place.unlink(missing_ok=True)
