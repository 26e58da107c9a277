"""Text of a page in Arabic or Hebrew script, put back into the order it is read in. Runs inside the sandbox.

PDFium guesses from the order of a file's drawing whether a word from right to left was drawn first letter first, and
turns it round: right for some producers, wrong for others, and for Chromium within one line. Where the letters stand
on the page tells it for certain. So each line is taken as it is seen, and Unicode's rules for what is shown (UAX #9)
are followed backwards: words from right to left run leftwards, numbers and Latin words within them rightwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint32]

Box = list[int]

_LETTERS = re.compile(
    "[\u0590-\u05ff\u0608\u060b\u060d\u061b-\u065f\u066d-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MIRRORED = dict(
    zip("()[]{}\u00ab\u00bb\u2039\u203a", ")(][}{\u00bb\u00ab\u203a\u2039", strict=True)
)
_OPENING = frozenset("([{\u00ab\u2039")
_KINDS = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N", "NSM": "M", "BN": "M"}
_IN_ORDER = re.compile("\u0644[\u0622\u0623\u0625\u0627]|\u0627\u0644\u0644\u0647|\u0635\u0644")
"""What PDFium makes of the usual ligatures among the presentation forms."""
_LEAST_GAP = 50
"""Half a point: between letters of one word there is less."""
_LONGEST_WORD = 500
_LONGEST_NUMBER = 16
_ARABIC_MARKS = frozenset("\u060c\u061b\u061f\u06d4")


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    boxes: list[Box]
    kinds: list[str]
    leftward: bool
    """Whether most of it is read from the right."""
    chars: list[str]
    """The text with its brackets turned."""


@dataclass(slots=True)
class _Unit:
    """A run of characters of one direction: "R", "L", "N" (a number), "O" (punctuation), " " between words."""

    kind: str
    places: list[int]
    left: int = 0
    right: int = 0


def may_hold(codes: Codes) -> bool:
    """Whether these code points may hold letters that run from right to left.

    Asked of every page, so it is cheap and sometimes wrongly true.
    """
    if not codes.size or codes.max() < 0x590:
        return False
    # Unsigned numbers: what lies below a range wraps round to far above it.
    return bool(
        ((codes - 0x590 < 0x370) | (codes - 0xFB1D < 0x3E0) | (codes - 0x10800 < 0xE800)).any()
    )


def reading_order(text: str, boxes: list[Box]) -> tuple[str, list[int]]:
    """The text in reading order, and for each of its characters where it stood; lines stay where they are.

    `boxes` are x0, y0, x1, y1 from the top left as shown, one a code point, all zero where there is none. Nothing is
    added or lost; brackets that face away from what they hold are turned.
    """
    kinds = [_kind(char) for char in text]
    leftward = 2 * kinds.count("R") >= kinds.count("L")
    page = _Page(text, boxes, kinds, leftward, list(text))
    order = list(range(len(text)))
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if _LETTERS.search(line):
            segments = _segments(range(start, end), boxes)
            order[start:end] = [place for part in segments for place in _logical(part, page)]
        start = end + 1
    return "".join(page.chars[place] for place in order), order


def _kind(char: str) -> str:
    if char.isspace():
        return " "
    return _KINDS.get(unicodedata.bidirectional(char), "O")


def _segments(line: range, boxes: list[Box]) -> Iterator[list[int]]:
    """Parts of a line of PDFium's that stand on one line of the page; it sometimes runs two together."""
    segment: list[int] = []
    top = bottom = 0
    for place in line:
        _, y0, _, y1 = boxes[place]
        if y1 > y0:
            low, high = sorted(((top, bottom), (y0, y1)), key=lambda side: side[1] - side[0])
            room = (high[1] - high[0]) // 2
            if bottom > top and not high[0] - room <= sum(low) // 2 <= high[1] + room:
                yield segment
                segment, top, bottom = [], y0, y1
            elif bottom > top:
                top, bottom = min(top, y0), max(bottom, y1)
            else:
                top, bottom = y0, y1
        segment.append(place)
    yield segment


def _logical(line: list[int], page: _Page) -> list[int]:
    """One line as seen, in reading order; the page's `chars` get their brackets turned."""
    pieces = [
        (space, list(places))
        for space, places in groupby(line, key=lambda place: page.kinds[place] == " ")
    ]
    words = [_units(places, page) for space, places in pieces if not space]
    if not words or any(_upright(word, page.boxes) for word in words):
        return line
    spaces = [places for space, places in pieces if space]
    before = spaces.pop(0) if pieces[0][0] else []
    after = spaces.pop() if len(pieces) > 1 and pieces[-1][0] else []
    words.sort(key=lambda word: min(u.left for u in word) + max(u.right for u in word))
    seen: list[_Unit] = list(words[0])
    for gap, word in zip(spaces, words[1:], strict=True):
        seen += [_Unit(" ", gap), *word]
    _settle(seen)
    right, left = (sum(any(unit.kind == kind for unit in word) for word in words) for kind in "RL")
    if right > left or (page.leftward and 2 * right >= left):
        ordered = _from_the_right(seen, page.text)
    else:
        ordered = _from_the_left(seen)
    _turn_brackets(ordered, page)
    return [*before, *(place for unit in ordered for place in unit.places), *after]


