"""ZIP, encrypted ZIP and TAR.GZ files with the same bytes on each run."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

from samples.scan import dice
from samples.story import CLOCK

_WHEN = (CLOCK.year, CLOCK.month, CLOCK.day, CLOCK.hour, CLOCK.minute, CLOCK.second)


def zipped(members: Mapping[str, bytes], *, store: frozenset[str] = frozenset()) -> bytes:
    """A ZIP archive; names in `store` are kept uncompressed."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name in store else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return held.getvalue()


def tarred(members: Mapping[str, bytes]) -> bytes:
    """A TAR archive compressed with gzip; owner and host are what an office machine writes."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), int(CLOCK.timestamp())
            entry.uname, entry.gname, entry.uid, entry.gid = "storghay", "records", 1107, 1100
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(held.getvalue(), 9, mtime=int(CLOCK.timestamp()))


class _PkwareKeys:
    """The stream cipher of PKWARE's APPNOTE.TXT 6.1, "traditional encryption". Weak, and still what many use."""

    def __init__(self, password: bytes) -> None:
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        a, b, c = self.keys
        a = ~zlib.crc32(bytes([byte]), ~a & 0xFFFFFFFF) & 0xFFFFFFFF
        b = ((b + (a & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        c = ~zlib.crc32(bytes([b >> 24]), ~c & 0xFFFFFFFF) & 0xFFFFFFFF
        self.keys = [a, b, c]

    def encrypt(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            t = self.keys[2] | 2
            out.append(byte ^ ((t * (t ^ 1)) >> 8 & 0xFF))
            self._update(byte)
        return bytes(out)


def locked_zip(members: Mapping[str, bytes], password: str) -> bytes:
    """A ZIP archive whose members are encrypted with a password; the names stay readable, as always in ZIP."""
    body, directory = b"", b""
    date = (CLOCK.year - 1980) << 9 | CLOCK.month << 5 | CLOCK.day
    time = CLOCK.hour << 11 | CLOCK.minute << 5 | CLOCK.second // 2
    for name, data in members.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        small = packer.compress(data) + packer.flush()
        crc = zlib.crc32(data)
        salt = dice(f"salt of {name}").randbytes(11) + bytes([crc >> 24])
        secret = _PkwareKeys(password.encode()).encrypt(salt + small)
        raw = name.encode()
        # General purpose bits: 0 encrypted, 11 the name is UTF-8.
        shared = struct.pack(
            "<HHHHHIIIHH", 20, 0x801, 8, time, date, crc, len(secret), len(data), len(raw), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body)) + raw
        body += b"PK\x03\x04" + shared + raw + secret
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end
