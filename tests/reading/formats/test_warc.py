"""Web archives: what was captured is a part at its address, whole or told."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zipfile
import zlib

PAGE = b"<html><title>Shed 9</title><body><p>The drums were moved at night.</p></body></html>"


def record(
    kind: str,
    block: bytes,
    address: str = "",
    content: str = "application/http; msgtype=response",
    **more: str,
) -> bytes:
    digest = base64.b32encode(hashlib.sha1(block).digest()).decode()
    head = {
        "WARC-Type": kind, "WARC-Target-URI": address, "WARC-Date": "2018-07-13T10:00:00Z", "Content-Type": content,
        "WARC-Block-Digest": more.pop("digest", f"sha1:{digest}"), "Content-Length": str(len(block)),
    }  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(body: bytes, *more: str) -> bytes:
    return (
        "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *more, "", ""]).encode() + body
    )


def chunked(body: bytes) -> bytes:
    return (
        b"".join(
            b"%x\r\n%b\r\n" % (len(body[at : at + 20]), body[at : at + 20])
            for at in range(0, len(body), 20)
        )
        + b"0\r\n\r\n"
    )


WHOLE = (
    record("warcinfo", b"software: harvester 2\r\noperator: a desk\r\n", content="application/warc-fields")
    + record("request", b"GET / HTTP/1.1\r\nCookie: who\r\n\r\n", "https://port.example/")
    + record("response", http(PAGE), "https://port.example/")
    + record("response", http(chunked(gzip.compress(PAGE)), "Transfer-Encoding: chunked", "Content-Encoding: gzip"), "https://port.example/a/shed%209.html?x=1")
    + record("response", http(zlib.compress(PAGE)[2:-4], "Content-Encoding: deflate"), "https://port.example/raw")
    + record("resource", b"plain words", "file:///notes.txt", "text/plain")
)  # fmt: skip


def test_responses_and_resources_are_parts_at_their_address(read):
    reading = read(WHOLE)
    assert (reading.state, reading.reason, reading.type) == ("extracted", "", "application/warc")
    assert [(part.path, part.name, part.data) for part in reading.parts] == [
        ("https://port.example/", "index.html", PAGE),
        ("https://port.example/a/shed%209.html?x=1", "shed 9.html", PAGE),
        ("https://port.example/raw", "raw", PAGE),
        ("file:///notes.txt", "notes.txt", b"plain words"),
    ]
    assert reading.parts[0].properties == {
        "address": "https://port.example/",
        "captured": "2018-07-13T10:00:00Z",
        "status": "200",
        "declared-type": "text/html",
    }
    assert reading.properties["records-request"] == "1"
    assert reading.properties["capture-software"] == "harvester 2"


def test_compressed_and_in_a_wacz(read):
    reading = read(gzip.compress(WHOLE[:700]) + gzip.compress(WHOLE[700:]), "site.warc.gz")
    [part] = reading.parts
    assert part.data == WHOLE
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("archive/data.warc.gz", gzip.compress(WHOLE))
    assert [part.path for part in read(held.getvalue()).parts] == ["archive/data.warc.gz"]


def test_altered_and_cut_off_records_say_so(read):
    reading = read(WHOLE.replace(b"plain words", b"plain wards"))
    assert (
        reading.state == "partly-extracted"
        and "1 records are not what the digest" in reading.reason
    )
    assert len(reading.parts) == 4
    reading = read(WHOLE[: WHOLE.rindex(b"words")])
    assert reading.state == "partly-extracted" and "cut off" in reading.reason
    assert read(b"WARC/1.0\r\nContent-Length: many\r\n\r\n").state == "failed"


def test_what_cannot_be_undone_stays_as_it_is(read):
    made = record(
        "response", http(b"\x0b\x02\x80", "Content-Encoding: br"), "https://port.example/b"
    )
    [part] = read(made).parts
    assert (part.data, part.properties["content-encoding"]) == (b"\x0b\x02\x80", "br")
