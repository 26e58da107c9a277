"""Cosignatures (c2sp.org/tlog-cosignature): another's word for having seen a log's checkpoint.

Two newsrooms do this with a file: one sends its checkpoint and a proof that it continues the last one, the
other sends back the same checkpoint with a line more.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import TYPE_CHECKING

from muniment.errors import BadUse
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.merkle import verify_consistency
from muniment.evidence.log.note import COSIGNATURE, Note, Signature, VerifierKey
from muniment.evidence.refusals import Unproved

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LATEST = (1 << 63) - 1  # seconds since 1970


class Cosigner:
    """An Ed25519 key that cosigns checkpoints, type 0x04. It must be no log's key, nor another cosigner's."""

    __slots__ = ("_private", "key")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = VerifierKey(name, COSIGNATURE, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Cosigner:
        """A new key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(cls, name: str, private: bytes) -> Cosigner:
        """The key with these 32 bytes (the seed of RFC 8032)."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if len(private) != 32:
            raise BadUse("A private key is 32 bytes.", next="Restore it from a good copy.")
        return cls(name, Ed25519PrivateKey.from_private_bytes(private))

    @property
    def vkey(self) -> str:
        """The public half, for a policy's `witness` line."""
        return self.key.vkey

    def sign(self, text: bytes, time: int) -> Signature:
        """A line for under a checkpoint; `time` in seconds since 1970."""
        if not 0 <= time <= LATEST:
            raise BadUse("A cosignature has no such time.", next="Set the machine's clock.")
        value = pack(">Q", time) + self._private.sign(cosigned(text, time))
        return Signature(self.key.name, self.key.key_id, value)


def cosigned(text: bytes, time: int) -> bytes:
    """What a cosignature of type 0x04 signs: two lines, then the whole text of the note."""
    return f"cosignature/v1\ntime {time}\n".encode() + text


def subtree_message(name: str, text: bytes, time: int) -> bytes:
    """What a cosignature of type 0x06 (ML-DSA-44) signs for a checkpoint: `cosigned_message`.

    Raises Malformed where the text is no checkpoint, Unproved where a name is too long to be signed.
    """
    checkpoint = Checkpoint.parse(text)
    message = b"subtree/v1\n\0"
    for field, then in ((name, pack(">Q", time)), (checkpoint.origin, bytes(8))):
        content = field.encode()
        if len(content) > 255:
            raise Unproved("A name is too long to be cosigned.", next="Use a shorter one.")
        message += bytes((len(content),)) + content + then
    return message + pack(">Q", checkpoint.size) + checkpoint.root


def time_of(signature: Signature) -> int:
    """When a cosignature was made, as it says itself, in seconds since 1970."""
    return int.from_bytes(signature.value[:8], "big")


def cosign(
    note: bytes,
    log: VerifierKey,
    cosigner: Cosigner,
    time: int,
    *,
    seen: Checkpoint | None = None,
    consistency: Sequence[bytes] = (),
) -> bytes:
    """The checkpoint with a cosignature more, after looking that it continues what was `seen` of the log.

    `consistency` is the proof from the size seen to this one. Raises Unproved where the log did not sign it
    or tells another story than before: keep both checkpoints then, they are the evidence.
    """
    checkpoint = open_checkpoint(note, [log])
    if seen is not None:
        if seen.origin != checkpoint.origin:
            raise BadUse(
                "The checkpoint seen before is of another log.",
                next="Give the last checkpoint of the same log.",
            )
        if seen.size:
            verify_consistency(
                seen.size, seen.root, checkpoint.size, checkpoint.root, list(consistency)
            )
    parsed = Note.parse(note)
    return parsed.with_signature(cosigner.sign(parsed.text, time)).serialise()
