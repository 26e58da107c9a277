"""Tables as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula: text that could be one gets an apostrophe before it."""
    if isinstance(value, (int, float)) or value is None:
        return value
    text = str(value)
    return "'" + text if text.lstrip(" \n").startswith(_FORMULA) else text


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with the byte order mark spreadsheets expect; commas, quotes and line ends survive."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return "\ufeff" + buffer.getvalue()
