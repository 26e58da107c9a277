"""Which languages a page is in, passage by passage, by Compact Language Detector 2 (it knows Uyghur).

A page says what it is in as one text: `zh`, or where it holds passages in several `zh|0:zh 120:en`, the main one
first, then for each passage the code point it begins at.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

_LETTER = re.compile(r"[^\W\d_]")
_NO_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_LOOK = 10_000
_MOST_LOOKS = 100
_MOST_PASSAGES = 200
# Letters by which a passage can be told to be in a language; a Han character says as much as several letters.
_ENOUGH = 24
_SCRIPTS = (
    ("han", 3, re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U000323af]")),
    (
        "arabic",
        1,
        re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"),
    ),
    ("cyrillic", 1, re.compile("[\u0400-\u052f]")),
    ("latin", 1, re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
)
_CODE = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}"
SPOKEN = re.compile(
    rf"{_CODE}(?:\|[0-9]{{1,10}}:{_CODE}(?: [0-9]{{1,10}}:{_CODE}){{1,{_MOST_PASSAGES}}})?"
)
"""What a page may say of its languages."""

Passage = tuple[int, str]


def detect(text: str) -> str | None:
    """The code of the main language (`en`, `zh`, `zh-Hant`, `ug`), or None where it is not sure."""
    return _look(text[:_LOOK])[0]


def spoken(text: str) -> str | None:
    """What a page says of its languages; None where none is sure."""
    looks = [
        _look(text[at : at + _LOOK]) for at in range(0, min(len(text), _LOOK * _MOST_LOOKS), _LOOK)
    ]
    found = {code for _, codes in looks for code in codes}
    first = looks[0][0] if looks else None
    if len(found) < 2:
        return first
    passages = _passages(text[: _LOOK * _MOST_LOOKS])
    weights: Counter[str] = Counter()
    for place, (start, code) in enumerate(passages):
        end = passages[place + 1][0] if place + 1 < len(passages) else len(text)
        weights[code] += _letters(text[start:end])[1]
    if not weights:
        return first
    main = first if first in weights else weights.most_common(1)[0][0]
    if len(passages) < 2:
        return main
    return f"{main}|" + " ".join(
        f"{start}:{code}" for start, code in passages[: _MOST_PASSAGES + 1]
    )


def main(said: str | None) -> str:
    """The main language of what a page says; "" where it says none."""
    return (said or "").partition("|")[0]


def codes(said: str | None) -> list[str]:
    """All languages of what a page says, the main one first, each once."""
    return list(dict.fromkeys(filter(None, [main(said), *(code for _, code in passages_of(said))])))


def passages_of(said: str | None) -> list[Passage]:
    """(start, language) of each passage, in order; nothing where the page is in one language."""
    pairs = (one.partition(":") for one in (said or "").partition("|")[2].split())
    return [(int(start), code) for start, _, code in pairs]


def at(said: str | None, place: int) -> str:
    """The language of what stands at a place of the page's text."""
    passages = passages_of(said)
    before = bisect_right([start for start, _ in passages], place)
    return passages[before - 1][1] if before else main(said)


def _look(text: str) -> tuple[str | None, list[str]]:
    """The main language where it is sure, and all that stand in a text."""
    if _LETTER.search(text) is None:
        return None, []
    import pycld2

    clean = _NO_TEXT.sub(" ", text)
    try:
        reliable, _, found = pycld2.detect(clean.encode(errors="replace"), isPlainText=True)
    except pycld2.error:
        return None, []
    known = [code for _, code, _, _ in found if code not in ("un", "xxx")]
    code: str = found[0][1]
    return code if reliable and code in known[:1] else None, known


def _passages(text: str) -> list[Passage]:
    """Lines in one script that follow each other, each with its language; neighbours of one language joined.

    Where more than one language is seen among them (Uyghur beside Arabic) each line is asked by itself.
    """
    found: list[Passage] = []
    for start, block in _blocks(text):
        code, seen = _sure(block)
        told = [(start, code)] if len(seen) < 2 else _line_by_line(start, block)
        for place, own in told:
            if own is not None and (not found or found[-1][1] != own):
                found.append((place if found else 0, own))
    return found


def _line_by_line(start: int, block: str) -> list[tuple[int, str | None]]:
    told, at = [], start
    for line in block.splitlines(keepends=True):
        told.append((at, _sure(line)[0]))
        at += len(line)
    return told


def _sure(text: str) -> tuple[str | None, list[str]]:
    """The language of lines in one script, where there is enough of it; and all that are seen in them."""
    return _look(text[:_LOOK]) if _letters(text)[1] >= _ENOUGH else (None, [])


def _blocks(text: str) -> list[tuple[int, str]]:
    """(start, lines) of runs of lines in one script; a line without letters belongs to the run before it."""
    blocks: list[tuple[int, str]] = []
    script, start, at = "", 0, 0
    for line in text.splitlines(keepends=True):
        own = _letters(line)[0]
        if own and script and own != script:
            blocks.append((start, text[start:at]))
            start = at
        script = own or script
        at += len(line)
        if not line.strip() and at > start:  # a paragraph ends
            blocks.append((start, text[start:at]))
            script, start = "", at
    return [*blocks, (start, text[start:])]


def _letters(text: str) -> tuple[str, int]:
    """The script most of a text is in, and its letters weighed by how much each says; ("", 0) without any."""
    counts = [(weight * len(letters.findall(text)), name) for name, weight, letters in _SCRIPTS]
    most, name = max(counts)
    return (name, most) if most else ("", 0)
