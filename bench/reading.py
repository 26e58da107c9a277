"""What the sandbox costs: reading PDFs through a Worker, as a ratio to bare pypdfium2 in one process.

    .venv/bin/python -m bench.reading [--corpus pdfjs-pdfs] [--rounds 5]

Bare pypdfium2 gets the text of each page and the box of each character, with its own Python interface, and
nothing else. The Worker identifies the file, reads text, boxes, notes, form values, properties, attachments and
language, and brings it all out of the sandbox. Both take the same bytes from memory, turn and turn about; the best
round of each counts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pypdfium2

from muniment.reading.worker import Worker

_CORPORA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "corpora"


def bare(files: list[bytes]) -> int:
    """Text and character boxes of every page; gives the number of characters."""
    characters = 0
    for data in files:
        try:
            pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            continue
        for page in pdf:
            text = page.get_textpage()
            text.get_text_range()
            count = text.count_chars()
            for index in range(count):
                text.get_charbox(index)
            characters += count
            text.close()
            page.close()
        pdf.close()
    return characters


def seconds(work: object, *arguments: object) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    work(*arguments)  # type: ignore[operator]
    return time.perf_counter() - begin


def main() -> None:
    """Print the ratio for one corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="pdfjs-pdfs")
    parser.add_argument("--corpora", type=Path, default=_CORPORA)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=1, help="each file this many times")
    chosen = parser.parse_args()
    paths = sorted((chosen.corpora / chosen.corpus).rglob("*.pdf"))
    if not paths:
        print(f"no PDFs under {chosen.corpora / chosen.corpus}")
        return
    files = [path.read_bytes() for path in paths] * chosen.copies
    with Worker() as worker:
        begin = time.perf_counter()
        worker.read(files[0], "")
        start = time.perf_counter() - begin

        def ours() -> None:
            for data in files:
                worker.read(data, "")

        rounds = [(seconds(bare, files), seconds(ours)) for _ in range(chosen.rounds)]
    plain, boxed = (min(column) for column in zip(*rounds, strict=True))
    print(f"{len(files)} PDFs, {bare(files)} characters; first document {start * 1000:.0f} ms")
    print(
        f"bare pypdfium2 {plain:.3f} s · sandboxed worker {boxed:.3f} s · ratio {boxed / plain:.2f}"
    )


if __name__ == "__main__":
    main()
