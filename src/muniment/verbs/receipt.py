"""A receipt of a document or of one page: what is handed out so that a stranger can check that it was sealed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.anchor_tables import anchor, witness
from muniment.case.folder import printable
from muniment.case.writing import write_whole
from muniment.errors import BadUse
from muniment.verbs.anchoring import anchors_of
from muniment.verbs.committing import checkpoint_to_leave
from muniment.verbs.documents import row_of
from muniment.verbs.receipt_chains import Placed, document_chain, file_chain, page_chain

if TYPE_CHECKING:
    from muniment.evidence.log.note import Note
    from muniment.verbs.case import Case


def write_receipt(
    case: Case,
    document: str,
    directory: str,
    *,
    page: int | None = None,
    properties: bool = False,
) -> dict[str, Any]:
    """Write the receipt of a document, or of one of its pages, into a new or empty folder.

    Gives {"directory", "files", "page", "size", "anchors"}.
    """
    place = Path(directory)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise BadUse(
            f"{printable(place)} is there already and not an empty folder.",
            next="Name a folder that is new.",
        )
    if not place.parent.is_dir():
        raise BadUse(f"The folder {printable(place.parent)} does not exist.", next="Make it first.")
    files, size = receipt_files(case, document, page=page, properties=properties)
    place.mkdir(exist_ok=True)
    for name, content in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        write_whole(place / name, content)
    return {
        "directory": str(place),
        "files": list(files),
        "page": page,
        "size": size,
        "anchors": sum(name.endswith(".tsr") for name in files),
    }


def receipt_files(
    case: Case, document: str, *, page: int | None = None, properties: bool = False
) -> tuple[dict[str, bytes], int]:
    """The files of a receipt, and the size of the log under it. No name of the document is among them.

    Of a document the header of its file is shown (size and digests), with `properties` also where it lay; where it
    is an original whose pages are sealed, also that this was done with this file. Of a page its header is shown, and
    the roots of its layers. The log is padded first. Raises Refused for what was withdrawn, NotFound or BadUse for
    what is not sealed yet, BadUse for properties of a page.
    """
    from muniment.evidence import receipt_check as names
    from muniment.verbs.receipt_readme import readme

    row = row_of(case, document)
    chain, index = _lowest(case, row, page, properties=properties)
    checkpoint_to_leave(case)
    note, rows = _checkpoint(case, index)
    whole, policy = _cosigned(case, note)
    size = proof_size(note)
    files = {
        names.RECEIPT: chain.to_json(),
        names.PROOF: case.log.receipt(index, whole.serialise()).serialise(),
        names.CHECKPOINT: note,
        names.POLICY: policy,
    }
    above = document_chain(case, row, size) if page is None else None
    if above is not None:
        files[names.DOCUMENT] = above[0].to_json()
        files[names.DOCUMENT_PROOF] = case.log.receipt(above[1], whole.serialise()).serialise()
    for one in rows:
        files |= _anchor(case, one)
    files[names.README] = readme(case.log.key, chain, files).encode()
    sums = [f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files[names.SUMS] = "".join(sums).encode()
    _note(case, row, page, size, properties=properties)
    return files, size


def _lowest(case: Case, row: Any, page: int | None, *, properties: bool) -> Placed:
    if page is None:
        return file_chain(case, row, properties=properties)
    if properties:
        raise BadUse(
            "A page has no name of its own.",
            next="Leave it out, or take the receipt of the document, which can tell where its file lay.",
        )
    return page_chain(case, row, page)


def _note(case: Case, row: Any, page: int | None, size: int, *, properties: bool) -> None:
    """The act: what left, of which document; where a page did, which."""
    details = {"document": row.document, "layer": "file", "properties": properties, "size": size}
    if page is not None:
        details |= {"layer": "page", "page": page}
    case.record("disclosed", details)


def proof_size(note: bytes) -> int:
    """The size a checkpoint speaks of."""
    from muniment.evidence.log.checkpoint import Checkpoint
    from muniment.evidence.log.note import Note

    return Checkpoint.parse(Note.parse(note).text).size


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
    known = {VerifierKey.parse(row.vkey): row for row in witnesses if row.vkey}
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
