"""The visible text of HTML: what a reader of the page would see, with script and style left out.

Nothing is fetched and nothing is run. One block of the page is one line; cells of a table row are parted by tabs;
white space is folded as a browser folds it, but inside <pre>. Text hidden by style is kept: it was in the capture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

from muniment.reading.mime import decode_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SILENT = {"script", "style", "template", "head", "datalist", "audio", "video"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup",
    "option", "p", "pre", "search", "section", "select", "summary", "table", "tbody", "textarea", "tfoot",
    "thead", "title", "tr", "ul",
}  # fmt: skip
_CELLS = {"td", "th"}
_AS_WRITTEN = {"pre", "textarea", "listing", "xmp"}
_DEEPEST = 250
_SPACES = re.compile(r"[ \t\n\r\f]+")
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.I)
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.-]+)")
_ENCODED_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class _Lines:
    """Collects text into lines; white space between words is one space, none at the ends of a line."""

    done: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    space: bool = False
    as_written: int = 0

    def add(self, text: str) -> None:
        if self.as_written:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for other in others:
                self.end()
                self.line.append(other)
            return
        pieces = _SPACES.split(text)
        for place, piece in enumerate(pieces):
            if place:
                self.space = bool(self.line)
            if piece:
                if self.space and self.line[-1:] != ["\t"]:
                    self.line.append(" ")
                self.line.append(piece)
                self.space = False

    def cell(self) -> None:
        if self.line:
            self.line.append("\t")
        self.space = False

    def end(self) -> None:
        text = "".join(self.line).rstrip()
        if text or self.as_written:
            self.done.append(text)
        self.line, self.space = [], False


def decode(data: bytes, declared: str = "") -> tuple[str, int]:
    """The characters of an HTML file, and how many places were lost; `declared` is a charset from outside of it."""
    if data.startswith(_ENCODED_MARKS):
        return decode_text(data, "")
    head = data[:8192]
    found = _META_CHARSET.search(head) or _XML_ENCODING.search(head)
    return decode_text(data, declared or (found[1].decode("ascii") if found else ""))


def tree(text: str) -> HtmlElement | None:
    """The elements of a page, or None where there are none."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return html.document_fromstring(
            text.replace("\0", "\ufffd").encode("utf-8", "replace"), parser=parser
        )
    except etree.ParserError:
        return None


def bare_text(text: str) -> str:
    """The text of a page without its structure: for pages nested deeper than libxml2 goes."""
    bare = re.sub(r"<(script|style)\b.*?</\1\s*>", " ", text, flags=re.S | re.I)
    bare = unescape(re.sub(r"<!--.*?-->|<[A-Za-z/!?][^<>]*>", "\n", bare, flags=re.S))
    return "\n".join(line for raw in bare.split("\n") if (line := " ".join(raw.split())))


def too_deep(root: HtmlElement) -> bool:
    """Whether elements stand so deep that libxml2 may have dropped what is below them."""
    depth = 0
    from lxml import etree

    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth >= _DEEPEST:
            return True
    return False


def visible_text(root: HtmlElement) -> str:
    """What can be read of a page, a block a line."""
    from lxml import etree

    lines = _Lines()
    walker: Any = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _SILENT:
                walker.skip_subtree()
            else:
                _open(lines, element, tag)
        else:
            if event == "end" and tag not in _SILENT:
                _close(lines, tag)
            if element.tail and element is not root:
                lines.add(element.tail)
    lines.end()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines.done)).strip("\n")


def _open(lines: _Lines, element: Any, tag: str) -> None:
    if tag in _BLOCKS:
        lines.end()
    elif tag in _CELLS:
        lines.cell()
    if tag in _AS_WRITTEN:
        lines.as_written += 1
    if tag in ("img", "area") and element.get("alt", "").strip():
        lines.add(f" {element.get('alt')} ")
    elif tag == "input" and element.get("type", "text").lower() not in ("hidden", "image"):
        lines.add(f" {element.get('value', '')} ")
    if element.text:
        lines.add(element.text)


def _close(lines: _Lines, tag: str) -> None:
    if tag in _BLOCKS:
        lines.end()
    if tag in _AS_WRITTEN and lines.as_written:
        lines.as_written -= 1
