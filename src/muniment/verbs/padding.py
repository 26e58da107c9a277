"""Padding: before a checkpoint leaves the house the log is filled up to a multiple of 256.

Its size then does not tell when a leak came. Padding is noted in the journal, so that who has the keys can tell it
from entries nobody knows.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from muniment.evidence.log.shelf import ENTRY
from muniment.evidence.log.tiles import WIDTH

if TYPE_CHECKING:
    from muniment.evidence.log.note import Signer
    from muniment.verbs.case import Case


def signer_of(case: Case) -> Signer:
    """The key with which the case's log signs."""
    from muniment.evidence.log.note import Signer

    return Signer.from_private_bytes(case.keys.log_name, bytes.fromhex(case.keys.log_key))


def publish_padded(case: Case) -> bytes:
    """Pad the log, sign it, and give its checkpoint, which may leave the house.

    The act is in the journal before the entries are in the log: where the machine stops in between, the act
    speaks of entries that never came, and the next call pads anew.
    """
    while missing := -case.log.size % WIDTH:
        entries = [secrets.token_bytes(ENTRY) for _ in range(missing)]
        expected = case.log.size
        _note(case, expected, entries)
        there = case.log.append(entries)
        if there.start != expected:  # another process appended in between
            _note(case, there.start, entries)
    return case.log.publish(signer_of(case))


def _note(case: Case, first: int, entries: list[bytes]) -> None:
    digest = hashlib.sha256(b"".join(entries)).hexdigest()
    case.record("padded", {"first": first, "entries": len(entries), "sha256": digest})


def padded_entries(case: Case) -> list[range]:
    """Which entries of the log are padding, says the journal; each checked against the log. Raises Damaged.

    An act whose entries are not there was cut off before they came.
    """
    from muniment.evidence.log.shelf import Shelf

    shelf = Shelf(case.folder.log, case.log.size)
    found = []
    for act in case.journal.acts():
        if act["act"] != "padded":
            continue
        first, count = int(act["details"]["first"]), int(act["details"]["entries"])
        end = first + count
        if end > shelf.size:
            continue
        start = first // WIDTH
        bundles = [one for n in range(start, (end - 1) // WIDTH + 1) for one in shelf.bundle(n)]
        entries = b"".join(bundles[first - start * WIDTH : end - start * WIDTH])
        if hashlib.sha256(entries).hexdigest() == act["details"]["sha256"]:
            found.append(range(first, end))
    return found
