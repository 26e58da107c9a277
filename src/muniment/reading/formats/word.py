"""Word processing documents (WordprocessingML, ECMA-376 part 1): text, tracked changes, comments, notes.

Pages are those of the last layout that the program left in the file; without any, the document is one page. Inserted
text stands where it was inserted; deleted text stands at the end of the last page, labelled with who and when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from muniment.reading.formats.ooxml import Found, Package, drawn_texts, local, value

if TYPE_CHECKING:
    from lxml.etree import _Element

_PAGE_BREAK = "\f"
_LEFT_OUT = {
    "Fallback",
    "instrText",
    "delInstrText",
    "rPr",
    "pPr",
    "sectPr",
    "tblPr",
    "tcPr",
    "trPr",
    "rt",
    "fldData",
}
_SIGNS = {
    "tab": "\t",
    "ptab": "\t",
    "cr": "\n",
    "noBreakHyphen": "\u2011",
    "lastRenderedPageBreak": _PAGE_BREAK,
}
_MOST_CHANGES = 500
_FETCHING = re.compile(
    r"(?:INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DDEAUTO|DDE|RD|DATABASE)\s.{1,1000}"
)
_FIELD = "\n"  # what parts one field code from the next


@dataclass(slots=True)
class _Text:
    """Text as it is walked through, and the changes met on the way."""

    out: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    hidden: int = 0

    def text(self) -> str:
        return "".join(self.out)


def read(package: Package, found: Found) -> None:
    """Pages of a document, with everything that is not in its body labelled at the end."""
    main = package.main("word/document.xml")
    root = package.xml(main)
    walked = _Text()
    if root is not None:
        _walk(root, walked)
    pages = _pages(walked.text())
    more = list(_around(package, main, walked))
    for text in walked.deleted:
        more.append(f"[deleted {text}")
    if more:
        pages[-1] = "\n".join(filter(None, [pages[-1], "", *more])).strip("\n")
    found.pages = pages
    for kind, changes in (("deletion", walked.deleted), ("insertion", walked.inserted)):
        found.properties += [
            (kind, text.replace("] ", ": ", 1)) for text in changes[:_MOST_CHANGES]
        ]
    found.properties += [("external", one) for one in _fetching("".join(walked.fields))]
    if walked.hidden:
        found.properties.append(("hidden-text", str(walked.hidden)))


def _fetching(fields: str) -> list[str]:
    """Field codes that fetch or start something when the document is opened."""
    found = (_FETCHING.match(one.strip()) for one in fields.split(_FIELD))
    return [one[0].strip() for one in found if one][:_MOST_CHANGES]


def _pages(text: str) -> list[str]:
    """A break that the author set and the one the program noted at the same place are one."""
    pages = [page.strip("\n") for page in text.split(_PAGE_BREAK)]
    kept = [page for page in pages if page.strip()]
    return kept or [""]


def _around(package: Package, main: str, walked: _Text) -> Iterator[str]:
    """Headers, footers, notes, comments, diagrams: each labelled."""
    for kind, label in (
        ("header", "header"),
        ("footer", "footer"),
        ("footnotes", "footnote"),
        ("endnotes", "endnote"),
    ):
        for name in package.of_kind(main, kind):
            root = package.xml(name)
            if root is None:
                continue
            notes = [one for one in root if local(one) in ("footnote", "endnote")] or [root]
            for note in notes:
                inner = _Text(
                    deleted=walked.deleted, inserted=walked.inserted, fields=walked.fields
                )
                _walk(note, inner)
                if text := inner.text().replace(_PAGE_BREAK, "").strip():
                    yield f"[{label}] {text}"
    for name in package.of_kind(main, "comments"):
        root = package.xml(name)
        for comment in root if root is not None else ():
            inner = _Text(deleted=walked.deleted, inserted=walked.inserted, fields=walked.fields)
            _walk(comment, inner)
            yield f"[comment by {_who(comment)}] {inner.text().strip()}"
    for label, text in drawn_texts(package, main):
        yield f"[{label}] {text}"


def _who(change: _Element) -> str:
    """Author and time of a change."""
    return ", ".join(filter(None, (value(change, "author") or "unknown", value(change, "date"))))


def _walk(element: _Element, walked: _Text) -> None:
    """Append the text of an element; the depth of Word's own nesting is small, and lxml bounds the rest at 2,048."""
    for one in element:
        name = local(one)
        if name == "t":
            walked.out.append(one.text or "")
        elif name in ("del", "moveFrom"):
            _deleted(one, walked, "moved away" if name == "moveFrom" else "")
        elif name in ("ins", "moveTo"):
            before = len(walked.out)
            _walk(one, walked)
            if text := "".join(walked.out[before:]).strip():
                walked.inserted.append(f"by {_who(one)}] {text}")
        elif name == "p":
            _walk(one, walked)
            walked.hidden += sum(1 for mark in one.iter() if local(mark) == "vanish")
            walked.out.append("\n")
        elif name == "tbl":
            _table(one, walked)
        elif name == "br":
            walked.out.append(_PAGE_BREAK if value(one, "type") == "page" else "\n")
        elif name == "sym":
            walked.out.append(_symbol(value(one, "char")))
        elif name == "instrText":
            walked.fields.append((one.text or "").replace(_FIELD, " "))
        elif name in ("fldChar", "fldSimple"):
            # A field begins or ends here; one that is written in short holds its code itself.
            walked.fields += [_FIELD, value(one, "instr") or ""]
            _walk(one, walked)
        elif name in _SIGNS:
            walked.out.append(_SIGNS[name])
        elif name and name not in _LEFT_OUT:
            _walk(one, walked)


def _deleted(change: _Element, walked: _Text, how: str) -> None:
    text = "".join(one.text or "" for one in change.iter() if local(one) in ("delText", "t"))
    if text.strip():
        walked.deleted.append(f"{how + ' ' if how else ''}by {_who(change)}] {text}")


def _table(table: _Element, walked: _Text) -> None:
    """A row is a line, its cells parted by tabs."""
    for row in (one for one in table.iter() if local(one) == "tr"):
        if _table_of(row) is not table:
            continue
        cells = []
        for cell in (one for one in row.iter() if local(one) == "tc"):
            if _row_of(cell) is row:
                inner = _Text(
                    deleted=walked.deleted, inserted=walked.inserted, fields=walked.fields
                )
                _walk(cell, inner)
                cells.append(inner.text().strip().replace("\n", " "))
                walked.hidden += inner.hidden
        walked.out += ["\t".join(cells), "\n"]


def _table_of(row: _Element) -> _Element | None:
    return next((one for one in row.iterancestors() if local(one) == "tbl"), None)


def _row_of(cell: _Element) -> _Element | None:
    return next((one for one in cell.iterancestors() if local(one) == "tr"), None)


def _symbol(code: str) -> str:
    """A character of a symbol font, by its number (in the private use area as a rule)."""
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
