"""A list of names or queries as people make them: CSV of any kind, read leniently.

The encoding and the delimiter are guessed; quotes, commas and line breaks inside a cell, blank cells and blank
lines survive; nothing is dropped: a line that cannot be asked says why.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from muniment.errors import BadUse
from muniment.finding.folding import words
from muniment.finding.mistakes import QueryError
from muniment.finding.query import parse

MOST_LINES = 100_000
LARGEST = 32 << 20
LONGEST_CELL = 2000

_DELIMITERS = (",", ";", "\t", "|")
_HEADS = frozenset(
    " ".join(words(head))
    for head in (
        "name", "names", "full name", "fullname", "query", "queries", "term", "terms", "person", "keyword", "姓名",
        "名字", "名称", "имя", "фио", "название", "isim", "ism", "isim familiye", "ئىسىم", "الاسم", "nom", "nombre",
    )
)  # fmt: skip
# UTF-8 is tried first and UTF-16 by its mark; these are what is left, in the order in which they can be refuted.
_ENCODINGS = ("gb18030", "big5", "cp1251", "cp1252", "latin-1")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list. `line` counts rows from 1, the header included; `problem` is "" where there is none."""

    line: int
    cells: tuple[str, ...]
    query: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NameList:
    """A list as it was read: how, which column is asked, and its lines without the header."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    column: int
    columns: int
    lines: list[Line] = field(default_factory=list)


def read_list(content: bytes, *, column: str = "", phrases: bool = False) -> NameList:
    """Read a list. `column` is a header's word or a number from 1; without it the likeliest is taken.

    `phrases`: each cell is one name as it stands, never a query with operators. Raises BadUse for an empty
    list, one that is too large, or a column that is not there.
    """
    if len(content) > LARGEST:
        raise BadUse(
            f"A list is at most {LARGEST >> 20} MB large.", next="Split it into several files."
        )
    text, encoding = _decoded(content)
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    if len(rows) > MOST_LINES:
        raise BadUse(
            f"A list has at most {MOST_LINES:,} lines.", next="Split it into several files."
        )
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise BadUse("The list is empty.", next="Put one name or query on each line.")
    header = _header(rows)
    columns = max(map(len, rows))
    chosen = _column(column, header, rows, columns)
    start = 1 if header else 0
    lines = [
        _line(number, row, chosen, phrases) for number, row in enumerate(rows[start:], start + 1)
    ]
    return NameList(encoding, delimiter, header, chosen, columns, lines)


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding.removesuffix("-sig")
    if content[1::2].count(0) > len(content) // 6:
        return content.decode("utf-16-le", "replace"), "utf-16"
    if content[0::2].count(0) > len(content) // 6:
        return content.decode("utf-16-be", "replace"), "utf-16"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    found = []
    for encoding in _ENCODINGS:
        try:
            found.append((_strangeness(text := content.decode(encoding)), encoding, text))
        except UnicodeDecodeError:
            continue
    _, encoding, text = min(found, key=lambda option: option[0])
    return text, encoding


def _strangeness(text: str) -> float:
    """How unlike a list of names a decoded text is: rare characters, letters and signs mixed, scripts mixed."""
    strange = 0.0
    for word in re.findall(r"\S+", text):
        beyond = [char for char in word if ord(char) > 127]
        if not beyond:
            continue
        common_han = sum(_is_common_han(char) for char in beyond)
        if common_han == len(beyond):
            strange -= 0.2 * common_han
            continue
        if word.isalpha() and {_kind(char) for char in word} == {"cyrillic"}:
            strange -= 0.15 * len(word)
        kinds = {_kind(char) for char in word if not char.isdigit() and char not in "'’-.,;()"}
        strange += max(0, len(kinds) - 1) + sum(not char.isalpha() for char in beyond)
        strange += sum(0.5 for char in word[1:] if char.isupper() and not word.isupper())
        strange += 0.5 * (len(beyond) - common_han) if common_han else 0
    return strange


def _is_common_han(char: str) -> bool:
    """Whether a character is in the oldest set of either script: a text decoded wrongly has many others."""
    try:
        char.encode("gb2312" if "\u4e00" <= char <= "\u9fff" else "ascii")
    except UnicodeEncodeError:
        try:
            return "\u4e00" <= char <= "\u9fff" and char.encode("big5")[0] < 0xC9
        except UnicodeEncodeError:
            return False
    return True


def _kind(char: str) -> str:
    code = ord(char)
    if char.isascii():
        return "latin" if char.isalpha() else "sign"
    if code < 0x250:
        return "latin"
    if 0x400 <= code < 0x530:
        return "cyrillic"
    return "han" if 0x4E00 <= code <= 0x9FFF else f"block {code >> 8}"


def _delimiter(text: str) -> str:
    """The sign that parts most rows into the same number of cells, more than one; the comma otherwise."""
    best, most = ",", 0.0
    for delimiter in _DELIMITERS:
        rows = [row for row in _rows(text[:100_000], delimiter)[:500] if any(row)]
        counts = Counter(len(row) for row in rows)
        if not counts:
            continue
        cells, agreeing = counts.most_common(1)[0]
        if (
            cells > 1
            and (fit := agreeing / len(rows) + cells / 1000) > most
            and agreeing * 2 > len(rows)
        ):
            best, most = delimiter, fit
    return best


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a text, without blank ones at its end."""
    text = text.replace("\0", "")
    csv.field_size_limit(LARGEST)
    if not _quotes_are_text(text, delimiter):
        rows = _strict(text, delimiter)
    else:
        rows = _lenient(text, delimiter)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if delimiter == "," and rows and _is_surname_first(text, rows):
        return [[", ".join(cell.strip() for cell in row)] for row in rows]
    return rows


