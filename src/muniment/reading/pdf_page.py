"""Text of one PDF page with a box for every character. Runs inside the sandbox, on PDFium's raw interface.

PDFium gives code units and boxes in the page's own space (origin at the bottom left of an unrotated sheet). Here they
become code points, LF line ends, and hundredths of a point from the top left of the page as it is shown: cropped,
turned. Sources: fpdf_text.h, fpdf_annot.h, ISO 32000-2 7.7.3.3 (page boxes), 12.5 (annotations).
"""

from __future__ import annotations

import ctypes
import functools
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as pdfium

from muniment.reading import right_to_left

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Codes = NDArray[np.uint32]

_REPLACEMENT = 0xFFFD
_LARGEST = 2_000_000_000
_FEW_CHARACTERS = 64
_LARGE_IMAGE = 0.5
_BROKEN = 0.3
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a page's own coordinates stand on the page as shown."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int
    """Quarter turns clockwise."""

    def shown(self, left: Numbers, bottom: Numbers, right: Numbers, top: Numbers) -> list[Numbers]:
        """x0, y0, x1, y1 in points from the top left as shown."""
        if self.turn == 1:
            return [bottom - self.bottom, left - self.left, top - self.bottom, right - self.left]
        if self.turn == 2:
            return [self.right - right, bottom - self.bottom, self.right - left, top - self.bottom]
        if self.turn == 3:
            return [self.top - top, self.right - right, self.top - bottom, self.right - left]
        return [left - self.left, self.top - top, right - self.left, self.top - bottom]


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation or a filled form field: how it is labelled, what it says, where it stands."""

    label: str
    text: str
    box: bytes


def frame(page: Any) -> Frame:
    """The visible rectangle of a page and its rotation."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return Frame(box.left, box.bottom, box.right, box.top, pdfium.FPDFPage_GetRotation(page) % 4)


def text_and_boxes(page: Any, where: Frame) -> tuple[str, bytes] | None:
    """Text (code points, LF) and boxes (see reading.pages.Page) of a page; None where PDFium cannot read its text."""
    import numpy as np

    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return None
    try:
        count = pdfium.FPDFText_CountChars(textpage)
        if count < 0:
            return None
        if count == 0:
            return "", b""
        codes = _codes(textpage, count)
        sides = np.zeros((count, 4), dtype=np.float64)
        _char_boxes(textpage, count, sides.ctypes.data)
    finally:
        pdfium.FPDFText_ClosePage(textpage)
    boxes = _hundredths(where, sides)
    codes, boxes = _joined(codes, boxes)
    text = codes.astype("<u4").tobytes().decode("utf-32-le")
    if right_to_left.may_hold(codes):
        text, order = right_to_left.reading_order(text, boxes.tolist())
        boxes = boxes[order]
    return text, boxes.astype("<i4").tobytes()


def notes(page: Any, form: Any, where: Frame) -> Iterator[Note]:
    """What annotations and form fields of a page say. `form` is the form environment, or None."""
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            note = _note(annotation, form, where)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if note is not None:
            yield note


def needs_ocr(page: Any, text: str, where: Frame) -> bool:
    """Whether the page shows something its text does not hold: no text, broken text, a stamped scan."""
    letters = "".join(text.split())
    if letters:
        broken = len(letters) - len(_UNREADABLE.sub("", letters))
        if broken > _BROKEN * len(letters):
            return True
        return len(letters) < _FEW_CHARACTERS and _image_share(page, where) > _LARGE_IMAGE
    return bool(pdfium.FPDFPage_CountObjects(page) > 0)


def utf16(call: Callable[[Any, int], int]) -> str:
    """A string from one of PDFium's calls that take a buffer and its length and return the bytes needed."""
    needed = call(None, 0)
    if needed <= 2:
        return ""
    buffer = ctypes.create_string_buffer(needed)
    call(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), needed)
    return buffer.raw[: needed - 2].decode("utf-16-le", "replace")


def rectangle(where: Frame, left: float, bottom: float, right: float, top: float) -> bytes:
    """One box as bytes, from a rectangle in the page's own space."""
    import numpy as np

    sides = np.array([[left, right, bottom, top]], dtype=np.float64)
    return _hundredths(where, sides).astype("<i4").tobytes()


@functools.cache
def _char_box_call() -> Callable[..., int]:
    """FPDFText_GetCharBox with plain addresses: half the time of the typed one, called for each character."""
    address = ctypes.cast(pdfium.FPDFText_GetCharBox, ctypes.c_void_p).value
    pointer = ctypes.c_void_p
    shape = ctypes.PYFUNCTYPE(
        ctypes.c_int, pointer, ctypes.c_int, pointer, pointer, pointer, pointer
    )
    return shape(address or 0)


def _char_boxes(textpage: Any, count: int, start: int) -> None:
    """Fill `count` rows of left, right, bottom, top (doubles) at this address."""
    handle = ctypes.cast(textpage, ctypes.c_void_p).value
    end = start + 32 * count
    columns = (range(start + 8 * place, end + 8 * place, 32) for place in range(4))
    deque(map(_char_box_call(), repeat(handle), range(count), *columns), maxlen=0)


def _codes(textpage: Any, count: int) -> Codes:
    """One number for each of PDFium's characters: a code point, or a half of a surrogate pair."""
    import numpy as np

    buffer = np.zeros(2 * count + 2, dtype="<u2")
    pointer = buffer.ctypes.data_as(ctypes.POINTER(ctypes.c_ushort))
    written = pdfium.FPDFText_GetText(textpage, 0, count, pointer)
    units = buffer[: max(written - 1, 0)]
    if len(units) == count and not ((units >= 0xD800) & (units < 0xE000)).any():
        return units.astype(np.uint32)
    # PDFium leaves some characters out of its text, or wrote a pair for one: only one by one do they fit the boxes.
    single = map(pdfium.FPDFText_GetUnicode, repeat(textpage), range(count))
    return np.fromiter(single, dtype=np.uint32, count=count)


