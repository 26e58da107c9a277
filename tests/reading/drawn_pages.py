"""Pages drawn word by word with Debian's fonts, so that a test knows where each word stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features

from muniment.reading.pages import Pixels

FONTS = {
    "eng": "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "chi_sim": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "uig": "/usr/share/fonts/truetype/fonts-ukij-uyghur/UKIJTuT.ttf",
}
LINES = {
    "eng": (
        "The harbour master received seven crates",
        "on the night of the third of March and",
        "signed for every one of them himself.",
        "Nobody else was present at the quay when",
        "the lorries arrived from the northern gate",
        "with their lamps out and no papers aboard.",
    ),
    "chi_sim": (
        "港务局长于三月三日夜间收到七只木箱",
        "并亲自签收每一只箱子当时码头上没有",
        "其他人在场卡车从北门驶入没有开灯也",
        "没有携带任何文件所有货物必须在天亮",
        "以前运走不得留下任何记录违者严肃处理",
    ),
    "uig": (
        "بارلىق ئادەملەر تۇغۇلۇشىدىنلا ئەركىن بولۇپ",
        "ھوقۇق ۋە ئىززەتتە باراۋەر بولىدۇ ئۇلار",
        "ئەقىل ۋە ۋىجدانغا ئىگە بولۇپ بىر بىرىگە",
        "قېرىنداشلىق روھى بىلەن مۇئامىلە قىلىشى كېرەك",
        "ھەممە ئادەم قانۇن ئالدىدا باراۋەر ھوقۇقلۇق",
    ),
}
_SIZE = (1500, 900)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page and the ink of each word that stands on it once: x0, y0, x1, y1 in pixels."""

    picture: Image.Image
    words: dict[str, tuple[int, int, int, int]]

    def turned(self, degrees: int) -> Drawn:
        """The page turned clockwise, as somebody lays it on the scanner."""
        width, height = self.picture.size
        places = {
            0: lambda x, y: (x, y),
            90: lambda x, y: (height - y, x),
            180: lambda x, y: (width - x, height - y),
            270: lambda x, y: (y, width - x),
        }
        words = {}
        for word, (x0, y0, x1, y1) in self.words.items():
            (ax, ay), (bx, by) = places[degrees](x0, y0), places[degrees](x1, y1)
            words[word] = (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
        return Drawn(self.picture.rotate(-degrees, expand=True), words)

    @property
    def pixels(self) -> Pixels:
        return Pixels(*self.picture.size, 1, self.picture.tobytes())


def page(*languages: str, lines: int = 9) -> Drawn:
    """A page with these languages below each other; the test is skipped where a font is not installed."""
    picture = Image.new("L", _SIZE, 255)
    words: dict[str, tuple[int, int, int, int]] = {}
    top = 60
    said = [word for name in languages for line in LINES[name][:lines] for word in line.split()]
    for language in languages:
        font = _font(language)
        for line in LINES[language][:lines]:
            _line(picture, words, line, font, top, backwards=language == "uig")
            top += 110 if language == "uig" else 90
    return Drawn(picture, {word: ink for word, ink in words.items() if said.count(word) == 1})


def _font(language: str) -> ImageFont.FreeTypeFont:
    if not Path(FONTS[language]).exists():
        pytest.skip(f"the font {FONTS[language]} is not installed")
    if language == "uig" and not features.check("raqm"):
        pytest.skip("Pillow has no Raqm here, without which Arabic script is not joined")
    return ImageFont.truetype(FONTS[language], 46)


def _line(picture, words, line, font, top, *, backwards):
    place = _SIZE[0] - 80 if backwards else 80
    for word in line.split():
        length = round(font.getlength(word))
        place -= length if backwards else 0
        alone = Image.new("L", picture.size, 255)
        ImageDraw.Draw(alone).text((place, top), word, font=font, fill=0)
        ink = np.argwhere(np.asarray(alone) < 128)
        (y0, x0), (y1, x1) = ink.min(axis=0), ink.max(axis=0)
        words[word] = (int(x0), int(y0), int(x1) + 1, int(y1) + 1)
        ImageDraw.Draw(picture).text((place, top), word, font=font, fill=0)
        place += -24 if backwards else length + 24
