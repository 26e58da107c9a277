"""Printing: JSON for programs, lines for people. Nothing from a document reaches a terminal unescaped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from muniment.errors import MunimentError

ON_DISK = (
    "Warning: what was read lies in clear in the case's working/ on the disk, because memory has no room for it.\n"
    "         Keep the case on an encrypted disk, and lock it when you leave: muniment lock CASE"
)
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_UNSAFE_JSON = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def shown(text: str, *, lines: bool = False) -> str:
    """Text as a terminal may have it: controls, direction marks and stray surrogates escaped.

    Line ends and tabs are kept with `lines`, else made spaces.
    """
    safe = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return safe if lines else safe.replace("\n", " ").replace("\t", " ")


def print_json(report: dict[str, Any]) -> None:
    """One JSON document on standard output."""
    text = json.dumps(report, ensure_ascii=False, indent=1)
    print(_UNSAFE_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_error(error: MunimentError, *, as_json: bool) -> None:
    """An error on standard error, with the next step."""
    if as_json:
        print(json.dumps(error.as_json()), file=sys.stderr)
        return
    print(f"muniment: {shown(error.message)}", file=sys.stderr)
    drawing = getattr(error, "drawing", None)
    if drawing is not None:  # a query, with a caret under the character that is meant
        for line in drawing().split("\n"):
            print(f"          {shown(line)}", file=sys.stderr)
    print(f"          {shown(error.next)}", file=sys.stderr)


def print_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table as CSV; on a terminal, escaped like everything else."""
    from muniment.verbs.tables import as_csv

    text = as_csv(head, rows)
    if sys.stdout.isatty():
        print("\n".join(shown(line) for line in text.removeprefix("\ufeff").splitlines()))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def table(rows: list[list[str]], *, out: Any = None) -> None:
    """Columns, each as wide as its widest cell."""
    if not rows:
        return
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip(), file=out)


def _width(text: str) -> int:
    import unicodedata

    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WF")
    marks = sum(1 for character in text if unicodedata.combining(character))
    return len(text) + wide - marks
