"""A checkpoint on its way to a witness: what c2sp.org/tlog-witness calls the body of add-checkpoint.

old 256
<hashes of the proof that the log of 256 entries is its beginning, base64, one a line>

<the checkpoint, a signed note>
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.note import Note, strict_base64, strict_decimal
from muniment.evidence.refusals import Malformed

LONGEST_PROOF = 63
LARGEST_BUNDLE = 2_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """`old`: the size the proof begins from, 0 for a log never seen before; `checkpoint`: a note as it stands."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    @classmethod
    def parse(cls, content: bytes) -> Bundle:
        """Read a bundle. Raises Malformed."""
        head, found, checkpoint = content.partition(b"\n\n")
        try:
            lines = head.decode().split("\n")
        except UnicodeDecodeError:
            raise _malformed("it is not UTF-8") from None
        if len(content) > LARGEST_BUNDLE or not found or not lines[0].startswith("old "):
            raise _malformed("it does not begin with `old` and a size")
        old = strict_decimal(lines[0].removeprefix("old "))
        proof = tuple(strict_base64(line) for line in lines[1:])
        if len(proof) > LONGEST_PROOF or any(len(node) != 32 for node in proof):
            raise _malformed("its proof is none")
        size = Checkpoint.parse(Note.parse(checkpoint).text).size
        if old > size or (old == 0 and proof):
            raise _malformed("its proof does not go with its sizes")
        return cls(old, proof, checkpoint)

    def serialise(self) -> bytes:
        """The bundle as bytes."""
        lines = [f"old {self.old}", *(b64encode(node).decode() for node in self.proof)]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint


def _malformed(why: str) -> Malformed:
    return Malformed(
        f"This checkpoint bundle cannot be read: {why}.",
        next="Ask for it again: muniment stamp CASE --bundle FILE, there.",
    )
