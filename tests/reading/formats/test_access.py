"""Access databases: Jet 4 written here page by page, Jet 3 from a real one."""

from __future__ import annotations

import random
import struct
import uuid

PAGE = 4096
BOOLEAN, LONG, MONEY, DOUBLE, DATE, TEXT, OLE, MEMO, GUID = 1, 4, 5, 7, 8, 10, 11, 12, 15
SIZES = {BOOLEAN: 0, LONG: 4, MONEY: 8, DOUBLE: 8, DATE: 8, GUID: 16}


def definition(columns: list[tuple[str, int]], rows: int) -> bytes:
    """The page that defines a table."""
    head = bytearray(63)
    head[0:2] = b"\x02\x01"
    variable = [name for name, kind in columns if kind not in SIZES]
    struct.pack_into("<I", head, 16, rows)
    struct.pack_into("<BHHHII", head, 40, 0x4E, len(columns), len(variable), len(columns), 0, 0)
    entries, names, fixed, moving = b"", b"", 0, 0
    for number, (name, kind) in enumerate(columns):
        entry = bytearray(25)
        entry[0] = kind
        struct.pack_into("<HH", entry, 5, number, moving)
        entry[15] = kind in SIZES
        struct.pack_into("<HH", entry, 21, fixed, SIZES.get(kind, 255))
        fixed, moving = fixed + SIZES.get(kind, 0), moving + (kind not in SIZES)
        entries += bytes(entry)
        names += struct.pack("<H", 2 * len(name)) + name.encode("utf-16-le")
    return (bytes(head) + entries + names).ljust(PAGE, b"\0")


