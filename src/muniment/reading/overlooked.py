"""Ink that OCR passed over: Tesseract loses whole lines where it misjudges the layout of a page.

What no line read covers is shown to it once more, alone on the page and as one block; lines that come
out well are put where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from muniment.reading.pages import Pixels
from muniment.reading.tesseract import BLOCK, Attempt, Tesseract, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CONTRAST = 64
"""How many of 256 levels ink differs from the paper."""
_LEAST_SHARE = 0.005
"""Less of the ink than this left over is specks and rules, not lines."""
_LEAST_INK = 40
_POOR, _GOOD = 50, 70


def blank(pixels: Pixels) -> bool:
    """Whether nothing at all is on the page."""
    return int(_ink(pixels).sum()) < _LEAST_INK


def second_look(tesseract: Tesseract, pixels: Pixels, dpi: int, first: Attempt) -> Attempt:
    """The attempt, with the lines it had passed over."""
    import numpy as np

    ink = _ink(pixels)
    left = ink.copy()
    poor = {id(word) for line in _lines(first) if _poor(line) for word in line.words}
    for word in first.words:
        if id(word) not in poor:
            margin = (word.bottom - word.top) // 3
            left[max(0, word.top - margin) : word.bottom + margin,
                 max(0, word.left - margin) : word.right + margin] = False  # fmt: skip
    if left.sum() < max(_LEAST_INK, _LEAST_SHARE * ink.sum()):
        return first
    alone = np.where(_near(left, max(1, dpi // 100)), _grey(pixels), _paper(pixels))
    picture = Pixels(pixels.width, pixels.height, 1, alone.astype(np.uint8).tobytes())
    found = list(_good_lines(tesseract.attempt(picture, dpi, first.language, BLOCK)))
    words = [word for word in first.words if id(word) not in poor or not _lies_on(word, found)]
    for line in found:
        words = with_line(words, line)
    return Attempt(first.language, words)


def _grey(pixels: Pixels) -> NDArray[np.uint8]:
    import numpy as np

    rows = np.frombuffer(pixels.raw, np.uint8).reshape(pixels.height, pixels.width, -1)
    return rows[:, :, 0] if pixels.channels == 1 else rows.mean(axis=2).astype(np.uint8)


def _paper(pixels: Pixels) -> int:
    """The level of the paper: the commonest but for noise."""
    import numpy as np

    return int(np.median(_grey(pixels)[:: max(1, pixels.height // 500)]))


def _ink(pixels: Pixels) -> NDArray[np.bool_]:
    import numpy as np

    ink: NDArray[np.bool_] = np.abs(_grey(pixels).astype(np.int16) - _paper(pixels)) > _CONTRAST
    return ink


def _near(mask: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """The mask, grown by so many pixels each way: the soft edge of a letter belongs to it."""
    grown = mask
    for axis in (0, 1):
        wider = grown.copy()
        for step in range(1, distance + 1):
            forward, backward = [slice(None)] * 2, [slice(None)] * 2
            forward[axis], backward[axis] = slice(step, None), slice(None, -step)
            wider[tuple(forward)] |= grown[tuple(backward)]
            wider[tuple(backward)] |= grown[tuple(forward)]
        grown = wider
    return grown


def _lines(attempt: Attempt) -> list[Attempt]:
    lines: dict[tuple[int, int, int], list[Word]] = {}
    for word in attempt.words:
        lines.setdefault(word.line, []).append(word)
    return [Attempt(attempt.language, words) for words in lines.values()]


def _poor(line: Attempt) -> bool:
    """Lines that run into each other come out as a few signs in a large box."""
    return line.confidence < _POOR


def _good_lines(attempt: Attempt) -> Iterator[list[Word]]:
    """Lines of at least three letters, read well: textures and stamps give neither."""
    for line in _lines(attempt):
        letters = sum(character.isalnum() for word in line.words for character in word.text)
        if letters >= 3 and line.confidence >= _GOOD:
            yield line.words


def _lies_on(word: Word, found: list[list[Word]]) -> bool:
    """Whether something better has been found where the word is."""
    return any(
        min(word.right, other.right) > max(word.left, other.left)
        and min(word.bottom, other.bottom) > max(word.top, other.top)
        for line in found
        for other in line
    )


def with_line(words: list[Word], line: list[Word]) -> list[Word]:
    """The words with this line before the first that stands lower in the same column, else at the end."""
    left, right = min(word.left for word in line), max(word.right for word in line)
    middle = sum(word.top + word.bottom for word in line) / (2 * len(line))
    place = next(
        (
            index
            for index, word in enumerate(words)
            if (word.top + word.bottom) / 2 > middle
            and (index == 0 or words[index - 1].line != word.line)
            and any(
                other.line == word.line and other.left < right and other.right > left
                for other in words[index:]
            )
        ),
        len(words),
    )
    beside = words[place - 1].line if place else (words[0].line if words else (1, 1, 0))
    number = 10_000 + sum(word.line[2] >= 10_000 for word in words)
    own = [replace(word, line=(*beside[:2], number)) for word in line]
    return [*words[:place], *own, *words[place:]]