def _hundredths(where: Frame, sides: Numbers) -> NDArray[np.int64]:
    """Boxes in hundredths of a point as shown, from rows of left, right, bottom, top; empty ones all zero."""
    import numpy as np

    left, right, bottom, top = sides.T
    empty = ~((right > left) & (top > bottom) & np.isfinite(sides).all(axis=1))
    x0, y0, x1, y1 = where.shown(left, bottom, right, top)
    boxes = np.stack(
        [np.floor(x0 * 100), np.floor(y0 * 100), np.ceil(x1 * 100), np.ceil(y1 * 100)], axis=1
    )
    boxes[empty] = 0
    bounded: NDArray[np.int64] = np.clip(boxes, -_LARGEST, _LARGEST).astype(np.int64)
    return bounded


def _joined(codes: Codes, boxes: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """Surrogate pairs become one, CR LF becomes LF, what is no character becomes U+FFFD; boxes follow."""
    import numpy as np

    following = np.append(codes[1:], 0)
    high = (codes >= 0xD800) & (codes < 0xDC00) & (following >= 0xDC00) & (following < 0xE000)
    pairs = 0x10000 + ((codes & 0x3FF) << 10) + (following & 0x3FF)
    drop = np.append(False, high[:-1]) | ((codes == 13) & (following == 10))
    codes = np.where(high, pairs, codes)
    codes = np.where(codes == 13, 10, codes)
    # PDFium writes a hyphen at a line end as U+0002 or U+FFFE.
    codes = np.where((codes == 2) | (codes == 0xFFFE), 0x2D, codes)
    control = (codes < 32) & (codes != 9) & (codes != 10)
    wrong = control | ((codes >= 0xD800) & (codes < 0xE000)) | (codes > 0x10FFFF)
    codes = np.where(wrong | (codes == 0xFFFF), _REPLACEMENT, codes).astype(np.uint32)
    keep = ~drop
    return codes[keep], boxes[keep]


def _note(annotation: Any, form: Any, where: Frame) -> Note | None:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    if kind == pdfium.FPDF_ANNOT_POPUP:
        return None
    if kind in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_XFAWIDGET):
        label, text = _field(annotation, form)
    else:
        label, text = "note", _string(annotation, b"Contents")
        author = _string(annotation, b"T").strip()
        label = f"note by {author}" if author else label
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip().replace("\0", "\ufffd")
    if not text:
        return None
    flags = pdfium.FPDFAnnot_GetFlags(annotation)
    if flags & (pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW):
        label = f"hidden {label}"
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, rect):
        return Note(label, text, bytes(16))
    # The sides of a rectangle may come in either order.
    left, right = sorted((rect.left, rect.right))
    bottom, top = sorted((rect.bottom, rect.top))
    return Note(label, text, rectangle(where, left, bottom, right, top))


def _field(annotation: Any, form: Any) -> tuple[str, str]:
    """Label and value of a form field: nothing for a push button, a signature, a box that is not ticked."""
    if form is None:
        return "form field", _string(annotation, b"V")
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE):
        return "form field", ""
    name = utf16(lambda data, size: pdfium.FPDFAnnot_GetFormFieldName(form, annotation, data, size))
    label = f"form field {' '.join(name.split())[:200]}".strip()
    if kind in (
        pdfium.FPDF_FORMFIELD_CHECKBOX,
        pdfium.FPDF_FORMFIELD_RADIOBUTTON,
    ) and not pdfium.FPDFAnnot_IsChecked(form, annotation):
        return label, ""
    value = utf16(
        lambda data, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, data, size)
    )
    return label, value


def _string(annotation: Any, key: bytes) -> str:
    return utf16(lambda data, size: pdfium.FPDFAnnot_GetStringValue(annotation, key, data, size))


def _image_share(page: Any, where: Frame) -> float:
    """How much of the page the largest image covers, 0 to 1."""
    area = max((where.right - where.left) * (where.top - where.bottom), 1.0)
    largest = 0.0
    sides = [ctypes.c_float() for _ in range(4)]
    for index in range(min(pdfium.FPDFPage_CountObjects(page), 500)):
        thing = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_IMAGE:
            continue
        if pdfium.FPDFPageObj_GetBounds(thing, *sides):
            left, bottom, right, top = (side.value for side in sides)
            largest = max(largest, (right - left) * (top - bottom))
    return largest / area


def attached(page: Any) -> list[tuple[str, bytes | None]]:
    """Files pinned to a page (FileAttachment annotations), as `embedded` gives them."""
    found = []
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_FILEATTACHMENT:
                file = pdfium.FPDFAnnot_GetFileAttachment(annotation)
                found.append(embedded(file) if file else ("", None))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def embedded(file: Any) -> tuple[str, bytes | None]:
    """Name and bytes of an embedded file; None where PDFium cannot give them."""
    name = utf16(lambda data, size: pdfium.FPDFAttachment_GetName(file, data, size))
    size = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(file, None, 0, size):
        return name, None
    buffer = ctypes.create_string_buffer(max(size.value, 1))
    if not pdfium.FPDFAttachment_GetFile(file, buffer, size.value, size):
        return name, None if size.value else b""
    return name, buffer.raw[: size.value]
