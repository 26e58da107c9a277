"""Whether a log continues a checkpoint that was seen elsewhere: at a custodian, under a timestamp, cosigned."""

from __future__ import annotations

from typing import Literal

from muniment.evidence.log.checkpoint import open_checkpoint
from muniment.evidence.log.note import VerifierKey
from muniment.evidence.log.store import Log

Standing = Literal["continues", "behind", "forked"]


def standing(log: Log, key: VerifierKey, note: bytes) -> Standing:
    """How a log stands to a checkpoint signed with its key; the key is the caller's, not the folder's.

    continues  the checkpoint is of this log as it was, or is
    behind     the checkpoint is of more entries: the log here is older, or others were lost
    forked     as many entries or fewer, and not these: two stories were signed

    Raises Malformed, or Unproved where the key did not sign the checkpoint.
    """
    checkpoint = open_checkpoint(note, [key])
    if checkpoint.size > log.size:
        return "behind"
    return "continues" if log.root(checkpoint.size) == checkpoint.root else "forked"
