"""Workbooks (SpreadsheetML, ECMA-376 part 1): a sheet is a page, hidden ones too; cells parted by tabs, a row a line.

A cell shows its stored value: numbers as they are stored, dates as ISO 8601, the last result of a formula. Formats
for the eye (thousands, colours) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from muniment.reading.formats.ooxml import Found, Package, drawn_texts, local, natural, value

if TYPE_CHECKING:
    from lxml.etree import _Element

_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
_WIDEST_GAP = 50
_CONNECTING = {
    "connection",
    "command",
    "url",
    "sourceFile",
    "ddeService",
    "ddeTopic",
    "progId",
    "odcFile",
}


@dataclass(slots=True)
class _Book:
    """What all sheets share: strings, which cell styles are dates, and from when days are counted."""

    strings: list[str] = field(default_factory=list)
    dates: set[int] = field(default_factory=set)
    percents: set[int] = field(default_factory=set)
    first_day: datetime = datetime(1899, 12, 30)  # a workbook knows no zones
    people: dict[str, str] = field(default_factory=dict)


def read(package: Package, found: Found) -> None:
    """Every sheet, in the order of the workbook."""
    main = package.main("xl/workbook.xml")
    root, relations = package.xml(main), package.relations(main)
    book = _book(package, main, root)
    sheets: list[tuple[str, str, str]] = []
    for one in root.iter() if root is not None else ():
        if local(one) == "sheet":
            found_at = relations.get(
                next((str(v) for k, v in one.attrib.items() if str(k).endswith("}id")), "")
            )
            sheets.append(
                (value(one, "name"), value(one, "state"), found_at.target if found_at else "")
            )
        elif local(one) == "definedName" and one.text:
            found.properties.append((f"name {value(one, 'name')}"[:200], one.text))
    known = {name for _, _, name in sheets}
    for name in sorted(
        (n for n in package.names() if n.startswith("xl/worksheets/") and n.endswith(".xml")),
        key=natural,
    ):
        if name not in known:
            sheets.append((name.rpartition("/")[2], "not listed", name))
    found.properties += [("external", one) for one in _connections(package)]
    hidden = [name for name, state, _ in sheets if state not in ("", "visible")]
    found.properties += [("hidden-sheets", name) for name in hidden]
    for name, state, place in sheets:
        label = "" if state in ("", "visible") else f"[{_STATES.get(state, 'hidden sheet')}] "
        found.pages.append("\n".join([label + name, *_sheet(package, place, book)]))


_STATES = {
    "hidden": "hidden sheet",
    "veryHidden": "very hidden sheet",
    "not listed": "sheet that is not listed",
}


def _connections(package: Package) -> Iterator[str]:
    """Where the workbook gets data from when it is opened: connections, queries, DDE links."""
    for name in package.names():
        if not re.search(
            r"/(connections|queryTables/|externalLinks/)[^/]*\.xml$|/queryTables/.*\.xml$", name
        ):
            continue
        root = package.xml(name)
        for one in root.iter() if root is not None else ():
            said = " ".join(str(v) for k, v in one.attrib.items() if str(k) in _CONNECTING)
            if said:
                yield f"{local(one)}: {said}"


def _book(package: Package, main: str, root: _Element | None) -> _Book:
    book = _Book()
    for name in package.of_kind(main, "sharedStrings"):
        table = package.xml(name)
        book.strings = [
            _string(one) for one in (table if table is not None else ()) if local(one) == "si"
        ]
    for name in package.of_kind(main, "styles"):
        _styles(package.xml(name), book)
    for name in package.of_kind(main, "person"):
        table = package.xml(name)
        for one in table if table is not None else ():
            book.people[value(one, "id")] = value(one, "displayName")
    for one in root.iter() if root is not None else ():
        if local(one) == "workbookPr" and value(one, "date1904") in ("1", "true"):
            book.first_day = datetime(1904, 1, 1)
    return book


def _string(item: _Element) -> str:
    """A string of rich text, without the reading aids for Chinese and Japanese (rPh)."""
    if local(item) == "rPh":
        return ""
    return "".join((one.text or "") if local(one) == "t" else _string(one) for one in item)


def _styles(root: _Element | None, book: _Book) -> None:
    formats: dict[int, str] = {}
    for one in root.iter() if root is not None else ():
        if local(one) == "numFmt":
            formats[_whole(value(one, "numFmtId"))] = _QUOTED.sub(
                "", value(one, "formatCode")
            ).lower()
        elif local(one) == "cellXfs":
            for place, style in enumerate(one):
                number = _whole(value(style, "numFmtId"))
                code = formats.get(number, "")
                if number in _DATE_FORMATS or (
                    number > 163 and re.search("[dmyhs]", code) and "0.00e" not in code
                ):
                    book.dates.add(place)
                if number in (9, 10) or "%" in code:
                    book.percents.add(place)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _sheet(package: Package, name: str, book: _Book) -> Iterator[str]:
    """The rows of a sheet, then its comments, headers and drawings."""
    from lxml import etree

    data = package.read(name)
    if not data:
        yield "[this sheet cannot be read]"
        return
    import io

    asides: list[str] = []
    steps: Any = etree.iterparse(
        io.BytesIO(data), events=("end", ), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=True, recover=True,
    )  # fmt: skip
    for _, element in steps:
        kind = local(element)
        if kind == "row":
            if line := _row(element, book):
                yield line
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif (
            kind
            in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
            and element.text
        ):
            asides.append(f"[{'header' if 'Header' in kind else 'footer'}] {element.text}")
    yield from asides
    yield from _comments(package, name, book)
    for label, text in drawn_texts(package, name):
        yield f"[{label}] {text}"


def _row(row: _Element, book: _Book) -> str:
    cells: list[str] = []
    for cell in row:
        if local(cell) != "c":
            continue
        text = _cell(cell, book)
        if not text:
            continue
        column = _column(value(cell, "r"))
        if column is not None and len(cells) < column <= len(cells) + _WIDEST_GAP:
            cells += [""] * (column - len(cells))
        cells.append(text.replace("\n", " "))
    return "\t".join(cells).rstrip()


def _column(reference: str) -> int | None:
    """The place of a cell in its row, from 0: "A1" is 0, "AB7" is 27."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _cell(cell: _Element, book: _Book) -> str:
    kind = value(cell, "t")
    if kind == "inlineStr":
        return "".join(_string(one) for one in cell if local(one) == "is")
    text = next((one.text or "" for one in cell if local(one) == "v"), "")
    if kind == "s":
        place = _whole(text)
        return book.strings[place] if place < len(book.strings) else ""
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(text, text)
    if kind in ("str", "e", "d") or not text:
        return text
    style = _whole(value(cell, "s"))
    if style in book.dates:
        return _moment(text, book)
    if style in book.percents:
        return _percent(text)
    return _number(text)


