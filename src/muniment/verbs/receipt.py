"""A receipt of a document: what is handed out so that a stranger can check that it was sealed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.anchor_tables import anchor, witness
from muniment.case.folder import printable
from muniment.case.writing import write_whole
from muniment.errors import BadUse, Damaged
from muniment.verbs.anchoring import anchors_of
from muniment.verbs.committing import checkpoint_to_leave
from muniment.verbs.documents import row_of

if TYPE_CHECKING:
    from muniment.evidence.log.note import Note
    from muniment.evidence.receipt import Chain
    from muniment.verbs.case import Case


def write_receipt(
    case: Case, document: str, directory: str, *, properties: bool = False
) -> dict[str, Any]:
    """Write the receipt of a document into a new or empty folder. Gives {"directory", "files", "size", "anchors"}."""
    place = Path(directory)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise BadUse(
            f"{printable(place)} is there already and not an empty folder.",
            next="Name a folder that is new.",
        )
    if not place.parent.is_dir():
        raise BadUse(f"The folder {printable(place.parent)} does not exist.", next="Make it first.")
    files, size = receipt_files(case, document, properties=properties)
    place.mkdir(exist_ok=True)
    for name, content in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        write_whole(place / name, content)
    return {
        "directory": str(place),
        "files": list(files),
        "size": size,
        "anchors": sum(name.endswith(".tsr") for name in files),
    }


def receipt_files(
    case: Case, document: str, *, properties: bool = False
) -> tuple[dict[str, bytes], int]:
    """The files of a receipt, and the size of the log under it. No name of the document is among them.

    What is shown is the header of the file as it was received (size and digests); with `properties` also where it
    lay. The log is padded first. Raises BadUse for a part that was found inside another document.
    """
    from muniment.evidence import receipt_check as names
    from muniment.verbs.receipt_readme import readme

    row = row_of(case, document)
    chain, index = _chain(case, row, properties=properties)
    checkpoint_to_leave(case)
    note, rows = _checkpoint(case, index)
    whole, policy = _cosigned(case, note)
    proof = case.log.receipt(index, whole.serialise())
    files = {
        names.RECEIPT: chain.to_json(),
        names.PROOF: proof.serialise(),
        names.CHECKPOINT: note,
        names.POLICY: policy,
    }
    for one in rows:
        files |= _anchor(case, one)
    files[names.README] = readme(case.log.key, chain, files).encode()
    sums = [f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files[names.SUMS] = "".join(sums).encode()
    size = proof_size(note)
    case.record(
        "disclosed",
        {"document": row.document, "layer": "file", "properties": properties, "size": size},
    )
    return files, size


def proof_size(note: bytes) -> int:
    """The size a checkpoint speaks of."""
    from muniment.evidence.log.checkpoint import Checkpoint
    from muniment.evidence.log.note import Note

    return Checkpoint.parse(Note.parse(note).text).size


def _chain(case: Case, row: Any, *, properties: bool) -> tuple[Chain, int]:
    """From the file's header up to the entry of its batch, and where that stands in the log."""
    from muniment.evidence.layers import batch_bodies, file_bodies, layer_tree
    from muniment.evidence.receipt import Chain, Link

    original, batch = tables.original, tables.batch
    with case.catalogue.read() as connection:
        file = connection.execute(
            sa.select(original).where(original.c.number == row.number)
        ).first()
        if file is None or file.batch is None:
            raise BadUse(
                "This document has no seal of its own."
                if file is None
                else "This document is not sealed yet.",
                next="Take the receipt of the file it was found in: muniment show CASE DOCUMENT names it."
                if file is None
                else "Let `muniment add` come to its end first.",
                document=row.document,
            )
        place = connection.execute(sa.select(batch).where(batch.c.number == file.batch)).one()
        siblings = sa.select(original.c.root).where(original.c.batch == file.batch)
        roots = [bytes(r) for r in connection.execute(siblings.order_by(original.c.leaf)).scalars()]
    if place.log_index is None:
        raise BadUse("This document is not sealed yet.", next="Run `muniment add` again first.")
    known = json.loads(file.properties)
    bodies = file_bodies(row.size, bytes(file.sha256), bytes(file.sha512), known)
    lower = layer_tree("file", bytes(file.key), bytes(file.tree), bodies)
    upper = layer_tree("batch", bytes(place.key), bytes(place.tree), batch_bodies(roots))
    if lower.root != bytes(file.root) or upper.root != case.log.entry(place.log_index):
        raise Damaged(
            "The catalogue no longer gives the seal of this document.",
            next="Run `muniment audit`, and restore catalogue.db from a custodian's copy.",
            document=row.document,
        )
    shown = range(len(bodies)) if properties else range(1)
    links = (
        Link(lower.disclose(shown), {i: bodies[i] for i in shown}, file.leaf),
        Link(upper.disclose([file.leaf]), {file.leaf: lower.root}),
    )
    return Chain(links, upper.root), int(place.log_index)


def _checkpoint(case: Case, index: int) -> tuple[bytes, list[Any]]:
    """The checkpoint over the entry that was attested first, with its anchors; else the current one, with none."""
    from muniment.evidence.anchors.standing import checkpoint_path

    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(anchor)
            .where(anchor.c.state == "attested", anchor.c.size > index)
            .order_by(anchor.c.time, anchor.c.number)
        ).all()
    if not rows:
        return case.log.checkpoint(), []
    size = rows[0].size
    note = anchors_of(case).read(checkpoint_path(size))
    return note, [row for row in rows if row.size == size]


def _cosigned(case: Case, note: bytes) -> tuple[Note, bytes]:
    """The checkpoint with all cosignatures that came back for it, and the policy that knows their keys."""
    from muniment.evidence.log.note import Note, VerifierKey

    whole = Note.parse(note)
    lines = [f"log {case.log.key.vkey}"]
    with case.catalogue.read() as connection:
        witnesses = connection.execute(sa.select(witness).order_by(witness.c.name)).all()
    known = {VerifierKey.parse(row.vkey): row for row in witnesses}
    folder = anchors_of(case)
    for path in folder.files():
        if path.startswith(f"cosigned/{proof_size(note)}-"):
            for line in Note.parse(folder.read(path)).signatures:
                for key, row in known.items():
                    if (line.name, line.key_id) == (key.name, key.key_id):
                        whole = whole.with_signature(line)
                        lines.append(f"witness {row.name} {row.vkey}")
    policy = [*dict.fromkeys(lines), "quorum none"]
    return whole, ("\n".join(policy) + "\n").encode()


def _anchor(case: Case, row: Any) -> dict[str, bytes]:
    """A token, and what it is checked with."""
    from muniment.evidence.anchors.certificates import as_pem
    from muniment.evidence.anchors.standing import trust_of

    folder = anchors_of(case)
    trust = trust_of(folder, row.authority)
    place = f"anchors/{row.authority}"
    files = {
        f"{place}-{row.anchor}.tsr": folder.read(row.reply),
        f"{place}-roots.pem": as_pem(list(trust.roots)),
    }
    if trust.chain:
        files[f"{place}-chain.pem"] = as_pem(list(trust.chain))
    if trust.lists:
        files[f"{place}-crl.pem"] = as_pem(list(trust.lists))
    return files
