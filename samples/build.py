"""Build the sample case: `python -m samples.build OUT_DIR`, or `python samples/build.py OUT_DIR`.

Writes OUT_DIR/delivery-1, delivery-2, delivery-3 and articles. The bytes are the same on each run; what needs
a font that is not installed is left out, and said.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samples import (
    archives,
    articles,
    chinese_pdf,
    chinese_scans,
    directive,
    english_scans,
    forms,
    letters,
    loose,
    mailbox,
    papers,
    sheets,
    uyghur_scans,
    word,
)
from samples.lettering import MissingFontError
from samples.story import CLOCK, PASSPHRASE

__all__ = ["ACCESSIONS", "PASSPHRASE", "TOUR", "Manifest", "Written", "build", "sources"]

ACCESSIONS: tuple[tuple[str, bool], ...] = (
    ("delivery-1", False),
    ("delivery-3", False),
    ("articles", True),
    ("delivery-2", False),
)
"""The folders in the order in which they came in, and whether they hold articles."""

TOUR: list[dict[str, Any]] = [
    {
        "title": "One count, three scripts",
        "see": "The number somebody tried to keep out of every paper is in scans in English, Chinese and Uyghur.",
        "query": '2740 OR "2,740"',
    },
    {
        "title": "The notice with a red header",
        "see": "A scan that the machine read: Chinese text with its boxes, a seal, and a copy number "
        "that names who had it.",
        "path": "delivery-1/scan-0002.pdf",
        "page": 1,
    },
    {
        "title": "The foreman's second letter",
        "see": "Two pages of Uyghur, read from a scan. Search for a word of it, in its own script.",
        "query": "راكېتالارنى",
    },
    {
        "title": "26 messages, 12 readable",
        "see": "A mailbox from a failing disk: every message is accounted for, also those that are lost.",
        "path": "delivery-3/mail/harbour-office.mbox",
    },
    {
        "title": "What could not be read",
        "see": "Two locked files, a broken one, an empty one and one nobody knows: each with its state and reason.",
        "path": "delivery-3/locked/receipt.pdf",
    },
    {
        "title": "Carried forward",
        "see": "The phrase by which inspections were invented: directive, form, mails and articles.",
        "query": '"carried forward"',
    },
]
"""Stations of the tour on the Desk: a title, what to see, and a query or the path (and page) of a document."""

_KINDS = (
    papers, directive, forms, english_scans, chinese_scans, uyghur_scans, chinese_pdf, word, sheets, mailbox,
    letters, archives, loose, articles,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: its path below OUT, its size and its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was built, and what was left out with the reason (a font to install)."""

    files: tuple[Written, ...]
    skipped: tuple[tuple[str, str], ...]
    accessions: tuple[tuple[str, bool], ...] = ACCESSIONS


def sources() -> dict[str, Callable[[], bytes]]:
    """Every file of the sample and what makes it, accession by accession.

    The second delivery holds the files of the first; only one page of the directive is not the same.
    """
    made: dict[str, Callable[[], bytes]] = {}
    for kind in _KINDS:
        made.update(kind.FILES)
    for name in [name for name in made if name.startswith("delivery-1/")]:
        made.setdefault(name.replace("delivery-1/", "delivery-2/", 1), made[name])
    order = [folder for folder, _ in ACCESSIONS]
    return dict(sorted(made.items(), key=lambda item: order.index(item[0].split("/")[0])))


def build(
    out: Path,
    on_file: Callable[[str], None] | None = None,
    folders: Collection[str] | None = None,
) -> Manifest:
    """Write the sample case below `out`.

    Args:
        out: a folder, made if absent; files of the same name are replaced.
        on_file: called with the path of each file below `out` when it has been written.
        folders: build only these accessions, so that a case can take in the first while the next is made.

    Returns:
        What was written and what was left out because a font is missing.
    """
    written: list[Written] = []
    skipped: list[tuple[str, str]] = []
    ready: dict[Callable[[], bytes], bytes] = {}
    when = CLOCK.timestamp()
    for name, make in sources().items():
        if folders is not None and name.split("/")[0] not in folders:
            continue
        try:
            data = ready.get(make)
            if data is None:
                data = make()
        except MissingFontError as missing:
            skipped.append((name, str(missing)))
            continue
        if name.startswith("delivery-1/"):
            ready[make] = data
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (when, when))
        written.append(Written(name, len(data), hashlib.sha256(data).hexdigest()))
        if on_file is not None:
            on_file(name)
    return Manifest(tuple(written), tuple(skipped))


def main(arguments: list[str]) -> int:
    """The command: build, say what was left out; 2 is bad use, 1 means that something is missing."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m samples.build OUT_DIR", file=sys.stderr)
        return 2
    manifest = build(Path(arguments[0]), lambda name: print(ascii(name)[1:-1]))
    total = sum(file.size for file in manifest.files)
    print(f"{len(manifest.files)} files, {total / 1e6:.1f} MB")
    for name, reason in manifest.skipped:
        print(f"left out {ascii(name)[1:-1]}: {reason}", file=sys.stderr)
    return 1 if manifest.skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
