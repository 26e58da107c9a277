"""Whether our text of a PDF holds the words that poppler's holds: `python -m bench.pdf_text [--worst 20] [NAME ...]`.

Each PDF of corpora/pdfjs-pdfs goes through the sandboxed Worker and through `pdftotext` (poppler, a program of its
own that only this measurement starts; where it is not installed nothing is measured). Words are runs of letters and
digits and single Han characters, in NFKC and lower case, counted as often as they stand there; kept is the share of
one text's words that the other has too. Ours is no worse where it keeps no smaller share of poppler's words than it
of ours, or 99.5 per cent. Files in which neither finds a word say nothing and are left out.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.formats import CORPORA
from muniment.reading.pages import Reading
from muniment.reading.worker import Worker

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_HYPHENATED = re.compile(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)")


@dataclass(frozen=True, slots=True)
class Compared:
    """One file: how many words each found and both have, and how ours was read."""

    name: str
    ours: int
    theirs: int
    both: int
    state: str
    scanned: bool

    @property
    def kept(self) -> float:
        """The share of poppler's words that ours has."""
        return self.both / self.theirs if self.theirs else 1.0

    @property
    def theirs_kept(self) -> float:
        """The share of our words that poppler's has."""
        return self.both / self.ours if self.ours else 1.0

    @property
    def no_worse(self) -> bool:
        return self.kept >= self.theirs_kept or self.kept > 0.995


def words(text: str) -> Counter[str]:
    """Words as they are counted; those parted at a line end are one."""
    joined = _HYPHENATED.sub("", text)
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", joined).casefold()))


def by_poppler(path: Path) -> str | None:
    """Its text, or None where it gives up."""
    try:
        done = subprocess.run(
            ["pdftotext", "-q", "-enc", "UTF-8", str(path), "-"],
            capture_output=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def compare(path: Path, reading: Reading, theirs: str | None) -> Compared:
    """Counts of one file."""
    own, other = words("\n".join(page.text for page in reading.pages)), words(theirs or "")
    return Compared(
        path.name,
        own.total(),
        other.total(),
        (own & other).total(),
        reading.state,
        any(page.needs_ocr for page in reading.pages),
    )


def main() -> int:
    """The share, the totals and the worst files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--worst", type=int, default=20)
    chosen = parser.parse_args()
    if shutil.which("pdftotext") is None:
        print("pdftotext is not installed (Debian, Ubuntu: apt install poppler-utils)")
        return 0
    paths = sorted((CORPORA / "pdfjs-pdfs").rglob("*.pdf"))
    paths = [path for path in paths if not chosen.names or path.name in chosen.names]
    if not paths:
        sys.exit("no PDFs: set MUNIMENT_CORPORA to the folder that holds the corpora")
    with Worker() as worker:
        found = [
            compare(path, worker.read(path.read_bytes(), path.name), by_poppler(path))
            for path in paths
        ]
    measured = [one for one in found if one.ours or one.theirs]
    no_worse = [one for one in measured if one.no_worse]
    ours, theirs, both = (
        sum(column) for column in zip(*((o.ours, o.theirs, o.both) for o in measured), strict=True)
    )
    print(
        f"{len(found)} PDFs, {len(measured)} with words; ours no worse in {len(no_worse)} "
        f"({len(no_worse) / len(measured):.1%})"
    )
    print(
        f"words: ours {ours:,}, poppler's {theirs:,}; of poppler's we have {both / theirs:.2%}, "
        f"of ours it has {both / ours:.2%}"
    )
    worse = sorted((o for o in measured if not o.no_worse), key=lambda o: o.both - o.theirs)
    for one in worse[: chosen.worst]:
        scan = ", some pages to be OCRed" if one.scanned else ""
        print(
            f"  {one.name:44} of {one.theirs:6} we have {one.kept:6.1%}; of our {one.ours:6} it has "
            f"{one.theirs_kept:6.1%}  {one.state}{scan}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
