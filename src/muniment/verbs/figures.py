"""figures: numbers of documents or of lines of text with their bounds, and how two of them stand to each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from muniment.claims.comparing import relation_of_texts
from muniment.claims.figures import Figure
from muniment.claims.figures import figures as figures_of
from muniment.errors import BadUse
from muniment.verbs.anchored import anchored, quoted
from muniment.verbs.article_pages import article_pages

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

LONGEST_LINE = 1_000_000


def figures(case: Case, document: str | None = None) -> Report:
    """The shape of `figures`: of one document, or of all that are no tables."""
    found: list[dict[str, Any]] = []
    for page in article_pages(case, document):
        for start, end in page.spans or [[0, len(page.text)]]:
            for figure in figures_of(page.text[start:end]):
                passage = anchored(
                    page.text, start + figure.start, start + figure.end, page.number, page.boxes
                )
                found.append(
                    {
                        "document": page.row.document,
                        "reference": page.row.reference,
                        "path": page.row.path,
                        "page": page.number,
                        **as_json(figure),
                        "passage": passage,
                    }
                )
    return {"figures": found}


def figures_of_lines(lines: Iterable[str]) -> Report:
    """Figures of lines that are JSON: {"text"} gives its figures, {"a", "b"} how the two stand to each other.

    Raises BadUse where a line is neither.
    """
    return {"rows": list(_rows(lines))}


def _rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        asked = _asked(line, number)
        if "text" in asked:
            text = asked["text"]
            yield {
                "figures": [
                    {**as_json(one), "passage": quoted(text, one.start, one.end)}
                    for one in figures_of(text)
                ]
            }
        else:
            found = relation_of_texts(asked["a"], asked["b"])
            row: dict[str, Any] = {"relation": found.relation, "why": found.why}
            if found.weaker:
                row["weaker"] = found.weaker
            if found.slip:
                row["slip"] = True
            yield row


def _asked(line: str, number: int) -> dict[str, str]:
    try:
        asked = json.loads(line) if len(line) <= LONGEST_LINE else None
    except (json.JSONDecodeError, RecursionError):
        asked = None
    wanted = ("text",) if isinstance(asked, dict) and "text" in asked else ("a", "b")
    if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in wanted):
        raise BadUse(
            f'Line {number} is neither {{"text": …}} nor {{"a": …, "b": …}} in JSON.',
            next="Give one JSON object a line; texts are strings of up to a million characters.",
        )
    return asked


def as_json(figure: Figure) -> dict[str, Any]:
    """A figure as it is printed; bounds as whole numbers where they are, else as decimal fractions."""
    return {
        "text": figure.text,
        "low": number(figure.low),
        "high": number(figure.high),
        "closed": figure.closed,
        "modifier": figure.modifier,
        "counted": figure.counted,
        "scope": figure.scope,
        "as_of": figure.as_of,
        "fate": figure.fate,
    }


def number(value: Fraction | None) -> int | float | None:
    """A bound for JSON."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)
