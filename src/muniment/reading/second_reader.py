"""RapidOCR, a second reader for pages in Chinese, inside the sandbox; used where it is installed (an extra).

Each of the two readers loses other lines and other characters. Of a line that both saw the better is kept, and what
the other made of it is kept beside it; a line that one of them passed over is kept as the other read it.
"""

from __future__ import annotations

import functools
import importlib.util
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from muniment.reading.overlooked import with_line
from muniment.reading.pages import Pixels
from muniment.reading.tesseract import Attempt, Word

NAME, FIRST = "rapidocr", "tesseract"
LANGUAGES = ("chi_sim", "chi_tra")
_SURE, _FAIR = 80, 60
"""From here on its reading of a line is taken: where both saw it, and where it alone did."""
_SMALL = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was seen: text, box in pixels, confidence in per cent."""

    text: str
    left: int
    top: int
    right: int
    bottom: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Beside:
    """What the reader that was not taken made of the words from `first` to `last` of the attempt."""

    first: Word
    last: Word
    text: str
    reader: str
    confidence: int


def installed() -> bool:
    """Whether it is there; loads nothing."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


@functools.cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    runtime = "EngineConfig.onnxruntime."
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.max_side_len": _SMALL,
            runtime + "intra_op_num_threads": 1,
            runtime + "inter_op_num_threads": 1,
            runtime + "enable_cpu_mem_arena": False,
        }
    )


def lines(pixels: Pixels) -> list[Line]:
    """Every line on an upright page, from the top."""
    import numpy as np

    rows = np.frombuffer(pixels.raw, np.uint8).reshape(pixels.height, pixels.width, -1)
    picture = np.repeat(rows, 3, axis=2) if pixels.channels == 1 else rows[:, :, ::-1]
    found = _engine()(np.ascontiguousarray(picture))
    if found.txts is None or found.boxes is None or found.scores is None:
        return []
    seen = []
    for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True):
        (left, top), (right, bottom) = np.min(box, axis=0), np.max(box, axis=0)
        if text.strip() and right > left and bottom > top:
            place = (max(0, int(left)), max(0, int(top)), int(right) + 1, int(bottom) + 1)
            whole = unicodedata.normalize("NFC", text.strip())
            seen.append(Line(whole, *place, max(0.0, min(100.0, float(score) * 100))))
    return seen


def with_second(first: Attempt, seen: list[Line]) -> tuple[Attempt, list[Beside]]:
    """The attempt with the better of each line, and what the other reader made of those that differ."""
    words, beside = list(first.words), list[Beside]()
    for line in seen:
        inside = [word for word in words if _lies_in(word, line)]
        own = _words(line, inside[0].line if inside else (1, 1, 0))
        if not inside:
            if line.confidence >= _FAIR and any(map(str.isalnum, line.text)):
                words = with_line(words, own)
            continue
        before = "".join(word.text for word in inside)
        if _same(before, line.text):
            continue
        sure = Attempt(first.language, inside).confidence
        if line.confidence < _SURE:
            told = Beside(inside[0], inside[-1], line.text, NAME, round(line.confidence))
        else:
            place = next(at for at, word in enumerate(words) if word is inside[0])
            gone = {id(word) for word in inside}
            words = [
                *(word for word in words[:place] if id(word) not in gone),
                *own,
                *(word for word in words[place:] if id(word) not in gone),
            ]
            told = Beside(own[0], own[-1], before, FIRST, round(sure))
        beside.append(told)
    kept = {id(word) for word in words}
    whole = [one for one in beside if id(one.first) in kept and id(one.last) in kept]
    return replace(first, words=words), whole


def _lies_in(word: Word, line: Line) -> bool:
    across, down = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return line.left <= across <= line.right and line.top <= down <= line.bottom


def _same(one: str, other: str) -> bool:
    """Whether two readings differ in nothing but spaces and the width of signs."""
    return "".join(unicodedata.normalize("NFKC", one).split()) == "".join(
        unicodedata.normalize("NFKC", other).split()
    )


def _words(line: Line, place: tuple[int, int, int]) -> list[Word]:
    """The line as words, its box shared out by the width of the characters."""
    widths = [2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.text]
    whole, wide = sum(widths), line.right - line.left
    words, start, passed = [], 0, 0
    for text in line.text.split(" "):
        size = sum(widths[start : start + len(text)])
        if text:
            left = line.left + wide * passed // whole
            right = max(left + 1, line.left + wide * (passed + size) // whole)
            words.append(Word(place, text, left, line.top, right, line.bottom, line.confidence))
        start, passed = start + len(text) + 1, passed + size + 1
    return words
