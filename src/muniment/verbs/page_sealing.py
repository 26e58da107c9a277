"""Sealing the pages of one document: rendered in the sandbox, committed, packed and encrypted, page by page.

At no moment more than two pages are in memory, one being drawn while the one before it is sealed. Every tree gets
a fresh id at each attempt, so that no seed serves twice, whatever is cut off.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.evidence.layers import Header, channels_of
from muniment.evidence.page_commitment import MOST_ROWS, Picture, rows_of, seal_page
from muniment.evidence.page_package import PageRecord, encode, pack_picture
from muniment.verbs.content import content_of
from muniment.verbs.page_lines import lines_of
from muniment.verbs.pages import PICTURED, unpack, unpack_boxes, unpack_text

if TYPE_CHECKING:
    from muniment.evidence.vault import Stored
    from muniment.reading.worker import Worker
    from muniment.verbs.case import Case

DPI = 200
_MOST_A_SIDE = 65_535
_SLOW = 30.0
_PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Sealing:
    """What the sealing of one document gave: rows of `seal`, `sealed_page` and, where it had none, `part_file`."""

    document: int
    seal: dict[str, Any]
    pages: list[dict[str, Any]]


@dataclass(slots=True)
class _Course:
    """One document being sealed."""

    document: Any
    key: bytes
    numbers: list[int]
    room: int
    pages: list[dict[str, Any]] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=list)
    kept: int = 0
    recognised: bool = False


class PageSealer:
    """Seals documents, one after another. `worker` draws; without fonts of this machine (decision 0015)."""

    def __init__(self, case: Case, worker: Worker) -> None:
        self._case = case
        self._worker = worker
        self._ahead = ThreadPoolExecutor(1)

    def close(self) -> None:
        """Wait for what is being drawn. The worker is its owner's to close."""
        self._ahead.shutdown()

    def seal(self, number: int, room: int) -> Sealing:
        """Seal everything that was read of the document with this row number; its package is staged, not yet synced.

        `room`: bytes of pictures that may be kept. Raises Damaged, NotFound or NotRead where its bytes cannot be had.
        """
        from muniment.evidence.layers import document_bodies, layer_tree
        from muniment.reading.builds import tools
        from muniment.verbs.part_files import file_seal

        document = self._document(number)
        file = file_seal(self._case, number, self._worker)
        course = _Course(document, file.key, self._numbers(number), room)
        stored = self._packed(course)
        named = tools(document.family, recognised=course.recognised)
        tree = secrets.token_bytes(16)
        bodies = document_bodies(file.root, named, course.roots)
        root = layer_tree("document", file.key, tree, bodies).root
        values = {
            "document": number,
            "tree": tree,
            "root": root,
            "tools": json.dumps(named, sort_keys=True),
            "pages": len(course.pages),
            "pictures": course.kept,
            "stored": stored.name,
            **{name: getattr(stored, name) for name in _OF_STORED},
        }
        return Sealing(number, values, course.pages)

    def _document(self, number: int) -> Any:
        document = tables.document.c
        with self._case.catalogue.read() as connection:
            return connection.execute(
                sa.select(document.number, document.name, document.family).where(
                    document.number == number
                )
            ).one()

    def _numbers(self, number: int) -> list[int]:
        page = tables.page.c
        query = sa.select(page.number).where(page.document == number).order_by(page.number)
        with self._case.catalogue.read() as connection:
            return list(connection.execute(query).scalars())

    def _packed(self, course: _Course) -> Stored:
        from muniment.evidence.vault import stage

        def told(place: int, length: int) -> None:
            course.pages[-1] |= {"place": place, "length": length}

        pieces = encode(self._records(course), told)
        return stage(
            cast("BinaryIO", _Pieces(pieces)), self._case.folder.staging, self._case.keys.recipient
        )

    def _records(self, course: _Course) -> Iterator[PageRecord]:
        pictures = self._pictures(course.document, course.numbers)
        for number, drawn in zip(course.numbers, pictures, strict=True):
            record = self._record(course, number, drawn)
            course.kept += len(record.picture or b"")
            course.roots.append(record.roots["page"])
            course.pages.append(
                {
                    "page": number,
                    "trees": json.dumps({k: v.hex() for k, v in record.trees.items()}),
                    "roots": json.dumps({k: v.hex() for k, v in record.roots.items()}),
                    "kept": record.picture is not None,
                    "reason": record.reason,
                }
            )
            yield record

    def _record(self, course: _Course, number: int, drawn: Picture | str) -> PageRecord:
        page = tables.page.c
        with self._case.catalogue.read() as connection:
            row = connection.execute(
                sa.select(tables.page).where(
                    page.document == course.document.number, page.number == number
                )
            ).one()
        course.recognised |= row.source.startswith("ocr ")
        layout = row.width > 0 and row.height > 0 and row.boxes is not None
        lines = lines_of(
            unpack_text(row.text),
            unpack_boxes(row.boxes) if layout else None,
            None if row.word_confidence is None else unpack(row.word_confidence),
        )
        reasons = [drawn] if isinstance(drawn, str) and drawn else []
        words, boxes = lines.words, lines.boxes
        if lines.replaced:
            reasons.append(f"{lines.replaced} characters that are no Unicode are sealed as U+FFFD")
        if rows_of(words) > MOST_ROWS:
            reasons.append(
                f"its text takes more than {MOST_ROWS} rows and is sealed by its file alone"
            )
            words, boxes = [], []
        picture = None if isinstance(drawn, str) else drawn
        kept = None
        if picture is not None and course.kept < course.room:
            kept = pack_picture(picture.raw)
        header = _header(course.document.family, number, picture, row.width)
        return seal_page(
            course.key, header, words, boxes, picture, reason="; ".join(reasons), kept=kept
        )

    def _pictures(self, document: Any, numbers: Sequence[int]) -> Iterator[Picture | str]:
        """The picture of each page, or why there is none; the next is being drawn while one is looked at."""
        if document.family not in PICTURED or not numbers:
            yield from ("" for _ in numbers)
            return
        content = content_of(self._case, document.number, self._worker)
        slow = 0

        def draw(number: int) -> Picture | str:
            nonlocal slow
            if slow >= _PATIENCE:
                return f"not drawn: {_PATIENCE} pages before it took too long"
            begin = time.monotonic()
            drawn = draw_page(self._worker, content, number, document.name)
            slow = slow + 1 if time.monotonic() - begin > _SLOW else 0
            return drawn

        ahead: Future[Picture | str] = self._ahead.submit(draw, numbers[0])
        try:
            for number in numbers[1:]:
                drawn = ahead.result()
                ahead = self._ahead.submit(draw, number)
                yield drawn
            yield ahead.result()
        finally:
            ahead.cancel()