def _strict(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    return [list(row) for row in reader]


def _lenient(text: str, delimiter: str) -> list[list[str]]:
    """Line by line: where quotation marks are part of what is asked, they part no cells."""
    lines = text.splitlines()
    plain = [line for line in lines if line.strip() and '"' not in line]
    parted = sum(delimiter in line for line in plain) * 2 > len(plain)
    rows: list[list[str]] = []
    for line in lines:
        if not _quotes_are_text(line, delimiter):
            rows += _strict(line, delimiter) or [[]]
        else:
            rows.append(line.split(delimiter) if parted else [line])
    return rows


def _quotes_are_text(text: str, delimiter: str) -> bool:
    """Whether quotation marks are part of the names, or of queries ("a phrase" NOT b), somewhere.

    A mark that opens a cell and is closed right before a delimiter or a line end quotes the cell; any other
    use makes them text.
    """
    if '"' not in text:
        return False
    ends = re.escape(delimiter)
    quoted = re.compile(rf'(?:(?<![^\r\n])|(?<={ends})) *"(?:[^"]|"")*" *(?=[{ends}\r\n]|$)')
    return '"' in quoted.sub("", text)


def _is_surname_first(text: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the comma stands inside names (Smith, John): a spreadsheet writes no space behind it."""
    if '"' in text or _header(rows) or max(map(len, rows)) != 2:
        return False
    return not re.search(r",(?! )", text)


def _header(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    first = [" ".join(words(cell)) for cell in rows[0]]
    known = any(cell in _HEADS for cell in first) or any(
        set(cell.split()) & {"name", "names", "query"} for cell in first
    )
    return tuple(cell.strip() for cell in rows[0]) if known and len(rows) > 1 else ()


def _column(wanted: str, header: Sequence[str], rows: Sequence[Sequence[str]], columns: int) -> int:
    """The index of the column that is asked."""
    if wanted:
        folded = [" ".join(words(cell)) for cell in header]
        if " ".join(words(wanted)) in folded and not wanted.isdigit():
            return folded.index(" ".join(words(wanted)))
        if wanted.isdigit() and 1 <= int(wanted) <= columns:
            return int(wanted) - 1
        raise BadUse(
            "The list has no such column.",
            next=f"Give a number from 1 to {columns}, or a word of its first line.",
        )
    folded = [" ".join(words(cell)) for cell in header]
    for place, cell in enumerate(folded):
        if cell in _HEADS:
            return place
    for place, cell in enumerate(folded):
        if set(cell.split()) & {"name", "names", "query"}:
            return place
    lettered = [
        sum(
            any(char.isalpha() for char in row[place]) and not row[place].strip().isdigit()
            for row in rows[:200]
            if place < len(row)
        )
        for place in range(columns)
    ]
    enough = max(lettered) * 0.8
    return next(place for place, number in enumerate(lettered) if number >= enough)


def _line(number: int, row: Sequence[str], column: int, phrases: bool) -> Line:
    cells = tuple(cell.strip() for cell in row)
    asked = " ".join(cells[column].split()) if column < len(cells) else ""
    if not asked:
        return Line(number, cells, "", "blank")
    if len(asked) > LONGEST_CELL:
        return Line(number, cells, "", f"longer than {LONGEST_CELL:,} characters")
    if phrases:
        plain = as_phrase(asked)
        return Line(number, cells, plain, "" if plain else "no letter or digit in it")
    try:
        parse(asked)
    except QueryError as error:
        plain = as_phrase(asked)
        said = f"{error.message.rstrip('.')} (character {error.position + 1})"
        return Line(number, cells, plain, f"{said}; sought as it stands" if plain else said)
    return Line(number, cells, asked)


def as_phrase(text: str) -> str:
    """A query for a text as it stands, whatever signs are in it; "" where there is nothing to seek."""
    plain = re.sub(r'["“”＂]', " ", text)
    return f'"{" ".join(plain.split())}"' if words(plain) else ""
