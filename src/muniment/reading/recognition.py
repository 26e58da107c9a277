"""OCR of one page, inside the sandbox: which language it is in, its words with boxes and confidence.

Tesseract runs with one language at a time (several at once are slower and worse). The likely language is
tried first; only when what comes out is doubtful is the script of the page asked for, and the languages of
that script tried in turn.
"""

from __future__ import annotations

import resource
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from muniment.reading.language import detect
from muniment.reading.pages import EMPTY_BOX, Page, Pixels

TESSERACT = "/usr/bin/tesseract"
DOUBTFUL = 75
"""Mean confidence, in per cent, under which another script is considered."""

# Tesseract's languages by the script its orientation model names, the likelier first.
SCRIPTS = {
    "Latin": ("eng", "tur"),
    "Han": ("chi_sim", "chi_tra"),
    "HanS": ("chi_sim",),
    "HanT": ("chi_tra",),
    "Japanese": ("chi_sim", "chi_tra"),
    "Korean": ("chi_sim",),
    "Arabic": ("uig", "ara"),
    "Cyrillic": ("rus", "kaz"),
}
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
_SECONDS = 100
_MEMORY = 3 << 30
NO_CONFIDENCE = 255


@dataclass(frozen=True, slots=True)
class Word:
    """One word as Tesseract saw it: its line, text, box in pixels, confidence in per cent."""

    line: tuple[int, int, int]
    text: str
    left: int
    top: int
    right: int
    bottom: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one language made of a page."""

    language: str
    words: list[Word]

    @property
    def confidence(self) -> float:
        """Mean over the characters, in per cent; 0 where nothing was seen."""
        length = sum(len(word.text) for word in self.words)
        return (
            sum(word.confidence * len(word.text) for word in self.words) / length if length else 0.0
        )

    @property
    def weight(self) -> float:
        """How much was read how surely: for choosing between languages."""
        return self.confidence * min(1.0, sum(len(word.text) for word in self.words) / 8)


def recognise(pixels: Pixels, dpi: int, likely: Sequence[str], number: int) -> Page:
    """Read a page. `likely`: languages of its neighbours, the likeliest first (Tesseract's names).

    Returns a page with a box for each code point and one byte of confidence each (255: none). Raises
    RuntimeError where Tesseract does not run.
    """
    turned, turn = pixels, 0
    first = [language for language in likely if language in _EXPECTED][:1] or ["eng"]
    best = _attempt(turned, dpi, first[0])
    if best.confidence < DOUBTFUL or not _agrees(best):
        script, turn = _script(pixels, dpi)
        if turn:
            turned = _turn(pixels, turn)
        tried = {} if turn else {best.language: best}
        for language in _candidates(script, best):
            if language not in tried:
                tried[language] = _attempt(turned, dpi, language)
            if tried[language].confidence >= DOUBTFUL and _agrees(tried[language]):
                break
        if turn and best.language not in tried:
            tried[best.language] = _attempt(turned, dpi, best.language)
        best = max(tried.values(), key=lambda attempt: (_agrees(attempt), attempt.weight))
    return _page(best, pixels, dpi, turn, number)


def _candidates(script: str, best: Attempt) -> Sequence[str]:
    if script in SCRIPTS:
        return SCRIPTS[script]
    return tuple(dict.fromkeys((best.language, "eng", "chi_sim", "uig", "rus")))


def _agrees(attempt: Attempt) -> bool:
    """Whether the text is in the language it was read with (short or mixed texts get the benefit)."""
    text = " ".join(word.text for word in attempt.words)
    if len(text) < 12:
        return attempt.confidence >= DOUBTFUL
    found = detect(text)
    return found is None or found in _EXPECTED[attempt.language]


def _run(arguments: list[str], pixels: Pixels) -> str:
    path = Path("/tmp/page.pnm")  # noqa: S108 - the sandbox's own
    kind = b"P5" if pixels.channels == 1 else b"P6"
    path.write_bytes(b"%s %d %d 255\n" % (kind, pixels.width, pixels.height) + pixels.raw)
    done = subprocess.run(
        [TESSERACT, str(path), "stdout", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=False,
        preexec_fn=_bounded,
    )
    path.unlink()
    if done.returncode < 0:
        raise RuntimeError("the OCR program was stopped")
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _script(pixels: Pixels, dpi: int) -> tuple[str, int]:
    """The script of a page and by how many degrees clockwise it must be turned to stand upright."""
    answer = _run(["--psm", "0", "-l", "osd", "--dpi", str(dpi)], pixels)
    fields = dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)
    sure = float(fields.get("Orientation confidence", "0") or 0) > 2
    return fields.get("Script", ""), int(fields.get("Rotate", "0")) if sure else 0


def _turn(pixels: Pixels, degrees: int) -> Pixels:
    import numpy as np

    picture = np.frombuffer(pixels.raw, np.uint8).reshape(pixels.height, pixels.width, -1)
    turned = np.ascontiguousarray(np.rot90(picture, -(degrees // 90) % 4))
    return Pixels(turned.shape[1], turned.shape[0], pixels.channels, turned.tobytes())


def _attempt(pixels: Pixels, dpi: int, language: str) -> Attempt:
    answer = _run(["-l", language, "--psm", "3", "--dpi", str(dpi), "tsv"], pixels)
    return Attempt(language, list(_words(answer)))


def _words(answer: str) -> Iterator[Word]:
    """Words of Tesseract's TSV: level 5 rows of level, page, block, paragraph, line, word, box, confidence, text."""
    for row in answer.splitlines()[1:]:
        fields = row.split("\t")
        if len(fields) != 12 or fields[0] != "5" or not fields[11].strip():
            continue
        block, paragraph, line, _, left, top, width, height = (int(field) for field in fields[2:10])
        yield Word(
            (block, paragraph, line),
            unicodedata.normalize("NFC", fields[11].strip()),
            left,
            top,
            left + width,
            top + height,
            max(0.0, min(100.0, float(fields[10]))),
        )


def _page(attempt: Attempt, pixels: Pixels, dpi: int, turn: int, number: int) -> Page:
    """Text, a box for each code point, and confidences, in the frame of the page as it was handed in."""
    import numpy as np

    text: list[str] = []
    boxes = bytearray()
    sure = bytearray()
    previous: Word | None = None
    for word in attempt.words:
        between = _between(previous, word)
        text.append(between)
        boxes += EMPTY_BOX * len(between)
        sure += bytes([NO_CONFIDENCE]) * len(between)
        text.append(word.text)
        boxes += np.array(_character_boxes(word), "<i4").tobytes()
        sure += bytes([round(word.confidence)]) * len(word.text)
        previous = word
    table = np.frombuffer(bytes(boxes), "<i4").reshape(-1, 4)
    placed = _upright(table, pixels, turn) * (7200 / dpi)
    empty = (table == 0).all(axis=1)
    placed[empty] = 0
    return Page(
        number=number,
        text="".join(text),
        width=round(pixels.width * 72 / dpi, 2),
        height=round(pixels.height * 72 / dpi, 2),
        boxes=np.rint(placed).astype("<i4").tobytes(),
        source=f"ocr {attempt.language.replace(chr(95), chr(45))}",
        confidence=round(attempt.confidence) if attempt.words else None,
        word_confidence=bytes(sure),
        language=detect("".join(text)) or _EXPECTED[attempt.language][0],
    )


def _between(previous: Word | None, word: Word) -> str:
    if previous is None:
        return ""
    if previous.line[:2] != word.line[:2]:
        return "\n\n"
    if previous.line != word.line:
        return "\n"
    return "" if _is_han(previous.text[-1]) and _is_han(word.text[0]) else " "


def _is_han(character: str) -> bool:
    """Han characters and the punctuation that stands among them are set without spaces."""
    return unicodedata.east_asian_width(character) in "WF"


def _character_boxes(word: Word) -> list[tuple[int, int, int, int]]:
    """The box of a word shared out among its code points; marks share the box of their letter."""
    steps = [0 if unicodedata.combining(character) else 1 for character in word.text]
    steps[0] = 1
    whole, width = sum(steps), word.right - word.left
    backwards = unicodedata.bidirectional(word.text[0]) in ("R", "AL")
    boxes, place = [], 0
    for step in steps:
        place += step
        start, end = width * (place - 1) // whole, width * place // whole
        if backwards:
            start, end = width - end, width - start
        boxes.append((word.left + start, word.top, word.left + max(end, start + 1), word.bottom))
    return boxes


def _upright(table: object, pixels: Pixels, turn: int):  # type: ignore[no-untyped-def]
    """Boxes found on the turned picture, back in the frame of the picture as it came."""
    import numpy as np

    boxes = np.asarray(table, dtype=float)
    x0, y0, x1, y1 = boxes.T if len(boxes) else np.zeros((4, 0))
    if turn == 90:
        boxes = np.stack([y0, pixels.height - x1, y1, pixels.height - x0], 1)
    elif turn == 180:
        boxes = np.stack(
            [pixels.width - x1, pixels.height - y1, pixels.width - x0, pixels.height - y0], 1
        )
    elif turn == 270:
        boxes = np.stack([pixels.width - y1, x0, pixels.width - y0, x1], 1)
    return boxes.copy()
