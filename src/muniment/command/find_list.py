"""muniment find --list: a list of names or queries, one row for each line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from muniment.case.folder import printable
from muniment.command.printing import print_csv, print_json, shown, table
from muniment.command.searched import print_not_searched
from muniment.errors import BadUse


def find_list(case: str, passphrase_file: str | None, as_json: bool, asked: dict[str, Any]) -> None:
    """Ask each line of the list and print the grid."""
    from muniment.command.opening import open_case
    from muniment.command.watching import watching
    from muniment.verbs.find_list import HEAD, rows_of

    content = _content(asked["names"])
    with open_case(case, passphrase_file) as opened, watching(quiet=as_json) as watch:
        report = opened.find_list(
            content,
            column=asked["column"],
            phrases=asked["phrases"],
            near=not asked["no_near"],
            preview=asked["preview"],
            watch=watch,
        )
    if as_json:
        print_json(report)
    elif asked["preview"]:
        _print_reading(report["list"])
        table(
            [
                [str(row["line"]), shown(row["query"]), shown(row["problem"])]
                for row in report["rows"]
            ]
        )
    elif asked["as_table"]:
        print_csv(HEAD, rows_of(report["rows"]))
    else:
        _print(report)


def _content(name: str) -> bytes:
    """The bytes of the list. Raises BadUse where it cannot be read."""
    from muniment.finding.name_list import LARGEST

    if name == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise BadUse(
            f"The list {printable(name)} cannot be read: {error.strerror}.",
            next="Give the path of a text file, one name or query on each line.",
        ) from None


def _print_reading(how: dict[str, Any]) -> None:
    delimiter = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[how["delimiter"]]
    heading = f" ({shown(how['header'][how['column'] - 1])})" if how["header"] else ""
    print(
        f"{how['lines']} lines, {how['encoding']}, parted by {delimiter}; "
        f"column {how['column']} of {how['columns']}{heading} is asked"
    )


def _print(report: dict[str, Any]) -> None:
    _print_reading(report["list"])
    rows = [["line", "documents", "passages", "query", ""]]
    for row in report["rows"]:
        at_least = "" if row["passages_exact"] else "≥ "
        near = ", ".join(f"{near['spelling']} ({near['documents']})" for near in row["near"])
        said = "; ".join(filter(None, [row["problem"], f"near: {near}" if near else ""]))
        rows.append(
            [
                str(row["line"]),
                str(row["documents"]),
                f"{at_least}{row['passages']}",
                shown(row["query"]),
                shown(said),
            ]
        )
    table(rows)
    found = sum(row["documents"] > 0 for row in report["rows"])
    print(f"\n{found} of {len(report['rows'])} lines have hits")
    print_not_searched(report["not_searched"])
