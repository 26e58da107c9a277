"""Tables as CSV, to be downloaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.responses import Response

from muniment.verbs.tables import as_csv, cell

__all__ = ["cell", "csv_answer"]


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file in UTF-8."""
    return Response(
        as_csv(head, rows).encode("utf-8", "replace"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
