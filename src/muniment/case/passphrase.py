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
ENOUGH_BITS = 60
PROPOSED_BITS = _WORDS * _SYLLABLES * math.log2(len(_CONSONANTS) * len(_VOWELS))


def propose() -> str:
    """A fresh passphrase of 94.8 bits."""
    return " ".join(
        "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))
        for _ in range(_WORDS)
    )


def weakness(passphrase: str) -> str:
    """A warning about a passphrase that a seized machine would not withstand; "" where none is due.

    Counted is what must be guessed at least: words as if from a list of 7,776 (12.9 bits), or characters as
    if each were random among those of its kinds, whichever is less. It can only tell that one is too short.
    """
    kinds = [
        (str.islower, 26),
        (str.isupper, 26),
        (str.isdigit, 10),
        (lambda c: not c.isalnum(), 32),
    ]
    size = sum(many for test, many in kinds if any(test(c) for c in passphrase)) or 26
    bits = len(passphrase) * math.log2(size)
    words = passphrase.split()
    if len(words) > 1:
        bits = min(bits, max(len(words) * 12.9, len(words) * 3 * 6.3))
    if bits >= ENOUGH_BITS:
        return ""
    return (
        "this passphrase is weak: whoever gets hold of this machine can try all of its kind. "
        "Use the one `muniment new` proposes, or six random words."
    )


def stretch(passphrase: str, salt: bytes, *, time: int, memory_kib: int, lanes: int) -> bytes:
    """The 32-byte key of a passphrase: Argon2id (RFC 9106) over its UTF-8 bytes."""
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode("utf-8"), salt, time, memory_kib, lanes, 32, type=Type.ID
    )
