"""What a received file is in the journal and in the catalogue, and how the second is made good from the first.

The journal is written first: from then on a file counts as received. Where the machine stops before the
catalogue has it too, the act is carried out when work goes on, whether or not its source is still there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.verbs.listing import tick_locations

if TYPE_CHECKING:
    from muniment.verbs.case import Case

# A row of `document` and, where its bytes were received, one of `original`.
Row = tuple[dict[str, Any], dict[str, Any] | None]
_HEXADECIMAL = ("key", "tree", "root", "sha256", "sha512")
_AS_THEY_ARE = ("stored", "cipher_sha512", "chunk_root")


def acts_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The received files among the rows, as the journal keeps them (docs/formats/journal.md)."""
    return [
        {
            "document": row["document"],
            "reference": row["reference"],
            "size": str(row["size"]),
            "location": base64.b64encode(original["source"]).decode(),
            "modified": str(original["modified"]),
            "cipher_size": str(original["cipher_size"]),
            "properties": json.loads(original["properties"]),
            **{name: original[name] for name in _AS_THEY_ARE},
            **{name: original[name].hex() for name in _HEXADECIMAL},
        }
        for row, original in rows
        if original is not None
    ]


def insert(connection: sa.Connection, rows: Sequence[Row], accession: int) -> None:
    """Put rows into the catalogue and count them to their accession."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, _ in rows:
        groups.setdefault(tuple(row), []).append(row)
    for alike in groups.values():  # a bulk insert wants the same columns in each
        connection.execute(sa.insert(tables.document), alike)
    originals = [original for _, original in rows if original is not None]
    if originals:
        connection.execute(sa.insert(tables.original), originals)
    connection.execute(
        sa.update(tables.accession)
        .where(tables.accession.c.number == accession)
        .values(originals=tables.accession.c.originals + len(rows))
    )


def carry_out_last_act(case: Case) -> None:
    """Bring into the catalogue what the journal says was received and a crash kept out of it."""
    act = case.journal.last()
    if act is None or act["act"] != "received":
        return
    files = act["details"]["files"]
    if not files or "location" not in files[0]:
        return
    with case.catalogue.write() as connection:
        document = tables.document.c
        known = sa.select(document.number).where(document.document == files[0]["document"])
        if connection.execute(known).first() is not None:
            return
        number = int(connection.execute(sa.select(sa.func.max(document.number))).scalar() or 0)
        accession = int(files[0]["reference"].split("/")[0].removeprefix("A"))
        rows = [row_of(file, accession, number + place) for place, file in enumerate(files, 1)]
        insert(connection, rows, accession)
        tick_locations(connection, accession, [row["source"] for _, row in rows if row is not None])


def row_of(file: dict[str, Any], accession: int, number: int) -> Row:
    """The rows of a received file, from what the journal keeps of it."""
    properties = file["properties"]
    original = {
        "number": number,
        "properties": json.dumps(properties, ensure_ascii=False),
        "cipher_size": int(file["cipher_size"]),
        "source": base64.b64decode(file["location"]),
        "modified": int(file["modified"]),
        **{name: file[name] for name in _AS_THEY_ARE},
        **{name: bytes.fromhex(file[name]) for name in _HEXADECIMAL},
    }
    document = {
        "number": number,
        "document": file["document"],
        "reference": file["reference"],
        "accession": accession,
        "path": properties["path"],
        "name": properties["path"].rsplit("/", 1)[-1],
        "size": int(file["size"]),
        "content": original["sha256"],
        "state": "waiting",
    }
    return document, original
