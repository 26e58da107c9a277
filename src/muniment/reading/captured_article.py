"""The article in a plain-text capture of a web page: its paragraphs, told apart from what stands around them.

Somebody saved a report as text: between its paragraphs stand captions, credits, adverts and invitations, and behind
it the comments. All of it stays on the page and is searched; statements and origins are taken from `spans` alone.
Lines are told apart by what they say and by how they stand, in English and Chinese; what no rule knows is article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from muniment.reading import captured_lines as kinds

LONGEST = 2_000_000
"""A longer text is no capture of one article, and is not looked through."""
_SHORT_LINE = 200
_HEADING = 70
_PROSE = 100
_SENTENCE = 30
_HEADINGS = 2
_TERMINAL = ".!?…。！？”’\"'»)）:：;；"
_QUOTES = re.compile(r"[“”\"«»「」『』]")
_NUMBERED = re.compile(r"\s{0,6}\d{1,4}[.)]\s")
_ITEM = re.compile(r"(?:[-–—•*●▪]|\d{1,3}[.)、])\s*\S.{25}")
_INNER_END = re.compile(r"[a-z\u0400-\u04ff][.!?][”\"’]? +[A-Z“\"\u0410-\u042f/]|[。！？][”」]?")


@dataclass(slots=True)
class Captured:
    """An article in a page's text: [start, end) in code points, in order, and what it says of itself.

    `date` is yyyy-mm-dd. `around` counts the lines told apart; where it is 0 nothing speaks for a capture.
    """

    spans: list[list[int]] = field(default_factory=list)
    title: str = ""
    byline: str = ""
    date: str = ""
    outlet: str = ""
    around: int = 0
    prose: int = 0

    @property
    def speaks_for_a_capture(self) -> bool:
        """Whether this looks like a report saved from the web, and not like any other text."""
        return bool((self.around or self.outlet) and self.prose >= 3)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def captured(text: str) -> Captured:
    """The article in a text, as far as its lines tell."""
    found = Captured()
    if len(text) > LONGEST:
        return found
    lines = _lines(text)
    repeated = {one.text for one, other in pairwise(lines) if one.text == other.text}
    kept: list[_Line] = []
    behind = related = under_caption = False
    for line in lines:
        behind = behind or (found.prose > 0 and _is(kinds.COMMENTS, line.text, _HEADING))
        if behind:
            found.around += 1
            continue
        if _is(kinds.RELATED, line.text, _HEADING) and found.prose:
            related = True
        elif related and _is_prose(line.text):
            related = False
        if line.text in repeated or _is_caption(line.text):
            found.around += 1
            under_caption = True
            continue
        if related or _told_apart(line.text, found, signs=not under_caption):
            found.around += 1
            continue
        under_caption = False
        kept.append(line)
        found.prose += _is_prose(line.text)
    told = _without_menus(kept)
    found.around += len(kept) - len(told)
    for line in told:
        _take(line, found)
    return found


def _without_menus(lines: list[_Line]) -> list[_Line]:
    """Lines without what is only a list of links: a run of short lines that are no sentences.

    Before the first paragraph the last two such lines stay (title, what stands under it), and a single one or two
    between paragraphs (headings); behind the last paragraph none. Without a paragraph all lines stay.
    """
    prose = [place for place, line in enumerate(lines) if _is_prose(line.text)]
    if not prose:
        return lines
    told: list[_Line] = []
    run: list[_Line] = []
    for place, line in enumerate(lines):
        if not _is_sentence(line.text) and not _ITEM.match(line.text):
            run.append(line)
            continue
        told += run[-_HEADINGS:] if place <= prose[0] else run if len(run) <= _HEADINGS else []
        told.append(line)
        run = []
    return told


def _take(line: _Line, found: Captured) -> None:
    """A line of the article: the title where it is the first and no sentence."""
    if not found.spans and not found.title and _may_be_title(line.text):
        found.title = line.text
    named = kinds.OUTLET_BEHIND.search(line.text)
    end = line.end
    if named and len(line.text) > _PROSE // 2:
        found.outlet = found.outlet or named["name"].strip()
        end = line.start + named.start() + 1
    found.spans.append([line.start, end])


def _is_caption(text: str) -> bool:
    return len(text) <= 600 and bool(kinds.CAPTION.fullmatch(text)) and not _QUOTES.search(text)


def _told_apart(text: str, found: Captured, *, signs: bool) -> bool:
    """Whether a line is no part of the article; what it says of the article is kept.

    An agency alone on a line signs the text (`signs`), but under a caption it signs the picture.
    """
    if _is(kinds.DATE_LINE, text, _HEADING):
        found.date = found.date or kinds.date_in(text)
        return True
    if _is(kinds.CREDIT, text, _HEADING):
        if signs and "/" not in text:
            found.byline = found.byline or text.strip(" .")
        return True
    if _is(kinds.ASIDE, text, _SHORT_LINE):
        home = kinds.HOME_PAGE.match(text)
        if home:
            found.outlet = found.outlet or home["name"].strip()
        return True
    signed = kinds.BYLINE.fullmatch(text) if len(text) <= _SHORT_LINE else None
    if signed and not text.endswith((".", "。")):
        found.byline = found.byline or (signed["name"] or signed["name2"]).strip()
        return True
    outlet = kinds.OUTLET.fullmatch(text) if len(text) <= _HEADING else None
    if outlet:
        found.outlet = found.outlet or outlet["name"].strip()
        return True
    return False


def _is(pattern: re.Pattern[str], text: str, longest: int) -> bool:
    return len(text) <= longest and pattern.fullmatch(text) is not None


def _is_prose(text: str) -> bool:
    """A paragraph: long, and ended as sentences end. Han text says the same in a third of the characters."""
    return len(text) + 2 * _han(text) >= _PROSE and bool(
        text[-1] in _TERMINAL or kinds.OUTLET_BEHIND.search(text)
    )


def _is_sentence(text: str) -> bool:
    long = len(text) + 2 * _han(text)
    return long >= _SENTENCE and (
        text[-1] in _TERMINAL or (long >= _PROSE and _INNER_END.search(text) is not None)
    )


def _han(text: str) -> int:
    return sum("\u3400" <= char <= "\u9fff" for char in text)


def _may_be_title(text: str) -> bool:
    return len(text) + 2 * _han(text) >= 8 and (
        len(text) <= _SHORT_LINE and text[-1] not in ".。;；,，"
    )


def _lines(text: str) -> list[_Line]:
    """Paragraphs: lines, and lines put together where one sentence was wrapped over them."""
    groups: list[tuple[int, int, str]] = []  # start, end, last line
    position = 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        start = position + len(raw) - len(raw.lstrip())
        position += len(raw) + 1
        end = start + len(stripped)
        if stripped and groups and groups[-1][2] and _goes_on(groups[-1][2], raw):
            groups.append((groups.pop()[0], end, stripped))
        else:
            groups.append((start, end, stripped))
    return [_Line(start, text[start:end]) for start, end, last in groups if last]


def _goes_on(last: str, raw: str) -> bool:
    """Whether a line carries on the sentence of the line before it."""
    return (
        45 <= len(last) <= 110
        and len(raw.strip()) <= 110
        and not _NUMBERED.match(raw)
        and (raw.lstrip()[0].islower() or (last[-1] not in _TERMINAL and raw.strip() != last))
    )