def _number(text: str) -> str:
    """A number without the noise of binary fractions: 0.30000000000000004 is 0.3, as a spreadsheet shows it."""
    if not re.search("[.eE]", text):
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:.15g}" if abs(number) < 1e15 else text


def _percent(text: str) -> str:
    try:
        return f"{float(text) * 100:.10g}%"
    except ValueError:
        return text


def _moment(text: str, book: _Book) -> str:
    """Days since the first, as ISO 8601: a date, a time of day, or both."""
    try:
        days = float(text)
        moment = book.first_day + timedelta(seconds=round(days * 86400))
    except (ValueError, OverflowError):
        return text
    if 0 <= days < 1:
        return moment.strftime("%H:%M:%S")
    if moment.time().isoformat() == "00:00:00":
        return moment.date().isoformat()
    return moment.isoformat(sep=" ")


def _comments(package: Package, name: str, book: _Book) -> Iterator[str]:
    for target in package.of_kind(name, "comments"):
        root = package.xml(target)
        if root is None:
            continue
        authors = [one.text or "" for one in root.iter() if local(one) == "author"]
        for one in root.iter():
            if local(one) == "comment":
                place = _whole(value(one, "authorId"))
                who = authors[place] if place < len(authors) else "unknown"
                said = "".join(part.text or "" for part in one.iter() if local(part) == "t")
                yield f"[comment by {who} on {value(one, 'ref')}] {said.strip()}"
    for target in package.of_kind(name, "threadedComment"):
        root = package.xml(target)
        for one in root if root is not None else ():
            who = book.people.get(value(one, "personId"), "unknown")
            said = "".join(part.text or "" for part in one.iter() if local(part) == "text")
            yield f"[comment by {who}, {value(one, 'dT')} on {value(one, 'ref')}] {said.strip()}"
