"""Mending the journal: acts that are gone or altered, from copies that have them.

An act is written once and never again. Without keys only acts that are gone are brought, where all copies that have
one agree on it. With keys each act is opened and must name the one before it: that decides.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from muniment.case.journal import EMPTY_HEAD, read_act
from muniment.evidence.custodians.files import digest_of, make_folders
from muniment.evidence.custodians.mending import NO_SOURCE, UNDECIDED, Mending


def mend_journal(mending: Mending, identity: str | None, *, own: bool = True) -> None:
    """Bring the journal right as far as the copies allow. `identity`: the case's age key, if it is at hand.

    `own`: it is out of the case's own keys. Keys of an earlier time cannot read the acts after a rotation.
    """
    make_folders(mending.root, "journal")
    described = mending.described("journal")
    numbers = {_number(path) for path in described} | set(_there(mending.root))
    if identity is not None:  # an act proves itself: it need not be described
        numbers |= {number for source in mending.sources for number in _there(source.root)}
    last = max(numbers, default=0)
    if identity is None:
        for number in range(1, last + 1):
            _without_keys(mending, path_of(number))
        return
    head: str | None = EMPTY_HEAD
    torn: list[str] = []
    for number in range(1, last + 1):
        head = _with_keys(mending, number, head, identity)
        torn = [] if head is not None else [*torn, path_of(number)]
    for path in reversed(
        torn if own else []
    ):  # what ends the journal and cannot be read would end it for ever
        if (mending.root / path).exists():
            mending.put_aside(path, "it cannot be read; the journal goes on from the act before it")


def path_of(number: int) -> str:
    """The path of an act below the case's folder."""
    return f"journal/{number:08d}.age"


def _number(path: str) -> int:
    stem = Path(path).stem
    return int(stem) if stem.isdigit() else 0


def _there(root: Path) -> list[int]:
    return [int(p.stem) for p in (root / "journal").glob("*.age") if p.stem.isdigit()]


def _without_keys(mending: Mending, path: str) -> None:
    digests = {source.file(path) for source in mending.sources} - {""}
    if (mending.root / path).is_file():
        if digests and digest_of(mending.root / path) not in digests:
            mending.fail(path, "is another than in the copies; " + UNDECIDED)
    elif len(digests) > 1:
        mending.fail(path, UNDECIDED)
    elif not mending.file(path):
        mending.fail(path, NO_SOURCE)


def _with_keys(mending: Mending, number: int, head: str | None, identity: str) -> str | None:
    """Settle one act; returns the head after it, None where it is not known."""
    path = path_of(number)
    plain = _fits(mending.root / path, number, head, identity)
    if plain is not None:
        return hashlib.sha256(plain).hexdigest()
    why = "it does not follow from the act before it"
    for source in mending.sources:
        plain = _fits(source.root / path, number, head, identity)
        if plain is not None and mending.take(path, source, why=why):
            return hashlib.sha256(plain).hexdigest()
    # Past the end of ours, what does not continue it is another story, and no damage.
    if (mending.root / path).exists() or any(n > number for n in _there(mending.root)):
        mending.fail(path, NO_SOURCE)
    return None


def _fits(path: Path, number: int, head: str | None, identity: str) -> bytes | None:
    """The plaintext of the act where it is this one and follows from `head` (None: not known)."""
    plain = read_act(path, identity)
    if plain is None:
        return None
    try:
        act = json.loads(plain)
        good = act["sequence"] == number and head in (None, act["previous"])
    except (ValueError, KeyError, TypeError):
        return None
    return plain if good else None
