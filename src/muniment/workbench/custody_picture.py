"""Who holds a copy, as a picture: this machine in the middle, jurisdictions around it, the state of each copy.

From the `custodians` of `status` to places in the drawing; the template draws them. States have a shape and a
word each, so that nothing is told by colour alone.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.case.folder import printable

WIDTH, CARD, GAP, HEAD = 720, 46, 10, 30
MIDDLE = 168  # width of this machine's box
SIDE = 248  # width of a jurisdiction's box
_TOP = 8
_LONGEST = 24
WORDS = {
    "current": "current",
    "behind": "behind: copy again",
    "damaged": "damaged: repair",
    "unknown": "not audited yet",
    "missing": "not there now",
    "put back": "an earlier copy: ask",
    "ahead": "ahead of the case",
    "another story": "another story: ask",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """A custodian's copy: `state` is a word of WORDS, `words` what is said of it; y of its card."""

    name: str
    kind: str
    state: str
    words: str
    audited: str
    y: int


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction: a box at x, y with the copies in it. `reach` is where the line to it ends, (x, y)."""

    label: str
    x: int
    y: int
    height: int
    copies: tuple[Copy, ...]
    reach: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything in pixels of a drawing WIDTH wide. `machine`: x, y, width, height of this machine's box."""

    height: int
    machine: tuple[int, int, int, int]
    places: tuple[Place, ...]
    sentence: str


def picture_of(custodians: Sequence[Mapping[str, Any]]) -> Picture:
    """The picture of `custodians` as `status` gives them, jurisdictions by name, left and right in turn."""
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for custodian in custodians:
        groups[_text(custodian, "jurisdiction") or "no jurisdiction named"].append(custodian)
    columns = [_TOP, _TOP]
    placed: list[tuple[str, int, int, list[Mapping[str, Any]]]] = []
    for label in sorted(groups):
        side = 0 if columns[0] <= columns[1] else 1
        placed.append((label, side, columns[side], groups[label]))
        columns[side] += HEAD + len(groups[label]) * CARD + GAP + GAP
    height = max(*columns, 120)
    spare = [(height - column) // 2 for column in columns]  # a shorter side stands in the middle
    places = tuple(_place(label, side, y + spare[side], held) for label, side, y, held in placed)
    machine = ((WIDTH - MIDDLE) // 2, height // 2 - 28, MIDDLE, 56)
    return Picture(height, machine, places, sentence(custodians))


def _place(label: str, side: int, y: int, held: Sequence[Mapping[str, Any]]) -> Place:
    x = 0 if side == 0 else WIDTH - SIDE
    height = HEAD + len(held) * CARD + GAP
    copies = tuple(
        Copy(
            _short(_text(custodian, "name") or "unnamed"),
            _short(_text(custodian, "kind")),
            state_of(custodian),
            WORDS[state_of(custodian)],
            _text(custodian, "audited")[:10],
            y + HEAD + number * CARD,
        )
        for number, custodian in enumerate(held)
    )
    edge = SIDE if side == 0 else WIDTH - SIDE
    return Place(_short(label), x, y, height, copies, (edge, y + height // 2))


def state_of(custodian: Mapping[str, Any]) -> str:
    """The state as a word of WORDS: what another room may add and we do not know is `unknown`."""
    state = _text(custodian, "state")
    return state if state in WORDS else "unknown"


def sentence(custodians: Sequence[Mapping[str, Any]]) -> str:
    """The picture in words, for people who do not see it."""
    if not custodians:
        return "This machine holds the only copy."
    jurisdictions = {_text(custodian, "jurisdiction") for custodian in custodians} - {""}
    copies = "1 copy" if len(custodians) == 1 else f"{len(custodians)} copies"
    where = f"{len(jurisdictions)} jurisdiction" + ("" if len(jurisdictions) == 1 else "s")
    each = "; ".join(
        f"{_text(custodian, 'name')}: {WORDS[state_of(custodian)]}" for custodian in custodians
    )
    return f"This machine and {copies} in {where}. {each}."


def _text(custodian: Mapping[str, Any], field: str) -> str:
    value = custodian.get(field)
    return "" if value is None else str(value)


def _short(text: str) -> str:
    """A label that fits its box, nothing in it unseen; the table beside the picture has all of it."""
    shown, width = "", 0.0
    for character in printable(text):
        width += _breadth(character)
        if width > _LONGEST:
            return shown + "…"
        shown += character
    return shown


def _breadth(character: str) -> float:
    """About how wide a character is, in letters."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.8
    return 1.4 if character in "mwMW@" or character.isupper() else 1.0
