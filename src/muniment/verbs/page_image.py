"""The picture of a page: made in the sandbox from the sealed bytes, kept in working/ as PNG."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from muniment.case.working import open_working
from muniment.errors import NotFound, Refused
from muniment.verbs.content import content_of
from muniment.verbs.documents import row_of

if TYPE_CHECKING:
    from muniment.verbs.case import Case

FINEST = 400
_FAMILIES = ("pdf", "image")


def page_image(
    case: Case, document: str, page: int, *, dpi: int = 100, held: bool = False
) -> bytes:
    """A page as PNG at `dpi` (36 to 400). Raises NotFound where the document has no picture of that page.

    Raises Refused for a document that is held, unless `held` says that the person asked to see it all the same.
    """
    row = row_of(case, document)
    if row.held and not held:
        raise Refused(
            "This document is held: its pages are not shown.",
            next="Release it with: muniment hold CASE DOCUMENT --release",
            document=row.document,
        )
    if row.family not in _FAMILIES or not 1 <= page <= (row.pages or 0):
        raise NotFound(
            "This page has no picture.", next="Read its text instead.", document=document
        )
    dpi = max(36, min(dpi, FINEST))
    directory = open_working(case.folder) / "pages"
    directory.mkdir(mode=0o700, exist_ok=True)
    if row.held:  # nothing of it is kept for a thumbnail
        return _drawn(case, row, page, dpi)
    kept = directory / f"{row.document}.{page}.{dpi}.png"
    if kept.exists():
        return kept.read_bytes()
    picture = _drawn(case, row, page, dpi)
    temporary = kept.with_suffix(".part")
    temporary.write_bytes(picture)
    temporary.rename(kept)
    return picture


def _drawn(case: Case, row: Any, page: int, dpi: int) -> bytes:
    from muniment.reading.pages import ENCRYPTED
    from muniment.reading.worker import NotRead, Worker

    worker = Worker(passwords=case.passwords)
    try:
        pixels = worker.render(content_of(case, row.number, worker), page, dpi, name=row.name)
    except NotRead as error:
        if error.state != ENCRYPTED:
            raise
        return _as_sealed(case, row, page, dpi)
    finally:
        worker.close()
    return as_png(pixels.width, pixels.height, pixels.channels, pixels.raw)


def _as_sealed(case: Case, row: Any, page: int, dpi: int) -> bytes:
    """The picture the case keeps of a page whose document was opened with a password, which it does not keep."""
    from PIL import Image

    from muniment.evidence.page_commitment import picture_of
    from muniment.verbs.page_seals import page_record

    record = page_record(case, row.number, page)
    picture = picture_of(record)
    if picture is None:
        raise NotFound(
            "This page can only be drawn with its document's password.",
            next="Read its text instead.",
        )
    mode = "L" if picture.channels == 1 else "RGB"
    image = Image.frombytes(mode, (picture.width, picture.height), picture.raw)
    scale = dpi / record.header.dpi
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)))
    return as_png(image.width, image.height, picture.channels, image.tobytes())


def as_png(width: int, height: int, channels: int, raw: bytes) -> bytes:
    """Raw pixels as PNG, without any metadata."""
    from PIL import Image

    image = Image.frombytes("L" if channels == 1 else "RGB", (width, height), raw)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def forget_images(case: Case, documents: Collection[str]) -> None:
    """Delete the kept pictures of the pages of documents, named by their identifiers."""
    directory = open_working(case.folder) / "pages"
    if not directory.is_dir():
        return
    names = set(documents)
    for kept in directory.iterdir():
        if kept.name.partition(".")[0] in names:
            kept.unlink(missing_ok=True)
