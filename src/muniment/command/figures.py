"""muniment figures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse


@click.command(
    epilog="Examples: muniment figures harbour · muniment figures harbour A2/0003 · "
    'echo \'{"a": "over 400 pages", "b": "403 pages"}\' | muniment figures --lines -'
)
@click.argument("case", required=False)
@click.argument("document", required=False)
@click.option(
    "--lines",
    metavar="FILE",
    help='Read JSON lines instead of a case: {"text": …} or {"a": …, "b": …}; a hyphen reads standard input.',
)
@passphrase_option
@json_option
def figures(
    case: str | None,
    document: str | None,
    lines: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Which numbers are given, with which bounds, and do two of them agree?

    DOCUMENT is an identifier or a reference; without it every document is read but tables. "At least",
    "nearly", 至少 and the like give bounds, a bare round number stands for all that round to it. Of web pages and
    captures only the article is read. Two texts are compared: same,
     rounds to, weaker than, conflicts, not comparable.
    """
    from muniment.verbs.figures import figures_of_lines

    if lines is not None:
        if case is not None:
            raise BadUse("Give a case or --lines, not both.", next="See: muniment figures --help")
        report = figures_of_lines(_read(lines))
    else:
        if case is None:
            raise BadUse("Which case?", next="See: muniment figures --help")
        from muniment.command.opening import open_case

        with open_case(case, passphrase_file) as opened:
            report = opened.figures(document)
    if as_json:
        print_json(report)
        return
    _print(report)


def _read(lines: str) -> list[str]:
    if lines == "-":
        return sys.stdin.read().split("\n")
    try:
        return Path(lines).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise BadUse(
            f"{lines} cannot be read as UTF-8 text.", next="Give a file of JSON lines."
        ) from None


def _print(report: dict[str, Any]) -> None:
    if "rows" in report:
        for row in report["rows"]:
            if "relation" in row:
                print(f"{row['relation']}: {shown(row['why'])}")
            else:
                print(
                    " · ".join(f"{shown(one['text'])} {bounds(one)}" for one in row["figures"])
                    or "no figure"
                )
        return
    if not report["figures"]:
        print("No figures were found.")
    for one in report["figures"]:
        tail = " · ".join(shown(one[name]) for name in ("counted", "scope", "as_of") if one[name])
        print(
            f"{one['reference']} p. {one['page']}  {shown(one['text'])}  {bounds(one)}  {tail}".rstrip()
        )


def bounds(one: dict[str, Any]) -> str:
    """An interval as it is written: [350, 450], (7000, ∞)."""
    left, right = ("[", "]") if one["closed"] else ("(" if one["high"] is None else "[", ")")
    low = "−∞" if one["low"] is None else f"{one['low']:,}"
    high = "∞" if one["high"] is None else f"{one['high']:,}"
    return f"{left}{low}, {high}{')' if one['high'] is None else right}"
