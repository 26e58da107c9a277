"""Whether what a person names was received already, and is still as it was: then it is not received twice."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.verbs.receiving import kept_time, moment
from muniment.verbs.sources import Source, walk

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_PIECE = 1 << 20


def received_before(case: Case, roots: Sequence[bytes], kind: str) -> int | None:
    """The accession that came from these places, if every file there is still as it was received.

    By the places, sizes and times the catalogue knows. One that was made anew does not know them: then by the paths
    and times that are sealed, and every byte; what is found so is known again.
    """
    accession = tables.accession.c
    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(accession.number, accession.sources)
            .where(accession.sources.in_([encoded(roots), "[]"]), accession.kind == kind)
            .order_by(accession.number.desc())
        ).all()
    same = [int(row.number) for row in rows if row.sources != "[]"]
    unknown = [int(row.number) for row in rows if row.sources == "[]"]
    if not rows:
        return None
    own = os.fsencode(os.path.realpath(case.folder.root))
    there = [source for source in walk(roots, apart=own) if not source.problem]
    if same and _same_places(case, same[0], there):
        return same[0]
    return next((number for number in unknown if _same_files(case, number, roots, there)), None)


def encoded(roots: Sequence[bytes]) -> str:
    """Places as an accession keeps them."""
    return json.dumps([base64.b64encode(root).decode() for root in roots])


def _originals(case: Case, accession: int) -> list[Any]:
    original, document = tables.original, tables.document.c
    query = (
        sa.select(original, document.size)
        .join(tables.document, document.number == original.c.number)
        .where(document.accession == accession, document.state != "withdrawn")
    )
    with case.catalogue.read() as connection:
        return list(connection.execute(query))


def _same_places(case: Case, accession: int, there: Sequence[Source]) -> bool:
    held = {bytes(row.source): (row.size, row.modified) for row in _originals(case, accession)}
    return bool(held) and held == {
        source.location: (source.size, kept_time(source.modified)) for source in there
    }


def _same_files(
    case: Case, accession: int, roots: Sequence[bytes], there: Sequence[Source]
) -> bool:
    """By what is sealed of them; each is read only where paths, sizes and times agree throughout."""
    held: dict[tuple[str, int, str], list[Any]] = {}
    originals = _originals(case, accession)
    for row in originals:
        properties = json.loads(row.properties)
        key = properties["path"], int(row.size), str(properties.get("modified"))
        held.setdefault(key, []).append(row)
    keys = [(source.path, source.size, moment(source.modified)) for source in there]
    if not originals or sorted(keys) != sorted(k for k, rows in held.items() for _ in rows):
        return False
    found = []
    for key, source in zip(keys, there, strict=True):
        digest = _digest(source)
        row = next((row for row in held[key] if bytes(row.sha256) == digest), None)
        if row is None:
            return False
        held[key].remove(row)
        values = {"source": source.location, "modified": kept_time(source.modified)}
        found.append({"which": row.number, **values})
    _know_again(case, accession, roots, found)
    return True


def _digest(source: Source) -> bytes:
    """SHA-256 of a file of the size it had when it was looked at; nothing where it cannot be read, or is another."""
    digest = hashlib.sha256()
    try:
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(source.location, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b""
            left = source.size
            while left and (piece := file.read(min(left, _PIECE))):
                digest.update(piece)
                left -= len(piece)
            return b"" if left or file.read(1) else digest.digest()
    except OSError:
        return b""


def _know_again(
    case: Case, accession: int, roots: Sequence[bytes], found: list[dict[str, Any]]
) -> None:
    original = tables.original
    with case.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.accession)
            .where(tables.accession.c.number == accession)
            .values(sources=encoded(roots))
        )
        connection.execute(
            sa.update(original)
            .where(original.c.number == sa.bindparam("which"))
            .values(source=sa.bindparam("source"), modified=sa.bindparam("modified")),
            found,
        )
