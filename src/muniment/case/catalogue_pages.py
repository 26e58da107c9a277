"""Whether every byte of the catalogue is one that was written with its key, page by page, without opening it.

SQLCipher 4 ends each page of 4,096 bytes with 16 bytes of IV and an HMAC-SHA512 over all before it in the page and
the page's number, so that a flipped, cut or exchanged page is known by itself, used or free. Transactions that
are not in catalogue.db yet stand in catalogue.db-wal as frames of such pages, behind SQLite's own check sums.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from struct import unpack

PAGE = 4096
SALT = 16
_HMAC = 64
_UNUSED = 0x3A  # the byte by which SQLCipher sets the salt of the HMAC's key apart
_HEADER, _FRAME = 32, 24
_MODULUS = 1 << 32
_LOOKS = 3  # another muniment may be writing the page just now


class Seals:
    """The HMACs of one database: `key` is its raw key, 32 bytes in hexadecimal, `salt` its first 16 bytes."""

    def __init__(self, key: str, salt: bytes) -> None:
        other = bytes(byte ^ _UNUSED for byte in salt)
        self._key = hashlib.pbkdf2_hmac("sha512", bytes.fromhex(key), other, 2, 32)

    def hold(self, page: bytes, number: int) -> bool:
        """Whether a page, counted from 1, is one that was written there."""
        start = SALT if number == 1 else 0
        made = hmac.digest(self._key, page[start:-_HMAC] + number.to_bytes(4, "little"), "sha512")
        return len(page) == PAGE and hmac.compare_digest(made, page[-_HMAC:])


def pages_hold(path: Path, key: str) -> bool:
    """Whether every page of the database file holds. Reads all of it; raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        seals = Seals(key, os.pread(handle, SALT, 0))
        size = os.fstat(handle).st_size
        if not size or size % PAGE:
            return False
        return all(_page_holds(handle, seals, number) for number in range(1, size // PAGE + 1))
    finally:
        os.close(handle)


def _page_holds(handle: int, seals: Seals, number: int) -> bool:
    looks = (os.pread(handle, PAGE, (number - 1) * PAGE) for _ in range(_LOOKS))
    return any(seals.hold(page, number) for page in looks)


def frames_hold(database: Path, key: str) -> bool:
    """Whether the write-ahead log beside a database holds, as far as it can be told.

    There is no evidence in frames of an earlier round, which are written over one by one, nor in the very last
    frame of this round, which a kill leaves half written.
    """
    try:
        content = database.with_name(database.name + "-wal").read_bytes()
    except FileNotFoundError:
        return True
    if len(content) < _HEADER:
        return True
    with database.open("rb") as file:
        seals = Seals(key, file.read(SALT))
    sums = Sums(content[3])
    if not sums.take(content[:24], content[24:_HEADER]):
        return False
    good: list[bool] = []
    for frame, page in _round(content):
        summed = sums.take(frame[:8] + page, frame[16:])
        good.append(summed and seals.hold(page, int.from_bytes(frame[:4], "big")))
    return all(good[:-1])


def _round(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Headers and pages of the frames that bear the log's own salts."""
    for at in range(_HEADER, len(content) - PAGE - _FRAME + 1, PAGE + _FRAME):
        frame = content[at : at + _FRAME]
        if frame[8:16] != content[16:24]:
            return
        yield frame, content[at + _FRAME : at + _FRAME + PAGE]


class Sums:
    """SQLite's check sums of a write-ahead log, each carried on from the one before.

    For each pair of words (a, b): one += a + two; two += b + one; both modulo 2^32. That is a matrix, so that what
    each pair adds to the end is known beforehand.
    """

    def __init__(self, magic: int) -> None:
        import numpy as np

        self._order = "<u4" if magic & 1 == 0 else ">u4"
        self._sums = (0, 0)
        powers = [((1, 0), (0, 1))]
        for _ in range((PAGE + 8) // 8):
            (a, b), (c, d) = powers[-1]
            powers.append(
                (
                    ((a + b) % _MODULUS, (a + 2 * b) % _MODULUS),
                    ((c + d) % _MODULUS, (c + 2 * d) % _MODULUS),
                )
            )
        self._powers = np.array(powers, dtype=np.uint32)

    def take(self, content: bytes, said: bytes) -> bool:
        """Carry the sums on over `content`, a multiple of 8 bytes; whether they are what is `said`."""
        import numpy as np

        words = np.frombuffer(content, self._order).astype(np.uint32).reshape(-1, 2)
        powers = self._powers[: len(words)][::-1]
        both = words[:, 0] + words[:, 1]
        start = self._powers[len(words)].astype(np.uint64) @ np.array(self._sums, dtype=np.uint64)
        one, two = (
            (powers[:, row, 0] * words[:, 0] + powers[:, row, 1] * both).sum(dtype=np.uint32)
            for row in (0, 1)
        )
        self._sums = (int(one) + int(start[0])) % _MODULUS, (int(two) + int(start[1])) % _MODULUS
        return self._sums == unpack(">II", said)