def _settle(seen: list[_Unit]) -> None:
    """Spaces that PDFium put on the wrong side of a punctuation mark go where the gap is on the page."""
    for index in range(len(seen) - 3):
        one, middle, other, beyond = seen[index : index + 4]
        if middle.kind == " " and other.kind == "O" and beyond.kind != " ":
            if _wider(beyond.left - other.right, other.left - one.right):
                seen[index + 1 : index + 3] = [other, middle]
        elif (
            middle.kind == "O"
            and other.kind == " " != one.kind
            and _wider(middle.left - one.right, beyond.left - middle.right)
        ):
            seen[index + 1 : index + 3] = [other, middle]


def _wider(gap: int, other: int) -> bool:
    return gap > 2 * other and gap > other + _LEAST_GAP


def _units(word: list[int], page: _Page) -> list[_Unit]:
    """A word's runs of one direction, each in the order it is read in, from left to right on the page."""
    units: list[_Unit] = []
    for index, place in enumerate(word):
        kind = page.kinds[place]
        last = units[-1].kind if units else ""
        if kind == "M":
            kind = last if last in ("L", "R") else "R"
        following = page.kinds[word[index + 1]] if index + 1 < len(word) else ""
        if last == "N" == following and unicodedata.bidirectional(page.text[place]) == "CS":
            kind = "N"
        if units and kind == last != "O":
            units[-1].places.append(place)
        else:
            units.append(_Unit(kind, [place]))
    for unit in units:
        unit.left, unit.right = _ends(unit.places, page.boxes)
    for other, unit in pairwise(reversed(units)):
        if not unit.right:
            unit.left, unit.right = other.left, other.right
    joined: list[_Unit] = []
    for unit in sorted(units, key=lambda unit: unit.left + unit.right):
        if joined and joined[-1].kind == unit.kind == "R":
            joined[-1].places = unit.places + joined[-1].places
            joined[-1].right = max(joined[-1].right, unit.right)
        else:
            joined.append(unit)
    for unit in joined:
        unit.places = _along(unit, page)
    return joined


def _along(unit: _Unit, page: _Page) -> list[int]:
    """The characters of a run in the order of their places on the page; what shares a place stays together."""
    boxes, kinds = page.boxes, page.kinds
    leftward = unit.kind == "R"
    ahead = -1 if leftward else 1
    pieces = _pieces([place for place in unit.places if kinds[place] == "M"], unit.places, boxes)
    groups = [list(same) for _, same in groupby(unit.places, key=lambda p: _shared(p, boxes))]
    if leftward:
        groups = [_ligature(group, page) for group in groups]
    places = [place for group in groups for place in group]
    placed = _placed(places, pieces, page)
    steps = [_step(boxes[one], boxes[other]) for one, other in pairwise(placed)]
    if steps.count(-ahead) > steps.count(ahead):
        places = [place for group in reversed(groups) for place in group]
        placed = _placed(places, pieces, page)
        steps = [_step(boxes[one], boxes[other]) for one, other in pairwise(placed)]
    if not leftward or -ahead not in steps or len(places) > _LONGEST_WORD:
        return places
    spots = {place: sum(boxes[place][::2]) for place in placed}
    bearers = [place for place in placed if place not in pieces] or placed
    last = placed[0]
    for place in places:
        if place not in spots:
            # A mark belongs to the letter it stands over or under; what has no place, to the one before it.
            spot = sum(boxes[place][::2])
            near = min(bearers, key=lambda p: abs(sum(boxes[p][::2]) - spot)) if spot else last
            spots[place] = spots[near]
        last = place
    return sorted(places, key=lambda place: (-spots[place], kinds[place] == "M"))


def _placed(places: list[int], pieces: set[int], page: _Page) -> list[int]:
    """Those whose boxes tell their order: letters, and marks that have a slice of a letter's box."""
    return [
        place
        for place in places
        if any(page.boxes[place]) and (page.kinds[place] != "M" or place in pieces)
    ]


def _ligature(group: list[int], page: _Page) -> list[int]:
    """Letters drawn as one sign. PDFium turns them round with their line, but not what it takes apart itself."""
    if len(group) == 1:
        return group
    text = "".join(page.text[place] for place in group)
    marked = page.kinds[group[0]] != "M" and all(page.kinds[place] == "M" for place in group[1:])
    return group if marked or _IN_ORDER.match(text) else group[::-1]


def _pieces(marks: list[int], places: list[int], boxes: list[Box]) -> set[int]:
    """Those marks that were drawn as one sign with a letter: PDFium gives each a slice of the sign's box."""
    ends = {(boxes[place][0], *boxes[place][1::2]) for place in places}
    return {
        mark
        for mark in marks
        if any(boxes[mark])
        and any((boxes[mark][2] + off, *boxes[mark][1::2]) in ends for off in (-1, 0, 1))
    }


