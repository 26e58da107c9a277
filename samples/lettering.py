"""Letters on paper: find Debian's fonts and set English, Chinese and Uyghur text on the picture of a page."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageDraw, ImageFont, features

Script = Literal["english", "chinese", "uyghur"]
Align = Literal["start", "centre", "end"]

_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts").expanduser(),
    Path("~/.fonts").expanduser(),
)
# Per script and weight: files in order of preference, with the face inside a collection.
_FACES: dict[tuple[Script, bool], tuple[tuple[str, int], ...]] = {
    ("english", False): (("NotoSerif-Regular.ttf", 0), ("DejaVuSerif.ttf", 0)),
    ("english", True): (("NotoSerif-Bold.ttf", 0), ("DejaVuSerif-Bold.ttf", 0)),
    ("chinese", False): (("NotoSerifCJK-Regular.ttc", 2),),
    ("chinese", True): (("NotoSerifCJK-Bold.ttc", 2),),
    ("uyghur", False): (("UKIJTuT.ttf", 0), ("NotoNaskhArabic-Regular.ttf", 0)),
    ("uyghur", True): (("UKIJTuT.ttf", 0), ("NotoNaskhArabic-Bold.ttf", 0)),
}
_PACKAGES: dict[Script, str] = {
    "english": "fonts-noto-core",
    "chinese": "fonts-noto-cjk",
    "uyghur": "fonts-ukij-uyghur",
}
_NOT_AT_START = "，。、；：？！）》」』”’〕】…·%"
_NOT_AT_END = "（《「『“‘〔【"


class MissingFontError(Exception):
    """A font, or Pillow's shaping of Arabic script, is not on this machine; says what to install."""


@cache
def _font_files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        if folder.is_dir():
            for path in sorted(folder.rglob("*.tt[fc]")):
                found.setdefault(path.name, path)
    return found


