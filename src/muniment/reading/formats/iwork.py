"""Pages, Numbers and Keynote: the words of a document; a slide of Keynote is a page, all else is one.

Before 2013 they are XML in a ZIP archive, since then archives of messages (reading/iwa.py). Numbers and dates in
cells of the newer Numbers are packed in a way that is not read: then it is partly-extracted.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from muniment.reading import iwa
from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.ooxml import local, natural, tree, value
from muniment.reading.pages import ENCRYPTED, FAILED, OVER_LIMIT

if TYPE_CHECKING:
    from lxml.etree import _Element

_LARGEST = 256 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
_XML = re.compile(r"index\.(?:xml|apxl)")
_SLIDE = re.compile(r"Index/Slide-?\d*\.iwa")
# Types of messages that hold words, and the field they stand in: bodies and boxes, comments, names of tables.
_WORDS = {2001: 3, 2005: 3, 3056: 1, 6001: 8}
_LISTS = 6005
_NOT_PARTS = re.compile(
    r".*\.(?:iwa|plist|chrtshr)|(?:.*/)?(?:index\.(?:xml|apxl)|DocumentIdentifier)|.*/"
)
_OLD_ENCRYPTED = range(25_000, 26_000)


def read(document: Document, account: Account) -> None:
    """Words, then pictures and previews as parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(document.data)) as archive:
            _read(archive, account)
    except _BROKEN:
        raise Unreadable(FAILED, "its package is damaged") from None


def _read(archive: zipfile.ZipFile, account: Account) -> None:
    members = [one for one in archive.infolist() if not one.is_dir()]
    if any(one.compress_type in _OLD_ENCRYPTED or one.flag_bits & 1 for one in members):
        raise Unreadable(
            ENCRYPTED, "it is encrypted, in a way of its own that no password here opens"
        )
    names = sorted((one.filename for one in members), key=natural)
    old = next((name for name in names if _XML.fullmatch(name)), None)
    pages = list(_old(archive, old, account) if old else _new(archive, names, account))
    account.expect(pages=max(1, len(pages)))
    for page in pages or [""]:
        account.page(page)
    for name in names:
        if not _NOT_PARTS.fullmatch(name):
            account.part(_member(archive, name), name=name.rpartition("/")[2], path=name)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST:
        raise Unreadable(OVER_LIMIT, "one of its parts expands to more bytes than allowed")
    return archive.read(name)


def _old(archive: zipfile.ZipFile, name: str, account: Account) -> Iterator[str]:
    root = tree(_member(archive, name))
    if root is None:
        account.partly("the XML of its text is damaged")
        return
    for one in root.iter():
        if local(one) == "metadata":
            for said in one:
                words = [value(inner, "string") for inner in said.iter()]
                account.property(local(said), ", ".join(filter(None, words)))
    slides = [one for one in root.iter() if local(one) == "slide"]
    for part in slides or [root]:
        yield "\n".join(_lines(part))


def _lines(part: _Element) -> Iterator[str]:
    """Paragraphs, names of sheets and tables, and cells, in the order of the file."""
    for one in part.iter():
        kind, said = local(one), ""
        if kind == "p":
            said = "".join(_words(one))
        elif kind in ("ct", "rct"):
            said = value(one, "s")
        elif kind in ("n", "d", "rn", "rd", "rb"):  # as typed, and as a formula gave it
            said = value(one, "v")
        elif kind in ("chart-name", "chart-row_names", "chart-column_names"):
            said = "\t".join(filter(None, (value(inner, "string") for inner in one.iter())))
        elif kind in ("tabular-model", "workspace"):
            said = value(one, "name") or value(one, "workspace-name")
        if said.strip():
            yield said.strip()


def _words(paragraph: _Element) -> Iterator[str]:
    """Text of a paragraph; what only holds a place until somebody writes there is left out."""
    if local(paragraph).startswith("ghost-text"):
        return
    yield paragraph.text or ""
    for one in paragraph:
        kind = local(one)
        if kind in ("br", "lnbr", "crbr"):
            yield "\n"
        elif kind == "tab":
            yield "\t"
        else:
            yield from _words(one)
        yield one.tail or ""


def _new(archive: zipfile.ZipFile, names: list[str], account: Account) -> Iterator[str]:
    rest: list[str] = []
    slides: list[list[str]] = []
    damaged = 0
    for name in names:
        if not name.endswith(".iwa"):
            continue
        found: list[str] = []
        try:
            for kind, message in iwa.messages(iwa.expand(_member(archive, name))):
                found += _texts(kind, message)
        except (ValueError, IndexError):
            damaged += 1
        if _SLIDE.fullmatch(name):
            slides.append(found)
        elif "MasterSlide" not in name and "TemplateSlide" not in name:
            rest += found
    if damaged:
        account.partly(f"{damaged} of its archives are damaged")
    if any("/Tables/Tile" in name for name in names):
        account.partly("numbers and dates in cells of its tables are not read")
    yield from ("\n".join(one) for one in [*slides, rest] if one)


def _texts(kind: int, message: bytes) -> list[str]:
    """The words a message holds."""
    if kind in _WORDS:
        found = [one for number, one in iwa.fields(message) if number == _WORDS[kind]]
    elif kind == _LISTS:
        entries = [one for number, one in iwa.fields(message) if number == 3]
        found = [
            text
            for entry in entries
            if isinstance(entry, bytes)
            for number, text in iwa.fields(entry)
            if number == 3
        ]
    else:
        return []
    texts = (one.decode("utf-8", "replace") for one in found if isinstance(one, bytes))
    # A table, a picture or a note stands in the text as one character.
    return [
        text.translate({0xFFFC: " ", 0x2028: "\n", 4: "\n", 5: "\n"}).strip()
        for text in texts
        if text.strip()
    ]


register(Format(family="office", types=("application/vnd.apple.iwork",), read=read))
