"""Pages in the catalogue: text and boxes as zstd frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import zstandard

from muniment.case import catalogue as tables
from muniment.case.reading_tables import other_line

if TYPE_CHECKING:
    from muniment.reading.pages import Page
    from muniment.verbs.case import Case

PICTURED = ("pdf", "image")
"""Families whose pages can be shown as a picture."""

# No page's text or boxes may unpack to more than this.
_LIMIT = 1 << 30
_AT_ONCE = 400


def page_row(document: int, page: Page) -> dict[str, object]:
    """A page as a row of the catalogue."""
    return {
        "document": document,
        "number": page.number,
        "text": pack(page.text.encode("utf-8", "surrogatepass")),
        "boxes": None if page.boxes is None else pack_boxes(page.boxes),
        "width": page.width,
        "height": page.height,
        "source": page.source,
        "language": page.language,
        "confidence": page.confidence,
        "word_confidence": None if page.word_confidence is None else pack(page.word_confidence),
        "needs_ocr": page.needs_ocr,
    }


def keep_others(connection: sa.Connection, document: int, page: Page) -> None:
    """Store what a second OCR reader made of lines of a page, in place of what is stored of it."""
    forget_others(connection, [document], page.number)
    rows = [{"document": document, "page": page.number, **asdict(one)} for one in page.others]
    if rows:
        connection.execute(sa.insert(other_line), rows)


def forget_others(
    connection: sa.Connection, documents: Sequence[int], page: int | None = None
) -> None:
    """Delete what is stored of these documents (row numbers), or of one page of each."""
    query = sa.delete(other_line).where(other_line.c.document.in_(documents))
    if page is not None:
        query = query.where(other_line.c.page == page)
    connection.execute(query)


def others_of(case: Case, document: int, page: int) -> list[dict[str, object]]:
    """Where two readers of a scan differ: begin, end (code points), text, reader and its confidence."""
    line = other_line.c
    columns = (line.begin, line.end, line.text, line.reader, line.confidence)
    where = sa.and_(line.document == document, line.page == page)
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(*columns).where(where).order_by(line.begin))
        return [dict(row._mapping) for row in rows]


def page_text(case: Case, document: int, number: int) -> str:
    """The text of a page; "" where there is no such page."""
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(tables.page.c.text).where(
                tables.page.c.document == document, tables.page.c.number == number
            )
        ).first()
    return "" if row is None else unpack_text(row.text)


def page_texts(case: Case, document: int) -> list[tuple[int, str]]:
    """All pages of a document: (number, text), in order."""
    with case.catalogue.read() as connection:
        rows = connection.execute(
            sa.select(tables.page.c.number, tables.page.c.text)
            .where(tables.page.c.document == document)
            .order_by(tables.page.c.number)
        ).all()
    return [(row.number, unpack_text(row.text)) for row in rows]


def texts_at(case: Case, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The text of many pages: (document, page number) to text; "" for one that is not there."""
    found = dict.fromkeys(places, "")
    for row in rows_at(case, places, ("text",)):
        found[row[0], row[1]] = unpack_text(row[2])
    return found


def rows_at(
    case: Case, places: Sequence[tuple[int, int]], columns: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Document, page number and columns of many pages; written as text, for SQLAlchemy takes longer to say it."""
    names = ", ".join(tables.page.c[name].name for name in ("document", "number", *columns))
    for at in range(0, len(places), _AT_ONCE):
        some = places[at : at + _AT_ONCE]
        wanted = ",".join(["(?,?)"] * len(some))
        sql = f"SELECT {names} FROM page WHERE (document, number) IN (VALUES {wanted})"  # noqa: S608 - no value in it
        values = tuple(value for place in some for value in place)
        with case.catalogue.read() as connection:
            yield from map(tuple, connection.exec_driver_sql(sql, values).all())


def unpack_text(frame: bytes) -> str:
    """Text of a stored frame."""
    return unpack(frame).decode("utf-8", "surrogatepass")


def pack(content: bytes, *, level: int = 3) -> bytes:
    """A zstd frame."""
    return zstandard.ZstdCompressor(level=level).compress(content)


def unpack(frame: bytes) -> bytes:
    """The content of a zstd frame of ours."""
    return zstandard.ZstdDecompressor().decompress(frame, max_output_size=_LIMIT)


def pack_boxes(boxes: bytes) -> bytes:
    """Boxes of a page as a zstd frame: left edges and tops as differences, then widths and heights.

    Neighbours on a line differ little, so this takes about half the room of the boxes as they stand.
    """
    import numpy as np

    table = np.frombuffer(boxes, "<i4").reshape(-1, 4)
    turned = np.empty((4, len(table)), "<i4")
    turned[0] = np.diff(table[:, 0], prepend=0)
    turned[1] = np.diff(table[:, 1], prepend=0)
    turned[2:] = (table[:, 2:] - table[:, :2]).T
    return pack(turned.tobytes(), level=1)


def unpack_boxes(frame: bytes) -> bytes:
    """Boxes of a page as they were packed."""
    import numpy as np

    turned = np.frombuffer(unpack(frame), "<i4").reshape(4, -1)
    table = np.empty((turned.shape[1], 4), "<i4")
    table[:, 0] = np.cumsum(turned[0], dtype="<i4")
    table[:, 1] = np.cumsum(turned[1], dtype="<i4")
    table[:, 2:] = table[:, :2] + turned[2:].T
    return table.tobytes()


def passage_boxes(boxes: bytes, start: int, end: int) -> list[list[float]]:
    """Boxes of the code points start..end, one for each line they run over, in points from the top left.

    `boxes` is what a page holds: four little-endian int32 a code point, hundredths of a point.
    """
    import numpy as np

    table = np.frombuffer(boxes, dtype="<i4").reshape(-1, 4)[start:end]
    table = table[(table[:, 2] > table[:, 0]) & (table[:, 3] > table[:, 1])]
    lines: list[list[int]] = []
    for x0, y0, x1, y1 in table.tolist():
        if lines and _same_line(lines[-1], (x0, y0, x1, y1)):
            line = lines[-1]
            lines[-1] = [min(line[0], x0), min(line[1], y0), max(line[2], x1), max(line[3], y1)]
        else:
            lines.append([x0, y0, x1, y1])
    return [[value / 100 for value in line] for line in lines]


def _same_line(line: list[int], box: tuple[int, int, int, int]) -> bool:
    """Whether a character stands on the line so far: level with it, and near.

    Boxes hold the ink alone, so a comma, an accent or a raised figure touches its line's box or hardly does: what
    counts is that the middle of the lower of the two boxes is no more than a quarter of the higher one outside it.
    """
    low, high = sorted(((line[1], line[3]), (box[1], box[3])), key=lambda side: side[1] - side[0])
    lower, higher = low[1] - low[0], high[1] - high[0]
    level = 4 * high[0] - higher <= 2 * (low[0] + low[1]) <= 4 * high[1] + higher
    gap = max(box[0] - line[2], line[0] - box[2])
    return level and gap <= max(3 * lower, higher)
