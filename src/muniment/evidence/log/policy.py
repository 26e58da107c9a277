"""Policies (c2sp.org/tlog-policy): which logs are believed, and whose cosignatures it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.note import (
    COSIGNATURE,
    COSIGNATURE_ML_DSA,
    ED25519,
    Note,
    VerifierKey,
    strict_decimal,
)
from muniment.evidence.refusals import Malformed, Unproved

LARGEST_POLICY = 1_000_000  # bytes
NOBODY = b"none"
_NEXT = "Correct that line; docs/formats/log.md says what may stand in a policy."


@dataclass(frozen=True, slots=True)
class Group:
    """At least `least` of the members, witnesses or groups."""

    least: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs by key; witnesses and groups by name (opaque bytes); `quorum` names one, or is None."""

    logs: tuple[VerifierKey, ...]
    witnesses: dict[bytes, VerifierKey]
    groups: dict[bytes, Group]
    quorum: bytes | None

    @classmethod
    def of_log(cls, vkey: str) -> Policy:
        """The policy that believes one log and asks for no cosignature."""
        return cls.parse(f"log {vkey}\nquorum none\n".encode())

    @classmethod
    def parse(cls, content: bytes) -> Policy:
        """Read a policy. Raises Malformed, which gives the line."""
        if len(content) > LARGEST_POLICY:
            raise _malformed(0, "it is larger than a policy may be")
        if any((byte < 0x20 and byte not in b"\t\n") or byte == 0x7F for byte in set(content)):
            raise _malformed(0, "it has control characters")
        reader = _Reader()
        for number, line in enumerate(content.split(b"\n"), 1):
            words = [word for word in line.replace(b"\t", b" ").split(b" ") if word]
            if words and not words[0].startswith(b"#"):
                reader.read(number, words)
        return reader.policy()

    def check(self, note: bytes) -> Checkpoint:
        """Read a checkpoint that one of the logs signed and the quorum witnessed.

        Raises Malformed or Unproved. A policy without logs believes none.
        """
        parsed = Note.parse(note)
        checkpoint = Checkpoint.parse(parsed.text)
        signed = set(parsed.signed_by([*self.logs, *self.witnesses.values()]))
        if not any(key in signed and key.name == checkpoint.origin for key in self.logs):
            raise Unproved(
                "No log of the policy signed this checkpoint.",
                next="Get the log's key from its owner and add it to the policy.",
            )
        if self.quorum is not None and not self._has_witnessed(self.quorum, signed):
            raise Unproved(
                "Too few witnesses of the policy cosigned this checkpoint.",
                next="Ask for a checkpoint with more cosignatures.",
            )
        return checkpoint

    def _has_witnessed(self, name: bytes, signed: set[VerifierKey]) -> bool:
        """Whether a witness or group did. Groups hold only what was defined before them: no circles."""
        done: dict[bytes, bool] = {one: key in signed for one, key in self.witnesses.items()}
        for one, group in self.groups.items():
            done[one] = sum(done[member] for member in group.members) >= group.least
        return done[name]


class _Reader:
    """The lines of a policy, one after the other."""

    def __init__(self) -> None:
        self._logs: list[VerifierKey] = []
        self._witnesses: dict[bytes, VerifierKey] = {}
        self._groups: dict[bytes, Group] = {}
        self._members: set[bytes] = set()
        self._quorum: bytes | None = None
        self._line = 0

    def read(self, number: int, words: Sequence[bytes]) -> None:
        """Take in one line."""
        self._line = number
        kind, rest = words[0], words[1:]
        if kind == b"log" and len(rest) in (1, 2):
            key = self._key(rest[0], (ED25519, COSIGNATURE_ML_DSA), self._logs)
            self._logs.append(key)
        elif kind == b"witness" and len(rest) in (2, 3):
            kinds = (COSIGNATURE, COSIGNATURE_ML_DSA)
            key = self._key(rest[1], kinds, list(self._witnesses.values()))
            self._witnesses[self._new(rest[0])] = key
        elif kind == b"group" and len(rest) >= 3:
            self._group(rest[0], rest[1], rest[2:])
        elif kind == b"quorum" and len(rest) == 1 and self._quorum is None:
            if rest[0] != NOBODY:
                self._defined(rest[0])
            self._quorum = rest[0]
        else:
            raise _malformed(number, "it is no line of a policy, or a second quorum")

    def policy(self) -> Policy:
        """What was read."""
        if self._quorum is None:
            raise _malformed(self._line, "no line before the end says the quorum")
        quorum = None if self._quorum == NOBODY else self._quorum
        return Policy(tuple(self._logs), self._witnesses, self._groups, quorum)

    def _key(
        self, vkey: bytes, kinds: tuple[int, ...], others: Sequence[VerifierKey]
    ) -> VerifierKey:
        try:
            key = VerifierKey.parse(vkey.decode())
        except (UnicodeDecodeError, Malformed):
            raise _malformed(self._line, "its verifier key cannot be read") from None
        if key.kind not in kinds:
            raise _malformed(self._line, "its key is of a kind for something else")
        if any(key.public == other.public for other in others):
            raise _malformed(self._line, "its key stands in an earlier line")
        return key

    def _group(self, name: bytes, least: bytes, members: Sequence[bytes]) -> None:
        for member in members:
            self._defined(member)
            if member in self._members:
                raise _malformed(self._line, "a member of it is in a group already")
            self._members.add(member)
        if least == b"any":
            number = 1
        elif least == b"all":
            number = len(members)
        else:
            number = self._number(least)
        if not 1 <= number <= len(members):
            raise _malformed(self._line, "it asks for more members than it has, or for none")
        self._groups[self._new(name)] = Group(number, tuple(members))

    def _number(self, word: bytes) -> int:
        try:
            return strict_decimal(word.decode())
        except (UnicodeDecodeError, Malformed):
            raise _malformed(self._line, "its number cannot be read") from None

    def _new(self, name: bytes) -> bytes:
        if name == NOBODY or name in self._witnesses or name in self._groups:
            raise _malformed(self._line, "its name is taken")
        return name

    def _defined(self, name: bytes) -> None:
        if name not in self._witnesses and name not in self._groups:
            raise _malformed(self._line, "it speaks of somebody no earlier line defines")


def _malformed(line: int, why: str) -> Malformed:
    where = f" (line {line})" if line else ""
    return Malformed(f"This policy cannot be read: {why}{where}.", next=_NEXT)
