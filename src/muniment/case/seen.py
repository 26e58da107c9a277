"""The mark: how far a case had come when this account last wrote to it, kept outside the case.

MUNIMENT_HOME/seen/IDENTIFIER (0600) holds the number and head of the journal, and the size and root of the log. A
case that is put back as a whole agrees with itself; it does not agree with the mark. The mark is sealed under a
key that comes from the case's own keys: who has it without them learns nothing and can make no other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from muniment.case.folder import Folder
from muniment.case.home import home
from muniment.case.keys import CaseKeys

VERSION = 1
_BOUND = b"muniment/v1/seen"
_LENGTH = 512  # bytes of plaintext, whatever it says


@dataclass(frozen=True, slots=True)
class Mark:
    """`acts` and `head` (hexadecimal) of the journal, `entries` and `root` (hexadecimal) of the log."""

    acts: int
    head: str
    entries: int
    root: str


def mark_path(folder: Folder) -> Path:
    """Where the mark of a case lies."""
    return home() / "seen" / folder.identifier


def read_mark(folder: Folder, keys: CaseKeys) -> Mark | None:
    """The mark, or None where this account has none that was made with these keys."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        content = mark_path(folder).read_bytes()
        plain = ChaCha20Poly1305(_key(folder, keys)).decrypt(content[:12], content[12:], _BOUND)
        fields = json.loads(plain)
        return Mark(**{name: fields[name] for name in Mark.__slots__})
    except (OSError, InvalidTag, ValueError, KeyError, TypeError):
        return None


def write_mark(folder: Folder, keys: CaseKeys, mark: Mark) -> bool:
    """Replace the mark; False where MUNIMENT_HOME cannot be written, which must not stop the work.

    Not synced: whichever of the two marks is there after a crash is one the case has come to.
    """
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    fields = {"version": VERSION, **asdict(mark)}
    nonce = secrets.token_bytes(12)
    plain = json.dumps(fields).encode().ljust(_LENGTH)
    sealed = nonce + ChaCha20Poly1305(_key(folder, keys)).encrypt(nonce, plain, _BOUND)
    path = mark_path(folder)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            file.write(sealed)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        return False
    return True


def _key(folder: Folder, keys: CaseKeys) -> bytes:
    # The log key stays when all other keys are changed.
    secret = bytes.fromhex(keys.log_key)
    return hmac.digest(
        hashlib.sha256(secret).digest(), _BOUND + folder.identifier.encode(), "sha256"
    )
