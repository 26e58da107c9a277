"""What a format reads from and gives its findings to, inside the sandbox.

An Account sends each page and part to the host as soon as it has it, so that what was read before a crash is kept.
It also keeps the limits: what goes over one raises Unreadable with the state over-limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from muniment.reading import language, protocol
from muniment.reading.pages import (
    EXTRACTED,
    OVER_LIMIT,
    PARTLY,
    Budget,
    Page,
    Part,
)

_FREE_BYTES = 16 << 20
"""Parts up to this many bytes in all are never a suspicious expansion."""


class Unreadable(Exception):
    """Reading stops here with this state and reason (a sentence of ours, no text from the document)."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes to read, the name they came with (untrusted), their media type, passwords to try.

    `opened` is for a format to keep what it opened to draw one page, for the next page of the same bytes.
    """

    data: bytes
    name: str
    type: str
    budget: Budget
    passwords: tuple[str, ...] = ()
    opened: dict[object, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Account:
    """Takes what a format finds and sends it on. `send` writes one frame to the host."""

    send: Callable[[bytes], object]
    budget: Budget = field(default_factory=Budget)
    document_bytes: int = 0
    title: str = ""
    reasons: list[str] = field(default_factory=list)
    expected_pages: int | None = None
    expected_parts: int | None = None
    pages: int = 0
    parts: int = 0
    _text: int = 0
    _part_bytes: int = 0
    _properties: int = 0

    def expect(self, *, pages: int | None = None, parts: int | None = None) -> None:
        """Say how many pages and parts the document declares; fewer in the end make it partly-extracted."""
        if pages is not None:
            self.expected_pages = pages
        if parts is not None:
            self.expected_parts = parts

    def partly(self, reason: str) -> None:
        """Something could not be read, and reading goes on. The reason is a sentence without text of the document."""
        if reason not in self.reasons and len(self.reasons) < 20:
            self.reasons.append(reason)

    def property(self, name: str, value: str) -> None:
        """A property of the document ("author", "from"); empty values are left out."""
        value = _whole(value.strip())
        if not value:
            return
        self._properties += 1
        if self._properties > self.budget.properties:
            raise Unreadable(OVER_LIMIT, f"more than {self.budget.properties} properties")
        if len(value) > protocol.LONGEST_VALUE:
            self.partly(f"a property was cut at {protocol.LONGEST_VALUE} characters")
            value = value[: protocol.LONGEST_VALUE]
        self.send(protocol.property_frame(_whole(name)[: protocol.LONGEST_NAME], value))

    def page(
        self,
        text: str,
        *,
        width: float = 0.0,
        height: float = 0.0,
        boxes: bytes | None = None,
        source: str = "text",
        confidence: int | None = None,
        word_confidence: bytes | None = None,
        language_code: str | None = None,
        needs_ocr: bool = False,
    ) -> None:
        """The next page. Its number is its place; its language is detected unless given.

        Raises ValueError where `boxes` does not hold 16 bytes for each code point of `text`.
        """
        text = _whole(text)
        if boxes is not None and len(boxes) != 16 * len(text):
            raise ValueError("16 bytes of box for each code point")
        if self.pages >= self.budget.pages:
            raise Unreadable(OVER_LIMIT, f"more than {self.budget.pages} pages")
        self._text += len(text)
        if self._text > self.budget.text:
            raise Unreadable(OVER_LIMIT, f"more than {self.budget.text} characters of text")
        self.pages += 1
        page = Page(
            number=self.pages,
            text=text,
            width=width,
            height=height,
            boxes=boxes,
            source=source,
            confidence=confidence,
            word_confidence=word_confidence,
            language=language_code or language.spoken(text),
            needs_ocr=needs_ocr,
        )
        self.send(protocol.page_frame(page))

    def part_bytes_left(self) -> int:
        """How many bytes of parts may still come: what expands further than this need not be expanded."""
        return self._part_bytes_allowed() - self._part_bytes

    def _part_bytes_allowed(self) -> int:
        return min(
            self.budget.part_bytes, max(_FREE_BYTES, self.document_bytes * self.budget.ratio)
        )

    def part(
        self,
        data: bytes,
        *,
        name: str,
        path: str = "",
        properties: dict[str, str] | None = None,
        state: str = "",
        reason: str = "",
    ) -> None:
        """The next part, with its bytes. The host makes a document of it and reads it in turn.

        A part whose bytes cannot be had is given with `state` and `reason` (a sentence of ours) instead.
        """
        if self.parts >= self.budget.parts:
            raise Unreadable(OVER_LIMIT, f"more than {self.budget.parts} parts")
        self._part_bytes += len(data)
        allowed = self._part_bytes_allowed()
        if self._part_bytes > allowed:
            raise Unreadable(OVER_LIMIT, f"its parts hold more than {allowed} bytes")
        self.parts += 1
        kept = {
            _whole(key)[:100]: _whole(value)[:4000]
            for key, value in list((properties or {}).items())[:50]
        }
        name = _whole(name)[: protocol.LONGEST_NAME]
        path = _whole(path or name)[: protocol.LONGEST_NAME]
        self.send(protocol.part_frame(Part(self.parts, path, name, data, kept, state, reason)))

    def clean_title(self) -> str:
        """The title as it may cross the sandbox: one line, no control characters, not endless."""
        title = "".join(char if char.isprintable() else " " for char in _whole(self.title))
        return " ".join(title.split())[:1000]

    def outcome(self) -> tuple[str, str]:
        """State and reason of a document whose format came to its end."""
        if self.expected_pages is not None and self.pages < self.expected_pages:
            self.partly(f"{self.pages} of {self.expected_pages} pages could be read")
        if self.expected_parts is not None and self.parts < self.expected_parts:
            self.partly(f"{self.parts} of {self.expected_parts} parts could be read")
        return (PARTLY if self.reasons else EXTRACTED), "; ".join(self.reasons)


def _whole(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be written as UTF-8; its length stays the same."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)
    return text
