"""Tesseract, run on one picture with one language, inside the sandbox."""

from __future__ import annotations

import os
import resource
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from muniment.reading.pages import Pixels

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
LANGUAGES = tuple(dict.fromkeys(name for group in SCRIPTS.values() for name in group))
"""The languages muniment asks Tesseract for."""

COLUMNS, BLOCK = 3, 6
"""Tesseract's page segmentation: look for columns and pictures; or take all of it as one block of lines."""

_ORIENTATION = 0
_SECONDS = 100
_MEMORY = 3 << 30
# Small letters in Arabic script lose their dots: below this resolution they are read half as large again.
_FINE = 200
_DOTTED = ("uig", "ara")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as Tesseract saw it: its block, paragraph and line, text, box in pixels, confidence in per cent."""

    line: tuple[int, int, int]
    text: str
    left: int
    top: int
    right: int
    bottom: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one language made of a picture."""

    language: str
    words: list[Word]

    @property
    def length(self) -> int:
        """How many characters were seen."""
        return sum(len(word.text) for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean over the characters, in per cent; 0 where nothing was seen."""
        total = sum(word.confidence * len(word.text) for word in self.words)
        return total / self.length if self.words else 0.0

    @property
    def weight(self) -> float:
        """How much was read how surely: for choosing between languages."""
        return self.confidence * min(1.0, self.length / 8)


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program, and the folder of its languages where that is not its own (TESSDATA_PREFIX)."""

    program: str
    languages: str = ""

    def installed(self) -> list[str]:
        """Which of LANGUAGES, and `osd`, are there."""
        places = (
            [Path(self.languages)]
            if self.languages
            else [
                *sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata")),
                Path("/usr/share/tessdata"),
            ]
        )
        return [
            name
            for name in (*LANGUAGES, "osd")
            if any((place / f"{name}.traineddata").is_file() for place in places)
        ]

    def attempt(
        self, pixels: Pixels, dpi: int, language: str, segmentation: int = COLUMNS
    ) -> Attempt:
        """The words that are there in one language. Raises RuntimeError where Tesseract is stopped."""
        larger = dpi < _FINE and language in _DOTTED
        picture = _enlarged(pixels) if larger else pixels
        asked = {"-l": language, "--psm": segmentation, "--dpi": dpi * 3 // 2 if larger else dpi}
        arguments = [str(item) for pair in asked.items() for item in pair]
        answer = self._run([*arguments, "-c", "tessedit_create_tsv=1"], picture)
        words = _commas(_words(answer)) if language == "uig" else _words(answer)
        return Attempt(language, [_smaller(word) if larger else word for word in words])

    def script(self, pixels: Pixels, dpi: int) -> tuple[str, int]:
        """The script of a page, and by how many degrees clockwise it must be turned to stand upright.

        The script is "" where too little stands on the page. A smaller picture costs as much and is wrong more often.
        """
        answer = self._run(["--psm", str(_ORIENTATION), "-l", "osd", "--dpi", str(dpi)], pixels)
        fields = dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)
        sure = float(fields.get("Orientation confidence", "0") or 0) > 2
        return fields.get("Script", ""), int(fields.get("Rotate", "0")) if sure else 0

    def _run(self, arguments: list[str], pixels: Pixels) -> str:
        kind = b"P5" if pixels.channels == 1 else b"P6"
        place = ["--tessdata-dir", self.languages] if self.languages else []
        done = subprocess.run(
            [self.program, "stdin", "stdout", *place, *arguments],
            input=b"%s %d %d 255\n" % (kind, pixels.width, pixels.height) + pixels.raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            env=dict(os.environ),
            preexec_fn=_bounded,
        )
        if done.returncode < 0:
            raise RuntimeError("the OCR program was stopped")
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _enlarged(pixels: Pixels) -> Pixels:
    from PIL import Image

    mode = "L" if pixels.channels == 1 else "RGB"
    picture = Image.frombytes(mode, (pixels.width, pixels.height), pixels.raw)
    size = (pixels.width * 3 // 2, pixels.height * 3 // 2)
    larger = picture.resize((max(1, size[0]), max(1, size[1])), Image.Resampling.LANCZOS)
    return Pixels(larger.width, larger.height, pixels.channels, larger.tobytes())


def _smaller(word: Word) -> Word:
    """A word of the enlarged picture in the frame of the picture as it came, rounded outwards."""
    return replace(
        word,
        left=word.left * 2 // 3,
        top=word.top * 2 // 3,
        right=-(-word.right * 2 // 3),
        bottom=-(-word.bottom * 2 // 3),
    )


def _words(answer: str) -> Iterator[Word]:
    """Words of Tesseract's TSV; rows of level 5: level, page, block, paragraph, line, word, box, confidence, text."""
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


def _commas(words: Iterator[Word]) -> Iterator[Word]:
    """Uyghur: the model has no comma (U+060C is not in its character set) and writes U+203A or U+00BB in its place.

    One that closes what was never opened, right after a letter of Arabic script, is the comma.
    """
    opened = 0
    for word in words:
        text = list(word.text)
        for place, character in enumerate(text):
            if character in "‹«":
                opened += 1
            elif character in "›»" and opened:
                opened -= 1
            elif character in "›»" and place and unicodedata.bidirectional(text[place - 1]) == "AL":
                text[place] = "،"
        yield replace(word, text="".join(text))
