"""OCR of one page, inside the sandbox: which language it is in, its words with boxes and confidence.

Tesseract runs with one language at a time (several at once are slower and worse). The likely language is
tried first; only when what comes out is doubtful is the script of the page asked for, and the languages of
that script tried in turn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.reading import second_reader
from muniment.reading.language import detect, spoken
from muniment.reading.overlooked import blank, second_look
from muniment.reading.pages import EMPTY_BOX, OtherLine, Page, Pixels
from muniment.reading.protocol import LONGEST_OTHER, MOST_OTHERS
from muniment.reading.second_reader import Beside
from muniment.reading.tesseract import SCRIPTS, Attempt, Tesseract, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DOUBTFUL = 75
"""Mean confidence, in per cent, under which another script is considered."""

_EXPECTED = {
    "eng": ("en",),
    "tur": ("tr",),
    "chi_sim": ("zh",),
    "chi_tra": ("zh-Hant",),
    "uig": ("ug",),
    "ara": ("ar",),
    "rus": ("ru",),
    "kaz": ("kk",),
}
NO_CONFIDENCE = 255


class LanguageMissing(Exception):
    """The page is in a script whose language Tesseract has not been given. Its message is our own words."""

    def __init__(self, language: str) -> None:
        package = "tesseract-ocr-" + language.replace("_", "-")
        super().__init__(
            f"it seems to be in a language Tesseract has not been given: {language} "
            f"(Debian, Ubuntu: apt install {package})"
        )


@dataclass(frozen=True, slots=True)
class _Choice:
    """An attempt, and how far the page was turned for it."""

    attempt: Attempt
    turn: int

    @property
    def rank(self) -> tuple[bool, float]:
        return _agrees(self.attempt), self.attempt.weight

    @property
    def good(self) -> bool:
        return self.attempt.confidence >= DOUBTFUL and _agrees(self.attempt)


def recognise(
    tesseract: Tesseract, pixels: Pixels, dpi: int, likely: Sequence[str], number: int
) -> Page:
    """Read a page. `likely`: languages of its neighbours, the likeliest first (Tesseract's names).

    Returns a page with a box for each code point and one byte of confidence each (255: none). Raises
    LanguageMissing, and RuntimeError where Tesseract does not run.
    """
    installed = tesseract.installed()
    first = [language for language in (*likely, "eng", *installed) if language in installed][:1]
    if not first or first == ["osd"]:
        raise LanguageMissing("eng")
    if blank(pixels):
        return _page(Attempt(first[0], []), pixels, dpi, 0, number)
    choice = _Choice(tesseract.attempt(pixels, dpi, first[0]), 0)
    if not choice.good:
        choice = _choose(tesseract, pixels, dpi, choice, installed)
    upright = turned(pixels, choice.turn)
    whole = second_look(tesseract, upright, dpi, choice.attempt)
    beside: list[Beside] = []
    if whole.language in second_reader.LANGUAGES and second_reader.installed():
        whole, beside = second_reader.with_second(whole, second_reader.lines(upright))
    return _page(whole, pixels, dpi, choice.turn, number, beside)


def _choose(
    tesseract: Tesseract, pixels: Pixels, dpi: int, first: _Choice, installed: Sequence[str]
) -> _Choice:
    """The best of the languages of the page's script, the page turned upright."""
    script, turn = tesseract.script(pixels, dpi) if "osd" in installed else ("", 0)
    upright = turned(pixels, turn)
    wanted = _candidates(script, first.attempt)
    tried = {(first.attempt.language, 0): first}
    for language in wanted:
        if language not in installed:
            continue
        if (language, turn) not in tried:
            tried[language, turn] = _Choice(tesseract.attempt(upright, dpi, language), turn)
        if tried[language, turn].good:
            break
    best = max(tried.values(), key=lambda choice: choice.rank)
    missing = [language for language in wanted if language not in installed]
    if missing and script in SCRIPTS and not best.good:
        raise LanguageMissing(missing[0])
    return best


def _candidates(script: str, first: Attempt) -> Sequence[str]:
    """What to try. Where neither a script nor a word was seen (a photograph), nothing more."""
    if script in SCRIPTS:
        return SCRIPTS[script]
    if not first.words:
        return ()
    return tuple(dict.fromkeys((first.language, "eng", "chi_sim", "uig", "rus")))


def _agrees(attempt: Attempt) -> bool:
    """Whether the text is in the language it was read with (short or mixed texts get the benefit)."""
    text = " ".join(word.text for word in attempt.words)
    if len(text) < 12:
        return attempt.confidence >= DOUBTFUL
    found = detect(text)
    return found is None or found in _EXPECTED[attempt.language]


def turned(pixels: Pixels, degrees: int) -> Pixels:
    """The picture, turned clockwise by 0, 90, 180 or 270 degrees."""
    import numpy as np

    if not degrees:
        return pixels
    picture = np.frombuffer(pixels.raw, np.uint8).reshape(pixels.height, pixels.width, -1)
    rows = np.ascontiguousarray(np.rot90(picture, -(degrees // 90) % 4))
    return Pixels(rows.shape[1], rows.shape[0], pixels.channels, rows.tobytes())


def _page(
    attempt: Attempt,
    pixels: Pixels,
    dpi: int,
    turn: int,
    number: int,
    beside: Sequence[Beside] = (),
) -> Page:
    """Text, a box for each code point, and confidences, in the frame of the page as it was handed in."""
    import numpy as np

    text: list[str] = []
    boxes = bytearray()
    sure = bytearray()
    previous: Word | None = None
    begins: dict[int, int] = {}
    for word in attempt.words:
        between = _between(previous, word)
        text += [between, word.text]
        begins[id(word)] = len(sure) + len(between)
        boxes += EMPTY_BOX * len(between)
        boxes += np.array(_character_boxes(word), "<i4").tobytes()
        sure += bytes([NO_CONFIDENCE]) * len(between)
        sure += bytes([round(word.confidence)]) * len(word.text)
        previous = word
    table = np.frombuffer(bytes(boxes), "<i4").reshape(-1, 4)
    placed = _as_handed_in(table, pixels, turn) * (7200 / dpi)
    placed[(table == 0).all(axis=1)] = 0
    whole = "".join(text)
    return Page(
        number=number,
        text=whole,
        width=round(pixels.width * 72 / dpi, 2),
        height=round(pixels.height * 72 / dpi, 2),
        boxes=np.rint(placed).astype("<i4").tobytes(),
        source=f"ocr {attempt.language.replace(chr(95), chr(45))}",
        confidence=round(attempt.confidence) if attempt.words else None,
        word_confidence=bytes(sure),
        language=(spoken(whole) or _EXPECTED[attempt.language][0]) if attempt.words else None,
        others=_others(beside, begins),
    )


def _others(beside: Sequence[Beside], begins: dict[int, int]) -> tuple[OtherLine, ...]:
    """What the reader that was not taken made of lines; `begins`: where each word stands in the text."""
    return tuple(
        OtherLine(
            begins[id(one.first)],
            begins[id(one.last)] + len(one.last.text),
            one.text[:LONGEST_OTHER],
            one.reader,
            one.confidence,
        )
        for one in beside[:MOST_OTHERS]
        if begins[id(one.first)] <= begins[id(one.last)]
    )


def _between(previous: Word | None, word: Word) -> str:
    if previous is None:
        return ""
    if previous.line[:2] != word.line[:2]:
        return "\n\n"
    if previous.line != word.line:
        return "\n"
    before, after = previous.text[-1], word.text[0]
    if _is_wide(before):
        return "" if _is_wide(after) or _is_mark(after) else " "
    return "" if _is_mark(before) and _is_wide(after) else " "


def _is_wide(character: str) -> bool:
    """Han characters and the punctuation that stands among them are set without spaces."""
    return unicodedata.east_asian_width(character) in "WF"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("P")


def _character_boxes(word: Word) -> list[tuple[int, int, int, int]]:
    """The box of a word shared out among its code points; marks share the box of their letter."""
    steps = [0 if unicodedata.combining(character) else 1 for character in word.text]
    steps[0] = 1
    whole, width = sum(steps), word.right - word.left
    backwards = any(unicodedata.bidirectional(c) in ("R", "AL") for c in word.text)
    boxes, place = [], 0
    for step in steps:
        place += step
        start, end = width * (place - 1) // whole, width * place // whole
        if backwards:
            start, end = width - end, width - start
        boxes.append((word.left + start, word.top, word.left + max(end, start + 1), word.bottom))
    return boxes


def _as_handed_in(table: NDArray[np.int32], pixels: Pixels, turn: int) -> NDArray[np.float64]:
    """Boxes found on the turned picture, back in the frame of the picture as it came."""
    import numpy as np

    boxes = table.astype(np.float64)
    x0, y0, x1, y1 = boxes.T
    width, height = pixels.width, pixels.height
    if turn == 90:
        return np.stack([y0, height - x1, y1, height - x0], 1)
    if turn == 180:
        return np.stack([width - x1, height - y1, width - x0, height - y0], 1)
    if turn == 270:
        return np.stack([width - y1, x0, width - y0, x1], 1)
    return boxes
