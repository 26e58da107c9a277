"""Archives: every member accounted for, nothing believed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib

import pytest
import zstandard

from muniment.reading.pages import Budget


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return held.getvalue()


def tarred(*members: tuple[str, bytes], encoding: str = "utf-8") -> bytes:
    held = io.BytesIO()
    with tarfile.TarFile(
        fileobj=held, mode="w", format=tarfile.GNU_FORMAT, encoding=encoding
    ) as archive:
        for name, data in members:
            one = tarfile.TarInfo(name)
            one.size = len(data)
            archive.addfile(one, io.BytesIO(data))
    return held.getvalue()


def test_members_are_parts_and_folders_are_not(read):
    reading = read(zipped(("b/", b""), ("b/two.txt", b"two"), ("a.txt", b"one")))
    assert (reading.state, reading.family, reading.expected_parts) == ("extracted", "archive", 2)
    assert [(p.number, p.path, p.name, p.data) for p in reading.parts] == [
        (1, "b/two.txt", "two.txt", b"two"),
        (2, "a.txt", "a.txt", b"one"),
    ]


def test_names_that_lead_outside_are_only_names(read):
    reading = read(zipped(("../../etc/passwd", b"x"), ("/root/y", b"y"), ("C:\\z", b"z")))
    assert [p.path for p in reading.parts] == ["../../etc/passwd", "/root/y", "C:\\z"]
    assert reading.properties["names-leading-outside"] == "3"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_used_again_is_another_part(read):
    reading = read(zipped(("a", b"1"), ("a", b"2")))
    assert [p.data for p in reading.parts] == [b"1", b"2"]
    assert reading.properties["names-used-again"] == "1"


def test_links_are_recorded_and_not_followed(read):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    link.create_system = 3
    reading = read(zipped((link, b"/etc/passwd"), ("a", b"1")))
    assert [p.name for p in reading.parts] == ["a"]
    assert reading.properties["link"] == "link -> /etc/passwd"
    assert reading.state == "extracted"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "cp1251"])
def test_names_in_legacy_encodings(read, encoding):
    text = "仓库检查报告" if encoding != "cp1251" else "Проверка склада"
    names = [f"{text}/{text}{n}.txt" for n in range(3)]
    data = zipped(
        *((f"@@{n}".ljust(len(name.encode(encoding)), "@"), b"x") for n, name in enumerate(names))
    )
    for n, name in enumerate(names):
        raw = name.encode(encoding)
        data = data.replace(f"@@{n}".ljust(len(raw), "@").encode(), raw)
    assert [p.path for p in read(data).parts] == names
    assert [
        p.path for p in read(tarred(*((n, b"x") for n in names), encoding=encoding)).parts
    ] == names


def locked(data: bytes, password: bytes) -> bytes:
    """A ZIP archive with one member `s`, encrypted as in APPNOTE.TXT 6.1."""
    # The remainder of one byte, without the complements that zlib.crc32 adds.
    table = [zlib.crc32(bytes([n]), 0xFFFFFFFF) ^ 0xFFFFFFFF for n in range(256)]
    keys = [0x12345678, 0x23456789, 0x34567890]

    def step(crc: int, value: int) -> int:
        return (crc >> 8) ^ table[(crc ^ value) & 0xFF]

    def update(value: int) -> None:
        keys[0] = step(keys[0], value)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = step(keys[2], keys[1] >> 24)

    for value in password:
        update(value)
    out = bytearray()
    for value in b"x" * 11 + bytes([zlib.crc32(data) >> 24]) + data:
        key = (keys[2] | 2) & 0xFFFF
        out.append(value ^ ((key * (key ^ 1) >> 8) & 0xFF))
        update(value)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("s", bytes(out))
    whole = bytearray(held.getvalue())
    for mark, flag, crc, size in ((b"PK\x03\x04", 6, 14, 22), (b"PK\x01\x02", 8, 16, 24)):
        at = whole.index(mark)
        whole[at + flag] |= 1
        whole[at + crc : at + crc + 4] = zlib.crc32(data).to_bytes(4, "little")
        whole[at + size : at + size + 4] = len(data).to_bytes(4, "little")
    return bytes(whole)


def test_an_encrypted_member_is_a_part_with_that_state(read):
    data = locked(b"the secret", b"ebb-tide")
    (part,) = read(data).parts
    assert (part.path, part.state, part.data) == ("s", "encrypted", b"")
    assert read(data, passwords=("wrong", "ebb-tide")).parts[0].data == b"the secret"


def test_a_damaged_member_is_a_part_with_that_state(read):
    data = bytearray(zipped(("a", b"one" * 100), ("b", b"two" * 100)))
    at = data.index(b"PK\x03\x04") + 31
    data[at + 3 : at + 9] = b"\xff" * 6
    first, second = read(bytes(data)).parts
    assert (first.state, bool(first.reason)) == ("failed", True)
    assert second.data == b"two" * 100


def test_a_zip_without_its_list_gives_what_stands_in_it(read):
    data = zipped(("a", b"one" * 100), ("b", b"two" * 100))
    reading = read(data[: data.index(b"PK\x01\x02")])
    assert reading.state == "partly-extracted"
    assert [p.data for p in reading.parts] == [b"one" * 100, b"two" * 100]
    cut = read(data[: data.index(b"PK\x01\x02") - 4])
    assert [p.path for p in cut.parts] == ["a", "b"]
    assert cut.state == "partly-extracted"


@pytest.mark.hostile
def test_bombs_stop_at_the_limit(read):
    budget = Budget(part_bytes=1 << 20)
    zeros = bytes(8 << 20)
    for bomb in (
        zipped(("a", zeros)),
        gzip.compress(zeros),
        bz2.compress(zeros),
        lzma.compress(zeros),
    ):
        assert read(bomb, budget=budget).state == "over-limit"
    assert read(zstandard.compress(zeros), budget=budget).state == "over-limit"
    assert read(tarred(("a", zeros)), budget=budget).state == "over-limit"
    assert (
        read(zipped(*((f"{n}", b"") for n in range(20))), budget=Budget(parts=9)).state
        == "over-limit"
    )


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_compressed_files_and_tars(read, pack):
    reading = read(pack(b"words " * 50), "note.txt.gz")
    assert (reading.state, reading.expected_parts) == ("extracted", 1)
    assert (reading.parts[0].name, reading.parts[0].data) == ("note.txt", b"words " * 50)
    reading = read(pack(tarred(("b/x.txt", b"x"), ("y", b"y"))), "all.tgz")
    assert [(p.path, p.data) for p in reading.parts] == [("b/x.txt", b"x"), ("y", b"y")]


def test_a_cut_gzip_gives_what_it_holds(read):
    noise = zlib.compress(bytes(range(256)) * 40, 0)
    reading = read(gzip.compress(noise)[:-40], "n.gz")
    assert reading.state == "partly-extracted"
    assert reading.parts[0].data
    assert noise.startswith(reading.parts[0].data)


def test_a_cut_tar_gives_what_it_holds(read):
    data = tarred(("a", b"1" * 600), ("b", b"2" * 5000))
    reading = read(data[:2500])
    assert reading.state == "partly-extracted"
    assert reading.parts[0].data == b"1" * 600


def test_an_archive_nobody_opens_says_so(read):
    arj = b"\x60\xea\x28\0\x1e\x0b\x01\0\x10\0\x02\0" + bytes(60)
    reading = read(arj)
    assert reading.state == "unsupported"
    assert reading.reason
