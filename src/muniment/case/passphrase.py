"""Passphrases: proposing a strong one and turning one into a key.

A proposed passphrase is five words of three syllables. A syllable is one of 16 consonants and one of 5
vowels: log2(80) = 6.32 bits each, 94.8 bits in all, and it can be spoken over a telephone.
"""

from __future__ import annotations

import math
import secrets

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aeiou"
_WORDS = 5
_SYLLABLES = 3
PROPOSED_BITS = _WORDS * _SYLLABLES * math.log2(len(_CONSONANTS) * len(_VOWELS))


def propose() -> str:
    """A fresh passphrase of 94.8 bits."""
    return " ".join(
        "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))
        for _ in range(_WORDS)
    )


def stretch(passphrase: str, salt: bytes, *, time: int, memory_kib: int, lanes: int) -> bytes:
    """The 32-byte key of a passphrase: Argon2id (RFC 9106) over its UTF-8 bytes."""
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode("utf-8"), salt, time, memory_kib, lanes, 32, type=Type.ID
    )
