"""age (age-encryption.org/v1) through pyrage, with errors that keep their cause.

pyrage wraps what a Python reader or writer raises into text; the streams here remember the exception itself,
so that a full disk stays a full disk.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pyrage

from muniment.case.identities import identities
from muniment.errors import BadUse, NoKey


@lru_cache(maxsize=64)
def _recipient(text: str) -> Any:
    # Recipients are public, so they may be remembered; identities never are.
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BadUse(
            "The case's recipient is not an age recipient (age1…).",
            next="Restore the keys folder of the case from a custodian's copy.",
        ) from None


def _wrong_key() -> NoKey:
    return NoKey(
        "This key does not open what the vault holds.",
        next="Unlock the case with a key it was sealed for, or use the recovery key.",
    )


def check_recipient(recipient: str) -> None:
    """Raise BadUse unless `recipient` is an age X25519 recipient."""
    _recipient(recipient)


def encrypt(plaintext: bytes, recipient: str) -> bytes:
    """The age file (binary) of `plaintext`."""
    ciphertext: bytes = pyrage.encrypt(plaintext, [_recipient(recipient)])
    return ciphertext


def decrypt(ciphertext: bytes, identity: str) -> bytes:
    """The plaintext of an age file whose digest was checked. Raises NoKey for another key."""
    try:
        plaintext: bytes = pyrage.decrypt(ciphertext, identities(identity))
    except pyrage.DecryptError:
        raise _wrong_key() from None
    return plaintext


class _Reader:
    """What pyrage reads from; remembers the exception it hides."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.error: BaseException | None = None

    def read(self, size: int) -> bytes:
        """At most `size` bytes, none at the end."""
        try:
            return self._read(size)
        except BaseException as error:
            self.error = error
            raise


class _Writer:
    """What pyrage writes to; remembers the exception it hides."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        """Take all of `data`."""
        try:
            self._write(data)
        except BaseException as error:
            self.error = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def encrypt_stream(
    read: Callable[[int], bytes], write: Callable[[bytes], None], recipient: str
) -> None:
    """Encrypt what `read` gives until it gives nothing. Whatever `read` or `write` raise is raised."""
    reader, writer = _Reader(read), _Writer(write)
    try:
        pyrage.encrypt_io(reader, writer, [_recipient(recipient)])
    except pyrage.EncryptError:
        _raise_cause(reader, writer)
        raise


def decrypt_stream(
    read: Callable[[int], bytes], write: Callable[[bytes], None], identity: str
) -> None:
    """Decrypt a ciphertext whose digest was checked. Raises NoKey for another key, or what the streams raise."""
    reader, writer = _Reader(read), _Writer(write)
    try:
        pyrage.decrypt_io(reader, writer, identities(identity))
    except pyrage.DecryptError:
        _raise_cause(reader, writer)
        raise _wrong_key() from None


def _raise_cause(reader: _Reader, writer: _Writer) -> None:
    cause = reader.error or writer.error
    if cause is not None:
        raise cause from None
