"""Hits that overlap, shown as one: a passage with ten matches is read once, not ten times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_LONGEST = 900
"""Code points after which a joined passage is not made longer."""


def joined(hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hits of `find`, those that follow each other on a page and overlap joined into one.

    A joined hit has the same fields; `marks` and `boxes` are those of all, `spans` says which matches it
    stands for, and `span` is the first of them.
    """
    shown: list[dict[str, Any]] = []
    for hit in hits:
        if shown and _overlap(shown[-1], hit):
            shown[-1] = _join(shown[-1], hit)
        else:
            shown.append({**hit, "spans": [hit["span"]] if hit["span"] else []})
    return shown


def _overlap(first: dict[str, Any], second: dict[str, Any]) -> bool:
    same = (first["document"], first["page"]) == (second["document"], second["page"])
    return bool(
        same
        and not first["derived"]
        and not second["derived"]
        and first["start"] <= second["start"] <= first["end"]
        and max(first["end"], second["end"]) - first["start"] <= _LONGEST
    )


def _join(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    start = first["start"]
    text = first["text"]
    if second["end"] > first["end"]:
        text += second["text"][first["end"] - second["start"] :]
    marks = sorted({tuple(mark) for mark in first["marks"] + second["marks"]})
    boxes = list(first["boxes"])
    boxes += [box for box in second["boxes"] if box not in boxes]
    return {
        **first,
        "end": max(first["end"], second["end"]),
        "text": text,
        "marks": [list(mark) for mark in marks],
        "highlights": [[s - start, e - start] for s, e in marks],
        "boxes": boxes,
        "why": first["why"] or second["why"],
        "spans": first["spans"] + ([second["span"]] if second["span"] else []),
    }
