"""A small leak for the trials: a text, a PDF of two pages, an archive with a mail in it, bytes of no known kind."""

from __future__ import annotations

import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

# What a person will look for afterwards, and where it lies: the last part of the document's path.
WORDS = {
    '"drum seventeen leaks"': "memo.txt",
    '"signed on the second page"': "permit.pdf",
    '"meet behind the weighbridge"': "letter.eml",
}
ORIGINALS = 4
DOCUMENTS = 5


def write_leak(folder: Path) -> None:
    """Write the files into a new folder; always the same bytes."""
    folder.mkdir()
    (folder / "memo.txt").write_text("Harbour office, memo.\nToday drum seventeen leaks again.\n")
    pages = ("The permit was refused first.", "It was signed on the second page.")
    (folder / "permit.pdf").write_bytes(pdf(pages))
    letter = EmailMessage()
    letter["From"], letter["To"] = "clerk@harbour.example", "desk@paper.example"
    letter["Subject"] = "A place"
    letter["Date"] = "Mon, 04 Nov 2019 09:00:00 +0000"
    letter.set_content("We meet behind the weighbridge at six.\n")
    with zipfile.ZipFile(folder / "papers.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("inbox/letter.eml"), letter.as_bytes())
    # Over 1 MiB, so that it is encrypted piece by piece; hardly a letter in it, so that little has to be hashed.
    noise = random.Random(20191124).randbytes((1 << 20) + 70_000)
    (folder / "dump.bin").write_bytes(b"HARBOUR DUMP" + noise.translate(bytes(range(8)) * 32))


def pdf(pages: tuple[str, ...]) -> bytes:
    """A PDF with one line of text on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, line in enumerate(pages):
        drawing = f"BT /F1 12 Tf 20 60 Td ({line}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 120] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        ]
    written, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return (
        written
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
        ).encode()
    )
