"""What an act is in the journal and in the catalogue, and how the second is made good from the first.

The journal is written first: from then on a file counts as received. Where the machine stops before the
catalogue has it too, the act is carried out when work goes on, whether or not its source is still there.
The act itself holds nothing that a withdrawal would have to take away: keys, digests, names and places are
enclosed with it until the file is sealed in the vault, whose manifest then holds what is needed of them.
Who writes an act holds the journal until the catalogue has it, so a crash leaves one act behind at most.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.acts import told
from muniment.case.canonical import canonical
from muniment.case.journal import CarryOut, Noted
from muniment.case.many_rows import put_rows
from muniment.case.seal_tables import seal_batch
from muniment.errors import Damaged
from muniment.verbs.carrying_judgements import carry_judged
from muniment.verbs.carrying_notes import carry_noted
from muniment.verbs.listing import tick_locations
from muniment.verbs.noting_anchors import OF_ANCHORS

if TYPE_CHECKING:
    from muniment.verbs.case import Case

# A row of `document` and, where its bytes were received, one of `original`.
Row = tuple[dict[str, Any], dict[str, Any] | None]
_HEXADECIMAL = ("key", "tree", "root", "sha256", "sha512")
_AS_THEY_ARE = ("stored", "cipher_sha512", "chunk_root")


def acts_of(rows: Sequence[Row]) -> list[dict[str, str]]:
    """The received files among the rows, as the journal keeps them for ever (docs/formats/journal.md)."""
    return [
        {
            "document": row["document"],
            "reference": row["reference"],
            "root": original["root"].hex(),
        }
        for row, original in rows
        if original is not None
    ]


def enclosed_with(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The same files with all that the catalogue wants of them: the journal keeps this until they are sealed."""
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
    put_rows(connection, tables.document, [row for row, _ in rows])
    originals = [original for _, original in rows if original is not None]
    put_rows(connection, tables.original, originals)
    connection.execute(
        sa.update(tables.accession)
        .where(tables.accession.c.number == accession)
        .values(originals=tables.accession.c.originals + len(rows))
    )


def forget_what_is_sealed(case: Case) -> None:
    """Delete what is enclosed in the journal once nothing waits to be sealed and the catalogue has caught up."""
    original, batch = tables.original.c, tables.batch.c
    waiting = (
        sa.select(original.number).where(original.batch.is_(None)).limit(1),
        sa.select(batch.number).where(batch.stage == "sealing").limit(1),
    )
    with case.catalogue.read() as connection:
        if all(connection.execute(query).first() is None for query in waiting):
            case.journal.forget_enclosures()


def files_of(act: Mapping[str, Any], enclosure: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The received files with all that the catalogue wants of them. Raises Damaged where that is not there.

    The act's roots are the commitments to what is enclosed. Acts of an early muniment hold everything themselves.
    """
    from muniment.evidence.layers import file_root

    noted: list[dict[str, Any]] = act["details"]["files"]
    if noted and "location" in noted[0]:
        return noted
    files: list[dict[str, Any]] = [] if enclosure is None else enclosure["files"]
    roots = [
        file_root(
            bytes.fromhex(file["key"]),
            bytes.fromhex(file["tree"]),
            int(file["size"]),
            bytes.fromhex(file["sha256"]),
            bytes.fromhex(file["sha512"]),
            file["properties"],
        ).hex()
        for file in files
    ]
    documents = [file["document"] for file in files]
    wanted = list(zip(documents, roots, strict=True))
    if [(file["document"], file["root"]) for file in noted] != wanted:
        raise Damaged(
            f"What is enclosed with act {act['sequence']} of the journal is not what the act speaks of.",
            next="Restore journal/ from a custodian's copy.",
        )
    return files


def _carry_received(
    connection: sa.Connection, act: Mapping[str, Any], enclosure: Mapping[str, Any] | None
) -> None:
    """Bring into the catalogue what the journal says was received and a crash kept out of it."""
    files = act["details"]["files"]
    if not files:
        return
    document = tables.document.c
    known = sa.select(document.number).where(document.document == files[0]["document"])
    if connection.execute(known).first() is not None:
        return
    files = files_of(act, enclosure)
    top = int(connection.execute(sa.select(sa.func.max(document.number))).scalar() or 0)
    accession = int(files[0]["reference"].split("/")[0].removeprefix("A"))
    rows = [row_of(file, accession, top + place) for place, file in enumerate(files, 1)]
    insert(connection, rows, accession)
    tick_locations(connection, accession, [row["source"] for _, row in rows if row is not None])


def _carry_sealed(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    details = act["details"]
    table = seal_batch if details.get("layer") == "document" else tables.batch
    connection.execute(
        sa.update(table)
        .where(table.c.object == details["object"])
        .values(stage="sealed", log_index=int(details["entry"]))
    )


def _carry_committed(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    details = act["details"]
    connection.execute(
        sa.insert(custody.commitment).values(
            act=act["sequence"],
            first=int(details["first"]),
            last=int(details["last"]),
            root=bytes.fromhex(details["root"]),
        )
    )


def _carry_padded(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    details = act["details"]
    connection.execute(
        sa.insert(custody.padding).values(
            act=act["sequence"], seed=bytes.fromhex(details["seed"]), entries=int(details["count"])
        )
    )


def _carry_held(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    """A document and every part found in it so far; those that come later are held as it is."""
    document = tables.document
    family = (
        sa.select(document.c.number)
        .where(document.c.document == act["details"]["document"])
        .cte(recursive=True)
    )
    family = family.union_all(
        sa.select(document.c.number).where(document.c.parent == family.c.number)
    )
    connection.execute(
        sa.update(document)
        .where(document.c.number.in_(sa.select(family.c.number)))
        .where(document.c.state != "withdrawn")
        .values(held=act["act"] == "held", indexed=0)
    )


# How an act is carried out in the catalogue where a crash kept it out. An act that is not here needs nothing
# but to be known. Rooms add theirs: what they get is the act and what is enclosed with it; each must do no harm
# where it was carried out before.
Carry = Callable[[sa.Connection, Mapping[str, Any], Mapping[str, Any] | None], None]
CARRY: dict[str, Carry] = {
    "received": _carry_received,
    "sealed": _carry_sealed,
    "committed": _carry_committed,
    "padded": _carry_padded,
    "held": _carry_held,
    "released": _carry_held,
    "judged": carry_judged,
    "noted": carry_noted,
    **OF_ANCHORS,
}


def note_act(
    connection: sa.Connection,
    noted: Noted,
    carry_out: CarryOut | None = None,
    *,
    enclosure: Mapping[str, Any] | None = None,
) -> None:
    """Carry an act out in the catalogue and count it as carried out, in the caller's transaction."""
    entry = noted.entry
    if carry_out is not None:
        carry_out(connection)
    elif entry["act"] in CARRY:
        CARRY[entry["act"]](connection, entry, enclosure)
    connection.execute(
        sa.insert(custody.act).values(
            number=noted.number,
            day=entry["day"],
            who=entry["who"],
            act=entry["act"],
            details=canonical(told(noted)["details"]).decode(),
            digest=noted.digest,
        )
    )


def carried_out(connection: sa.Connection) -> tuple[int, str] | None:
    """The journal's head as far as the catalogue has carried it out; None where it never kept one."""
    act = custody.act.c
    query = sa.select(act.number, act.digest).order_by(act.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else (int(row.number), str(row.digest))


def row_of(file: dict[str, Any], accession: int, number: int) -> Row:
    """The rows of a received file, from all that is known of it."""
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
