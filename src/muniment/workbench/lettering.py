"""Text of documents as the pages show it: pieces of text with a kind each, which templates write as text nodes.

Nothing here makes HTML. A template escapes every piece. Each line is set in a block of its own with
dir="auto", so that no control character reaches beyond its line; characters that reorder or hide text are
shown by their name; addresses are marked as what they are and never become links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = re.compile(
    r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,20}://|\bwww\.|\b(?:javascript|data|mailto):)[^\s<>\"]{2,}"
)
_UNSEEN = {
    "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO",
    "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI", "\u00ad": "SHY",
    "\u200b": "ZWSP", "\u2060": "WJ", "\ufeff": "BOM",
}  # fmt: skip
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029\x0b\x0c\x85]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one kind: "" plain, "mark" (matched), "here" (the hit that was opened), "noted"
    (somebody said something of it), "named" (a name), "address", "unseen".

    `first` is set on the first piece of the hit that was opened.
    """

    text: str
    kind: str = ""
    first: bool = False


Line = list[Piece]


def lines(
    text: str,
    marks: list[list[int]],
    here: list[list[int]],
    noted: list[list[int]] | None = None,
    named: list[list[int]] | None = None,
) -> list[Line]:
    """Text line by line. `marks`, `here` and `noted` are [start, end] in code points of `text`; marks lie on top."""
    spans = sorted(
        [(start, end, "here") for start, end in here]
        + [(start, end, "mark") for start, end in marks if [start, end] not in here]
    )
    for start, end in noted or []:
        spans += [(low, high, "noted") for low, high in _beside(start, end, spans)]
    spans = _with_names(spans, named or [])
    spans.sort()
    opened = here[0][0] if here else -1
    result, at = [], 0
    for line_end in [*_LINE_END.finditer(text), None]:
        stop = line_end.start() if line_end else len(text)
        result.append(_line(text, at, stop, spans, opened))
        at = line_end.end() if line_end else stop
    return result


def line_starts(text: str) -> list[int]:
    """Where each line of `lines` begins."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def _with_names(
    spans: list[tuple[int, int, str]], named: list[list[int]]
) -> list[tuple[int, int, str]]:
    """Names, where nothing else is marked."""
    covered = sorted(spans)
    found, at = [], 0
    for start, end in named:
        while at < len(covered) and covered[at][1] <= start:
            at += 1
        if at == len(covered) or covered[at][0] >= end:
            found.append((start, end, "named"))
    return spans + found


def _beside(start: int, end: int, spans: list[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """What of a span no other covers."""
    left, at = [], start
    for low, high, _ in sorted(spans):
        if low >= end or high <= at:
            continue
        left.append((at, low))
        at = high
    return [(low, high) for low, high in [*left, (at, end)] if low < high]


def passage(text: str, highlights: list[list[int]]) -> Line:
    """A short passage on one line, whatever line ends it holds."""
    flat = _LINE_END.sub(lambda end: " " * len(end.group()), text)
    spans = [(start, end, "mark") for start, end in sorted(highlights)]
    return _line(flat, 0, len(flat), spans, -1)


def plain(text: str) -> Line:
    """One line without marks: a title, a path, a value."""
    return passage(text, [])


def _line(text: str, start: int, end: int, spans: list[tuple[int, int, str]], opened: int) -> Line:
    addresses = [found.span() for found in _ADDRESS.finditer(text, start, end)]
    pieces: Line = []
    at = start
    for low, high, kind in spans:
        low, high = max(low, at), min(high, end)
        if low >= high:
            continue
        pieces += _plain(text, at, low, addresses)
        first = low == opened and kind == "here"
        pieces += [
            Piece(p.text, "unseen" if p.kind == "unseen" else kind, first and not index)
            for index, p in enumerate(_unseen(text[low:high], kind))
        ]
        at = high
    return pieces + _plain(text, at, end, addresses)


def _plain(text: str, start: int, end: int, addresses: list[tuple[int, int]]) -> Line:
    """What no mark covers; an address stays one on both sides of a mark within it."""
    pieces: Line = []
    at = start
    for low, high in addresses:
        low, high = max(low, at), min(high, end)
        if low < high:
            pieces += _unseen(text[at:low], "") + _unseen(text[low:high], "address")
            at = high
    return pieces + _unseen(text[at:end], "")


def _unseen(text: str, kind: str) -> Line:
    pieces: Line = []
    at = 0
    for found in _CONTROL.finditer(text):
        if found.start() > at:
            pieces.append(Piece(text[at : found.start()], kind))
        character = found.group()
        pieces.append(Piece(_UNSEEN.get(character, f"{ord(character):02X}"), "unseen"))
        at = found.end()
    if at < len(text):
        pieces.append(Piece(text[at:], kind))
    return pieces
