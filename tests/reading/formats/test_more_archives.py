"""7z, RAR, CAB, ISO and their like: made here, by libarchive's own writers or byte by byte."""

from __future__ import annotations

import ctypes
import random
import struct
import zlib

import pytest

from muniment.reading import libarchive
from muniment.reading.pages import Budget

pytestmark = pytest.mark.skipif(
    not libarchive.available(), reason="libarchive is not installed on this machine"
)
MEMBERS = {"ledger/one.txt": b"the barge ledger " * 400, "二.txt": b"two", "empty.txt": b""}


def packed(kind: str, members: dict[str, bytes], *, filtered: str = "none") -> bytes:
    """An archive by the library's writer."""
    library = ctypes.CDLL("libarchive.so.13")
    pointer = ctypes.c_void_p
    library.archive_write_new.restype = library.archive_entry_new.restype = pointer
    archive, room = pointer(library.archive_write_new()), ctypes.create_string_buffer(1 << 21)
    used = ctypes.c_size_t()
    getattr(library, f"archive_write_set_format_{kind}")(archive)
    getattr(library, f"archive_write_add_filter_{filtered}")(archive)
    library.archive_write_set_bytes_per_block(archive, 0)
    library.archive_write_open_memory(archive, room, ctypes.c_size_t(len(room)), ctypes.byref(used))
    for name, content in members.items():
        entry = pointer(library.archive_entry_new())
        library.archive_entry_update_pathname_utf8(entry, name.encode())
        library.archive_entry_set_filetype(entry, 0o100000)
        library.archive_entry_set_perm(entry, 0o644)
        library.archive_entry_set_size(entry, ctypes.c_int64(len(content)))
        library.archive_entry_set_mtime(entry, ctypes.c_long(1_500_000_000), ctypes.c_long(0))
        library.archive_write_header(archive, entry)
        library.archive_write_data(archive, content, ctypes.c_size_t(len(content)))
        library.archive_entry_free(entry)
    library.archive_write_close(archive)
    library.archive_write_free(archive)
    return room.raw[: used.value]


def _rar_block(fields: bytes, data: bytes = b"") -> bytes:
    """A block of RAR 5: CRC-32, size of the header, header, data."""
    sized = bytes([len(fields)]) + fields
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def rar(name: str, content: bytes) -> bytes:
    """A RAR 5 archive with one member, stored as it is."""
    raw = name.encode()
    size = bytes([len(content) & 0x7F | 0x80, len(content) >> 7])
    crc = struct.pack("<I", zlib.crc32(content))
    fields = b"\x02\x02" + size + b"\x04" + size + b"\x20" + crc + b"\0\0" + bytes([len(raw)]) + raw
    blocks = _rar_block(b"\x01\0\0") + _rar_block(fields, content) + _rar_block(b"\x05\0\0")
    return b"Rar!\x1a\x07\x01\0" + blocks


def cab(name: str, content: bytes) -> bytes:
    """A cabinet (MS-CAB) with one member, stored as it is."""
    listed = (
        struct.pack("<IIHHHH", len(content), 0, 0, 0x4D55, 0x6000, 0x20) + name.encode() + b"\0"
    )
    start = 36 + 8 + len(listed)
    data = struct.pack("<IHH", 0, len(content), len(content)) + content
    head = struct.pack(
        "<4sIIIIIBBHHHHH", b"MSCF", 0, start + len(data), 0, 44, 0, 3, 1, 1, 1, 0, 7, 0
    )
    return head + struct.pack("<IHH", start, 1, 0) + listed + data


@pytest.mark.parametrize("kind", ["7zip", "cpio_newc", "iso9660", "xar"])
def test_every_member_comes_out(read, kind):
    reading = read(packed(kind, MEMBERS))
    assert (reading.state, reading.family, reading.reason) == ("extracted", "archive", "")
    assert {part.path: part.data for part in reading.parts} == MEMBERS
    assert {part.properties["modified"] for part in reading.parts} == {"2017-07-14T02:40:00Z"}


def test_rar_and_cab(read):
    content = b"roster of the night shift, " * 9
    for made in (rar("名单/roster.txt", content), cab("roster.txt", content)):
        reading = read(made)
        assert reading.state == "extracted", reading.reason
        [part] = reading.parts
        assert (part.name, part.data, part.state) == ("roster.txt", content, "")


def test_a_single_compressed_file(read):
    made = packed("raw", {"x": b"one file " * 2000}, filtered="compress")
    reading = read(made, "letter.txt.Z")
    assert [(p.name, p.data) for p in reading.parts] == [("letter.txt", b"one file " * 2000)]


def test_cut_off_what_came_before_stays_and_is_told(read):
    whole = packed("cpio_newc", MEMBERS)
    reading = read(whole[: whole.index(b"two")])
    assert reading.state == "partly-extracted"
    assert reading.parts[0].data == MEMBERS["ledger/one.txt"]
    seven = packed("7zip", MEMBERS)
    assert read(seven[:-10]).state == "failed"


def test_a_damaged_member_is_a_part_that_says_so(read):
    made = bytearray(packed("7zip", {"one.txt": random.Random(4).randbytes(300) * 40}))
    made[100:140] = bytes(40)
    [part] = read(bytes(made)).parts
    assert (part.state, part.data) == ("failed", b"")
    assert "damaged" in part.reason


def test_expansion_stops_at_the_limit(read):
    made = packed("7zip", {"bomb": bytes(1 << 20)})
    assert len(made) < 2000
    reading = read(made, budget=Budget(part_bytes=1 << 18))
    assert reading.state == "over-limit"


def test_names_are_shown_and_links_not_followed(read):
    reading = read(packed("cpio_newc", {"../../etc/passwd": b"x", "/srv/y": b"y"}))
    assert [p.path for p in reading.parts] == ["../../etc/passwd", "/srv/y"]
    assert reading.properties["names-leading-outside"] == "2"
