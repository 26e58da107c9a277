"""Paragraphs, quotations and sentences of a text, each as [start, end) in code points.

A quotation is what stands between a pair of marks; where marks are unbalanced it ends with its paragraph, and a
paragraph that opens with a mark while the one before was left open carries that quotation on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PAIRS = {"“": "”", "「": "」", "『": "』", "«": "»", "„": "“"}
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\s*\n)[^\n]+)*")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Sen|Rep|Gov|Pres|St|Jr|Sr|No|vs|etc|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Aug|Sept?"
    r"|Oct|Nov|Dec|U\.S|U\.K|U\.N|a\.m|p\.m|e\.g|i\.e)|\b[A-Z])\.$"
)
_END = re.compile(r"[.!?]+[”\"’'»)\]]*(?=\s|$)|[。！？]+[”」』’）]*|\n(?=[ \t]*\S)")
_OPENS = re.compile(r"(?:(?<=[\s(—–:,])|(?<![\w.,!?’'”]))[‘'](?=\w)")
_CLOSES = re.compile(r"(?:(?<=[.,!?])|(?<=[a-rt-zA-RT-Z]))[’'](?=[\s.,;:!?)—–]|$)")
_LONGEST_QUOTATION = 3000


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words between marks: [start, end) with the marks, [inner, inner_end) without. `carried`: it goes on from the
    paragraph before."""

    start: int
    end: int
    inner: int
    inner_end: int
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """[start, end) of a paragraph, its sentences and its quotations, both in order."""

    start: int
    end: int
    sentences: tuple[tuple[int, int], ...]
    quotations: tuple[Quotation, ...]


def paragraphs(text: str, spans: Sequence[Sequence[int]] | None = None) -> Iterator[Paragraph]:
    """Paragraphs of a text, or of the spans of an article in it."""
    left_open = False
    for start, end in spans if spans is not None else [(0, len(text))]:
        for start_, end_ in _lines(text, start, end):
            quotations, left_open = _quotations(text, start_, end_, left_open)
            if not quotations:
                quotations = list(_single(text, start_, end_))
            sentences = tuple(_sentences(text, start_, end_, quotations))
            yield Paragraph(start_, end_, sentences, tuple(quotations))


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Each line is a paragraph, but where one sentence was wrapped over several."""
    for block in _PARAGRAPH.finditer(text, start, end):
        begin = block.start()
        for match in re.finditer(r"\n", block[0]):
            at = block.start() + match.start()
            before, behind = text[begin:at].rstrip(), text[at + 1 : at + 160].lstrip()
            wrapped = behind[:1].islower() or not before.endswith(tuple('.!?。！？”"」：:'))
            if len(before.rsplit("\n", 1)[-1]) > 110 or not wrapped or len(before) < 40:
                yield from _trimmed(text, begin, at)
                begin = at + 1
        yield from _trimmed(text, begin, block.end())


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _quotations(text: str, start: int, end: int, left_open: bool) -> tuple[list[Quotation], bool]:
    """Quotations of one paragraph, and whether its last one is not closed."""
    found: list[Quotation] = []
    position = start
    opened = None
    while position < end:
        char = text[position]
        if char in _PAIRS or char == '"':
            carried = left_open and position == start
            close = _close(text, position, end, _PAIRS.get(char, '"'))
            opened = close is None and char != '"'
            stop = close if close is not None else end
            if close is not None or opened or carried:
                inner_end = stop if close is not None else end
                if stop - position <= _LONGEST_QUOTATION:
                    after = stop + 1 if close is not None else end
                    found.append(Quotation(position, after, position + 1, inner_end, carried))
                position = stop + 1
                continue
        position += 1
    return found, bool(opened)


def _single(text: str, start: int, end: int) -> Iterator[Quotation]:
    """Quotations between single marks, where a paragraph has no others: apostrophes and plural genitives are none."""
    position = start
    while (opening := _OPENS.search(text, position, end)) is not None:
        at = opening.end() - 1
        close = next(_CLOSES.finditer(text, at + 1, end), None)
        if close is None:
            return
        if close.end() - at <= _LONGEST_QUOTATION and " " in text[at : close.end()]:
            yield Quotation(at, close.end(), at + 1, close.end() - 1)
        position = close.end()


def _close(text: str, start: int, end: int, mark: str) -> int | None:
    place = text.find(mark, start + 1, end)
    if place < 0 or (mark == '"' and place == start + 1):
        return None
    return place


def _sentences(
    text: str, start: int, end: int, quotations: Sequence[Quotation]
) -> Iterator[tuple[int, int]]:
    """Sentences; an end within a quotation counts only where the quotation ends with it."""
    begin = start
    for match in _END.finditer(text, start, end):
        at = match.end()
        if match[0][0] == "." and _ABBREVIATED.search(
            text[max(start, match.start() - 8) : match.start() + 1]
        ):
            continue
        if any(one.start < match.start() < one.end - 1 and at < one.end for one in quotations):
            continue
        behind = text[at:end].lstrip()
        if match[0][0] in ".!?" and behind[:1].islower():
            continue
        yield from _trimmed(text, begin, at)
        begin = at
    yield from _trimmed(text, begin, end)
