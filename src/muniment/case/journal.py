"""The journal: every act, encrypted, each bound to the one before it.

`journal/NNNNNNNN.age` is an age file of one JSON object {"sequence", "previous", "day", "who", "act", …}.
`previous` is the SHA-256 of the plaintext before it, so that the head (the last digest) stands for all.
An entry is durable before `append` returns, and no act is ever written in another's place, however many
processes hold the case open. docs/formats/journal.md describes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from muniment.case.writing import sweep_leftovers, write_whole
from muniment.errors import Damaged

EMPTY_HEAD = "0" * 64


class Journal:
    """The acts of one case, oldest first."""

    def __init__(self, directory: Path, recipient: str, identity: str) -> None:
        self._directory = directory
        self._recipient = recipient
        self._identity = identity
        self._head: tuple[int, str] | None = None

    def append(self, act: str, details: Mapping[str, Any], *, who: str = "local") -> int:
        """Add an act; returns its sequence number, from 1."""
        import pyrage
        import rfc8785
        from pyrage import x25519

        with self._alone():
            number, head = self.head()
            entry: dict[str, Any] = {
                "sequence": number + 1,
                "previous": head,
                "day": datetime.now(UTC).date().isoformat(),
                "who": who,
                "act": act,
                "details": dict(details),
            }
            plain = rfc8785.dumps(entry)
            sealed = pyrage.encrypt(plain, [x25519.Recipient.from_str(self._recipient)])
            write_whole(self._path(number + 1), sealed)
            self._head = (number + 1, hashlib.sha256(plain).hexdigest())
        return number + 1

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, from every process; what a killed one left half written is removed."""
        handle = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self._head is None:
                sweep_leftovers(self._directory)
            yield
        finally:
            os.close(handle)

    def head(self) -> tuple[int, str]:
        """How many acts there are, and the digest of the last (64 zeros where there is none)."""
        if self._head is None or self._path(self._head[0] + 1).exists():
            numbers = self._numbers()
            if not numbers:
                self._head = (0, EMPTY_HEAD)
            else:
                plain = self._plain(numbers[-1])
                self._head = (numbers[-1], hashlib.sha256(plain).hexdigest())
        return self._head

    def last(self) -> dict[str, Any] | None:
        """The latest act, or None where there is none yet. Raises Damaged."""
        number, _ = self.head()
        return json.loads(self._plain(number)) if number else None

    def acts(self) -> Iterator[dict[str, Any]]:
        """All acts, each checked against the one before. Raises Damaged at the first break."""
        previous = EMPTY_HEAD
        for expected, number in enumerate(self._numbers(), 1):
            plain = self._plain(number)
            entry = json.loads(plain)
            if number != expected or entry["previous"] != previous:
                raise _broken(number)
            previous = hashlib.sha256(plain).hexdigest()
            yield entry

    def _numbers(self) -> list[int]:
        return sorted(
            int(path.stem) for path in self._directory.glob("*.age") if path.stem.isdigit()
        )

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:08d}.age"

    def _plain(self, number: int) -> bytes:
        import pyrage
        from pyrage import x25519

        try:
            sealed = self._path(number).read_bytes()
            return bytes(pyrage.decrypt(sealed, [x25519.Identity.from_str(self._identity)]))
        except (OSError, pyrage.DecryptError):
            raise _broken(number) from None


def read_act(path: Path, identity: str) -> bytes | None:
    """The plaintext of one act's file; None where it is not one of this case's."""
    import pyrage
    from pyrage import x25519

    try:
        return bytes(pyrage.decrypt(path.read_bytes(), [x25519.Identity.from_str(identity)]))
    except (OSError, pyrage.DecryptError):
        return None


def _broken(number: int) -> Damaged:
    return Damaged(
        f"Act {number} of the journal is missing or altered.",
        next="Restore journal/ from a custodian's copy.",
    )
