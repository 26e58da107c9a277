"""PDFs with a proper text layer: a small typesetter on the standard Times faces, which need no font file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pikepdf

from samples.scan import sealed

# Advance widths in thousandths of an em, from Adobe's font metrics of the standard 14 fonts.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _widths(figures: str) -> dict[str, int]:
    return {letter: int(wide) for letter, wide in zip(_LETTERS, figures.split(), strict=True)}


_ROMAN = _widths(
    "722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 "
    "444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444"
)
_BOLD = _widths(
    "722 667 722 722 667 611 778 778 389 500 778 667 944 722 778 611 778 722 556 667 722 722 1000 722 722 667 "
    "500 556 444 556 444 333 500 556 278 333 556 278 833 556 500 556 556 444 389 333 556 500 722 500 500 444"
)
_MARKS = {
    " ": 250, ".": 250, ",": 250, ";": 278, ":": 278, "-": 333, "/": 278, "(": 333, ")": 333, "'": 180,
    "’": 333, "‘": 333, "“": 444, "”": 444, "–": 500, "—": 1000, "%": 833, "&": 778, "?": 444, "_": 500,
    "[": 333, "]": 333, "=": 564, "+": 564, "§": 500, "°": 400, "·": 250, "@": 921, "é": 444,
}  # fmt: skip


def width(text: str, size: float, bold: bool = False) -> float:
    """The length of a line in points."""
    letters = _BOLD if bold else _ROMAN
    return sum(letters.get(c, _MARKS.get(c, 500)) for c in text) * size / 1000


def fold(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """Prose as lines no wider than `room` points."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, bold) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _escaped(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a page (from 0), in PDF points from the bottom left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass
class Manuscript:
    """Pages being set from top to bottom; a full page begins the next by itself.

    `running` writes the line at the foot of a page from its number (from 1).
    """

    running: Callable[[int], str] = field(default=str)
    size: float = 11.5
    leading: float = 1.5
    margin: float = 78
    paper: tuple[float, float] = (595, 842)
    pages: list[bytearray] = field(default_factory=list)
    y: float = 0

    @property
    def measure(self) -> float:
        """Width of the text in points."""
        return self.paper[0] - 2 * self.margin

    def new_page(self) -> None:
        """Begin a page."""
        self.pages.append(bytearray())
        self.y = self.paper[1] - self.margin
        foot = self.running(len(self.pages))
        self.put(foot, (self.paper[0] - width(foot, 8.5)) / 2, 40, 8.5)

    def put(
        self, text: str, x: float, y: float, size: float, bold: bool = False, grey: float = 0
    ) -> None:
        """One line at a place on the current page."""
        face = "F2" if bold else "F1"
        self.pages[-1] += f"BT {grey:g} g /{face} {size:g} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm (".encode()
        self.pages[-1] += _escaped(text) + b") Tj ET\n"

    def _step(self, height: float) -> None:
        if not self.pages or self.y - height < self.margin:
            self.new_page()
        self.y -= height

    def line(self, text: str, *, size: float = 0, bold: bool = False, align: str = "start") -> Area:
        """One line; returns where it stands."""
        size = size or self.size
        self._step(size * self.leading)
        length = width(text, size, bold)
        free = self.measure - length
        x = self.margin + {"start": 0.0, "centre": free / 2, "end": free}[align]
        self.put(text, x, self.y, size, bold)
        return Area(len(self.pages) - 1, x, self.y - 3, x + length, self.y + size * 0.8)

    def paragraph(
        self, text: str, *, hang: str = "", bold: bool = False, after: float = 0.5
    ) -> list[Area]:
        """Prose; `hang` is a number or letter in the margin of its first line. Returns the lines' places."""
        inset = 34 if hang else 0
        places = []
        for number, line in enumerate(fold(text, self.size, self.measure - inset, bold)):
            self._step(self.size * self.leading)
            if number == 0 and hang:
                self.put(hang, self.margin, self.y, self.size, bold)
            x = self.margin + inset
            self.put(line, x, self.y, self.size, bold)
            end = x + width(line, self.size, bold)
            places.append(Area(len(self.pages) - 1, x, self.y - 3, end, self.y + self.size * 0.8))
        self.y -= self.size * self.leading * after
        return places

    def heading(self, text: str, *, size: float = 13) -> None:
        """A heading with space above and below."""
        if self.pages and self.y - 60 < self.margin:
            self.new_page()
        self._step(size * 0.9)
        for line in fold(text, size, self.measure, True):
            self.line(line, size=size, bold=True)
        self.y -= size * 0.5

    def rule(self) -> None:
        """A thin line across the measure."""
        self._step(8)
        right = self.paper[0] - self.margin
        self.pages[-1] += f"0.6 w {self.margin} {self.y:.2f} m {right} {self.y:.2f} l S\n".encode()
        self.y -= 4

    def table(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        size: float = 9.5,
        row: float = 19,
    ) -> list[list[Area]]:
        """A ruled table with a bold first row; widths are shares. Returns the cells' places."""
        edges = [self.margin]
        for share in widths:
            edges.append(edges[-1] + share / sum(widths) * self.measure)
        cells = []
        for number, texts in enumerate(rows):
            self._step(row)
            places = []
            for column, text in enumerate(texts):
                x0, x1 = edges[column], edges[column + 1]
                box = f"0.5 w {x0:.2f} {self.y:.2f} {x1 - x0:.2f} {row:.2f} re S\n"
                self.pages[-1] += box.encode()
                self.put(text, x0 + 4, self.y + row * 0.32, size, bold=number == 0)
                places.append(Area(len(self.pages) - 1, x0, self.y, x1, self.y + row))
            cells.append(places)
        self.y -= row * 0.5
        return cells

    def black(self, place: Area) -> None:
        """Draw a black box over what stands there; the text below stays in the file."""
        w, h = place.x1 - place.x0, place.y1 - place.y0
        box = f"q 0 g {place.x0:.2f} {place.y0:.2f} {w:.2f} {h:.2f} re f Q\n"
        self.pages[place.page] += box.encode()

    def pdf(self) -> pikepdf.Pdf:
        """The pages as a PDF that can still be changed."""
        made = pikepdf.new()
        fonts = pikepdf.Dictionary()
        for key, name in (("/F1", "/Times-Roman"), ("/F2", "/Times-Bold")):
            fonts[key] = made.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Font,
                    Subtype=pikepdf.Name.Type1,
                    BaseFont=pikepdf.Name(name),
                    Encoding=pikepdf.Name.WinAnsiEncoding,
                )
            )
        for content in self.pages:
            page = made.add_blank_page(page_size=self.paper)
            page.obj.Resources = pikepdf.Dictionary(Font=fonts)
            page.obj.Contents = made.make_stream(bytes(content))
        return made

    def data(self, info: dict[str, str]) -> bytes:
        """The finished file."""
        return sealed(self.pdf(), info)


def properties(
    title: str, author: str, when: str, producer: str = "Harbour Office Writer 4.1"
) -> dict[str, str]:
    """PDF properties as an office program writes them; `when` is YYYYMMDDHHMMSS."""
    stamp = f"D:{when}+02'00'"
    return {
        "Title": title,
        "Author": author,
        "Producer": producer,
        "CreationDate": stamp,
        "ModDate": stamp,
    }
