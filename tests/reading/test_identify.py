"""What a document is, by its bytes; a name changes nothing but the kind of text."""

from __future__ import annotations

import codecs
import io
import tarfile
import zipfile

import pytest

MAIL = (
    b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n"
    b"Date: Mon, 1 Jan 2018 00:00:00 +0000\r\n\r\nbody\r\n"
)


def packed(*names: str, mimetype: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
        if mimetype:
            archive.writestr("mimetype", mimetype)
    return out.getvalue()


def holding_a_pdf(kind: str) -> bytes:
    """An archive whose first member is a PDF as it stands, and a text behind it."""
    members = (("first.pdf", b"%PDF-1.4\n" + bytes(3000)), ("second.txt", b"the second one"))
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in members:
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return out.getvalue()


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + (stream + "\0").encode("utf-16-le")


KNOWN = [
    (b"%PDF-1.4\n", "application/pdf"),
    (b"\n\njunk of a mail gateway %PDF-1.4\n", "application/pdf"),
    (MAIL, "message/rfc822"),
    (MAIL + b"the file begins with %PDF-1.4\n", "message/rfc822"),
    (holding_a_pdf("zip"), "application/zip"),
    (holding_a_pdf("tar"), "application/x-tar"),
    (b"From a@example.org Mon Jan  1 00:00:00 2018\n" + MAIL, "application/mbox"),
    (b"!BDN" + bytes(100), "application/vnd.ms-outlook-pst"),
    (bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(50), "application/onenote"),
    (b"<!DOCTYPE html><title>x</title>", "text/html"),
    (b"\xef\xbb\xbf  <!-- saved --><html>", "text/html"),
    (codecs.BOM_UTF16_LE + "<html><body>".encode("utf-16-le"), "text/html"),
    (codecs.BOM_UTF16_BE + "some text".encode("utf-16-be"), "text/plain"),
    (b"just some words\n", "text/plain"),
    (b"Note: this begins like a header\nand is none\n", "text/plain"),
    (packed("a.txt", "b.txt"), "application/zip"),
    (packed("a", mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
    (
        packed("docProps/app.xml", "word/document.xml", "[Content_Types].xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        packed("xl/workbook.xml", "[Content_Types].xml"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (ole("WordDocument"), "application/msword"),
    (ole("__properties_version1.0"), "application/vnd.ms-outlook"),
    (ole("EncryptedPackage"), "application/x-encrypted-ooxml"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "media_type"), KNOWN, ids=[str(n) for n in range(len(KNOWN))])
@pytest.mark.parametrize("name", ["", "wrong.exe", "wrong.pdf", "wrong.jpg"])
def test_by_content(worker, data, media_type, name):
    assert worker.read(data, name).type == media_type


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_no_member_is_lost_behind_a_pdf(worker, kind):
    assert [part.name for part in worker.read(holding_a_pdf(kind), "x").parts] == [
        "first.pdf",
        "second.txt",
    ]


def test_a_name_chooses_among_kinds_of_text(worker):
    assert worker.read(b"some words\n", "a.md").type == "text/markdown"
    assert worker.read(b"%PDF-1.4", "a.md").type == "application/pdf"


TALK = b"Notes on the page:\n<script>the words in it</script>\n<title>are read</title> by people\n"


@pytest.mark.parametrize("name", ["a.txt", "a.log", "a.py", "a.tsv", "a", ""])
def test_text_that_holds_tags_is_shown_whole(worker, name):
    reading = worker.read(TALK, name)
    assert reading.type.startswith("text/") and reading.type != "text/html"
    assert reading.pages[0].text == TALK.decode()


def test_text_that_begins_with_a_script_is_a_page_only_where_no_name_says_otherwise(worker):
    data = b"<script>alert(1)</script> how to call it\n"
    assert worker.read(data, "a.txt").pages[0].text == data.decode()
    assert worker.read(data, "a.html").type == "text/html"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", ""])
@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><body><p>seen</p><script>unseen</script>",
        b"\xef\xbb\xbf\n<!-- saved --> <html><body><p>seen</p><script>unseen</script>",
    ],
)
def test_a_page_of_the_web_is_one_under_any_name(worker, data, name):
    reading = worker.read(data, name)
    assert (reading.type, reading.pages[0].text) == ("text/html", "seen")
