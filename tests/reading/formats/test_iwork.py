"""Pages, Numbers and Keynote, written here in both of their forms."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.reading import iwa

SF = 'xmlns:sf="urn:sf" xmlns:sfa="urn:sfa" xmlns:key="urn:key" xmlns:ls="urn:ls"'


def packed(members: dict[str, bytes | str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def field(which: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return number(which << 3) + number(value)
    return number(which << 3 | 2) + number(len(value)) + value


def archive(*messages: tuple[int, bytes]) -> bytes:
    """An .iwa file of these messages, in blocks of literals."""
    content = b""
    for kind, message in messages:
        head = field(1, 7) + field(2, field(1, kind) + field(2, b"\1\0\5") + field(3, len(message)))
        content += number(len(head)) + head + message
    blocks = b""
    for at in range(0, len(content), 40):
        piece = content[at : at + 40]
        block = number(len(piece)) + bytes([len(piece) - 1 << 2]) + piece
        blocks += b"\0" + len(block).to_bytes(3, "little") + block
    return blocks


def test_the_newer_form(read):
    entry = field(1, 4) + field(3, "ledger of 码头".encode())
    members = {
        "Index/Document.iwa": archive(
            (2001, field(2, b"no words") + field(3, b"The barge leaves\xe2\x80\xa8at night"))
        ),
        "Index/Tables/DataList.iwa": archive((6005, field(1, 1) + field(3, entry))),
        "Index/Tables/Tile.iwa": archive((6002, b"\x08\x01")),
        "Index/Comments.iwa": archive((3056, field(1, b"who paid?"))),
        "Data/photo.png": b"\x89PNG",
        "Metadata/Properties.plist": b"bplist00",
    }
    reading = read(packed(members), "shifts.numbers")
    assert (reading.type, reading.state) == ("application/vnd.apple.iwork", "partly-extracted")
    assert "numbers and dates" in reading.reason
    [page] = reading.pages
    assert set(page.text.splitlines()) == {
        "The barge leaves",
        "at night",
        "ledger of 码头",
        "who paid?",
    }
    assert [part.path for part in reading.parts] == ["Data/photo.png"]


def test_a_slide_is_a_page(read):
    members = {
        "Index/Document.iwa": archive((1, b"")),
        "Index/MasterSlide-3.iwa": archive((2001, field(3, b"Title Text"))),
        "Index/Slide-2.iwa": archive((2001, field(3, b"first"))),
        "Index/Slide-10.iwa": archive((2001, field(3, b"second"))),
    }
    reading = read(packed(members))
    assert (reading.state, [page.text for page in reading.pages]) == (
        "extracted",
        ["first", "second"],
    )


def test_the_older_form(read):
    text = (
        f"<document {SF}><metadata><authors><string sfa:string='Wu'/></authors></metadata>"
        "<sf:p>The barge<sf:br/>leaves <sf:span>at night</sf:span><sf:ghost-text>Lorem</sf:ghost-text></sf:p>"
        "<sf:tabular-model sf:name='Shifts'><sf:ct sfa:s='drum'/><sf:n sf:v='4650'/>"
        "<sf:rn sf:v='-226'/></sf:tabular-model>"
        "<sf:chart-name sfa:string='By month'/></document>"
    )
    reading = read(packed({"index.xml": text, "buildVersionHistory.plist": "x", "a.jpg": "y"}))
    assert (reading.state, reading.type) == ("extracted", "application/vnd.apple.iwork")
    assert reading.pages[0].text.splitlines() == [
        "The barge",
        "leaves at night",
        "Shifts",
        "drum",
        "4650",
        "-226",
        "By month",
    ]
    assert reading.properties["authors"] == "Wu"
    assert [part.name for part in reading.parts] == ["a.jpg"]


def test_damage_is_told(read):
    whole = archive((2001, field(3, b"The barge leaves at night, and so does the ferry")))
    reading = read(
        packed(
            {"Index/Document.iwa": whole[:-9], "Index/B.iwa": archive((2001, field(3, b"kept")))}
        )
    )
    assert reading.state == "partly-extracted" and reading.pages[0].text == "kept"
    folder = packed({"a.pages/Index/Document.iwa": whole, "b.txt": "words"})
    assert read(folder).type == "application/zip", "several files together are an archive"


def test_snappy_copies():
    assert iwa.snappy(number(9) + b"\x08abc" + bytes([(6 - 4) << 2 | 1, 3])) == b"abcabcabc"
    assert iwa.snappy(number(8) + b"\x04ab" + bytes([5 << 2 | 2, 1, 0])) == b"abbbbbbb"
    assert iwa.snappy(number(70) + bytes([60 << 2, 69]) + bytes(range(70))) == bytes(range(70))
    for wrong in (b"\x04\x08abc", number(9) + b"\x08abc" + bytes([9, 200]), b"", b"\xff" * 11):
        with pytest.raises((ValueError, IndexError)):
            iwa.snappy(wrong)


def test_a_file_in_frames(read):
    block = number(9) + b"\x08abc" + bytes([(6 - 4) << 2 | 1, 3])
    frames = b"\xff\x06\0\0sNaPpY"
    for kind, content in ((0, block), (0xFE, b"padding"), (1, b" and plain")):
        content = content if kind == 0xFE else b"crc." + content
        frames += bytes([kind]) + len(content).to_bytes(3, "little") + content
    [part] = read(frames, "log.txt.sz").parts
    assert (part.name, part.data) == ("log.txt", b"abcabcabc and plain")
    reading = read(frames[:-3])
    assert (reading.state, reading.parts[0].data) == ("partly-extracted", b"abcabcabc")
    assert read(frames[:14] + b"\xff\xff\xff").state == "failed"


@given(st.binary(max_size=300))
def test_any_bytes_end_in_an_error_or_in_bytes(data):
    for reader in (
        iwa.expand,
        iwa.snappy,
        lambda some: list(iwa.fields(some)),
        lambda some: list(iwa.messages(some)),
    ):
        try:
            reader(data)
        except (ValueError, IndexError):
            continue


def test_real_ones(corpus, read):
    root = corpus("tika-test-documents")
    [path] = root.rglob("testNumbers2013.numbers")
    assert "Checking Account: 300545668" in read(path.read_bytes()).pages[0].text
    [path] = root.rglob("testPagesComments.pages")
    assert "comment about UIMA annotators" in read(path.read_bytes()).pages[0].text
