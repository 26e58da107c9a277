"""Statements: who said what, with which stance, at which passage. Found by patterns; a person decides.

Quotations and reported speech in English and Chinese. Each construction is a rule with a name and a version. Nothing
here knows what is so: a statement says that a text says that somebody said something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
"""Of the rules: grows whenever the same text may give other statements."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Who said what, at [start, end) of a text.

    `exact` is the passage as it stands, with its marks; `content` what was said, without. `speaker` is the name that
    the words `written` stand for, `inferred` where that was concluded. `via` is who reported it, "" where the text
    itself does. `partial`: a fragment and not a sentence of its own.
    """

    start: int
    end: int
    exact: str
    content: str
    speaker: str
    written: str
    inferred: bool
    cue: str
    stance: str
    partial: bool
    direct: bool
    via: str
    rule: str
    version: int = VERSION


def statements(text: str, spans: Sequence[Sequence[int]] | None = None) -> list[Statement]:
    """Statements of a text in order, or of the spans of an article in it. Linear in the text."""
    from muniment.claims.chinese_statements import chinese_statements
    from muniment.claims.english_statements import english_statements
    from muniment.claims.sentences import paragraphs

    found: list[Statement] = []
    parts = list(paragraphs(text, spans))
    found += english_statements(
        text, [part for part in parts if not _is_chinese(text, part.start, part.end)]
    )
    found += chinese_statements(
        text, [part for part in parts if _is_chinese(text, part.start, part.end)]
    )
    return sorted(found, key=lambda one: (one.start, -one.end))


def _is_chinese(text: str, start: int, end: int) -> bool:
    piece = text[start:end]
    han = sum("\u3400" <= char <= "\u9fff" for char in piece)
    return han * 4 > sum(char.isalpha() for char in piece)
