"""Cosigning another newsroom's log: our word for having seen its checkpoint, and that it continues what we saw.

What was seen last is in the catalogue, in the journal and, as the note itself, in anchors/cosigning/, before any
cosignature leaves. A log that takes back what it said, or tells two stories, is refused; both notes are kept.
"""

from __future__ import annotations

import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.anchor_tables import contradiction, seen_log
from muniment.case.folder import printable, random_name
from muniment.case.writing import write_whole
from muniment.errors import BadUse, Damaged
from muniment.evidence.log.bundle import LARGEST_BUNDLE, Bundle
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.cosignature import Cosigner, cosign
from muniment.evidence.log.note import ED25519, Note, VerifierKey
from muniment.evidence.refusals import Unproved
from muniment.verbs.anchoring import anchors_of, keep, read_file

if TYPE_CHECKING:
    from muniment.verbs.case import Case

COSIGNER_INFO = b"muniment/v1/cosigner"
ROLLBACK, SPLIT_VIEW, UNPROVED = "rollback", "split-view", "unproved"
_LARGEST_KEY = 4_000  # bytes


def cosigner_of(case: Case) -> Cosigner:
    """The key with which this case cosigns others: HKDF-SHA256 of the log's key (docs/formats/anchors.md)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=COSIGNER_INFO)
    seed = derive.derive(bytes.fromhex(case.keys.log_key))
    return Cosigner.from_private_bytes(f"{case.keys.log_name}/cosigner", seed)


def read_key(given: str) -> VerifierKey:
    """A verifier key, as text or in a file. Raises BadUse or Malformed."""
    if given.count("+") < 2:
        content = read_file(given, _LARGEST_KEY)
        try:
            given = content.decode()
        except UnicodeDecodeError:
            raise BadUse(
                "The file of the key is not text.", next="Give the vkey, one line."
            ) from None
    return VerifierKey.parse(given.strip())


def cosign_file(case: Case, path: str, output: str, key: str | None) -> dict[str, Any]:
    """Cosign the checkpoint in a bundle. Gives {"origin", "size", "vkey"}. Raises Unproved on a contradiction."""
    if not Path(output).parent.is_dir():
        raise BadUse(f"The folder of {printable(output)} does not exist.", next="Make it first.")
    bundle = Bundle.parse(read_file(path, LARGEST_BUNDLE))
    origin = Checkpoint.parse(Note.parse(bundle.checkpoint).text).origin
    row = _seen(case, origin)
    log = _key_of(row, origin, key)
    checkpoint = open_checkpoint(bundle.checkpoint, [log])
    if checkpoint.origin == case.keys.log_name:
        raise BadUse("This is this case's own log.", next="Another newsroom has to cosign it.")
    before = None
    if row is not None:
        _check_up_to_date(case, row)
        before = open_checkpoint(anchors_of(case).read(row.path), [log])
        _check_continues(case, row.path, before, checkpoint, bundle)
    cosigner = cosigner_of(case)
    note = cosign(
        bundle.checkpoint,
        log,
        cosigner,
        int(clock.time()),
        seen=before,
        consistency=bundle.proof if before and before.size < checkpoint.size else (),
    )
    _remember(case, log, checkpoint, bundle.checkpoint)
    write_whole(Path(output), note)
    return {"origin": origin, "size": checkpoint.size, "vkey": cosigner.vkey}


def _seen(case: Case, origin: str) -> Any:
    with case.catalogue.read() as connection:
        return connection.execute(sa.select(seen_log).where(seen_log.c.origin == origin)).first()


def _key_of(row: Any, origin: str, given: str | None) -> VerifierKey:
    """The log's key: as it was given the first time, and ever after."""
    if given is None and (row is None or not row.vkey):
        raise BadUse(
            "This log was never seen here, and its key is not known."
            if row is None
            else "The key of this log was lost with the catalogue.",
            next="Get its vkey from the newsroom itself, not with the bundle: --key VKEY",
        )
    key = read_key(given) if given is not None else VerifierKey.parse(row.vkey)
    if row is not None and row.vkey and key.vkey != row.vkey:
        raise BadUse(
            "This is another key than the one the log had before.",
            next="Ask the newsroom by another way. A log keeps its key; with another it is another log.",
        )
    if key.name != origin or key.kind != ED25519:
        raise BadUse(
            "The key is not that of the log in the bundle.", next="Give the vkey of that log."
        )
    return key


