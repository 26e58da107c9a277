"""What reading gives back: pages, parts, pixels, and the state of the whole.

Both sides of the sandbox use these shapes. Inside they are made from untrusted bytes; on the host they are
made again from the frames of reading/protocol.py, every length and value checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

EXTRACTED = "extracted"
PARTLY = "partly-extracted"
FAILED = "failed"
ENCRYPTED = "encrypted"
UNSUPPORTED = "unsupported"
OVER_LIMIT = "over-limit"
WAITING = "waiting"
STATES = frozenset({EXTRACTED, PARTLY, FAILED, ENCRYPTED, UNSUPPORTED, OVER_LIMIT, WAITING})

EMPTY_BOX = b"\0" * 16
"""The box of a character that stands nowhere on the page: 0 0 0 0."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one document may cost before it is stopped; what is over becomes a state, never an error.

    `seconds` wall clock · `memory` resident bytes of the worker · `document` bytes of the input · `pages`,
    `parts` and `properties` counts · `text` code points over all pages · `part_bytes` of all parts together ·
    `ratio` bytes of parts for each byte of the document (above a first 16 MiB) · `pixels` of one rendered page.
    """

    seconds: float = 120.0
    memory: int = 1 << 30
    document: int = 1 << 30
    pages: int = 50_000
    text: int = 100_000_000
    parts: int = 100_000
    part_bytes: int = 2 << 30
    ratio: int = 200
    properties: int = 2_000
    pixels: int = 80_000_000


@dataclass(frozen=True, slots=True)
class OtherLine:
    """What another OCR reader made of `begin` to `end` (code points) of a page's text; `confidence` per cent."""

    begin: int
    end: int
    text: str
    reader: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet, slide, mail or web page.

    `boxes`: little-endian int32, four for each code point of `text` (x0 y0 x1 y1, hundredths of a point from the
    page's top left, as the page is shown); 0 0 0 0 where a character stands nowhere; None where there is no layout.
    `width`, `height` in points, 0 where there is no layout. `confidence` per cent. `needs_ocr`: the page shows
    something, and its text layer is missing or broken. `language` is as reading/language.py has it. `others`: lines
    that a second OCR reader read otherwise.
    """

    number: int
    text: str
    width: float = 0.0
    height: float = 0.0
    boxes: bytes | None = None
    source: str = "text"
    confidence: int | None = None
    word_confidence: bytes | None = None
    language: str | None = None
    needs_ocr: bool = False
    others: tuple[OtherLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Something readable found inside a document: an attachment, a member of an archive, an image.

    `number` is its order in the container, from 1; `path` where it was inside, as the container declares it
    (untrusted: never a path to write to); `name` the file name it had. A part whose bytes cannot be had (an encrypted
    member, one that is damaged) comes with its `state` and `reason`, and is not read; else both are empty.
    """

    number: int
    path: str
    name: str
    data: bytes
    properties: dict[str, str] = field(default_factory=dict)
    state: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pixels:
    """One rendered page: `raw` holds height × width × channels bytes, rows from the top; 1 channel is grey."""

    width: int
    height: int
    channels: int
    raw: bytes


@dataclass(slots=True)
class Reading:
    """The account of one document: its state and why, what it is, and everything that could be read of it."""

    state: str
    reason: str = ""
    type: str = "application/octet-stream"
    family: str = ""
    title: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    expected_pages: int | None = None
    expected_parts: int | None = None
