"""Small PDFs written by hand, so that every number in them is known."""

from __future__ import annotations

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def assemble(objects: dict[int, bytes], root: int = 1, extra: str = "") -> bytes:
    """A whole file from its objects, with a cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    most = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % most
    for number in range(1, most):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    out += (
        f"trailer << /Size {most} /Root {root} 0 R {extra} >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return bytes(out)


def stream(data: bytes, entries: str = "") -> bytes:
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def pages(
    contents: list[str],
    *,
    media: str = "0 0 600 800",
    page: str = "",
    more: dict[int, bytes] | None = None,
    catalog: str = "",
    extra: str = "",
) -> bytes:
    """One page for each content stream. Object 3 is the font F1; numbers from 100 are free for `more`."""
    objects = {3: FONT.encode()}
    kids = []
    for index, content in enumerate(contents):
        number = 10 + 2 * index
        kids.append(f"{number} 0 R")
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{media}] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> {page} >>"
        ).encode()
        objects[number + 1] = stream(content.encode("latin-1"))
    objects[1] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(contents)} >>".encode()
    objects |= more or {}
    return assemble(dict(sorted(objects.items())), extra=extra)


def words(*placed: tuple[str, float, float], size: int = 24) -> str:
    """A content stream that shows each word at its x and y (from the bottom left)."""
    return "\n".join(f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET" for text, x, y in placed)