def _shared(place: int, boxes: list[Box]) -> object:
    """The same for characters drawn as one sign (a ligature)."""
    return tuple(boxes[place]) if any(boxes[place]) else place


def _step(one: Box, other: Box) -> int:
    """1 or -1 where the other clearly stands to the right or left of the one, else 0: signs overlap."""
    if other[0] > one[0] and other[2] > one[2]:
        return 1
    return -1 if other[0] < one[0] and other[2] < one[2] else 0


def _ends(places: list[int], boxes: list[Box]) -> tuple[int, int]:
    """Where characters begin and end from left to right; 0, 0 where none has a place."""
    held = [boxes[place] for place in places if any(boxes[place])]
    return (min(box[0] for box in held), max(box[2] for box in held)) if held else (0, 0)


def _upright(word: list[_Unit], boxes: list[Box]) -> bool:
    """Whether a word stands on end, so that left and right say nothing of its order."""
    held = [boxes[place] for unit in word for place in unit.places if any(boxes[place])]
    if len(held) < 3:
        return False
    height = max(box[3] for box in held) - min(box[1] for box in held)
    width = max(box[2] for box in held) - min(box[0] for box in held)
    return height > 2 * width


def _from_the_right(seen: list[_Unit], text: str) -> list[_Unit]:
    """Reading order of a line that is read from the right: Latin and numbers within it stay as they are seen."""
    ordered: list[_Unit] = []
    arabic = any(
        unicodedata.bidirectional(text[place]) == "AL" for unit in seen for place in unit.places
    )
    for group in reversed(_left_to_right_groups(seen, text)):
        if group[0].kind == "N" and not arabic:
            # Among Hebrew letters "50%" and "2017-2018" are numbers as a whole (UAX #9, W2, W4 and W5).
            at = len(ordered) - _signs(ordered, text)
            ordered[at:] = [*group, *reversed(ordered[at:])]
        else:
            ordered += group
    return ordered


def _signs(ordered: list[_Unit], text: str) -> int:
    """How many units at the end belong to a number that comes before them on the page: signs, and its other half."""
    count = 0
    for unit in reversed(ordered[-_LONGEST_NUMBER:]):
        sign = unit.kind == "O" and unicodedata.bidirectional(text[unit.places[0]]) in ("ES", "ET")
        if not (sign or (count and unit.kind == "N")):
            break
        count += 1
    return count


def _left_to_right_groups(seen: list[_Unit], text: str) -> list[list[_Unit]]:
    """Units one by one, but Latin words, with numbers beside them and what stands between, as one group."""
    groups: list[list[_Unit]] = []
    between: list[_Unit] = []
    for unit in seen:
        last = groups[-1][-1].kind if groups else ""
        if unit.kind in "LN" and last in ("L", "N") and _holds(last + unit.kind, between, text):
            groups[-1] += [*between, unit]
            between = []
        elif unit.kind in "LNR":
            groups += [[one] for one in between]
            groups.append([unit])
            between = []
        else:
            between.append(unit)
    groups += [[one] for one in between]
    apart: list[list[_Unit]] = []
    for group in groups:
        latin = any(unit.kind == "L" for unit in group)
        apart += [group] if latin else [[unit] for unit in group]
    return apart


def _holds(ends: str, between: list[_Unit], text: str) -> bool:
    """Whether what stands between two units makes them one run from left to right."""
    if "N" not in ends:
        return True
    spaces = sum(unit.kind == " " for unit in between)
    if spaces:
        return len(between) == 1
    return not any(text[place] in _ARABIC_MARKS for unit in between for place in unit.places)


def _from_the_left(seen: list[_Unit]) -> list[_Unit]:
    """Reading order of a line that is read from the left: words from right to left within it are turned round."""
    ordered: list[_Unit] = []
    run: list[_Unit] = []
    after: list[_Unit] = []
    for unit in seen:
        if unit.kind == "R":
            run += [*after, unit]
            after = []
        elif run and unit.kind != "L":
            after.append(unit)
        else:
            ordered += [*reversed(run), *after, unit]
            run, after = [], []
    return [*ordered, *reversed(run), *after]


def _turn_brackets(ordered: list[_Unit], page: _Page) -> None:
    """Turn brackets that face away: one with a space before and a word behind it opens, the other way it closes."""
    for index, unit in enumerate(ordered):
        char = page.text[unit.places[0]]
        if unit.kind != "O" or char not in _MIRRORED:
            continue
        before = ordered[index - 1].kind if index else " "
        after = ordered[index + 1].kind if index + 1 < len(ordered) else " "
        opens = before == " " and after != " "
        closes = after in (" ", "O") and before in ("R", "L", "N")
        if opens != closes and opens != (char in _OPENING):
            page.chars[unit.places[0]] = _MIRRORED[char]
