"""Making the catalogue good from the journal and the manifests in the vault.

Whatever those say was received and sealed and the catalogue does not have is put into it; what it has stays. So an
older snapshot is brought up to the vault beside it, and an empty catalogue is filled. Documents come as `waiting`:
the next `add` reads them. What nothing but the catalogue knew (files that could not be received, for one) is lost.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import MunimentError
from muniment.evidence.vault import ocfl
from muniment.evidence.vault.chunks import decode_chunks
from muniment.verbs.custodians import today
from muniment.verbs.listing import tick_locations
from muniment.verbs.noting import Row, insert, row_of

if TYPE_CHECKING:
    from muniment.verbs.case import Case

LOST = "was received and sealed, and its bytes are lost: no copy that was asked has them"

# A received file as the journal keeps it, the day it came and the kind of its accession.
Received = tuple[dict[str, Any], str, str]


def make_good(case: Case) -> int:
    """Put into the catalogue what journal and vault know beyond it; returns how many originals came."""
    manifests = dict(_manifests(case))
    received = {file["document"]: (file, day, kind) for file, day, kind in _received(case)}
    for name, manifest in manifests.items():
        for file in _unheard_of(case, name, manifest, received):
            received[file["document"]] = (file, today(), "documents")
    sealed = {file["document"] for manifest in manifests.values() for file in manifest["files"]}
    staged = set(os.listdir(case.folder.staging)) if case.folder.staging.is_dir() else set()
    with case.catalogue.write() as connection:
        known = set(connection.execute(sa.select(tables.document.c.document)).scalars())
        fresh = [one for document, one in received.items() if document not in known]
        there = sealed | {d for d, (file, _, _) in received.items() if file["stored"] in staged}
        _accessions(connection, fresh)
        _insert(connection, [one for one in fresh if one[0]["document"] in there])
        _insert_lost(connection, [one for one in fresh if one[0]["document"] not in there])
        _found_again(connection, [one for d, one in received.items() if d in known & there])
        for name, manifest in manifests.items():
            _batch(case, connection, name, manifest)
    return len(fresh)


def _received(case: Case) -> Iterator[Received]:
    """Every file that an act says was received, up to where the journal breaks."""
    try:
        for act in case.journal.acts():
            files = act["details"].get("files", []) if act["act"] == "received" else []
            if files and "location" in files[0]:
                kind = act["details"].get("kind", "documents")
                yield from ((file, act["day"], kind) for file in files)
    except MunimentError:
        return


def _manifests(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """The manifest of each object that can be opened."""
    for name in case.vault.objects():
        try:
            manifest = json.loads(case.vault.read_manifest(name, case.keys.identity))
        except (MunimentError, ValueError):
            continue
        if isinstance(manifest, dict) and manifest.get("files"):
            yield name, manifest


def _unheard_of(
    case: Case, name: str, manifest: dict[str, Any], received: dict[str, Received]
) -> Iterator[dict[str, Any]]:
    """Files of a manifest that no act speaks of, in the words of an act."""
    files = [file for file in manifest["files"] if file["document"] not in received]
    if not files:
        return
    digests = case.vault.contents(name)
    try:
        raw = (case.folder.vault / name / ocfl.CONTENT / ocfl.CHUNKS).read_bytes()
        chunked, _ = decode_chunks(raw)
    except (OSError, ValueError):
        chunked = {}
    for file in files:
        content = file["content"]
        if content in digests:
            yield {
                **{n: file[n] for n in ("document", "reference", "key", "tree", "root")},
                **{n: file[n] for n in ("sha256", "sha512", "properties")},
                "size": str(file["size"]),
                "stored": content,
                "cipher_sha512": digests[content],
                "cipher_size": str(chunked[content].size if content in chunked else 0),
                "chunk_root": chunked[content].root.hex() if content in chunked else "",
                "location": "",
                "modified": "0",
            }


def _number(file: dict[str, Any]) -> int:
    return int(file["reference"].split("/")[0].removeprefix("A"))


def _accessions(connection: sa.Connection, fresh: list[Received]) -> None:
    """Accessions nobody knows any more; `add` with the same paths goes on with them."""
    known = set(connection.execute(sa.select(tables.accession.c.number)).scalars())
    groups: dict[int, list[Received]] = defaultdict(list)
    for one in fresh:
        if _number(one[0]) not in known:
            groups[_number(one[0])].append(one)
    for number, members in sorted(groups.items()):
        rows = [row_of(file, number, 0) for file, _, _ in members]
        connection.execute(
            sa.insert(tables.accession).values(
                number=number,
                accession=f"A{number}",
                kind=members[0][2],
                sources=_sources(rows),
                day=members[0][1],
                stage="receiving",
                originals=0,
            )
        )
        listed = [
            {
                "accession": number,
                "location": original["source"],
                "path": row["path"],
                "state": "",
                "problem": "",
                "taken": True,
            }
            for row, original in rows
            if original is not None and original["source"]
        ]
        if listed:
            connection.execute(sa.insert(tables.listed).prefix_with("OR IGNORE"), listed)


def _sources(rows: list[Row]) -> str:
    """What was named to `add`, from where each file lay and what it was called from there."""
    import base64

    roots: dict[bytes, None] = {}
    for row, original in rows:
        path = os.fsencode(row["path"])
        location = original["source"] if original is not None else b""
        if location.endswith(path):
            first = path.partition(b"/")[0]
            roots[location[: len(location) - len(path)] + first] = None
    return json.dumps([base64.b64encode(root).decode() for root in roots])


def _insert(connection: sa.Connection, fresh: list[Received]) -> None:
    top = connection.execute(sa.select(sa.func.max(tables.document.c.number))).scalar()
    number = int(top or 0)
    groups: dict[int, list[Row]] = defaultdict(list)
    for file, _, _ in fresh:
        number += 1
        groups[_number(file)].append(row_of(file, _number(file), number))
    for accession, rows in groups.items():
        insert(connection, rows, accession)
        places = [original["source"] for _, original in rows if original is not None]
        for start in range(0, len(places), 100):
            tick_locations(connection, accession, places[start : start + 100])


def _insert_lost(connection: sa.Connection, lost: list[Received]) -> None:
    """Received files whose bytes nobody has any more are accounted for by name."""
    top = connection.execute(sa.select(sa.func.max(tables.document.c.number))).scalar()
    rows: dict[int, list[Row]] = defaultdict(list)
    for number, (file, _, _) in enumerate(lost, int(top or 0) + 1):
        row, _ = row_of(file, _number(file), number)
        rows[_number(file)].append((row | {"state": "failed", "reason": LOST}, None))
    for accession, alike in rows.items():
        insert(connection, alike, accession)


def _found_again(connection: sa.Connection, there: list[Received]) -> None:
    """Files that were given up as lost and whose bytes are here after all wait to be read."""
    document, original = tables.document.c, tables.original.c
    query = (
        sa.select(document.document, document.number)
        .outerjoin(tables.original, original.number == document.number)
        .where(original.number.is_(None), document.reason == LOST)
    )
    given_up = {row.document: row.number for row in connection.execute(query)}
    for file, _, _ in there:
        number = given_up.get(file["document"])
        if number is None:
            continue
        _, row = row_of(file, _number(file), number)
        assert row is not None
        connection.execute(sa.insert(tables.original).values(**row))
        connection.execute(
            sa.update(tables.document)
            .where(document.number == number)
            .values(state="waiting", reason="")
        )


def _batch(case: Case, connection: sa.Connection, name: str, manifest: dict[str, Any]) -> None:
    """The batch an object is, and which originals are in it."""
    batch = tables.batch.c
    known = connection.execute(sa.select(batch.number).where(batch.object == name)).scalar()
    if known is not None:
        return
    root = bytes.fromhex(manifest["root"])
    index = case.log.index_of(root)
    inserted = connection.execute(
        sa.insert(tables.batch).values(
            accession=int(manifest["accession"].removeprefix("A")),
            object=name,
            tree=bytes.fromhex(manifest["tree"]),
            key=bytes.fromhex(manifest["key"]),
            root=root,
            log_index=index,
            stage="sealing" if index is None else "sealed",
        )
    )
    assert inserted.inserted_primary_key is not None
    number = inserted.inserted_primary_key[0]
    document, original = tables.document.c, tables.original.c
    for leaf, file in enumerate(manifest["files"]):
        which = sa.select(document.number).where(document.document == file["document"])
        connection.execute(
            sa.update(tables.original)
            .where(original.number == which.scalar_subquery(), original.batch.is_(None))
            .values(batch=number, leaf=leaf)
        )
