"""The frames that cross the sandbox: bytes in on standard input; text, boxes and pixels out on standard output.

A frame is a kind (one byte), the lengths of a header and a body (two little-endian unsigned 32-bit numbers), the
header (a JSON object) and the body. docs/explanation/reading.md lists the kinds. The host believes nothing: every
length is bounded before a byte is waited for, and every value is checked when a frame is opened. What does not fit
raises Garbled, which the host turns into a state.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from muniment.reading.language import SPOKEN
from muniment.reading.pages import STATES, Budget, OtherLine, Page, Part, Pixels

HEAD = struct.Struct("<cII")
LONGEST_HEADER = 1 << 20
LONGEST_REASON = 2_000
LONGEST_NAME = 4_000
LONGEST_VALUE = 200_000
MOST_OTHERS, LONGEST_OTHER = 500, 1_000
_LONGEST_TEXT = 20_000_000
_WIDEST = 1_000_000.0

REQUEST = b"Q"
FILTER = b"F"
READY = b"H"
PAGE = b"P"
PART = b"A"
PROPERTY = b"I"
PIXELS = b"X"
STATE = b"S"

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_WORD = re.compile(r"[a-z][a-z0-9 -]{0,40}|")


class Garbled(Exception):
    """A frame that breaks the protocol. Its message is our own words only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last frame of an answer."""

    state: str
    reason: str
    type: str
    family: str
    title: str
    expected_pages: int | None
    expected_parts: int | None


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the document."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Request:
    """What the host asks: `read`, `render` or `part`; `number` is the page or the part, from 1.

    `held`: the bytes are those of the request before, which was to draw a page too, and are not sent again.
    `reader`: one of reading/limits.py instead of our own.
    """

    action: str
    name: str
    data: bytes
    budget: Budget = field(default_factory=Budget)
    number: int = 0
    dpi: int = 0
    passwords: tuple[str, ...] = ()
    held: bool = False
    reader: str = ""


def frame(kind: bytes, header: dict[str, Any], *bodies: bytes) -> bytes:
    """One frame as bytes; the body is what follows, joined."""
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    length = sum(map(len, bodies))
    return b"".join((HEAD.pack(kind, len(head), length), head, *bodies))


def request_head(request: Request) -> bytes:
    """A request without its body: `request.data` follows, and is not copied."""
    budget = {name: getattr(request.budget, name) for name in Budget.__slots__}
    header = {
        "action": request.action,
        "name": request.name.encode(errors="replace").decode()[:LONGEST_NAME],
        "budget": budget,
        "number": request.number,
        "dpi": request.dpi,
        "passwords": list(request.passwords),
        "held": request.held,
        "reader": request.reader,
    }
    head = json.dumps(header, separators=(",", ":")).encode()
    return HEAD.pack(REQUEST, len(head), 0 if request.held else len(request.data)) + head


def open_request(header: dict[str, Any], body: bytes) -> Request:
    """The request again, inside the sandbox (the host is believed)."""
    return Request(
        action=header["action"],
        name=header["name"],
        data=body,
        budget=Budget(**header["budget"]),
        number=header["number"],
        dpi=header["dpi"],
        passwords=tuple(header["passwords"]),
        held=header["held"],
        reader=header["reader"],
    )


def page_frame(page: Page) -> bytes:
    """A page as a frame: text, boxes and word confidences are the body, in this order."""
    text = page.text.encode()
    header: dict[str, Any] = {
        "n": page.number,
        "t": len(text),
        "b": None if page.boxes is None else len(page.boxes),
        "w": page.width,
        "h": page.height,
        "s": page.source,
        "c": page.confidence,
        "k": None if page.word_confidence is None else len(page.word_confidence),
        "l": page.language,
        "o": page.needs_ocr,
    }
    if page.others:
        header["x"] = [[getattr(one, name) for name in OtherLine.__slots__] for one in page.others]
    return frame(PAGE, header, text, page.boxes or b"", page.word_confidence or b"")


def part_frame(part: Part) -> bytes:
    """A part as a frame: its bytes are the body."""
    header = {
        "n": part.number,
        "path": part.path,
        "name": part.name,
        "properties": part.properties,
        "state": part.state,
        "reason": part.reason,
    }
    return frame(PART, header, part.data)


def property_frame(name: str, value: str) -> bytes:
    """A property as a frame: its value is the body."""
    return frame(PROPERTY, {"name": name}, value.encode())


def pixels_head(pixels: Pixels) -> bytes:
    """A rendered page as a frame without its body: `pixels.raw` follows, and is not copied."""
    header = {"w": pixels.width, "h": pixels.height, "c": pixels.channels}
    head = json.dumps(header).encode()
    return HEAD.pack(PIXELS, len(head), len(pixels.raw)) + head


def outcome_frame(outcome: Outcome) -> bytes:
    """The last frame of an answer."""
    header = {name: getattr(outcome, name) for name in Outcome.__slots__}
    return frame(STATE, header)


Reply = Page | Part | Property | Pixels | Outcome


class Frames:
    """Cuts a stream of bytes into replies, with bounds on each length.

    `feed` takes what came and yields each whole reply; it raises Garbled at the first thing that does not fit, and
    the stream is of no use after that. `budget` bounds what one document may bring in all.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._buffer = bytearray()
        self._opened: tuple[bytes, bytes] | None = None
        self._pieces: list[bytes] = []
        self._rest = 0
        self._counts = {PAGE: 0, PART: 0, PROPERTY: 0, PIXELS: 0, STATE: 0}
        self._text = 0
        self._part_bytes = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is left over from the last frame."""
        return not self._buffer and self._opened is None

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Take these bytes and give each reply they complete."""
        if self._opened is not None:
            # A body of which a part has come is kept in the pieces it comes in: a page's picture is copied once.
            self._pieces.append(data[: self._rest])
            self._rest -= len(self._pieces[-1])
            if self._rest:
                return
            data = data[len(self._pieces[-1]) :]
            opened, body = self._opened, b"".join(self._pieces)
            self._opened, self._pieces = None, []
            yield self._open(*opened, body)
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= HEAD.size:
                kind, header_length, body_length = HEAD.unpack_from(self._buffer, start)
                self._allow(kind, header_length, body_length)
                body_start = start + HEAD.size + header_length
                if len(self._buffer) < body_start:
                    return
                with memoryview(self._buffer) as view:
                    head = bytes(view[start + HEAD.size : body_start])
                    body = bytes(view[body_start : body_start + body_length])
                start = body_start + len(body)
                if len(body) < body_length:
                    self._opened, self._pieces = (kind, head), [body]
                    self._rest = body_length - len(body)
                    return
                yield self._open(kind, head, body)
        finally:
            del self._buffer[:start]

    def _allow(self, kind: bytes, header_length: int, body_length: int) -> None:
        if kind not in self._counts:
            raise Garbled("a frame of an unknown kind")
        budget = self._budget
        longest = {
            PAGE: 20 * min(budget.text, _LONGEST_TEXT) + LONGEST_HEADER,
            PART: budget.part_bytes,
            PROPERTY: 4 * LONGEST_VALUE,
            PIXELS: 3 * budget.pixels,
            STATE: 0,
        }[kind]
        if header_length > LONGEST_HEADER or body_length > longest:
            raise Garbled("a frame longer than allowed")

    def _count(self, kind: bytes) -> int:
        self._counts[kind] += 1
        budget = self._budget
        most = {
            PAGE: budget.pages,
            PART: budget.parts,
            PROPERTY: budget.properties,
            PIXELS: 1,
            STATE: 1,
        }[kind]
        if self._counts[kind] > most or (kind != STATE and self._counts[STATE]):
            raise Garbled("more frames than allowed")
        return self._counts[kind]

    def _open(self, kind: bytes, head: bytes, body: bytes) -> Reply:
        number = self._count(kind)
        header = _object(head)
        if kind == PAGE:
            page = _open_page(header, body, number)
            self._text += len(page.text)
            if self._text > self._budget.text:
                raise Garbled("more text than allowed")
            return page
        if kind == PART:
            self._part_bytes += len(body)
            if self._part_bytes > self._budget.part_bytes:
                raise Garbled("more bytes of parts than allowed")
            return _open_part(header, body)
        if kind == PROPERTY:
            value = _utf8(body)
            if len(value) > LONGEST_VALUE:
                raise Garbled("a property longer than allowed")
            return Property(_text(header, "name", LONGEST_NAME), value)
        if kind == PIXELS:
            return _open_pixels(header, body, self._budget)
        return _open_outcome(header)