def _check_up_to_date(case: Case, row: Any) -> None:
    """The journal must not remember more than the catalogue: an old copy of it would sign a second story."""
    for act in case.journal.acts():
        details = act["details"]
        ours = act["act"] == "cosigned" and details.get("log") == row.origin
        if ours and int(details["size"]) > row.size:
            raise Damaged(
                "The catalogue is older than the journal: it does not know what was cosigned last.",
                next="Restore the latest catalogue.db, or the whole case, from a custodian's copy.",
            )


def _check_continues(
    case: Case, seen_path: str, seen: Checkpoint, shown: Checkpoint, bundle: Bundle
) -> None:
    """Raises BadUse where the proof begins elsewhere, Unproved (with both notes kept) on a contradiction."""
    from muniment.evidence.log.merkle import verify_consistency

    if shown.size < seen.size:
        kind, what = (
            ROLLBACK,
            f"it now shows {shown.size} entries, and {seen.size} were seen before",
        )
    elif shown.size == seen.size:
        if shown.root == seen.root:
            return
        kind, what = SPLIT_VIEW, f"it signed two different logs of {seen.size} entries"
    else:
        if bundle.old != seen.size:
            raise BadUse(
                f"The proof begins at {bundle.old} entries; {seen.size} were seen here last.",
                next=f"Ask for another bundle: muniment stamp CASE --bundle FILE --since {seen.size}",
            )
        try:
            verify_consistency(seen.size, seen.root, shown.size, shown.root, list(bundle.proof))
            return
        except Unproved:
            kind = UNPROVED
            what = (
                f"its {shown.size} entries are not shown to begin with the {seen.size} seen before"
            )
    _keep_contradiction(case, shown.origin, kind, seen_path, bundle.checkpoint)
    raise Unproved(
        f"Not cosigned ({kind}): {what}.",
        next="Both checkpoints are kept in anchors/cosigning/. Ask the newsroom by another way; do not rely on "
        "this log until it is explained.",
    )


def _keep_contradiction(case: Case, origin: str, kind: str, seen_path: str, note: bytes) -> None:
    with case.catalogue.read() as connection:
        shown = list(connection.execute(sa.select(contradiction.c.shown)).scalars())
    if any(anchors_of(case).read(path) == note for path in shown):
        return
    path = f"cosigning/refused-{random_name(12)}.note"
    keep(case, {path: note})
    # The catalogue learns it with the act: noting_anchors.py.
    case.record("refused", {"log": origin, "kind": kind, "seen": seen_path, "shown": path})


def _know_key(case: Case, row: Any, log: VerifierKey) -> None:
    """Keep the key of a log whose row came again without it."""
    if not row.vkey:
        with case.catalogue.write() as connection:
            connection.execute(
                sa.update(seen_log)
                .where(seen_log.c.origin == row.origin, seen_log.c.vkey == "")
                .values(vkey=log.vkey)
            )


def _remember(case: Case, log: VerifierKey, checkpoint: Checkpoint, note: bytes) -> None:
    """What was seen, durable before the cosignature leaves."""
    row = _seen(case, checkpoint.origin)
    if row is not None and row.size == checkpoint.size:
        _know_key(case, row, log)
        return
    path = f"cosigning/seen-{random_name(12)}.note"
    keep(case, {path: note})
    details = {
        "log": checkpoint.origin,
        "vkey": log.vkey,
        "size": str(checkpoint.size),
        "root": checkpoint.root.hex(),
        "file": path,
    }
    case.record("cosigned", details)  # with it the catalogue learns what was seen
