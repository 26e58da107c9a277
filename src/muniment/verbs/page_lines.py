"""The lines of a page as they are sealed: words in reading order, a box and a confidence for each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.evidence.layers import words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from muniment.evidence.page_package import Box

_UNKNOWN = 255
_SURE = 100


@dataclass(frozen=True, slots=True)
class Lines:
    """`words` of each line that has any; `boxes` one for each, or none where the page has no layout.

    `replaced` counts code points that are no Unicode text (lone surrogates) and are sealed as U+FFFD.
    """

    words: Sequence[Sequence[str]]
    boxes: Sequence[Box]
    replaced: int


def lines_of(text: str, boxes: bytes | None, confidences: bytes | None) -> Lines:
    """The lines of a page's text, split at LF alone.

    boxes        as of `reading.pages.Page`: four int32 a code point; a line's box is the union of those that are
                 somewhere, 0 0 0 0 where none is
    confidences  one byte a code point, 255 where it is not known; a line has the mean of those known, else 100
    """
    replaced = (
        sum(1 for character in text if "\ud800" <= character <= "\udfff") if _odd(text) else 0
    )
    if replaced:
        text = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    split = text.split("\n")
    words = [words_of(line) for line in split]
    chosen = [number for number, found in enumerate(words) if found]
    kept = [words[number] for number in chosen]
    if boxes is None or not kept:
        return Lines(kept, [], replaced)
    every = _line_boxes(split, boxes, confidences, len(text))
    return Lines(kept, [every[number] for number in chosen], replaced)


def _odd(text: str) -> bool:
    """Whether it cannot be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _line_boxes(
    split: list[str], boxes: bytes, confidences: bytes | None, length: int
) -> list[Box]:
    import numpy as np

    starts = np.zeros(len(split), np.int64)
    np.cumsum([len(line) + 1 for line in split[:-1]], out=starts[1:])
    # One place more than there are code points: each line has its LF, the last one too.
    table = np.zeros((length + 1, 4), np.int64)
    if len(boxes) == 16 * length:
        table[:length] = np.frombuffer(boxes, "<i4").reshape(-1, 4)
    somewhere = (table[:, 2] > table[:, 0]) & (table[:, 3] > table[:, 1])
    far = np.iinfo(np.int64).max
    low = np.where(somewhere[:, None], table[:, :2], far)
    high = np.where(somewhere[:, None], table[:, 2:], -far)
    edges = np.hstack(
        [np.minimum.reduceat(low, starts, axis=0), np.maximum.reduceat(high, starts, axis=0)]
    )
    edges[edges[:, 0] == far] = 0
    sure = _line_confidence(starts, confidences, length)
    return [(*edge, mean) for edge, mean in zip(edges.tolist(), sure, strict=True)]


def _line_confidence(
    starts: NDArray[np.int64], confidences: bytes | None, length: int
) -> list[int]:
    import numpy as np

    if confidences is None or len(confidences) != length:
        return [_SURE] * len(starts)
    values = np.frombuffer(confidences + bytes([_UNKNOWN]), np.uint8).astype(np.int64)
    known = values != _UNKNOWN
    count = np.add.reduceat(known.astype(np.int64), starts)
    total = np.add.reduceat(np.where(known, values, 0), starts)
    mean = (2 * total + count) // np.maximum(2 * count, 1)  # to the nearest, halves up
    return [int(m) if n else _SURE for m, n in zip(mean, count, strict=True)]
