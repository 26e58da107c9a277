"""Office files: the readers here first, then Tika, then kreuzberg; a text is missed only where all three fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from muniment.reading import brotli_stream
from muniment.reading.formats import (
    Account,
    Document,
    Format,
    Unreadable,
    odf,
    register,
    sheets,
    slides,
    tika,
    word,
)
from muniment.reading.formats.encrypted_office import opened
from muniment.reading.formats.ooxml import Found, Package, told_parts, told_properties
from muniment.reading.pages import FAILED, UNSUPPORTED
from muniment.reading.saved_by import saved_by

_OOXML = "application/vnd.openxmlformats-officedocument."
_WORD = (
    _OOXML + "wordprocessingml.document", _OOXML + "wordprocessingml.template",
    "application/vnd.ms-word.document.macroenabled.12", "application/vnd.ms-word.template.macroenabled.12",
)  # fmt: skip
_SHEETS = (
    _OOXML + "spreadsheetml.sheet", _OOXML + "spreadsheetml.template",
    "application/vnd.ms-excel.sheet.macroenabled.12",
)  # fmt: skip
_SLIDES = (
    _OOXML + "presentationml.presentation", _OOXML + "presentationml.slideshow",
    _OOXML + "presentationml.template", "application/vnd.ms-powerpoint.presentation.macroenabled.12",
)  # fmt: skip
_ODF_KINDS = (
    "text", "spreadsheet", "presentation", "graphics", "formula", "chart", "text-template", "text-master",
    "spreadsheet-template", "presentation-template", "graphics-template",
)  # fmt: skip
_ODF = tuple(
    f"application/vnd.oasis.opendocument.{kind}{flat}"
    for kind in _ODF_KINDS
    for flat in ("", "-flat-xml")
)
_OLD = ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint")
_OTHERS = (
    "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.visio",
    "application/x-mspublisher", "application/vnd.ms-publisher", "application/onenote", "application/rtf",
    "text/rtf", "application/vnd.ms-excel.sheet.binary.macroenabled.12", "application/x-hwp",
    "application/x-hwp-v5", "application/haansofthwp", "application/vnd.wordperfect",
    "application/vnd.ms-works", "application/x-quattro-pro", "application/vnd.ms-project", "application/x-dbf",
    "application/vnd.ms-htmlhelp", "application/vnd.ms-xpsdocument",
    "application/vnd.apple.pages", "application/vnd.apple.numbers", "application/vnd.apple.keynote",
    "application/x-ole-storage", "application/cdfv2", "application/x-fictionbook+xml",
    "application/vnd.ms-tnef", "application/x-mobipocket-ebook", "application/vnd.ms-office", "image/vnd.dwg",
)  # fmt: skip


def read_ooxml(document: Document, account: Account) -> None:
    """DOCX, XLSX, PPTX and their kin."""
    inner: Callable[[Package, Found], None] = word.read
    if document.type in _SHEETS:
        inner = sheets.read
    elif document.type in _SLIDES:
        inner = slides.read
    found = Found()
    try:
        package = Package(document.data)
        told_properties(package, found)
        inner(package, found)
        told_parts(package, found)
        if package.damaged:
            found.damage.append(f"{package.damaged} parts of its package are damaged")
    except Unreadable as stop:
        if stop.state != FAILED:
            raise
        found.damage.append(stop.reason)
    _tell(document, account, found)


def read_odf(document: Document, account: Account) -> None:
    """Open Document files."""
    found = Found()
    odf.read(document.data, found, document.passwords)
    _tell(document, account, found)


def read_drawing(document: Document, account: Account) -> None:
    """Visio: every page of the drawing is a page."""
    found = Found()
    package = Package(document.data)
    told_properties(package, found)
    slides.read_drawing(package, found)
    told_parts(package, found)
    _tell(document, account, found)


def read_unknown(document: Document, account: Account) -> None:
    """Bytes that nobody here knows: Brotli has no mark, and Tika knows some of them."""
    packed = brotli_stream.unpacked(document, account)
    if packed is not None:
        account.expect(parts=1)
        account.property("compressed", "brotli")
        name = document.name.removesuffix(".br") or "content"
        account.part(packed, name=name.rpartition("/")[2], path=name)
        return
    found = tika.by_tika(document.data)
    if not found.holds_text():
        runs = runs_of_text(document.data)
        if runs:
            account.page(runs)
        told = "; runs of letters found in it are shown" if runs else ""
        raise Unreadable(UNSUPPORTED, f"nothing here reads {document.type}{told}")
    _tell(document, account, found)


_RUN = re.compile(rb"[\x20-\x7e\t]{4,}|(?:[\x20-\x7e\t]\0){4,}")
_LETTERS = re.compile("[A-Za-z]{4}")
_MOST_RUNS = 5_000


def runs_of_text(data: bytes) -> str:
    """What strings(1) would show: runs of four letters of ASCII or more, in one byte each or in two."""
    found = (run[0].replace(b"\0", b"").decode("ascii") for run in _RUN.finditer(data[: 64 << 20]))
    worded = (
        run for run in found if _LETTERS.search(run) or sum(map(str.isalpha, run)) * 2 > len(run)
    )
    return "\n".join(run for run, _ in zip(worded, range(_MOST_RUNS), strict=False))


def read_other(document: Document, account: Account) -> None:
    """Everything Tika reads and nobody here does."""
    data = opened(document) if document.type in _OLD else None
    document = document if data is None else replace(document, data=data)
    found = Found()
    if document.type == "application/msword":
        found.properties += [("saved-by", one) for one in saved_by(document.data)]
    _tell(document, account, found)


def _tell(document: Document, account: Account, found: Found) -> None:
    """Tell what was found; where that is no text at all, ask Tika, then kreuzberg."""
    if not found.holds_text():
        _ask_others(document, found)
    account.title = found.title
    for name, value in found.properties:
        account.property(name, value)
    pages = found.pages or [""]
    account.expect(pages=len(pages), parts=len(found.parts) or None)
    for page in pages:
        account.page(page)
    for name, data in found.parts:
        account.part(data, name=name.rpartition("/")[2], path=name)
    for sentence in found.damage:
        account.partly(sentence)
    if not found.holds_text() and not found.parts and found.damage:
        raise Unreadable(FAILED, "no text could be found in it")


def _ask_others(document: Document, found: Found) -> None:
    others = [tika.by_tika(document.data)]
    if not others[0].holds_text():
        others.append(tika.by_kreuzberg(document.data, document.type))
    best = next((one for one in others if one.holds_text()), None)
    if best is None:
        if others[0].damage and others[-1].damage:
            found.damage += [said for said in others[0].damage if said not in found.damage]
        best = others[0]
    else:
        found.damage += best.damage
    found.pages = best.pages if best.holds_text() else found.pages
    found.title = found.title or best.title
    known = {name for name, _ in found.properties}
    found.properties += [(name, value) for name, value in best.properties if name not in known]


register(Format(family="office", types=(*_WORD, *_SHEETS, *_SLIDES), read=read_ooxml))
register(Format(family="office", types=_ODF, read=read_odf))
_VISIO = ("application/vnd.ms-visio.drawing.main+xml", "application/vnd.ms-visio.drawing")
_UNKNOWN = (
    "application/octet-stream",
    "image/emf",
    "image/wmf",
    "application/x-bplist",
    "image/vnd.djvu",
)
register(Format(family="office", types=_VISIO, read=read_drawing))
register(Format(family="other", types=_UNKNOWN, read=read_unknown))
register(Format(family="office", types=_OTHERS, read=read_other))
