"""Signed notes (c2sp.org/signed-note): a text and the signatures under it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.errors import BadUse
from muniment.evidence.log.points import sound_point
from muniment.evidence.refusals import Malformed, Unproved

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = 0x01
COSIGNATURE = 0x04  # timestamped, c2sp.org/tlog-cosignature
COSIGNATURE_ML_DSA = 0x06  # the same with ML-DSA-44
_PUBLIC_SIZE = {ED25519: 32, COSIGNATURE: 32, COSIGNATURE_ML_DSA: 1312}  # bytes

LARGEST_NOTE = 1_000_000  # bytes; a post-quantum signature is nearly 5 kB
MOST_SIGNATURES = 100  # 16 must be accepted

_MARK = "\u2014 "
_NEXT = "Take the file from its source again; if it fails there too, do not rely on it."


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note. `value` is what the key made, without the key id."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name and what kind of signature it makes: ED25519 or a cosignature."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _PUBLIC_SIZE.get(self.kind):
            raise Malformed(
                "A verifier key is of a kind that is not known here.",
                next="Use an Ed25519 key of type 0x01 (logs) or 0x04, or ML-DSA-44 of type 0x06.",
            )
        if self.kind != COSIGNATURE_ML_DSA and not sound_point(self.public):
            raise Malformed(
                "A verifier key is one under which a signature can fit any text.",
                next="Do not rely on whoever gave you this key; ask for another, made anew.",
            )

    @property
    def key_id(self) -> bytes:
        """SHA-256(name | 0A | type | public key)[:4]."""
        text = self.name.encode() + b"\n" + bytes((self.kind,)) + self.public
        return sha256(text).digest()[:4]

    @property
    def vkey(self) -> str:
        """name+hex(key id)+base64(type | public key)."""
        material = b64encode(bytes((self.kind,)) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """Read a vkey, in its one form. Raises Malformed."""
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise Malformed("A verifier key is name+id+key.", next=_NEXT)
        material = strict_base64(parts[2])
        if not material:
            raise Malformed("A verifier key is empty.", next=_NEXT)
        key = cls(parts[0], material[0], material[1:])
        if key.key_id.hex() != parts[1]:
            raise Malformed("A verifier key's id is not that of its name and key.", next=_NEXT)
        return key

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature` (without key id) by this key is under a note's `text`."""
        if self.kind == ED25519:
            return self._made(signature, text)
        from muniment.evidence.log.cosignature import cosigned, subtree_message

        time = int.from_bytes(signature[:8], "big")
        if time >> 63:
            return False
        if self.kind == COSIGNATURE:
            return self._made(signature[8:], cosigned(text, time))
        try:
            message = subtree_message(self.name, text, time)
        except (Malformed, Unproved):
            return False
        return self._made(signature[8:], message)

    def _made(self, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            if self.kind == COSIGNATURE_ML_DSA:
                from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            elif not sound_point(signature[:32]):
                return False
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: no key of that kind
            return False
        return True


class Signer:
    """An Ed25519 key that signs notes under a name: the log's own signature, type 0x01."""

    __slots__ = ("_private", "key")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = VerifierKey(name, ED25519, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Signer:
        """A new key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(cls, name: str, private: bytes) -> Signer:
        """The key with these 32 bytes (the seed of RFC 8032)."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if len(private) != 32:
            raise BadUse("A log's private key is 32 bytes.", next="Restore it from a good copy.")
        return cls(name, Ed25519PrivateKey.from_private_bytes(private))

    @property
    def name(self) -> str:
        """The key's name: for a log, its origin."""
        return self.key.name

    @property
    def vkey(self) -> str:
        """The public half, to be handed out."""
        return self.key.vkey

    def sign(self, text: bytes) -> Signature:
        """A line for under a note."""
        return Signature(self.key.name, self.key.key_id, self._private.sign(text))


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its last newline included, and the signature lines under it, verified or not."""

    text: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """Read a signed note. Raises Malformed for anything that is not one."""
        if len(content) > LARGEST_NOTE:
            raise _malformed("it is larger than a note may be")
        try:
            whole = content.decode()
        except UnicodeDecodeError:
            raise _malformed("it is not UTF-8") from None
        if any(mark < " " and mark != "\n" for mark in set(whole)):
            raise _malformed("it has control characters")
        body, found, under = whole.rpartition("\n\n")
        if not found or not under.endswith("\n"):
            raise _malformed("it has no signatures")
        lines = under[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise _malformed(f"it has more than {MOST_SIGNATURES} signatures")
        return cls((body + "\n").encode(), tuple(_signature(line) for line in lines))

    def serialise(self) -> bytes:
        """The note as bytes. Raises Malformed where it could not be read again."""
        lines = "".join(
            f"{_MARK}{one.name} {b64encode(one.key_id + one.value).decode()}\n"
            for one in self.signatures
        )
        content = self.text + b"\n" + lines.encode()
        if Note.parse(content) != self:
            raise _malformed("its text or a name cannot stand in a note")
        return content

    def signed_by(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Which of the known keys signed it, in their order; at least one.

        Unknown keys are ignored. Raises Unproved where a known key's signature is bad or none is there.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[VerifierKey, None] = {}
        for one in self.signatures:
            key = known.get((one.name, one.key_id))
            if key is None:
                continue
            if not key.verify(self.text, one.value):
                raise Unproved("A known key's signature under this note is bad.", next=_NEXT)
            found[key] = None
        if not found:
            raise Unproved(
                "No known key signed this note.",
                next="Get the verifier key from the log's owner, not from where the note came.",
            )
        return [key for key in known.values() if key in found]

    def with_signature(self, signature: Signature) -> Note:
        """The note with one more line, at the end; the same where it has the line already."""
        if signature in self.signatures:
            return self
        return Note(self.text, (*self.signatures, signature))


def check_name(name: str) -> None:
    """Raise Malformed where a key cannot have this name."""
    if not name or "+" in name or any(mark.isspace() or mark < " " for mark in name):
        raise Malformed("A key's name is empty, or has a space or a plus.", next="Name it anew.")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise Malformed("A key's name is not Unicode text.", next="Name it anew.") from None


def strict_base64(text: str) -> bytes:
    """Standard base64, padded, in its one form. Raises Malformed."""
    try:
        value = b64decode(text, validate=True)
    except ValueError:
        raise _malformed("it has base64 that cannot be read") from None
    if b64encode(value).decode() != text:
        raise _malformed("it has base64 that is not in its one form")
    return value


def strict_decimal(text: str, limit: int = 1 << 63) -> int:
    """A decimal number below `limit` in ASCII without leading zeros. Raises Malformed."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise _malformed("it has a number that is not in its one form")
    if len(text) > 20 or int(text) >= limit:
        raise _malformed("it has a number that is too large")
    return int(text)


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not space:
        raise _malformed("a line under it is no signature")
    check_name(name)
    value = strict_base64(encoded)
    if len(value) < 5:
        raise _malformed("a signature under it is cut off")
    return Signature(name, value[:4], value[4:])


def _malformed(why: str) -> Malformed:
    return Malformed(f"This signed note cannot be read: {why}.", next=_NEXT)
