"""A passage as others may find it again: W3C Web Annotation's TextQuote and TextPosition, with boxes on the page."""

from __future__ import annotations

from typing import Any

from muniment.verbs.pages import passage_boxes

AROUND = 32
"""Characters kept on either side."""


def quoted(text: str, start: int, end: int) -> dict[str, Any]:
    """The passage [start, end) of a text, with what stands around it."""
    return {
        "exact": text[start:end],
        "prefix": text[max(0, start - AROUND) : start],
        "suffix": text[end : end + AROUND],
        "start": start,
        "end": end,
    }


def anchored(text: str, start: int, end: int, page: int, boxes: bytes | None) -> dict[str, Any]:
    """The passage [start, end) of a page's text. `boxes` is what the page holds (`pages.unpack_boxes`), or None."""
    return {
        **quoted(text, start, end),
        "page": page,
        "boxes": [] if boxes is None else passage_boxes(boxes, start, end),
        "state": "exact",
    }
