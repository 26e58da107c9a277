"""muniment find."""

from __future__ import annotations

import sys
from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.verbs.adjoining import joined


@click.command(
    epilog="Examples: muniment find harbour '\"storage permit\" AND NOT draft' · muniment find harbour - < query.txt"
)
@click.argument("case")
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Pass over this many hits.")
@passphrase_option
@json_option
def find(
    case: str, query: str, limit: int, offset: int, passphrase_file: str | None, as_json: bool
) -> None:
    """Where does it say that?

    QUERY is words, "phrases", AND, OR, NOT, parentheses, prefix*, word~1, "near words"~5 and field:value; a
    hyphen reads it from standard input, which keeps it out of the shell's history. Traditional and
    simplified characters and common romanisations are found together; =word asks for the exact form.
    """
    from muniment.command.opening import open_case

    if query == "-":
        query = sys.stdin.read().strip()
    with open_case(case, passphrase_file) as opened:
        report = opened.find(query, limit=limit, offset=offset)
    if as_json:
        print_json(report)
        return
    _print(report)


def _print(report: dict[str, Any]) -> None:
    passages, documents = report["passages"], report["documents"]
    at_least = "" if report["passages_exact"] else "at least "
    print(
        f"{at_least}{passages} passage{'' if passages == 1 else 's'} in "
        f"{documents} document{'' if documents == 1 else 's'}"
    )
    for hit in joined(report["hits"]):
        print(f"\n{hit['reference']} p. {hit['page']}  {shown(hit['path'])}")
        print("  " + _marked(hit["text"], hit["highlights"]))
        if hit["derived"]:
            print("  " + shown(hit["why"]))
    _print_not_searched(report["not_searched"])
    if report["next"] is not None:
        print(f"More: --offset {report['next']}")


def _print_not_searched(counts: dict[str, int]) -> None:
    in_part = ("partly-extracted", "doubtful")
    missing = {state: n for state, n in counts.items() if n and state not in in_part}
    lines = []
    if missing:
        counted = ", ".join(f"{count} {state}" for state, count in sorted(missing.items()))
        lines.append(f"Not searched: {counted}")
    if counts.get("partly-extracted"):
        lines.append(f"Searched in part: {counts['partly-extracted']} partly-extracted")
    if counts.get("doubtful"):
        lines.append(f"Searched with doubt: {counts['doubtful']}, where OCR was not sure")
    if lines:
        print("\n" + "\n".join(lines))


def _marked(text: str, highlights: list[list[int]]) -> str:
    """The passage with what was found between brackets, or bold on a terminal."""
    before, after = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("[", "]")
    pieces, last = [], 0
    for start, end in highlights:
        pieces += [shown(text[last:start]), before, shown(text[start:end]), after]
        last = end
    return "".join(pieces) + shown(text[last:])