def row(columns: list[tuple[str, int]], values: list[bytes | bool | None]) -> bytes:
    """One row from bytes as they are stored."""
    both = list(zip(columns, values, strict=True))
    start = struct.pack("<H", len(columns))
    for (_, kind), value in both:
        if SIZES.get(kind):
            start += value if isinstance(value, bytes) else bytes(SIZES[kind])
    places, tail = [], start
    for (_, kind), value in both:
        if kind not in SIZES:
            places.append(len(tail))
            tail += value if isinstance(value, bytes) else b""
    places.append(len(tail))
    mask = bytearray((len(columns) + 7) // 8)
    for number, value in enumerate(values):
        if value is not None and value is not False:
            mask[number // 8] |= 1 << number % 8
    offsets = b"".join(struct.pack("<H", place) for place in reversed(places))
    return tail + offsets + struct.pack("<H", len(places) - 1) + bytes(mask)


def rows(owner: int | bytes, held: list[tuple[bytes, int]]) -> bytes:
    """A page of rows, each with its flags."""
    page, at = bytearray(PAGE), PAGE
    page[0:2] = b"\x01\x01"
    page[4:8] = owner if isinstance(owner, bytes) else struct.pack("<I", owner)
    struct.pack_into("<H", page, 12, len(held))
    for number, (one, flags) in enumerate(held):
        at -= len(one)
        page[at : at + len(one)] = one
        struct.pack_into("<H", page, 14 + 2 * number, at | flags)
    return bytes(page)


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


CATALOGUE = [("Id", LONG), ("Name", TEXT), ("Type", LONG), ("Flags", LONG), ("Database", MEMO)]
PEOPLE = [
    ("id", LONG), ("paid", MONEY), ("weight", DOUBLE), ("seen", DATE), ("key", GUID), ("held", BOOLEAN),
    ("name", TEXT), ("note", MEMO), ("picture", OLE),
]  # fmt: skip
KEY = uuid.UUID("12345678-9abc-def0-1122-334455667788")


def person(number: int, name: bytes, note: bytes | None, *, held: bool = False) -> bytes:
    values = [
        struct.pack("<i", number), struct.pack("<q", -12_345_600), struct.pack("<d", 80.25),
        struct.pack("<d", 43294.75), KEY.bytes_le, held, name, note, None,
    ]  # fmt: skip
    return row(PEOPLE, values)


def database() -> bytes:
    """Three rows to be read, one deleted, one moved elsewhere; notes inline, on another page, and in two pieces."""

    def listed(
        page: int, name: str, kind: int, flags: int = 0, where: bytes | None = None
    ) -> tuple[bytes, int]:
        numbers = [
            struct.pack("<i", page),
            wide(name),
            struct.pack("<i", kind),
            struct.pack("<i", flags),
            where,
        ]
        return row(CATALOGUE, numbers), 0

    elsewhere = wide(r"D:\ward\minder.mdb")
    inline = struct.pack("<III", 0x80000000 | len(elsewhere), 0, 0) + elsewhere
    objects = [
        listed(4, "people", 1),
        listed(2, "MSysObjects", 1, -0x80000000),
        listed(99, "late", 5),
        listed(9, "ward", 6, 0, inline),
    ]
    far, first, second = wide("in one piece"), wide("in two "), wide("pieces")
    lval = [
        (far, 0),
        (struct.pack("<I", 6 << 8 | 2) + first, 0),
        (struct.pack("<I", 0) + second, 0),
    ]
    one = struct.pack("<III", 0x40000000 | len(far), 6 << 8, 0)
    two = struct.pack("<III", len(first + second), 6 << 8 | 1, 0)
    people = [
        (person(1, b"\xff\xfeZhang", one, held=True), 0),
        (person(9, wide("gone"), None), 0x8000),
        (struct.pack("<I", 7 << 8), 0x4000),
        (person(3, b"\xff\xfeab\0" + wide("名") + b"\0cd", None), 0),
    ]
    moved = [(person(2, wide("王永智"), two), 0x8000)]
    head = (b"\0\x01\0\0Standard Jet DB\0\x01").ljust(PAGE, b"\0")
    return b"".join([
        head, bytes(PAGE), definition(CATALOGUE, 4), rows(2, objects), definition(PEOPLE, 3), rows(4, people),
        rows(b"LVAL", lval), rows(4, moved),
    ])  # fmt: skip


def test_every_row_of_every_table(read):
    reading = read(database(), "minder.mdb")
    assert (reading.state, reading.reason, reading.family) == ("extracted", "", "office")
    [page] = reading.pages
    rest = f"-1234.5600\t80.25\t2018-07-13T18:00:00\t{KEY}"
    assert page.text.split("\n") == [
        "people",
        "id\tpaid\tweight\tseen\tkey\theld\tname\tnote\tpicture",
        f"1\t{rest}\tyes\tZhang\tin one piece\t",
        f"2\t{rest}\tno\t王永智\tin two pieces\t",
        f"3\t{rest}\tno\tab名cd\t\t",
    ]
    assert reading.properties["query"] == "late"
    assert reading.properties["linked-table"] == r"ward D:\ward\minder.mdb"


def test_missing_rows_and_damage_are_told(read):
    whole = database()
    reading = read(whole[: 5 * PAGE] + bytes(PAGE) + whole[6 * PAGE :])
    assert (reading.state, reading.reason) == (
        "partly-extracted",
        "0 of 3 rows of a table could be read",
    )
    assert read(whole[: 2 * PAGE + 9]).state == "failed"
    assert read(whole[: 2 * PAGE] + random.Random(3).randbytes(6 * PAGE)).state == "encrypted"


def test_no_byte_makes_it_stumble(directly):
    whole, chance = database(), random.Random(11)
    from muniment.reading.account import Unreadable

    for _ in range(300):
        made = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            made[chance.randrange(2 * PAGE, len(made))] = chance.randrange(256)
        try:
            directly(bytes(made), "application/x-msaccess")
        except Unreadable:
            continue


def test_a_real_one_of_access_97(corpus, read):
    [path] = corpus("ingest-file-fixtures").rglob("Books_be.mdb")
    reading = read(path.read_bytes())
    assert reading.state == "extracted"
    authors, books = (page.text for page in reading.pages)
    assert "3\tShakespeare, William\t\tyes" in authors
    assert "13\t2\tHunt for Red October\t1995-01-01\tfair\t2001-06-22" in books
