"""manifest.age: what an object's names mean, encrypted, so that all can be restored without the catalogue.

The caller's JSON is padded with newlines to its Padmé length and encrypted with age: JSON allows them at
the end, so that `age -d manifest.age` is the JSON for every other tool too.
"""

from __future__ import annotations

from muniment.evidence.vault import age
from muniment.evidence.vault.padding import padded_size

_PADDING = b"\n"


def encrypt_manifest(manifest: bytes, recipient: str) -> bytes:
    """The content of manifest.age for a manifest (JSON text; newlines at its end are not kept)."""
    text = manifest.rstrip(_PADDING)
    return age.encrypt(text.ljust(padded_size(len(text)), _PADDING), recipient)


def decrypt_manifest(ciphertext: bytes, identity: str) -> bytes:
    """The manifest without its padding. Raises NoKey for another key."""
    return age.decrypt(ciphertext, identity).rstrip(_PADDING)