@cache
def font(script: Script, pixels: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The face for a script at a size in pixels.

    Raises:
        MissingFontError: no such font is installed, or Pillow cannot shape Arabic script.
    """
    if script == "uyghur" and not features.check("raqm"):
        raise MissingFontError(
            "Pillow was built without libraqm and cannot set Uyghur: install libraqm0"
        )
    for name, index in _FACES[script, bold]:
        path = _font_files().get(name)
        if path is not None:
            return ImageFont.truetype(str(path), pixels, index=index)
    raise MissingFontError(f"no font for {script}: install Debian's {_PACKAGES[script]}")


def _direction(script: Script) -> dict[str, Any]:
    return {"direction": "rtl", "language": "ug"} if script == "uyghur" else {}


def _fold_chinese(text: str, face: ImageFont.FreeTypeFont, room: float, first: float) -> list[str]:
    lines: list[str] = []
    line, free = "", room - first
    # A number or a Latin word is never broken, a comma never begins a line, a bracket never ends one.
    pieces = re.findall(r"[0-9A-Za-z.\-]+[万亿]?|.", text)
    for index, character in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else ""
        width = face.getlength(line + character)
        cut_here = width > free and character not in _NOT_AT_START
        opens_last = (
            character in _NOT_AT_END and face.getlength(line + character + following) > free
        )
        if line and (cut_here or opens_last):
            lines.append(line)
            line, free = character, room
        else:
            line += character
    return [*lines, line]


def _fold_words(
    text: str, face: ImageFont.FreeTypeFont, room: float, first: float, how: dict[str, Any]
) -> list[str]:
    lines: list[str] = []
    line, free = "", room - first
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and face.getlength(longer, **how) > free:
            lines.append(line)
            line, free = word, room
        else:
            line = longer
    return [*lines, line]


class Sheet:
    """A sheet of paper being written from top to bottom.

    Args:
        script: the writing of the page; Uyghur runs from the right.
        dpi: pixels an inch of the scan to be.
        size: millimetres, width and height.
        margins: millimetres: left and right, top.
        colour: a page with a red header or yellow dots needs colour.
    """

    def __init__(
        self,
        script: Script,
        *,
        dpi: int = 200,
        size: tuple[float, float] = (210, 297),
        margins: tuple[float, float] = (24, 25),
        points: float = 12,
        leading: float = 1.5,
        colour: bool = False,
    ) -> None:
        self.script: Script = script
        self.dpi = dpi
        self.points = points
        self.leading = leading
        width, height = self.mm(size[0]), self.mm(size[1])
        self.picture = Image.new("RGB" if colour else "L", (width, height), "white")
        self.pen = ImageDraw.Draw(self.picture)
        self.left = self.mm(margins[0])
        self.right = width - self.left
        self.y = float(self.mm(margins[1]))

    def mm(self, length: float) -> int:
        """Millimetres in pixels."""
        return round(length * self.dpi / 25.4)

    def face(self, points: float | None = None, bold: bool = False) -> ImageFont.FreeTypeFont:
        """The page's font at a size in points."""
        return font(self.script, round((points or self.points) * self.dpi / 72), bold)

    def _write(
        self,
        text: str,
        span: tuple[float, float],
        y: float,
        face: ImageFont.FreeTypeFont,
        align: Align,
        ink: str,
    ) -> None:
        how = _direction(self.script)
        from_right = (self.script == "uyghur") != (align == "end")
        if align == "centre":
            x, anchor = (span[0] + span[1]) / 2, "ms"
        elif from_right:
            x, anchor = span[1], "rs"
        else:
            x, anchor = span[0], "ls"
        self.pen.text((round(x), round(y)), text, font=face, fill=ink, anchor=anchor, **how)

    def line(
        self,
        text: str,
        *,
        points: float | None = None,
        bold: bool = False,
        align: Align = "start",
        ink: str = "#1a1a1a",
        inset: float = 0,
    ) -> None:
        """One line as given; `inset` is in millimetres from both margins."""
        size = points or self.points
        step = size * self.dpi / 72 * self.leading
        self.y += step
        span = (self.left + self.mm(inset), self.right - self.mm(inset))
        self._write(text, span, self.y, self.face(size, bold), align, ink)

    def paragraph(
        self,
        text: str,
        *,
        indent: float = 0,
        bold: bool = False,
        after: float = 0.35,
        points: float = 0,
    ) -> None:
        """Prose folded to the measure; `indent` is the first line's, in ems; `after` the space below, in lines."""
        face = self.face(points or None, bold)
        em = (points or self.points) * self.dpi / 72
        room, how = self.right - self.left, _direction(self.script)
        if self.script == "chinese":
            folded = _fold_chinese(text, face, room, indent * em)
        else:
            folded = _fold_words(text, face, room, indent * em, how)
        for number, line in enumerate(folded):
            self.y += em * self.leading
            shift = indent * em if number == 0 else 0
            rtl = self.script == "uyghur"
            span = (self.left, self.right - shift) if rtl else (self.left + shift, self.right)
            self._write(line, span, self.y, face, "start", "#1a1a1a")
        self.y += em * self.leading * after

    def rule(self, *, weight: int = 2, ink: str = "#1a1a1a", gap: float = 2) -> None:
        """A line across the page, `gap` millimetres below the last text."""
        self.y += self.mm(gap)
        self.pen.line((self.left, round(self.y), self.right, round(self.y)), fill=ink, width=weight)
        self.y += self.mm(gap / 2)

    def gap(self, millimetres: float) -> None:
        """Leave space."""
        self.y += self.mm(millimetres)

    def signature(self, whose: str) -> None:
        """A signature in blue-black ink that nobody can read; the same for the same name."""
        luck = random.Random(f"signature of {whose}")
        step, rise = self.mm(0.25), self.mm(5)
        waves = [
            (luck.uniform(0.02, 0.14), luck.uniform(0, 6), luck.uniform(0.2, 1)) for _ in range(4)
        ]
        self.y += rise * 2
        start = self.right - self.mm(34) if self.script == "uyghur" else self.left
        points = []
        for i in range(120):
            fade = 1 - i / 170
            up = sum(size * math.sin(i * rate * 3 + turn) for rate, turn, size in waves) * fade
            back = math.sin(i * waves[0][0] * 4) * self.mm(1.8)
            points.append((round(start + i * step + back), round(self.y - up * rise / 2.2)))
        self.pen.line(points, fill="#26304f", width=max(2, self.mm(0.4)), joint="curve")
        self.y += rise

    def table(
        self,
        rows: Iterable[Sequence[str]],
        widths: Sequence[float],
        *,
        points: float | None = None,
        row_mm: float = 8,
        head: bool = True,
    ) -> None:
        """A ruled table; widths are shares of the measure. The first column of a Uyghur table is on the right."""
        total, measure = sum(widths), self.right - self.left
        edges = [0.0]
        for width in widths:
            edges.append(edges[-1] + width / total * measure)
        height = self.mm(row_mm)
        for number, row in enumerate(rows):
            top = round(self.y)
            face = self.face(points, bold=head and number == 0)
            for column, text in enumerate(row):
                x0, x1 = self.left + edges[column], self.left + edges[column + 1]
                if self.script == "uyghur":
                    x0, x1 = self.right - edges[column + 1], self.right - edges[column]
                self.pen.rectangle(
                    (round(x0), top, round(x1), top + height), outline="#333333", width=2
                )
                inner = (x0 + self.mm(1.5), x1 - self.mm(1.5))
                self._write(text, inner, top + height * 0.68, face, "start", "#1a1a1a")
            self.y += height
