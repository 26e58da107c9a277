"""Which builds draw and read a document, named exactly: what a seal says of where pictures and text came from.

Everything is told from what is installed; nothing here loads a library that parses documents.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
from functools import lru_cache

import muniment

FONTS = "PDFium's own; none of the machine"
"""What stands in for fonts that a PDF does not bring along, where a page is drawn to be sealed: decision 0015."""

_LIBRARIES = {
    "pdf": ("pypdfium2",),
    "image": ("pillow",),
    "html": ("lxml", "trafilatura"),
    "book": ("lxml", "trafilatura"),
    "office": ("iscc-tika", "kreuzberg", "lxml"),
    "other": ("iscc-tika",),
    "mail": ("lxml",),
    "mailbox": ("libpff-python",),
}
_DRAWN_BY = {"pdf": "pypdfium2", "image": "pillow"}
_SECONDS = 20


@lru_cache(maxsize=8)
def renderer(family: str) -> tuple[str, str]:
    """What draws the pages of a family, and with which fonts; empty texts where it has no pictures."""
    package = _DRAWN_BY.get(family)
    if package is None:
        return "", ""
    named = f"{package} {_version(package)}"
    if family == "pdf":
        named += f", pdfium {_pdfium()}"
    return f"{named}, build {_build(package)}", FONTS if family == "pdf" else "none"


@lru_cache(maxsize=64)
def tools(family: str, *, recognised: bool = False) -> dict[str, str]:
    """Name and version of what reads a family, and of Tesseract where pages were `recognised`."""
    named = {"muniment": muniment.__version__}
    named |= {package: _version(package) for package in _LIBRARIES.get(family, ())}
    if recognised:
        named["tesseract"] = _tesseract()
    return named


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _build(package: str) -> str:
    """The beginning of the SHA-256 over path and digest of each shared library the package brought along."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    lines = sorted(
        f"{file} {file.hash.value}\n" for file in files if ".so" in file.name and file.hash
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16] if lines else "unknown"


def _pdfium() -> str:
    try:
        found = importlib.metadata.distribution("pypdfium2").locate_file(
            "pypdfium2_raw/version.json"
        )
        return str(json.loads(found.read_text())["build"])
    except (OSError, ValueError, KeyError, importlib.metadata.PackageNotFoundError):
        return "unknown"


@lru_cache(maxsize=1)
def _tesseract() -> str:
    program = shutil.which("tesseract")
    if program is None:
        return "unknown"
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    first = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()[:1]
    return first[0].removeprefix("tesseract").strip() if first else "unknown"