_OF_STORED = ("size", "sha256", "sha512", "cipher_sha512", "cipher_size", "chunk_root")


def draw_page(worker: Worker, content: bytes, number: int, name: str) -> Picture | str:
    """A page as it is sealed, with one channel where it has no colour; or why there is no picture of it.

    Raises NotRead where only a password is wanting: its seal waits for it.
    """
    from muniment.reading.pages import ENCRYPTED
    from muniment.reading.worker import NotRead

    try:
        pixels = worker.render(content, number, DPI, name=name)
    except NotRead as error:
        if error.state == ENCRYPTED:
            raise
        return f"no picture: {error.reason}"
    if max(pixels.width, pixels.height) > _MOST_A_SIDE:
        return f"no picture: more than {_MOST_A_SIDE} pixels a side"
    shape = (pixels.width, pixels.height, pixels.channels)
    if pixels.channels == 3 and channels_of(*shape, pixels.raw) == 1:
        return Picture(pixels.width, pixels.height, 1, pixels.raw[::3])
    return Picture(*shape, pixels.raw)


def _header(family: str, number: int, picture: Picture | None, points: float) -> Header:
    """The header of a page; `points`: how wide it is. An image is never enlarged, so that its dpi may be less."""
    from muniment.reading.builds import renderer

    if picture is None:
        return Header(number, 0, 0, 0, 0, "", "")
    dpi = round(picture.width * 72 / points) if family == "image" and points else DPI
    drawn_by, fonts = renderer(family)
    return Header(number, picture.width, picture.height, dpi, picture.channels, drawn_by, fonts)


class _Pieces:
    """Pieces of bytes as a file to be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)