def _open_page(header: dict[str, Any], body: bytes, number: int) -> Page:
    """A page from a frame; `number` is the place it must have."""
    text_length = _number(header, "t", len(body))
    boxes_length = _number_or_none(header, "b", len(body))
    words_length = _number_or_none(header, "k", len(body))
    if text_length + (boxes_length or 0) + (words_length or 0) != len(body):
        raise Garbled("lengths that do not add up")
    text = _utf8(body[:text_length])
    words_start = text_length + (boxes_length or 0)
    boxes = None if boxes_length is None else body[text_length:words_start]
    if boxes is not None and len(boxes) != 16 * len(text):
        raise Garbled("boxes that do not fit their text")
    if _number(header, "n", number) != number:
        raise Garbled("pages out of order")
    width, height = _measure(header, "w"), _measure(header, "h")
    source, needs_ocr = _word(header, "s"), header.get("o")
    if not isinstance(needs_ocr, bool):
        raise Garbled("a value of the wrong kind")
    spoken = header.get("l")
    if spoken is not None and not (isinstance(spoken, str) and SPOKEN.fullmatch(spoken)):
        raise Garbled("a language that is none")
    words = None if words_length is None else body[words_start:]
    confidence = _number_or_none(header, "c", 100)
    others = _others(header.get("x", []), len(text))
    return Page(
        number, text, width, height, boxes, source, confidence, words, spoken, needs_ocr, others
    )


