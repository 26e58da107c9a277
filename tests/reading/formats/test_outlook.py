"""Messages and mailboxes of Outlook."""

from __future__ import annotations

import struct
import uuid
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.reading.compound import SIGNATURE, Compound

Storage = dict[str, "bytes | Storage"]
NONE = 0xFFFFFFFF


class Writer:
    """Writes a compound file (MS-CFB) in which every stream has sectors of its own: the cutoff of small ones is 0."""

    def __init__(self) -> None:
        self.entries: list[list[object]] = []
        self.sectors: list[bytes] = []
        self.chains: list[int] = []

    def put(self, data: bytes) -> int:
        start = len(self.sectors)
        for at in range(0, max(1, len(data)), 512):
            self.sectors.append(data[at : at + 512].ljust(512, b"\0"))
            self.chains.append(len(self.sectors))
        self.chains[-1] = 0xFFFFFFFE
        return start

    def add(self, name: str, kind: int, inside: bytes | Storage) -> int:
        """Siblings hang at each other's right: a tree as plain as a list."""
        mine = len(self.entries)
        self.entries.append([name, kind, NONE, NONE, 0, 0])
        if isinstance(inside, bytes):
            self.entries[mine][4:] = [self.put(inside), len(inside)]
            return mine
        before, link = mine, 3
        for child, content in inside.items():
            number = self.add(child, 2 if isinstance(content, bytes) else 1, content)
            self.entries[before][link] = number
            before, link = number, 2
        return mine

    def written(self) -> bytes:
        raw = b""
        for name, kind, right, child, start, size in self.entries:
            text = f"{name}\0".encode("utf-16-le")
            head = text.ljust(64, b"\0") + struct.pack(
                "<HBBIII", len(text), kind, 1, NONE, right, child
            )
            raw += head.ljust(116, b"\0") + struct.pack("<IQ", start, size)
        directory = self.put(raw)
        table, table_at = [*self.chains, 0xFFFFFFFD], len(self.sectors)
        self.sectors.append(struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff"))
        fields = (
            62,
            3,
            0xFFFE,
            9,
            6,
            0,
            1,
            directory,
            0,
            0,
            0xFFFFFFFE,
            0,
            0xFFFFFFFE,
            0,
            table_at,
        )
        head = SIGNATURE + bytes(16) + struct.pack("<HHHHH6x10I", *fields)
        return head.ljust(512, b"\xff") + b"".join(self.sectors)


def compound(root: Storage) -> bytes:
    """A compound file that holds these storages and streams."""
    writer = Writer()
    writer.add("Root Entry", 5, root)
    return writer.written()


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def message(subject: str, **more: bytes | Storage) -> Storage:
    return {
        "__properties_version1.0": bytes(32)
        + struct.pack("<HHIQ", 0x0040, 0x0039, 6, 131759786400000000),
        "__substg1.0_001A001F": wide("IPM.Note"),
        "__substg1.0_0037001F": wide(subject),
        "__substg1.0_0C1A001F": wide("Ada"),
        "__substg1.0_0C1F001F": wide("ada@port.example"),
        "__substg1.0_0E04001F": wide("bo@port.example"),
        **more,
    }


def test_a_message_with_attachments(read):
    file = {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3707001F": wide("报告.txt"),
        "__substg1.0_37010102": b"the report",
    }
    inner = message("Inside", **{"__substg1.0_1000001F": wide("inner text")})
    attached = {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3001001F": wide("Inside"),
        "__substg1.0_3701000D": inner,
    }
    more = {
        "__substg1.0_1000001F": wide("see 仓库"),
        "__attach_version1.0_#00000000": file,
        "__attach_version1.0_#00000001": attached,
    }
    reading = read(compound(message("Shed 9", **more)))
    assert (reading.state, reading.type, reading.title) == (
        "extracted",
        "application/vnd.ms-outlook",
        "Shed 9",
    )
    assert reading.properties["from"] == "Ada <ada@port.example>"
    assert reading.properties["date"] == "2018-07-13T18:04:00Z"
    assert reading.pages[0].text.endswith("\n\nsee 仓库")
    assert [part.name for part in reading.parts] == ["报告.txt", "Inside.eml"]
    assert reading.parts[0].data == b"the report"
    again = read(reading.parts[1].data, reading.parts[1].name)
    assert (again.state, again.title) == ("extracted", "Inside")
    assert again.pages[0].text.endswith("inner text")


def test_an_old_word_file_says_who_saved_it_and_where(read):
    said = ["Wu", r"C:\ward\minutes.doc", "阿依古丽", r"\\port\shed 9\minutes.doc"]
    table = struct.pack("<HHH", 0xFFFF, len(said), 0)
    for one in said:
        table += struct.pack("<H", len(one)) + one.encode("utf-16-le")
    head = bytearray(0x9A + 80 * 8)
    struct.pack_into("<HHHHHH", head, 0, 0xA5EC, 0xC1, 0, 0, 0, 0x0200)
    struct.pack_into("<II", head, 0x9A + 71 * 8, 32, len(table))
    reading = read(compound({"WordDocument": bytes(head), "1Table": bytes(32) + table}))
    assert reading.type == "application/msword"
    assert reading.properties["saved-by"].splitlines() == [
        r"Wu: C:\ward\minutes.doc",
        r"阿依古丽: \\port\shed 9\minutes.doc",
    ]


def test_an_appointment_says_when_and_where(read):
    sets = uuid.UUID("00062002-0000-0000-c000-000000000046").bytes_le
    entries = b"".join(
        struct.pack("<IHH", name, 3 << 1, n) for n, name in enumerate((0x820D, 0x820E, 0x8208))
    )
    start = round((datetime(2017, 2, 28, 19) - datetime(1601, 1, 1)).total_seconds()) * 10**7
    times = ((0x8000, start), (0x8001, start + 36_000_000_000), (0x8516, 0x0CB34557A3DD4000))
    fixed = b"".join(struct.pack("<HHIQ", 0x0040, number, 6, ticks) for number, ticks in times)
    more = {
        "__nameid_version1.0": {"__substg1.0_00020102": sets, "__substg1.0_00030102": entries},
        "__substg1.0_8002001F": wide("shed 9, 码头"),
        "__substg1.0_1000001F": wide("bring the keys"),
    }
    held = message("Night shift", **more)
    held["__properties_version1.0"] += fixed
    reading = read(compound(held))
    assert reading.properties["event-start"] == "2017-02-28T19:00:00Z"
    assert reading.properties["event-end"] == "2017-02-28T20:00:00Z"
    lines = reading.pages[0].text.splitlines()
    assert {"Begins: 2017-02-28T19:00:00Z", "Place: shed 9, 码头", "bring the keys"} <= set(lines)


def test_eight_bit_text_in_its_code_page(read):
    page = struct.pack("<HHIQ", 0x0003, 0x3FFD, 6, 936)
    data = message("x", **{"__substg1.0_1000001E": "九号仓库检查".encode("gb18030")})
    data["__properties_version1.0"] += page
    assert "九号仓库检查" in read(compound(data)).pages[0].text


@pytest.mark.parametrize("head", [b"!BDN", b"!BDN" + bytes(600)])
def test_a_mailbox_that_cannot_be_opened_says_so(read, head):
    reading = read(head, "archive.pst")
    assert (reading.state, reading.family) == ("failed", "mailbox")
    assert "libpff" in reading.reason


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=40))
def test_damaged_compound_files_end(place, rubbish):
    data = bytearray(compound(message("x", **{"__substg1.0_1000001F": wide("text" * 200)})))
    data[place : place + len(rubbish)] = rubbish
    try:
        opened = Compound(bytes(data))
    except (ValueError, struct.error):
        return
    for entry in opened.entries:
        assert len(opened.read(entry)) <= len(data)
