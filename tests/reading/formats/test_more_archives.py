"""7z, RAR, CAB, ISO and their like: made here, by libarchive's own writers or byte by byte."""

from __future__ import annotations

import ctypes
import io
import random
import struct
import zlib

import py7zr
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


def seven_zip(members: dict[str, bytes], password: str, *, listed: bool = True, **more) -> bytes:
    """A 7z archive under a password, by py7zr's writer; without `listed` its list of members is encrypted too."""
    held = io.BytesIO()
    with py7zr.SevenZipFile(
        held, "w", password=password, header_encryption=not listed, **more
    ) as archive:
        for name, content in members.items():
            archive.writef(io.BytesIO(content), name)
    return held.getvalue()


@pytest.mark.parametrize("listed", [True, False])
def test_a_7z_archive_under_a_password_is_opened_by_the_right_one(worker, listed):
    archive = seven_zip(MEMBERS, "krähe 7", listed=listed)
    for passwords in ((), ("falsch", "")):
        reading = worker.read(archive, "a.7z", passwords=passwords)
        if listed:
            assert reading.state == "extracted" and len(reading.parts) == len(MEMBERS)
            states = {part.path: part.state for part in reading.parts}
            assert states == {name: "encrypted" if MEMBERS[name] else "" for name in MEMBERS}
            places = {part.path: part.number for part in reading.parts}
        else:
            assert (reading.state, reading.parts) == ("encrypted", [])
            assert "password" in reading.reason
    reading = worker.read(archive, "a.7z", passwords=("falsch", "krähe 7"))
    assert (reading.state, reading.reason) == ("extracted", "")
    assert {part.path: part.data for part in reading.parts} == MEMBERS
    if listed:
        assert {part.path: part.number for part in reading.parts} == places
    number = next(part.number for part in reading.parts if part.path == "二.txt")
    assert worker.part(archive, number, passwords=("krähe 7",)) == b"two"


def test_a_locked_7z_archive_that_swells_is_stopped_and_a_damaged_one_said(worker):
    archive = seven_zip({"a.txt": bytes(40 << 20), "b.txt": b"x"}, "p")
    reading = worker.read(archive, "a.7z", passwords=("p",))
    assert (reading.state, reading.parts) == ("over-limit", [])
    archive = bytearray(seven_zip({"a.txt": random.Random(7).randbytes(100_000)}, "p"))
    archive[5_000] ^= 1
    [part] = worker.read(bytes(archive), "a.7z", passwords=("p",)).parts
    assert (part.state, part.data) == ("encrypted", b"") and "damaged" in part.reason


def test_names_that_lead_outside_do_not_keep_a_locked_7z_archive_shut(worker):
    members = {"a/../../x.txt": b"one", "same.txt": b"two"}
    archive = seven_zip(dict.fromkeys(["a/aa/aa/x.txt"], b"one") | {"same.txt": b"two"}, "p")
    assert "a/aa/aa/x.txt".encode("utf-16-le") not in archive, "the list is packed"
    held = io.BytesIO()
    with py7zr.SevenZipFile(held, "w", password="p") as written:
        written.header_encryption = False
        written.encoded_header_mode = False
        for name, content in zip(["a/aa/aa/x.txt", "same.txt"], members.values(), strict=True):
            written.writef(io.BytesIO(content), name)
    found = held.getvalue()
    assert found.count("a/aa/aa".encode("utf-16-le")) == 1
    head = found[32:].replace("a/aa/aa".encode("utf-16-le"), "a/../..".encode("utf-16-le"))
    start = int.from_bytes(found[12:20], "little")
    size = int.from_bytes(found[20:28], "little")
    listed = head[start : start + size]
    rest = found[12:28] + struct.pack("<I", zlib.crc32(listed))
    forged = found[:8] + struct.pack("<I", zlib.crc32(rest)) + rest + head
    reading = worker.read(forged, "a.7z", passwords=("p",))
    assert {part.path: part.data for part in reading.parts} == members
    assert reading.properties["names-leading-outside"] == "1"


def locked_rar(name: str, content: bytes) -> bytes:
    """A RAR 5 archive whose one member says it is encrypted (a record in its extra area)."""
    raw = name.encode()
    size = bytes([len(content) & 0x7F | 0x80, len(content) >> 7])
    crc = struct.pack("<I", zlib.crc32(content))
    extra = b"\x01\0\0\x0f" + bytes(range(32))
    extra = bytes([len(extra)]) + extra
    fields = b"\x02\x03" + bytes([len(extra)]) + size + b"\x04" + size + b"\x20" + crc
    fields += b"\0\0" + bytes([len(raw)]) + raw + extra
    blocks = _rar_block(b"\x01\0\0") + _rar_block(fields, content) + _rar_block(b"\x05\0\0")
    return b"Rar!\x1a\x07\x01\0" + blocks


def test_a_rar_archive_under_a_password_is_never_taken_for_read(read):
    [part] = read(locked_rar("plan.txt", b"ciphertext" * 20)).parts
    assert (part.state, part.data, part.path) == ("encrypted", b"", "plan.txt")
    assert "unpack it elsewhere" in part.reason
    shut = b"Rar!\x1a\x07\x01\0" + _rar_block(b"\x04\0\0\0\x0f" + bytes(range(16))) + bytes(400)
    reading = read(shut)
    assert (reading.state, reading.parts) == ("encrypted", [])
    assert "unpack it elsewhere" in reading.reason
