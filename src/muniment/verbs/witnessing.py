"""Being cosigned: our checkpoint for another newsroom, and what comes back from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.anchor_tables import contradiction, seen_log, witness
from muniment.case.folder import printable, random_name
from muniment.case.writing import write_whole
from muniment.errors import BadUse
from muniment.evidence.log.bundle import Bundle
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.cosignature import time_of
from muniment.evidence.log.note import COSIGNATURE, COSIGNATURE_ML_DSA, Note, VerifierKey
from muniment.evidence.refusals import Unproved
from muniment.verbs.anchoring import anchors_of, keep
from muniment.verbs.committing import checkpoint_to_leave
from muniment.verbs.cosigning import cosigner_of, read_key

if TYPE_CHECKING:
    from muniment.verbs.case import Case


def cosigning_as_json(case: Case) -> dict[str, Any]:
    """Our key as a cosigner, who cosigns us, whom we cosign, and which logs told two stories."""
    with case.catalogue.read() as connection:
        witnesses = connection.execute(sa.select(witness).order_by(witness.c.name)).all()
        logs = connection.execute(sa.select(seen_log).order_by(seen_log.c.origin)).all()
        stories = connection.execute(
            sa.select(contradiction).order_by(contradiction.c.number)
        ).all()
    return {
        "vkey": case.log.key.vkey,
        "cosigner": cosigner_of(case).vkey,
        "witnesses": [
            {"witness": row.name, "size": row.size, "time": row.time or None} for row in witnesses
        ],
        "logs": [{"origin": row.origin, "size": row.size, "day": row.day} for row in logs],
        "contradictions": [
            {
                "origin": row.origin,
                "kind": row.kind,
                "day": row.day,
                "seen": row.seen,
                "shown": row.shown,
            }
            for row in stories
        ],
    }


def add_witness(case: Case, name: str, key: str | None) -> None:
    """Name a newsroom that cosigns our log, with its cosigner's vkey."""
    if key is None:
        raise BadUse(
            "A witness needs its key.",
            next=f"Get its cosigner's vkey from the newsroom: muniment stamp CASE --witness {name} --key VKEY",
        )
    vkey = read_key(key)
    if vkey.kind not in (COSIGNATURE, COSIGNATURE_ML_DSA):
        raise BadUse(
            "This key is a log's, not a cosigner's.",
            next="`muniment stamp CASE`, there, prints the cosigner's vkey.",
        )
    if not name or not name.isprintable() or len(name) > 64 or " " in name:
        raise BadUse("A witness's name is a word of 64 letters at most.", next="Choose another.")
    with case.catalogue.write() as connection:
        row = connection.execute(sa.select(witness).where(witness.c.name == name)).first()
        if row is not None and row.vkey != vkey.vkey and not _is_the_lost_one(case, row, vkey):
            raise BadUse(
                "This witness has another key already.", next="Give the other key another name."
            )
        if row is None:
            connection.execute(sa.insert(witness).values(name=name, vkey=vkey.vkey))
        else:
            connection.execute(
                sa.update(witness).where(witness.c.name == name).values(vkey=vkey.vkey)
            )


def _is_the_lost_one(case: Case, row: Any, vkey: VerifierKey) -> bool:
    """Whether the catalogue has lost this witness's key, and this one signed what it cosigned last."""
    if row.vkey or not row.path:
        return False
    note = Note.parse(anchors_of(case).read(row.path))
    return any(
        (one.name, one.key_id) == (vkey.name, vkey.key_id) and vkey.verify(note.text, one.value)
        for one in note.signatures
    )


def write_bundle(case: Case, output: str, since: int | None, name: str | None) -> dict[str, Any]:
    """Our padded checkpoint with the proof that it continues what the witness saw. Gives {"old", "size"}."""
    if not Path(output).parent.is_dir():
        raise BadUse(f"The folder of {printable(output)} does not exist.", next="Make it first.")
    if case.log.size == 0:
        raise BadUse(
            "Nothing is sealed yet, so there is nothing to cosign.",
            next="Receive first: muniment add CASE FOLDER",
        )
    note = checkpoint_to_leave(case)
    size = Checkpoint.parse(Note.parse(note).text).size
    old = _last_of(case, name) if since is None else since
    proof = tuple(case.log.consistency(old, size)) if old else ()
    write_whole(Path(output), Bundle(old, proof, note).serialise())
    return {"old": old, "size": size}


def _last_of(case: Case, name: str | None) -> int:
    """What a witness saw last: by name, or the only one there is; 0 where none has cosigned yet."""
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(witness)).all()
    if name is not None:
        rows = [row for row in rows if row.name == name]
        if not rows:
            raise BadUse("There is no such witness.", next="Add it: --witness NAME --key VKEY")
    if len(rows) > 1:
        raise BadUse(
            "There are several witnesses.",
            next="Say for which one: --witness NAME, or --since SIZE",
        )
    return int(rows[0].size) if rows else 0


def take_cosigned(case: Case, note: bytes) -> str:
    """Take our checkpoint back with a witness's line under it; gives the witness's name.

    Raises Malformed, or Unproved where it is not our log's or no known witness signed it.
    """
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(witness)).all()
    keys: dict[VerifierKey, Any] = {VerifierKey.parse(row.vkey): row for row in rows if row.vkey}
    checkpoint = open_checkpoint(note, [case.log.key])
    if checkpoint.size > case.log.size or case.log.root(checkpoint.size) != checkpoint.root:
        raise Unproved(
            "This checkpoint bears our log's signature, but it is not our log.",
            next="Keep the file. Somebody else may have the log's key, or an old copy of the case is in use.",
        )
    if not keys:
        raise BadUse("No witness is known here.", next="Name it first: --witness NAME --key VKEY")
    parsed = Note.parse(note)
    signers = parsed.signed_by(keys)
    path = f"cosigned/{checkpoint.size}-{random_name(12)}.note"
    kept = False
    for key in signers:
        row = keys[key]
        line = next(s for s in parsed.signatures if (s.name, s.key_id) == (key.name, key.key_id))
        if row.size >= checkpoint.size:
            continue
        if not kept:
            keep(case, {path: note})
            kept = True
        when = _iso(time_of(line))
        details = {"witness": row.name, "vkey": row.vkey, "size": checkpoint.size}
        # The catalogue learns it with the act: noting_anchors.py.
        case.record("cosigned", {**details, "time": when, "file": path})
    return ", ".join(keys[key].name for key in signers)


def _iso(seconds: int) -> str:
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise Unproved(
            "The cosignature names a time that is none.", next="Ask for it again."
        ) from None
