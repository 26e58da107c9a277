"""The `file` seal of every document: an original's, made on receipt, and a part's, made when it is found.

A part (an attachment, a file in an archive) has no bytes of its own in the vault: it is taken out of its container
again. But it has a K_doc and a commitment to its bytes of its own, so that it can be shown without its container.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import part_file
from muniment.errors import NotFound, Refused

if TYPE_CHECKING:
    from muniment.reading.worker import Worker
    from muniment.verbs.case import Case


@dataclass(frozen=True, slots=True)
class FileSeal:
    """K_doc of a document, and the commitment to its bytes. `received`: an original, in a batch of its own."""

    key: bytes
    tree: bytes
    root: bytes
    size: int
    sha256: bytes
    sha512: bytes
    properties: Mapping[str, str]
    received: bool


def part_row(number: int, data: bytes, path: str, part: int) -> dict[str, Any]:
    """A row of `part_file` for a part just found: `path` as `documents` lists it, `part` its place, from 1."""
    from muniment.evidence.layers import file_root

    key, tree = secrets.token_bytes(32), secrets.token_bytes(16)
    sha256, sha512 = hashlib.sha256(data).digest(), hashlib.sha512(data).digest()
    properties = {"part": str(part), "path": path}
    return {
        "number": number,
        "key": key,
        "tree": tree,
        "root": file_root(key, tree, len(data), sha256, sha512, properties),
        "properties": json.dumps(properties, ensure_ascii=False),
        "size": len(data),
        "sha256": sha256,
        "sha512": sha512,
    }


def file_seal(case: Case, number: int, worker: Worker | None = None) -> FileSeal:
    """The file seal of a document, made now for a part that has none yet (found by an earlier muniment).

    Raises NotFound where there is none and no worker to take the part out with, Refused where it was withdrawn.
    """
    refuse_withdrawn(case, number)
    found = _found(case, number)
    if found is None:
        _make(case, number, worker)
        found = _found(case, number)
        assert found is not None
    return found


def refuse_withdrawn(case: Case, number: int) -> None:
    """Raises Refused for a document that was withdrawn: nothing of it can be shown again."""
    document = tables.document.c
    with case.catalogue.read() as connection:
        state = connection.execute(
            sa.select(document.state).where(document.number == number)
        ).scalar()
    if state == "withdrawn":
        raise Refused(
            "This document was withdrawn: only its commitment is left, and nothing can be shown of it.",
            next="A receipt that was taken before still proves what it proved.",
        )


def _found(case: Case, number: int) -> FileSeal | None:
    document, original = tables.document.c, tables.original.c
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(tables.original, document.size)
            .join(tables.document, document.number == original.number)
            .where(original.number == number)
        ).first()
        received = row is not None
        if row is None:
            row = connection.execute(
                sa.select(part_file).where(part_file.c.number == number)
            ).first()
    if row is None:
        return None
    return FileSeal(
        bytes(row.key),
        bytes(row.tree),
        bytes(row.root),
        row.size,
        bytes(row.sha256),
        bytes(row.sha512),
        json.loads(row.properties),
        received,
    )


def _make(case: Case, number: int, worker: Worker | None) -> None:
    from muniment.verbs.content import content_of

    document = tables.document.c
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(document.path, document.part).where(document.number == number)
        ).first()
    if row is None or row.part is None or worker is None:
        raise NotFound(
            "Nothing was received of this document.", next="See its reason with: muniment show"
        )
    data = content_of(case, number, worker)
    with case.catalogue.write() as connection:
        connection.execute(
            sa.insert(part_file).prefix_with("OR IGNORE"),
            part_row(number, data, row.path, row.part),
        )
