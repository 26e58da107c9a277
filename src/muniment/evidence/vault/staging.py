"""Receiving one file into staging: read once, hash, pad, encrypt, write.

Small files go through memory in one piece; larger ones are streamed. A staged file is acknowledged only once
`sync` has returned and the caller's journal names it: until then its random name stands nowhere, and a file
left behind by a kill is swept away.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from muniment.case.folder import random_name
from muniment.errors import MunimentError
from muniment.evidence.vault import age
from muniment.evidence.vault.chunks import ChunkTree, chunk_root
from muniment.evidence.vault.failures import disk_error, source_error
from muniment.evidence.vault.padding import padded_size

WHOLE = 1 << 20
NAME_LENGTH = 26
NAME = re.compile(r"[a-z2-7]{26}")
_ZEROS = bytes(1 << 16)


@dataclass(frozen=True, slots=True)
class Stored:
    """One file in staging or in the vault. Sizes in bytes; digests are of the plaintext without padding.

    `name` is random and says nothing. `cipher_sha512` and `chunk_root` are hexadecimal and of the age file;
    `chunk_root` is the RFC 6962 root over its 64-KiB chunks.
    """

    name: str
    size: int
    sha256: bytes
    sha512: bytes
    cipher_sha512: str
    cipher_size: int
    chunk_root: str


def stage(source: BinaryIO, staging: Path, recipient: str) -> Stored:
    """Encrypt what `source` gives, to its end, into a new file in `staging`; say what was really read.

    Not durable before `sync`. Raises SourceUnreadable, DiskFull, DiskFailed, or BadUse for a bad recipient;
    then nothing of it stays in staging.
    """
    age.check_recipient(recipient)
    first = _read_first(source)
    name = random_name(NAME_LENGTH)  # 130 random bits
    if len(first) < WHOLE:
        return _stage_whole(first, staging, name, recipient)
    return _stage_stream(first, source, staging, name, recipient)


def _read_first(source: BinaryIO) -> bytes:
    """The first WHOLE bytes, or all there are."""
    first = _read(source, WHOLE)
    if len(first) == WHOLE or not first:
        return first
    pieces, length = [first], len(first)
    while length < WHOLE:
        piece = _read(source, WHOLE - length)
        if not piece:
            break
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces) if len(pieces) > 1 else first


def _read(source: BinaryIO, size: int) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        raise source_error(error) from error


def _stage_whole(plaintext: bytes, staging: Path, name: str, recipient: str) -> Stored:
    size = len(plaintext)
    ciphertext = age.encrypt(plaintext.ljust(padded_size(size), b"\0"), recipient)
    with _new_file(staging, name) as write:
        write(ciphertext)
    return Stored(
        name=name,
        size=size,
        sha256=hashlib.sha256(plaintext).digest(),
        sha512=hashlib.sha512(plaintext).digest(),
        cipher_sha512=hashlib.sha512(ciphertext).hexdigest(),
        cipher_size=len(ciphertext),
        chunk_root=chunk_root(ciphertext).hex(),
    )


def _stage_stream(
    first: bytes, source: BinaryIO, staging: Path, name: str, recipient: str
) -> Stored:
    plaintext = _Padded(first, source)
    digest, tree = hashlib.sha512(), ChunkTree()
    with _new_file(staging, name) as write:

        def keep(block: bytes) -> None:
            digest.update(block)
            tree.update(block)
            write(block)

        age.encrypt_stream(plaintext.read, keep, recipient)
    return Stored(
        name=name,
        size=plaintext.size,
        sha256=plaintext.sha256.digest(),
        sha512=plaintext.sha512.digest(),
        cipher_sha512=digest.hexdigest(),
        cipher_size=tree.size,
        chunk_root=tree.root().hex(),
    )


class _Padded:
    """A source followed by its padding, hashed as it is read in blocks of WHOLE bytes."""

    def __init__(self, first: bytes, source: BinaryIO) -> None:
        self.sha256 = hashlib.sha256()
        self.sha512 = hashlib.sha512()
        self.size = 0
        self._source = source
        self._padding = 0
        self._ended = False
        self._at = 0
        self._block = first
        self._count(first)

    def _count(self, block: bytes) -> None:
        self.sha256.update(block)
        self.sha512.update(block)
        self.size += len(block)

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none after the padding."""
        if self._at == len(self._block) and not self._ended:
            self._block, self._at = _read(self._source, WHOLE), 0
            self._count(self._block)
            if not self._block:
                # Only now is the size known, and with it the padding: a file may grow while it is read.
                self._ended = True
                self._padding = padded_size(self.size) - self.size
        if self._ended:
            piece = _ZEROS[: min(size, self._padding)]
            self._padding -= len(piece)
            return piece
        piece = self._block[self._at : self._at + size]
        self._at += len(piece)
        return piece


class _new_file:  # noqa: N801 - used as a function, like contextlib's own
    """A new file that is removed again unless the block ends well; gives the function that writes to it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._path = f"{folder}/{name}"
        self._handle = -1

    def __enter__(self) -> Callable[[bytes], None]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._handle = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise disk_error(error, self._folder) from error
        return self._write

    def _write(self, data: bytes) -> None:
        try:
            written = os.write(self._handle, data)
            while written < len(data):
                written += os.write(self._handle, memoryview(data)[written:])
        except OSError as error:
            raise disk_error(error, self._folder) from error

    def __exit__(self, kind: object, *_: object) -> None:
        failed: MunimentError | None = None
        try:
            os.close(self._handle)
        except OSError as error:
            failed = disk_error(error, self._folder)
        if kind is not None or failed is not None:
            with suppress(OSError):  # a failing disk may keep it; `sweep` removes it later
                Path(self._path).unlink()
        if kind is None and failed is not None:
            raise failed


def sync(staging: Path) -> None:
    """Put everything staged so far, and its names, on the disk with one syncfs. Raises DiskFull, DiskFailed."""
    try:
        handle = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _syncfs(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise disk_error(error, staging) from error


def sweep(staging: Path, keep: Collection[str]) -> int:
    """Remove staged files nobody acknowledged: those whose names are not in `keep`. Returns how many.

    What `Vault.seal` has begun (folders) is left for it to go on with. Raises DiskFailed.
    """
    removed = 0
    try:
        for name in os.listdir(staging):
            path = staging / name
            if NAME.fullmatch(name) and name not in keep and path.is_file():
                path.unlink()
                removed += 1
    except OSError as error:
        raise disk_error(error, staging) from error
    return removed


def _syncfs(handle: int) -> None:
    """os.syncfs where Python has it, else the C library's, else os.sync for the whole machine."""
    native = getattr(os, "syncfs", None) or _c_syncfs()
    if native is None:
        os.sync()
    else:
        native(handle)


@lru_cache(maxsize=1)
def _c_syncfs() -> Callable[[int], None] | None:
    """syncfs(2) of the C library (Linux ≥ 2.6.39; it reports write errors since 5.8), or None."""
    try:
        function = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError, TypeError):
        return None
    function.argtypes = [ctypes.c_int]
    function.restype = ctypes.c_int

    def syncfs(handle: int) -> None:
        if function(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return syncfs
