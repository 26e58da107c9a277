"""Opening what is sealed to a case: one door for every age file of it.

After `key rotate` a case has several age identities. They are kept as one text, an identity a line, the one in
force first, which is also what `age -d -i FILE` reads. Whoever decrypts tries them all.
"""

from __future__ import annotations

from typing import Any

from muniment.errors import NoKey

BEGINNING = "AGE-SECRET-KEY-1"


def identities(text: str) -> list[Any]:
    """The age identities in `text`, one a line, in their order. Raises NoKey where a line is none."""
    import pyrage
    from pyrage import x25519

    try:
        found = [x25519.Identity.from_str(line) for line in text.split()]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise NoKey(
            "The key is not an age identity (AGE-SECRET-KEY-1…).",
            next="Unlock the case, or give the recovery key as it was printed.",
        )
    return found


def identity_in(typed: str) -> str | None:
    """The age identity that a person gave in place of a passphrase, or None where it is a passphrase.

    It may be typed in groups and in small letters, or be the file `age-keygen` writes, comments and all.
    """
    lines = [line for line in typed.splitlines() if not line.lstrip().startswith("#")]
    text = "".join("".join(lines).split()).upper()
    return text if text.startswith(BEGINNING) else None
