"""Receipts (c2sp.org/tlog-proof): that an entry is in a log, to be checked offline. Files `.tlog-proof`."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.merkle import leaf_hash, verify_inclusion
from muniment.evidence.log.note import LARGEST_NOTE, Note, strict_base64, strict_decimal
from muniment.evidence.log.policy import Policy
from muniment.evidence.refusals import Malformed

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 63
_NEXT = "Take the receipt from its source again; if it fails there too, do not rely on it."


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index, its path to the root (32-byte hashes), the checkpoint as it stands, and extra data.

    Nothing vouches for `extra`.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    @classmethod
    def parse(cls, content: bytes) -> TlogProof:
        """Read a receipt. Raises Malformed."""
        if len(content) > 2 * LARGEST_NOTE:
            raise _malformed("it is larger than a receipt may be")
        head, found, checkpoint = content.partition(b"\n\n")
        try:
            lines = head.decode().split("\n")
        except UnicodeDecodeError:
            raise _malformed("it is not UTF-8") from None
        if not found or lines.pop(0) != HEADER:
            raise _malformed(f"it does not begin with {HEADER}")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = strict_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise _malformed("it gives no index")
        index = strict_decimal(lines.pop(0).removeprefix("index "))
        path = tuple(strict_base64(line) for line in lines)
        if len(path) > LONGEST_PATH or any(len(node) != 32 for node in path):
            raise _malformed("its path is none")
        Checkpoint.parse(Note.parse(checkpoint).text)
        return cls(index, path, checkpoint, extra)

    def serialise(self) -> bytes:
        """The receipt as bytes. Raises Malformed where it could not be read again."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [b64encode(node).decode() for node in self.path]
        content = "\n".join(lines).encode() + b"\n\n" + self.checkpoint
        if TlogProof.parse(content) != self:
            raise _malformed("a field cannot stand in one")
        return content

    def verify(self, entry: bytes, policy: Policy) -> Checkpoint:
        """Check that `entry` is in a log the policy believes; gives the checkpoint. Raises Unproved."""
        checkpoint = policy.check(self.checkpoint)
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


def _malformed(why: str) -> Malformed:
    return Malformed(f"This receipt cannot be read: {why}.", next=_NEXT)
