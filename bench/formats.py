"""What share of the expected texts is found, by family of formats: `python bench/formats.py [--missing]`.

Two corpora say what must be in their files: tika-test-documents (`contains_text`) and ingest-file-fixtures (literals
in the tests of its readers). Every file goes through the sandboxed Worker as `add` would take it, parts and their
parts too; an expected text counts when it stands in a page, a title or a property of the file or of anything inside
it (white space folded). TRIAGE says which expectations are left out, and why. OCR runs later than this: what needs it
is left out too, and counted by the measures of OCR.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from muniment.reading.pages import Budget, Reading
from muniment.reading.worker import Worker

CORPORA = (
    Path(
        os.environ.get("MUNIMENT_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "data")
    )
    / "corpora"
)
DEEPEST = 6
SECONDS = 60.0

_OCR = "stands in an image: OCR comes after reading"
_PASSWORD = "needs the password"
_TIKA = "what Tika itself adds: the name of a class, an exception, markup"
TRIAGE: dict[str, str] = {
    "testOCR_encode.png": "Tika's own wrapping of OCR images in base64",
    "testOCR.jpg": _OCR,
    "testOCR_spacing.png": _OCR,
    "jbig2.pdf": _OCR,
    "testEXCEL_protected_passtika.xls": _PASSWORD,
    "protectedFile.xlsx": _PASSWORD,
    "protect.xlsx": _PASSWORD,
    "testODTEncrypted.odt": _PASSWORD,
    "testPagesPwdProtected.pages": _PASSWORD,
    "null_pointer.xml.gz": "a file that makes Tika's mock reader throw",
    "nothing_bad.xml": "a script for Tika's mock reader",
    "testTSD_broken_pdf.tsd": _TIKA,
    "testZipEncrypted.zip": _TIKA,
    "testHTML_embedded_img_in_js.html": "stands in a script, which nobody sees",
    "email_encode_markup.eml": "the page as ingest-file marks it up",
    "testContentStreamSpaceGlyphs.pdf": "how Tika's PDF reader sets spaces between glyphs",
}
"""Files left out, and why."""
_ONLY_TIKA = {
    "org.apache.tika.parser.mp4.MP4Parser",
    "timed out",
    "nicholas dipiazza\0",
    "4501-01-01T00",
}


def expectations() -> Iterator[tuple[Path, str]]:
    """Each file and a text that must be found in it."""
    root = CORPORA / "tika-test-documents"
    for entry in json.loads((root / "EXPECTED.json").read_text()):
        for text in entry["contains_text"]:
            if text not in _ONLY_TIKA:
                yield root / entry["file"], text
    root = CORPORA / "ingest-file-fixtures"
    for entry in json.loads((root / "EXPECTED.json").read_text()):
        for expected in entry["expects"]:
            for text in _literals(expected["kind"], expected["args"]):
                yield root / entry["fixture"], text


def _literals(kind: str, arguments: list[str]) -> Iterator[str]:
    """The texts that a test of ingest-file wants to see in a body or a title."""
    if kind == "assertIn":
        wanted, where = arguments[0], arguments[1]
    elif kind == "assertEqual" and len(arguments) == 2:
        where, wanted = arguments
    else:
        return
    if not re.search("bodyText|bodyHtml|indexText|subject|titles|tables|'title'|'name'", where):
        return
    try:
        found = ast.literal_eval(wanted)
    except (ValueError, SyntaxError):
        return
    for text in found if isinstance(found, list) else [found]:
        if isinstance(text, str):
            yield text


def folded(text: str) -> str:
    """White space made one, as the corpora's own score does."""
    return " ".join(text.split())


def everything(worker: Worker, data: bytes, name: str, deep: int = 0) -> tuple[Reading, str]:
    """The reading of a file, and all texts in it and in its parts."""
    reading = worker.read(data, name, Budget(seconds=SECONDS))
    texts = [reading.title, *reading.properties.values(), *(page.text for page in reading.pages)]
    for part in reading.parts:
        texts += [part.name, part.path]
        if deep < DEEPEST and not part.state:
            texts.append(everything(worker, part.data, part.name, deep + 1)[1])
    return reading, "\n".join(texts)


def main() -> None:
    """Read all, print a line for each family and the states of all files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--missing", action="store_true", help="print each expected text that was not found"
    )
    chosen = parser.parse_args()
    wanted: dict[Path, list[str]] = defaultdict(list)
    for path, text in expectations():
        wanted[path].append(text)
    files = sorted(
        path
        for folder in (
            "tika-test-documents",
            "ingest-file-fixtures",
            "datashare-resources",
            "paperless-samples",
        )
        for path in (CORPORA / folder).rglob("*")
        if path.is_file() and path.name not in ("EXPECTED.json", "SOURCES.md")
    )
    if not files:
        sys.exit("no corpora: set MUNIMENT_CORPORA to the folder that holds them")
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    states: Counter[str] = Counter()
    excluded = 0
    started = time.monotonic()
    with Worker() as worker:
        for path in files:
            reading, text = everything(worker, path.read_bytes(), path.name)
            states[reading.state] += 1
            if path.name in TRIAGE:
                excluded += len(wanted[path])
                continue
            _count(
                path, wanted[path], folded(text), reading, (found, total), missing=chosen.missing
            )
    seconds = time.monotonic() - started
    _print(found, total, states, excluded, len(files), seconds)


def _count(
    path: Path,
    wanted: list[str],
    text: str,
    reading: Reading,
    counts: tuple[Counter[str], Counter[str]],
    *,
    missing: bool,
) -> None:
    found, total = counts
    for expected in wanted:
        family = reading.family or "none"
        total[family] += 1
        if folded(expected) in text:
            found[family] += 1
        elif missing:
            print(f"  {path.name} ({reading.state}, {reading.type}): {expected[:100]!r}")


def _print(
    found: Counter[str],
    total: Counter[str],
    states: Counter[str],
    excluded: int,
    files: int,
    seconds: float,
) -> None:
    for family in sorted(total, key=lambda one: -total[one]):
        share = found[family] / total[family]
        print(f"{family:10} {found[family]:4} of {total[family]:4}  {share:6.1%}")
    whole = sum(total.values())
    share = sum(found.values()) / max(1, whole)
    print(
        f"{'all':10} {sum(found.values()):4} of {whole:4}  {share:6.1%}  ({excluded} left out, see TRIAGE)"
    )
    print(f"{files} files in {seconds:.1f} s; states: {dict(states.most_common())}")


if __name__ == "__main__":
    main()
