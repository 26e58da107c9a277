"""Members of a 7z archive under a password (AES-256, also where the list of members is encrypted), by py7zr.

libarchive opens no such archive. A password is right where the bytes of a member have the checksum the archive
gives; a wrong one costs about 0.1 seconds.
"""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from py7zr import Py7zIO, SevenZipFile, WriterFactory
from py7zr.exceptions import ArchiveError, PasswordRequired

_WRONG = (
    ArchiveError, lzma.LZMAError, zlib.error, struct.error, OSError, EOFError, ValueError, KeyError, IndexError,
    AssertionError, TypeError, AttributeError, NotImplementedError, RuntimeError,
    SystemError,  # PPMd does not say what is wrong
)  # fmt: skip
"""What py7zr raises on bytes that were deciphered with a wrong password, or are damaged."""


_MOST_FOLDERS = 8


class TooLarge(Exception):
    """The members hold more bytes than allowed."""


@dataclass(slots=True)
class Locked:
    """One member; `data` is None where no password opened it."""

    name: str
    link: bool
    modified: datetime | None
    crc: int | None
    size: int
    folder: int | None
    data: bytes | None = None


@dataclass(slots=True)
class _Room:
    """How many bytes may still come."""

    left: int


class _Piece(Py7zIO):
    """Takes the bytes of one member."""

    def __init__(self, room: _Room) -> None:
        self._room = room
        self.held = io.BytesIO()

    def write(self, s: bytes | bytearray) -> int:
        self._room.left -= len(s)
        if self._room.left < 0:
            raise TooLarge
        return self.held.write(s)

    def read(self, size: int | None = None) -> bytes:
        return self.held.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.held.seek(offset, whence)

    def flush(self) -> None:
        """Nothing waits."""

    def size(self) -> int:
        return len(self.held.getbuffer())


@dataclass(slots=True)
class _Pieces(WriterFactory):
    room: _Room
    made: dict[str, _Piece] = field(default_factory=dict)

    def create(self, filename: str) -> Py7zIO:
        self.made[filename] = piece = _Piece(self.room)
        return piece


def locked(data: bytes) -> bool:
    """Whether any member, or the list of members, is under a password."""
    try:
        with SevenZipFile(io.BytesIO(data)) as archive:
            return bool(archive.needs_password())
    except PasswordRequired:
        return True
    except _WRONG:
        return False


def members(data: bytes, passwords: Sequence[str], most: int) -> list[Locked] | None:
    """Every member that is no folder, in the order of the archive; None where no password opens its list.

    Raises TooLarge where those that open hold more than `most` bytes.
    """
    found: list[Locked] | None = None
    for password in passwords or ("",):
        found = _opened(data, password, most, found)
        # Members packed together have one password; those behind what it does not open are asked for by themselves.
        for number in _first_of_each(found or [])[:_MOST_FOLDERS]:
            found = _opened(data, password, most, found, {str(number)})
        if found is not None and all(one.data is not None for one in found):
            break
    return found


def _opened(
    data: bytes,
    password: str,
    most: int,
    found: list[Locked] | None,
    targets: set[str] | None = None,
) -> list[Locked] | None:
    """The members, with the bytes of those that this password opens (of `targets`, by their numbers)."""
    pieces = _Pieces(_Room(most))
    try:
        with SevenZipFile(io.BytesIO(data), password=password) as archive:
            files = [one for one in archive.files if not (one.is_directory or one.is_socket)]
            if found is None:
                found = [
                    Locked(
                        one.filename,
                        bool(one.is_symlink or one.is_junction),
                        None if one.lastwritetime is None else one.lastwritetime.as_datetime(),
                        one.crc32,
                        one.uncompressed,
                        None if one.folder is None else id(one.folder),
                    )
                    for one in files
                ]
            for number, one in enumerate(files):
                # py7zr refuses names that lead outside; nothing is ever written here, so members have numbers.
                one._file_info["filename"] = str(number)
            archive.extract(targets=targets, factory=pieces)
    except _WRONG:
        pass  # what came whole before is kept: its checksum is right
    for number, member in enumerate(found or ()):
        piece = pieces.made.get(str(number))
        content = b"" if piece is None else piece.held.getvalue()
        if member.data is None and _whole(member, content):
            member.data = content
    return found


def _first_of_each(found: Sequence[Locked]) -> list[int]:
    """A member of each folder (what is packed together) of which none came out, but for the first."""
    opened = {one.folder for one in found if one.data and one.folder is not None}
    first: dict[int, int] = {}
    for number, one in enumerate(found):
        if one.folder is not None and one.size and one.folder not in opened:
            first.setdefault(one.folder, number)
    return list(first.values())[1:]


def _whole(member: Locked, content: bytes) -> bool:
    if len(content) != member.size:
        return False
    return not content or (member.crc is not None and zlib.crc32(content) == member.crc)
