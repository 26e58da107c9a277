"""Checkpoints (c2sp.org/tlog-checkpoint): the head of a log, signed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from muniment.evidence.log.note import Note, Signer, VerifierKey, strict_base64, strict_decimal
from muniment.evidence.refusals import Malformed, Unproved

_NEXT = "Take the checkpoint from its source again; if it fails there too, do not rely on it."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Who (origin), how many entries (size), which root (32 bytes). Extension lines are kept as they are."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> bytes:
        """The text that is signed. Raises Malformed where the fields cannot be written so."""
        root = b64encode(self.root).decode()
        lines = [self.origin, str(self.size), root, *self.extensions]
        content = "".join(f"{line}\n" for line in lines).encode()
        if Checkpoint.parse(content) != self:
            raise _malformed("a field cannot stand in one")
        return content

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Read a note's text. Raises Malformed."""
        try:
            lines = text.decode().split("\n")
        except UnicodeDecodeError:
            raise _malformed("it is not UTF-8") from None
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise _malformed("it has not three lines or more, each with something in it")
        root = strict_base64(lines[2])
        if len(root) != 32:
            raise _malformed("its root is not 32 bytes")
        return cls(lines[0], strict_decimal(lines[1]), root, tuple(lines[3:]))

    def sign(self, signer: Signer) -> bytes:
        """The checkpoint as a signed note."""
        text = self.text()
        return Note(text, (signer.sign(text),)).serialise()


def open_checkpoint(note: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Read a checkpoint signed by one of the keys, whose name is its origin.

    Raises Malformed, or Unproved where no such key signed it.
    """
    parsed = Note.parse(note)
    checkpoint = Checkpoint.parse(parsed.text)
    if not any(key.name == checkpoint.origin for key in parsed.signed_by(keys)):
        raise Unproved("The log itself did not sign this checkpoint.", next=_NEXT)
    return checkpoint


def _malformed(why: str) -> Malformed:
    return Malformed(f"This checkpoint cannot be read: {why}.", next=_NEXT)