def _others(said: object, length: int) -> tuple[OtherLine, ...]:
    if not isinstance(said, list) or len(said) > MOST_OTHERS:
        raise Garbled("other readings that are none")
    found = []
    for one in said:
        if not isinstance(one, list) or len(one) != len(OtherLine.__slots__):
            raise Garbled("other readings that are none")
        fields = dict(zip(OtherLine.__slots__, one, strict=True))
        begin, end = _number(fields, "begin", length), _number(fields, "end", length)
        if begin >= end:
            raise Garbled("other readings of nothing")
        text, reader = _text(fields, "text", LONGEST_OTHER), _word(fields, "reader")
        found.append(OtherLine(begin, end, text, reader, _number(fields, "confidence", 100)))
    return tuple(found)


def _open_part(header: dict[str, Any], body: bytes) -> Part:
    properties = header.get("properties")
    if not isinstance(properties, dict) or len(properties) > 100:
        raise Garbled("properties that are none")
    for value in properties.values():
        if not isinstance(value, str):
            raise Garbled("a value of the wrong kind")
        _encodable(value)
    for name in properties:
        _encodable(name)
    number = _number(header, "n", 1 << 30)
    path = _text(header, "path", LONGEST_NAME)
    state, reason = header.get("state"), _sentence(header, "reason")
    if not isinstance(state, str) or (state and state not in STATES):
        raise Garbled("a state that is none")
    return Part(number, path, _text(header, "name", LONGEST_NAME), body, properties, state, reason)


def _open_pixels(header: dict[str, Any], body: bytes, budget: Budget) -> Pixels:
    width, height = _number(header, "w", 1 << 20), _number(header, "h", 1 << 20)
    channels = _number(header, "c", 3)
    if channels not in (1, 3) or not 0 < width * height <= budget.pixels:
        raise Garbled("pixels outside their limits")
    if len(body) != width * height * channels:
        raise Garbled("lengths that do not add up")
    return Pixels(width, height, channels, body)


def _open_outcome(header: dict[str, Any]) -> Outcome:
    state, media_type = header.get("state"), header.get("type")
    if not isinstance(state, str) or state not in STATES:
        raise Garbled("a state that is none")
    if not isinstance(media_type, str) or not _TYPE.fullmatch(media_type):
        raise Garbled("a media type that is none")
    return Outcome(
        state=state,
        reason=_sentence(header, "reason"),
        type=media_type,
        family=_word(header, "family"),
        title=_text(header, "title", LONGEST_NAME),
        expected_pages=_number_or_none(header, "expected_pages", 1 << 30),
        expected_parts=_number_or_none(header, "expected_parts", 1 << 30),
    )


def _object(head: bytes) -> dict[str, Any]:
    try:
        header = json.loads(head)
    except (ValueError, RecursionError):
        raise Garbled("a header that is no JSON") from None
    if not isinstance(header, dict):
        raise Garbled("a header that is no object")
    return header


def _number_or_none(header: dict[str, Any], name: str, most: int) -> int | None:
    return None if header.get(name) is None else _number(header, name, most)


def _number(header: dict[str, Any], name: str, most: int) -> int:
    value = header.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise Garbled("a number outside its limits")
    return value


def _measure(header: dict[str, Any], name: str) -> float:
    value = header.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Garbled("a value of the wrong kind")
    measure = float(value) if abs(value) < _WIDEST else math.inf
    if not 0 <= measure < _WIDEST:
        raise Garbled("a number outside its limits")
    return measure


def _text(header: dict[str, Any], name: str, longest: int) -> str:
    value = header.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise Garbled("a text longer than allowed")
    return _encodable(value)


def _sentence(header: dict[str, Any], name: str) -> str:
    """A reason, in one line: control characters of a worker gone wrong do not reach a terminal."""
    said = _text(header, name, LONGEST_REASON)
    return "".join(char if char.isprintable() else "\ufffd" for char in said)


def _word(header: dict[str, Any], name: str) -> str:
    value = header.get(name)
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise Garbled("a word of the wrong kind")
    return value


def _encodable(value: str) -> str:
    """JSON may carry lone surrogates, which no database and no file takes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Garbled("text that is no Unicode") from None
    return value


def _utf8(body: bytes) -> str:
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError:
        raise Garbled("text that is no Unicode") from None
