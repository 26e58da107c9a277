"""PDF, by PDFium: text with a box for every character, annotations and form values, attachments, page images.

Notes and form values come at the end of a page's text, one a line, after a label in brackets (`[note by NN] …`,
`[form field NAME] …`). The label's characters have empty boxes; those of the value the annotation's rectangle.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.pages import ENCRYPTED, FAILED, OVER_LIMIT, Pixels

if TYPE_CHECKING:
    import numpy as np
    import pypdfium2
    from numpy.typing import NDArray

_PROPERTIES = (
    ("Author", "author"),
    ("Subject", "subject"),
    ("Keywords", "keywords"),
    ("Creator", "creator"),
    ("Producer", "producer"),
    ("CreationDate", "created"),
    ("ModDate", "modified"),
)
_DATE = re.compile(
    r"D:(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?.*", re.S
)
_PAGE_OBJECT = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_MOST_DPI = 2400
_BAND = 64  # rows looked at together: what they hold stays in the processor's cache


def read(document: Document, account: Account) -> None:
    """Every page, then the attachments."""
    import pypdfium2

    pdf = _open(document)
    try:
        if pdf.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
            pdf.init_forms()
        _properties(pdf, account)
        files = _attachments(pdf)
        _pages(pdf, document, account, files)
        _parts(files, account)
    finally:
        pdf.close()


def _pages(
    pdf: pypdfium2.PdfDocument,
    document: Document,
    account: Account,
    files: list[tuple[str, bytes | None]],
) -> None:
    """Every page; where one cannot be loaded, no more than the file has, however many it declares."""
    declared = most = len(pdf)
    unread: list[int] = []
    index = 0
    while index < most:
        sheet = _load(pdf, index)
        if sheet is None and most == declared:
            # A page tree that goes in circles declares a million pages and has one.
            held = _held(document)
            most = max(index, declared if held is None else min(declared, held))
            if index >= most:
                break
        if sheet is None or not _page(pdf, sheet, account, files):
            unread.append(index + 1)
        if sheet is None:
            account.page("", source="", needs_ocr=False)
        index += 1
    account.expect(pages=most)
    if most < declared:
        account.partly(
            f"it declares {declared} pages and has {most}: its page tree is damaged, or goes in circles"
        )
    if unread:
        shown = ", ".join(map(str, unread[:20])) + (" …" if len(unread) > 20 else "")
        account.partly(f"{len(unread)} of {most} pages cannot be read: page {shown}")


def _held(document: Document) -> int | None:
    """How many pages stand in the file, whatever their tree says; None where that cannot be told."""
    import pikepdf

    for password in ("", *document.passwords):
        try:
            with pikepdf.open(io.BytesIO(document.data), password=password) as pdf:
                return sum(
                    1
                    for one in pdf.objects
                    if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Page"
                )
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, ValueError, RuntimeError) as error:
            # qpdf refuses a tree in circles; what it refuses for another reason may have all its pages.
            return len(_PAGE_OBJECT.findall(document.data)) if "Loop" in str(error) else None
    return None


def render(document: Document, page: int, dpi: int) -> Pixels:
    """Page `page` (from 1) with its annotations and form values drawn; one channel where there is no colour."""
    pdf = _kept_open(document)
    if not 1 <= page <= len(pdf):
        raise Unreadable(FAILED, f"there is no page {page}")
    if not 0 < dpi <= _MOST_DPI:
        raise Unreadable(OVER_LIMIT, f"{dpi} dots per inch are outside 1 to {_MOST_DPI}")
    sheet = _load(pdf, page - 1)
    if sheet is None:
        raise Unreadable(FAILED, f"page {page} cannot be read")
    try:
        scale = dpi / 72
        if (sheet.get_width() * scale + 1) * (sheet.get_height() * scale + 1) > (
            document.budget.pixels
        ):
            raise Unreadable(
                OVER_LIMIT, f"page {page} at {dpi} dots per inch is more than "
                f"{document.budget.pixels} pixels",
            )  # fmt: skip
        return _drawn(sheet, scale)
    finally:
        sheet.close()


def _kept_open(document: Document) -> pypdfium2.PdfDocument:
    """The document, opened once for all pages that are drawn of it: one of 500 pages takes 40 ms to open."""
    key = ("pdf", document.passwords)
    pdf = document.opened.get(key)
    if pdf is None:
        pdf = _open(document)
        pdf.init_forms()
        document.opened[key] = pdf
    return pdf


def _drawn(sheet: Any, scale: float) -> Pixels:
    """The pixels of a loaded page."""
    import numpy as np

    # Four bytes a pixel: PDFium draws that faster than three, and the bytes are the same.
    bitmap = sheet.render(scale=scale, rev_byteorder=True, may_draw_forms=True, prefer_bgrx=True)
    rows = np.asarray(bitmap.to_numpy())
    height, width = rows.shape[:2]
    grey = _grey(rows)
    if grey is not None:
        return Pixels(width, height, 1, grey)
    colour = np.empty((height, width, 3), np.uint8)
    for channel in range(3):  # each by itself: a quarter of the time of all three at once
        colour[:, :, channel] = rows[:, :, channel]
    return Pixels(width, height, 3, colour.tobytes())


def _grey(rows: NDArray[np.uint8]) -> bytes | None:
    """One byte a pixel where red, green and blue are the same in each; rows hold four bytes a pixel."""
    import numpy as np

    whole = rows.view("<u4")[:, :, 0]
    grey = np.empty(whole.shape, np.uint8)
    for top in range(0, len(whole), _BAND):
        band = whole[top : top + _BAND]
        if ((band ^ (band >> 8)) & 0xFFFF).any():
            return None
        grey[top : top + _BAND] = band
    return grey.tobytes()


def _open(document: Document) -> pypdfium2.PdfDocument:
    """The document, with the first password that opens it."""
    import pypdfium2

    code = pypdfium2.raw.FPDF_ERR_UNKNOWN
    for password in (None, *document.passwords):
        try:
            return pypdfium2.PdfDocument(document.data, password=password)
        except pypdfium2.PdfiumError as error:
            code = error.err_code
            if code != pypdfium2.raw.FPDF_ERR_PASSWORD:
                break
    if code in (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY):
        tried = "and none of those given opens it" if document.passwords else "to open it"
        raise Unreadable(ENCRYPTED, f"this PDF needs a password {tried}")
    raise Unreadable(FAILED, f"the PDF is damaged and cannot be opened (PDFium error {code})")


def _load(pdf: pypdfium2.PdfDocument, index: int) -> Any:
    """One page, or None where PDFium cannot load it."""
    import pypdfium2

    try:
        return pdf.get_page(index)
    except pypdfium2.PdfiumError:
        return None


def _page(
    pdf: pypdfium2.PdfDocument, sheet: Any, account: Account, files: list[tuple[str, bytes | None]]
) -> bool:
    """Give one loaded page to the account; False where its text cannot be read."""
    from muniment.reading import pdf_page

    try:
        where = pdf_page.frame(sheet)
        width, height = sheet.get_width(), sheet.get_height()
        found = pdf_page.text_and_boxes(sheet, where)
        text, boxes = found or ("", b"")
        needs_ocr = pdf_page.needs_ocr(sheet, text, where)
        form = None if pdf.formenv is None else pdf.formenv.raw
        for note in pdf_page.notes(sheet, form, where):
            label = f"\n[{note.label}] " if text else f"[{note.label}] "
            text += label + note.text
            boxes += bytes(16 * len(label)) + note.box * len(note.text)
        files += pdf_page.attached(sheet)
        account.page(
            text,
            width=width,
            height=height,
            boxes=boxes,
            source="text layer" if text else "",
            needs_ocr=needs_ocr,
        )
        return found is not None
    finally:
        sheet.close()


def _properties(pdf: pypdfium2.PdfDocument, account: Account) -> None:
    account.title = pdf.get_metadata_value("Title")
    for key, name in _PROPERTIES:
        value = pdf.get_metadata_value(key)
        account.property(name, _date(value) if name in ("created", "modified") else value)
    version = pdf.get_version()
    if version:
        account.property("pdf version", f"{version // 10}.{version % 10}")


def _date(text: str) -> str:
    """A PDF date (ISO 32000-2, 7.9.4) in ISO 8601, as far as it goes; anything else as it stands."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return text
    year, month, day, hour, minute, second, zulu, sign, off_hour, off_minute = found.groups()
    date = "-".join(filter(None, (year, month, day)))
    if hour is None or day is None:
        return date
    zone = "Z" if zulu else f"{sign}{off_hour}:{off_minute or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def _attachments(pdf: pypdfium2.PdfDocument) -> list[tuple[str, bytes | None]]:
    """Embedded files by name; None where the bytes of one cannot be had."""
    from muniment.reading import pdf_page

    return [
        pdf_page.embedded(pdf.get_attachment(index).raw) for index in range(pdf.count_attachments())
    ]


def _parts(files: list[tuple[str, bytes | None]], account: Account) -> None:
    """Attachments become parts; the same file named twice comes once."""
    seen = set()
    for name, data in files:
        if data is None:
            account.partly("an attachment cannot be read")
        elif (name, data) not in seen:
            seen.add((name, data))
            account.part(data, name=name or "attachment")


def warm() -> None:
    """Load PDFium and what counts with it."""
    import numpy  # noqa: F401
    import pycld2  # noqa: F401

    from muniment.reading import pdf_page  # noqa: F401


register(Format(family="pdf", types=("application/pdf",), read=read, render=render, warm=warm))
