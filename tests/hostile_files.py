"""Files that are meant to take a reader down: each is small and made here, and asks for a thousand times its size."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.add import make_pdf

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
    + "]>"
)


def files(names: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each, or of those named."""
    for name, make in MAKERS.items():
        if not names or name in names:
            yield name, make()


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP of these members, deflated."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def nested_archive(depth: int, width: int) -> bytes:
    """A ZIP of ZIPs of ZIPs: width to the power of depth files of 1 MB, in a few kB."""
    inner = bytes(1 << 20)
    name = "zeros.bin"
    for level in range(depth):
        inner = zipped({f"{n:02d}-{name}": inner for n in range(width)})
        name = f"level-{level}.zip"
    return inner


def huge_png(side: int) -> bytes:
    """A black square with so many pixels a side, one bit each."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + (side + 7) // 8)) for _ in range(side))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = rows + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def loop_pdf() -> bytes:
    """A PDF whose page tree, outline and drawing go in circles, and whose cross-reference points at itself."""
    body = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(
        (
            b"<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 1000000 /Parent 2 0 R >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 5 0 R /Resources 6 0 R >>",
            b"<< /First 4 0 R /Next 4 0 R /Title (round) /Parent 4 0 R >>",
            b"<< /Length 6 >>\nstream\n/X Do\n\nendstream",
            b"<< /XObject << /X 7 0 R >> >>",
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 6 0 R /Length 6 >>\n"
            b"stream\n/X Do\n\nendstream",
        ),
        1,
    ):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(body)
    table = b"xref\n0 8\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    trailer = b"trailer\n<< /Size 8 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        start,
        start,
    )
    return body + table + trailer


def laughs_docx() -> bytes:
    """A text document whose XML grows by entities to 20 GB."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    words = "<w:body><w:p><w:r><w:t>&a10;</w:t></w:r></w:p></w:body>"
    document = f'{LAUGHS}<w:document xmlns:w="{space}">{words}</w:document>'
    return zipped({"[Content_Types].xml": types.encode(), "word/document.xml": document.encode()})


def deep_mail(depth: int) -> bytes:
    """A message in a message in a message."""
    mail = b"From: a@port.example\r\nSubject: the innermost\r\n\r\nthe bottom\r\n"
    for number in range(depth):
        head = b"From: a@port.example\r\nSubject: %d\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
        mail = head % number + mail
    return mail


def sparse(path: Path, size: int) -> None:
    """A file of so many bytes that takes no room."""
    with open(path, "wb") as file:
        file.truncate(size)


def laughs_svg() -> bytes:
    """A drawing whose one text grows by entities to 20 GB."""
    return f'{LAUGHS}<svg xmlns="http://www.w3.org/2000/svg"><text>&a10;</text></svg>'.encode()


MAKERS: dict[str, Callable[[], bytes]] = {
    "nested.zip": lambda: nested_archive(6, 16),
    "zeros.zip": lambda: zipped({"zeros.bin": bytes(300 << 20)}),
    "many.zip": lambda: zipped({f"{n:06d}": b"" for n in range(60_000)}),
    "11000-pages.pdf": lambda: make_pdf(1, pages=11_000, rows=1, across=2),
    "huge.png": lambda: huge_png(30_000),
    "loop.pdf": loop_pdf,
    "laughs.svg": laughs_svg,
    "laughs.docx": laughs_docx,
    "deep.html": lambda: b"<div>" * 200_000 + b"the bottom",
    "deep.json": lambda: b"[" * 1_000_000,
    "deep.eml": lambda: deep_mail(300),
}
