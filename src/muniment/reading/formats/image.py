"""Images: every frame is a page that shows something and has no text layer.

The size of a page in points follows the resolution the file declares, where that is believable; else a
scan of A4 width is assumed for large images and 96 dots to the inch for small ones.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.pages import FAILED, OVER_LIMIT, UNSUPPORTED, Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

_TYPES = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/tiff",
    "image/bmp",
    "image/x-ms-bmp",
    "image/webp",
    "image/x-portable-pixmap",
    "image/x-portable-graymap",
    "image/x-portable-bitmap",
    "image/x-portable-greymap",
    "image/x-tga",
    "image/jp2",
    "image/vnd.microsoft.icon",
)
_READERS = ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM", "TGA", "JPEG2000", "ICO")
_LEAST_DPI, _MOST_DPI = 50, 1200
_A4_WIDTH_INCHES = 8.27
_SMALL = 1000
_ORIENTATION, _POSITION = 274, 34853
_ON_ITS_SIDE = (5, 6, 7, 8)
# What Pillow raises at a file that breaks its own rules.
_BROKEN = (
    EOFError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    struct.error,
)
_TAGS = {271: "camera-make", 272: "camera-model", 305: "software", 306: "date-taken", 315: "artist"}


def read(document: Document, account: Account) -> None:
    """One page for each frame, all of them for OCR."""
    picture = _open(document)
    frames = _frames(picture)
    account.expect(pages=frames)
    account.property("pixels", f"{picture.width} × {picture.height}")
    account.property("resolution", f"{_dpi(picture):.0f} dpi")
    if picture.width * picture.height <= document.budget.pixels:
        # A PNG may have its tags after its pixels: all of it is decoded for them.
        _properties(picture, account)
    over = 0
    for number in range(frames):
        try:
            picture.seek(number)
        except _BROKEN:
            account.partly(f"frame {number + 1} cannot be read")
            break
        if picture.width * picture.height > document.budget.pixels:
            over += 1
            account.partly(f"frame {number + 1} has more than {document.budget.pixels} pixels")
            account.page("", source="")
            continue
        if frames == 1 and not _whole(picture):
            account.partly("the image is cut off or damaged: what could be decoded is shown")
        width, height = _size(picture)
        account.page("", width=width, height=height, boxes=b"", source="", needs_ocr=True)
    if over == frames:
        raise Unreadable(OVER_LIMIT, f"more than {document.budget.pixels} pixels")


def _size(picture: Image) -> tuple[float, float]:
    """Width and height in points, as the page is shown: turned as the file says."""
    dpi = _dpi(picture)
    width, height = picture.width * 72 / dpi, picture.height * 72 / dpi
    if _tags(picture).get(_ORIENTATION) in _ON_ITS_SIDE:
        width, height = height, width
    return round(width, 2), round(height, 2)


def _frames(picture: Image) -> int:
    try:
        return int(getattr(picture, "n_frames", 1))
    except _BROKEN:
        return 1


def _whole(picture: Image) -> bool:
    """Whether all of it can be decoded."""
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        picture.load()
    except _BROKEN:
        return False
    return True


def render(document: Document, page: int, dpi: int) -> Pixels:
    """A frame, turned as its file says, scaled from its own resolution to `dpi`; never larger than it is."""
    from PIL import Image, ImageOps

    picture = _open(document)
    try:
        picture.seek(page - 1)
    except _BROKEN:
        raise Unreadable(FAILED, f"frame {page} cannot be read") from None
    if picture.width * picture.height > document.budget.pixels:
        raise Unreadable(OVER_LIMIT, f"more than {document.budget.pixels} pixels")
    scale = min(1.0, dpi / _dpi(picture))
    if not _whole(picture):
        picture = _as_far_as_it_goes(document, page)
    flat = _flat(ImageOps.exif_transpose(picture))
    if scale < 1.0:
        size = (max(1, round(flat.width * scale)), max(1, round(flat.height * scale)))
        flat = flat.resize(size, Image.Resampling.LANCZOS)
    return Pixels(flat.width, flat.height, 1 if flat.mode == "L" else 3, flat.tobytes())


def _as_far_as_it_goes(document: Document, page: int) -> Image:
    """A frame that is cut off or damaged, with what could be decoded."""
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        picture = _open(document)
        picture.seek(page - 1)
        picture.load()
    except _BROKEN:
        raise Unreadable(FAILED, "the image is cut off or damaged") from None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return picture


def _open(document: Document) -> Image:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is kept before anything is decoded
    try:
        return Image.open(io.BytesIO(document.data), formats=_READERS)
    except UnidentifiedImageError:
        raise Unreadable(UNSUPPORTED, f"no reader here knows this {document.type}") from None
    except (OSError, SyntaxError, ValueError):
        raise Unreadable(FAILED, "the image cannot be opened") from None


def _flat(picture: Image) -> Image:
    """Grey where there is no colour, else RGB; what is transparent lies on white."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        above = picture.convert("RGBA")
        below = Image.new("RGBA", above.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(below, above)
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return _levels(picture)
    colour = picture.convert("RGB")
    red, green, blue = colour.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():
        return red
    return colour


def _levels(picture: Image) -> Image:
    """An image of more than 8 bits a pixel, its darkest to lightest as black to white."""
    wide = picture.convert("F")
    low, high = wide.getextrema()
    assert isinstance(low, float) and isinstance(high, float)
    factor = 255.0 / ((high - low) or 1.0)
    return wide.point(lambda value: value * factor - low * factor).convert("L")


def _dpi(picture: Image) -> float:
    declared: Any = picture.info.get("dpi") or (0, 0)
    try:
        value = float(declared[0])
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        value = 0.0
    if _LEAST_DPI <= value <= _MOST_DPI and value != 72:
        return value
    if picture.width < _SMALL:
        return 96.0
    return max(96.0, min(600.0, picture.width / _A4_WIDTH_INCHES))


def _tags(picture: Image) -> Mapping[int, Any]:
    """The Exif tags; none where they cannot be read."""
    try:
        return picture.getexif()
    except _BROKEN:
        return {}


def _properties(picture: Image, account: Account) -> None:
    """A few tags for the screens; the metadata check reads all of them later."""
    tags = _tags(picture)
    for tag, name in _TAGS.items():
        if tag in tags:
            account.property(name, str(tags[tag]))
    if _POSITION in tags:
        account.property("has-position", "yes")


register(Format(family="image", types=_TYPES, read=read, render=render))
