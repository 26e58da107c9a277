"""Members of a ZIP archive encrypted with AES (compression method 99: WinZip's AE-1 and AE-2).

What is stored is salt, two bytes that tell most wrong passwords, the compressed bytes in AES-CTR with a counter
that runs from 1 in little-endian order, and ten bytes of HMAC-SHA1 over them.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

_EXTRA = b"\x01\x99"
_KEYS = {1: 16, 2: 24, 3: 32}
_CHECK, _MAC, _ROUNDS = 2, 10, 1000
_SLICE = 1 << 16


@dataclass(frozen=True, slots=True)
class Locked:
    """What the header of such a member says: bytes of the key, and how its content is compressed."""

    key: int
    method: int

    def overhead(self) -> int:
        """Bytes that are stored beside the content."""
        return self.key // 2 + _CHECK + _MAC


def locked(extra: bytes) -> Locked | None:
    """From the extra field of a member; None where it holds no such header."""
    position = 0
    while position + 4 <= len(extra):
        size = int.from_bytes(extra[position + 2 : position + 4], "little")
        value = extra[position + 4 : position + 4 + size]
        if extra[position : position + 2] == _EXTRA and len(value) >= 7 and value[4] in _KEYS:
            return Locked(_KEYS[value[4]], int.from_bytes(value[5:7], "little"))
        position += 4 + size
    return None


def unlock(stored: bytes, how: Locked, password: bytes) -> bytes | None:
    """The compressed bytes of a member; None where the password is not the one, or the bytes were altered."""
    salt_size = how.key // 2
    if len(stored) < how.overhead():
        return None
    salt, check = stored[:salt_size], stored[salt_size : salt_size + _CHECK]
    body, mac = stored[salt_size + _CHECK : -_MAC], stored[-_MAC:]
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, _ROUNDS, 2 * how.key + _CHECK)
    if derived[-_CHECK:] != check:
        return None
    made = hmac.new(derived[how.key : 2 * how.key], body, "sha1").digest()
    if not hmac.compare_digest(made[:_MAC], mac):
        return None
    return _counted(body, derived[: how.key])


def _counted(body: bytes, key: bytes) -> bytes:
    """AES-CTR with a little-endian counter from 1, a slice at a time."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encrypt = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - makes the key stream of CTR
    out = []
    for at in range(0, len(body), _SLICE):
        piece = body[at : at + _SLICE]
        first = at // 16 + 1
        counters = b"".join(
            number.to_bytes(16, "little")
            for number in range(first, first + (len(piece) + 15) // 16)
        )
        stream = encrypt.update(counters)[: len(piece)]
        out.append(
            (int.from_bytes(piece, "little") ^ int.from_bytes(stream, "little")).to_bytes(
                len(piece), "little"
            )
        )
    return b"".join(out)
