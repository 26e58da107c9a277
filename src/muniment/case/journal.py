"""The journal: every act, encrypted, each bound to the one before it.

`journal/NNNNNNNN.age` is an age file of one JSON object {"sequence", "previous", "day", "who", "act", …}.
`previous` is the SHA-256 of the plaintext before it, so that the head (the last digest) stands for all.
An entry is durable before `append` returns, and no act is ever written in another's place, however many
processes hold the case open. An act stays for ever, so what may have to go is not in it: that is enclosed, in
a file beside the act, and is forgotten in its time. docs/formats/journal.md describes it.

Who appends holds the folder (`flock`). `before` and `after` are called within that turn, so that what the
catalogue carries out never lags behind the journal by more than the one act of a process that was killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.case.canonical import canonical
from muniment.case.identities import identities
from muniment.case.writing import sweep_leftovers, sync_folder, write_whole
from muniment.errors import Damaged

if TYPE_CHECKING:
    import sqlalchemy as sa

EMPTY_HEAD = "0" * 64
_NAME = re.compile(r"[0-9]{8,}\.age")
_SALT = 16
ENCLOSURE = ".enclosure.age"
"""How the name of a file ends that holds what is enclosed with an act."""
KEPT = ".kept.age"
"""The same of what is enclosed for good, until a withdrawal takes it out: what a person said."""

Details = Mapping[str, Any]
# What belongs to an act, or what gives it in our turn, from its number and the head before; None: no act.
DetailsOf = Callable[[int, str], Details | None]
CarryOut = Callable[["sa.Connection"], None]


@dataclass(frozen=True, slots=True)
class Noted:
    """An act as it stands in the journal: `plain` is its canonical JSON, to the byte."""

    number: int
    plain: bytes

    @property
    def digest(self) -> str:
        """The head of the journal right after this act."""
        return hashlib.sha256(self.plain).hexdigest()

    @property
    def entry(self) -> dict[str, Any]:
        """The act. Raises Damaged where it is none."""
        try:
            entry = json.loads(self.plain)
            whole = {"sequence", "previous", "day", "who", "act", "details"} <= set(entry)
        except (ValueError, TypeError):
            whole = False
        if not whole:
            raise broken(self.number)
        return dict(entry)


Before = Callable[[], None]
After = Callable[[Noted, CarryOut | None], None]


class Journal:
    """The acts of one case, oldest first."""

    def __init__(
        self,
        directory: Path,
        recipient: str,
        identity: str,
        *,
        before: Before | None = None,
        after: After | None = None,
    ) -> None:
        self._directory = directory
        self._recipient = recipient
        self._identity = identity
        self._before = before
        self._after = after
        self._head: tuple[int, str] | None = None
        self._thread = threading.RLock()
        self._ours = False

    def append(
        self,
        act: str,
        details: Details | DetailsOf,
        *,
        who: str = "local",
        enclosure: Details | None = None,
        kept: Details | None = None,
        carry_out: CarryOut | None = None,
    ) -> int:
        """Add an act; returns its sequence number, from 1 (0 where the details turn out to be none).

        `details` stay for ever. `enclosure` is what they do not say and may have to go: it is durable before
        the act is, and stays until `forget_enclosures`. `kept` is enclosed too, and stays until `keep_instead`.

        `carry_out` brings it into the catalogue, in the transaction that counts it as carried out. Never
        call this within a transaction of the catalogue: another process may hold the journal and wait for it.
        """
        with self.turn():
            if self._before is not None:
                self._before()
            number, head = self.head()
            given = details(number + 1, head) if callable(details) else details
            if given is None:
                return 0
            self._enclose(self.enclosure_path(number + 1), enclosure)
            self._enclose(self.kept_path(number + 1), kept)
            entry: dict[str, Any] = {
                "sequence": number + 1,
                "previous": head,
                "day": datetime.now(UTC).date().isoformat(),
                "who": who,
                "act": act,
                "details": dict(given),
                "salt": secrets.token_hex(_SALT),
            }
            noted = Noted(number + 1, canonical(entry))
            write_whole(self.path(number + 1), self._sealed(noted.plain))
            self._head = (number + 1, noted.digest)
            if self._after is not None:
                self._after(noted, carry_out)
        return number + 1

    def _enclose(self, path: Path, enclosure: Details | None) -> None:
        """Lay it where the act will be; else take away what a killed `append` left there."""
        if enclosure is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, self._sealed(canonical(dict(enclosure))))

    def keep_instead(self, number: int, kept: Details) -> None:
        """Put this in the place of what is enclosed for good with an act: something of it had to go, or was lost."""
        with self.turn():
            write_whole(self.kept_path(number), self._sealed(canonical(dict(kept))))

    def forget_enclosures(self) -> None:
        """Delete everything that is enclosed: what it says is kept elsewhere now. The acts stay."""
        if not self.enclosed():
            return
        with self.turn():
            for number in self.enclosed():
                self.enclosure_path(number).unlink(missing_ok=True)
            sync_folder(self._directory)

    def _sealed(self, plain: bytes) -> bytes:
        import pyrage
        from pyrage import x25519

        return bytes(pyrage.encrypt(plain, [x25519.Recipient.from_str(self._recipient)]))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer at a time, from every process and thread; what a killed one left half written is removed.

        Within a turn another one is the same turn: opening the catalogue may look at the journal again.
        """
        with self._thread:
            if self._ours:
                yield
                return
            handle = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._ours = True
                if self._head is None:
                    sweep_leftovers(self._directory)
                yield
            finally:
                self._ours = False
                os.close(handle)

    def head(self) -> tuple[int, str]:
        """How many acts there are, and the digest of the last (64 zeros where there is none)."""
        known = self._head
        if known is not None and known[0] and not self.path(known[0]).exists():
            known = None  # somebody put an older journal in its place
        if known is None or self.path(known[0] + 1).exists():
            numbers = self.numbers()
            if not numbers:
                self._head = (0, EMPTY_HEAD)
            else:
                self._head = (numbers[-1], self.noted(numbers[-1]).digest)
            return self._head
        return known

    def noted(self, number: int) -> Noted:
        """One act as it stands there. Raises Damaged where it is missing or altered."""
        return Noted(number, self._plain(self.path(number), number))

    def enclosure(self, number: int) -> dict[str, Any] | None:
        """What is enclosed with an act; None where nothing is, or not any more. Raises Damaged."""
        for path in (self.enclosure_path(number), self.kept_path(number)):
            if path.exists():
                return dict(json.loads(self._plain(path, number)))
        return None

    def _plain(self, path: Path, number: int) -> bytes:
        import pyrage

        try:
            return bytes(pyrage.decrypt(path.read_bytes(), identities(self._identity)))
        except (OSError, pyrage.DecryptError):
            raise broken(number) from None

    def chain(self, first: int = 1) -> Iterator[Noted]:
        """The acts from one on, each checked against the one before. Raises Damaged at the first break."""
        previous = EMPTY_HEAD if first == 1 else self.noted(first - 1).digest
        numbers = [number for number in self.numbers() if number >= first]
        for expected, number in enumerate(numbers, first):
            noted = self.noted(number)
            entry = noted.entry
            if number != expected or entry["previous"] != previous or entry["sequence"] != number:
                raise broken(expected)
            previous = noted.digest
            yield noted

    def acts(self) -> Iterator[dict[str, Any]]:
        """All acts, each checked against the one before. Raises Damaged at the first break."""
        return (noted.entry for noted in self.chain())

    def last(self) -> dict[str, Any] | None:
        """The latest act, or None where there is none yet. Raises Damaged."""
        number, _ = self.head()
        return self.noted(number).entry if number else None

    def numbers(self) -> list[int]:
        """The numbers of the acts whose files are there, ascending."""
        return numbers_in(self._directory)

    def path(self, number: int) -> Path:
        """Where an act lies."""
        return self._directory / f"{number:08d}.age"

    def enclosure_path(self, number: int) -> Path:
        """Where what is enclosed with an act lies."""
        return self._directory / f"{number:08d}{ENCLOSURE}"

    def kept_path(self, number: int) -> Path:
        """Where what is enclosed for good with an act lies."""
        return self._directory / f"{number:08d}{KEPT}"

    def enclosed(self) -> list[int]:
        """The numbers of the acts with which something is enclosed, ascending."""
        names = [path.name[: -len(ENCLOSURE)] for path in self._directory.glob(f"*{ENCLOSURE}")]
        return sorted(int(name) for name in names if name.isdigit())


def numbers_in(directory: Path) -> list[int]:
    """The numbers of the acts in a journal's folder, ascending; needs no keys."""
    names = os.listdir(directory) if directory.is_dir() else []
    return sorted(int(name[:-4]) for name in names if _NAME.fullmatch(name))


def read_act(path: Path, identity: str) -> bytes | None:
    """The plaintext of one act's file; None where it is not one of this case's."""
    import pyrage

    try:
        return bytes(pyrage.decrypt(path.read_bytes(), identities(identity)))
    except (OSError, pyrage.DecryptError):
        return None


def broken(number: int) -> Damaged:
    """What is said of an act that cannot be relied on."""
    return Damaged(
        f"Act {number} of the journal is missing or altered.",
        next="Restore journal/ from a custodian's copy.",
    )
