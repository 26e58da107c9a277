"""Days in a query and in a document: 2019, 2019-11, 2019-11-16, ranges with .., and comparisons."""

from __future__ import annotations

import re
from calendar import monthrange
from typing import NoReturn

from muniment.finding.mistakes import QueryError

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def span(text: str) -> tuple[int, int] | None:
    """The first and the last day (yyyymmdd) of a year, a month or a day; None when the text is none of them.

    What follows the day (an hour, a zone) is left out of account.
    """
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if year == 0 or (month is not None and not 1 <= month <= 12):
        return None
    if month is None:
        return year * 10000 + 101, year * 10000 + 1231
    last = monthrange(year, month)[1]
    if day is None:
        return year * 10000 + month * 100 + 1, year * 10000 + month * 100 + last
    if not 1 <= day <= last:
        return None
    return (year * 10000 + month * 100 + day,) * 2


def days(value: str, query: str, place: int) -> tuple[int | None, int | None]:
    """The first and last day a `date:` value means, both included, None where the range is open.

    `place` is where the value stands in the query. Raises QueryError at the part that is not a date.
    """
    if ".." in value:
        before, after = value.split("..", 1)
        low = _one(before, query, place)[0] if before else None
        high = _one(after, query, place + len(before) + 2)[1] if after else None
        if low is None and high is None:
            _fail(query, place)
        if low is not None and high is not None and low > high:
            _fail(query, place, "The range of dates ends before it begins.")
        return low, high
    for sign in (">=", "<=", ">", "<"):
        if value.startswith(sign):
            first, last = _one(value[len(sign) :], query, place + len(sign))
            return {
                ">=": (first, None),
                "<=": (None, last),
                ">": (last + 1, None),
                "<": (None, first - 1),
            }[sign]
    return _one(value, query, place)


def _one(text: str, query: str, place: int) -> tuple[int, int]:
    found = span(text) if _DATE.fullmatch(text) else None
    if found is None:
        _fail(query, place)
    return found


def _fail(query: str, place: int, message: str = "This is not a date.") -> NoReturn:
    raise QueryError(
        message,
        query,
        place,
        next="Write date:2019, date:2019-11, date:2019-11-16, date:2019-11..2020-01 or date:>=2019-11.",
    )
