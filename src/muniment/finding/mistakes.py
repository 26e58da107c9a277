"""What is wrong with a query, and at which character."""

from __future__ import annotations

from unicodedata import category, east_asian_width

from muniment.errors import BadUse


class QueryError(BadUse):
    """A query that cannot be read; `position` is the code point of the query it points at.

    The message never repeats the words asked for, because messages may be kept in a log and queries may
    not; `drawing()` shows them to the person who typed them.
    """

    code = "bad-query"

    def __init__(self, message: str, query: str, position: int, *, next: str) -> None:
        super().__init__(message, next=next)
        self.query = query
        self.position = max(0, min(position, len(query) - 1))

    def as_json(self) -> dict[str, dict[str, str]]:
        """The usual shape, with the position as a decimal number."""
        body = super().as_json()
        body["error"]["position"] = str(self.position)
        return body

    def drawing(self) -> str:
        """Two lines: the query around the place (control characters as spaces) and a caret under it."""
        start = max(0, self.position - 60)
        shown = "".join(
            " " if category(char)[0] in "CZ" else char
            for char in self.query[start : self.position + 40]
        )
        before = shown[: self.position - start]
        width = sum(
            0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1
            for char in before
        )
        return f"{shown}\n{' ' * width}^"
