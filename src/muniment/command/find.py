"""muniment find."""

from __future__ import annotations

import sys
from typing import Any

import click

from muniment.command.printing import print_csv, print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.command.searched import print_not_searched
from muniment.errors import BadUse
from muniment.verbs.adjoining import joined

_SORTS = ("relevance", "date", "newest", "path")


@click.command(
    epilog="Examples: muniment find harbour '\"storage permit\" AND NOT draft' · "
    "muniment find harbour - < query.txt · muniment find harbour --list names.csv --csv > hits.csv · "
    "muniment find harbour permit --sort date --copies grouped"
)
@click.argument("case")
@click.argument("query", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--all", "every", is_flag=True, help="Every hit, up to 20,000, instead of --limit.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Pass over this many hits.")
@click.option(
    "--sort",
    type=click.Choice(_SORTS),
    default="relevance",
    show_default=True,
    help="Best first, by date (oldest or newest first), or by path.",
)
@click.option(
    "--copies",
    type=click.Choice(("each", "grouped")),
    default="each",
    show_default=True,
    help="Hits of each copy of a document, or of one of them only.",
)
@click.option("--csv", "as_table", is_flag=True, help="Print a table for spreadsheets (CSV).")
@click.option(
    "--list",
    "names",
    metavar="FILE",
    help="Ask each line of a list (CSV; - for standard input); lines without a hit are kept.",
)
@click.option("--column", default="", help="Column of the list: its heading or its number.")
@click.option("--phrases", is_flag=True, help="Lines of the list are names as they stand.")
@click.option("--preview", is_flag=True, help="Only show how the list was read.")
@click.option("--no-near", is_flag=True, help="Offer no near spellings for lines without a hit.")
@click.option("--save", metavar="NAME", help="Keep this query under a name.")
@click.option("--saved", is_flag=True, help="List the saved searches.")
@click.option("--use", metavar="NAME", help="Ask a saved search again.")
@click.option("--forget", metavar="NAME", help="Keep a saved search no longer.")
@passphrase_option
@json_option
def find(
    case: str, query: str | None, passphrase_file: str | None, as_json: bool, **asked: Any
) -> None:
    """Where does it say that?

    QUERY is words, "phrases", AND, OR, NOT, parentheses, prefix*, word~1, "near words"~5 and field:value; a
    hyphen reads it from standard input, which keeps it out of the shell's history. A name is found in every
    spelling: traditional and simplified, pinyin, Uyghur in Arabic, Latin and Cyrillic letters; =word asks
    for the exact form. With --list each line of a file is asked.
    """
    from muniment.command.opening import open_case

    _one_thing(query, asked)
    if asked["names"] is not None:
        from muniment.command.find_list import find_list

        find_list(case, passphrase_file, as_json, asked)
        return
    if query == "-":
        query = sys.stdin.read().strip()
    with open_case(case, passphrase_file) as opened:
        report = _answer(opened, query, asked)
    if as_json:
        print_json(report)
    elif "searches" in report:
        _print_saved(report["searches"])
    elif asked["as_table"]:
        from muniment.verbs.find import HEAD, rows_of

        print_csv(HEAD, rows_of(report))
    else:
        _print(report)


def _one_thing(query: str | None, asked: dict[str, Any]) -> None:
    """Exactly one of a query, a list, and what is done with saved searches."""
    given = [
        query is not None,
        asked["names"] is not None,
        asked["saved"],
        asked["use"] is not None,
        asked["forget"] is not None,
    ]
    if sum(given) != 1:
        raise BadUse(
            "Give one query, or one of --list, --use, --saved and --forget.",
            next="See: muniment find --help",
        )
    if asked["save"] is not None and query is None:
        raise BadUse("--save keeps the query it stands beside.", next="Give the query too.")


def _answer(opened: Any, query: str | None, asked: dict[str, Any]) -> dict[str, Any]:
    report: dict[str, Any]
    if asked["saved"]:
        report = opened.searches()
        return report
    if asked["forget"] is not None:
        report = opened.forget_search(asked["forget"])
        return report
    sort, copies = asked["sort"], asked["copies"]
    if asked["use"] is not None:
        kept = opened.saved_search(asked["use"])
        query, sort, copies = kept["query"], kept["sort"], kept["copies"]
    if asked["save"] is not None:
        opened.save_search(asked["save"], query, sort=sort, copies=copies)
    limit = None if asked["every"] or asked["as_table"] else asked["limit"]
    report = opened.find(query, limit=limit, offset=asked["offset"], sort=sort, copies=copies)
    return report


def _print_saved(searches: list[dict[str, Any]]) -> None:
    if not searches:
        print("No search is saved. Next: muniment find CASE QUERY --save NAME")
    for search in searches:
        print(f"{shown(search['name'])}\n  {shown(search['query'])}")


def _print(report: dict[str, Any]) -> None:
    passages, documents = report["passages"], report["documents"]
    at_least = "" if report["passages_exact"] else "at least "
    print(
        f"{at_least}{passages} passage{'' if passages == 1 else 's'} in "
        f"{documents} document{'' if documents == 1 else 's'}"
    )
    for hit in joined(report["hits"]):
        copies = f"  ({hit['copies']} copies)" if hit["copies"] > 1 else ""
        print(f"\n{hit['reference']} p. {hit['page']}  {shown(hit['path'])}{copies}")
        print("  " + _marked(hit["text"], hit["highlights"]))
        if hit["why"]:
            print("  " + (shown(hit["why"]) if hit["derived"] else f"({shown(hit['why'])})"))
    print_not_searched(report["not_searched"])
    if report["next"] is not None:
        print(f"More: --offset {report['next']}")


def _marked(text: str, highlights: list[list[int]]) -> str:
    """The passage with what was found between brackets, or bold on a terminal."""
    before, after = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("[", "]")
    pieces, last = [], 0
    for start, end in highlights:
        pieces += [shown(text[last:start]), before, shown(text[start:end]), after]
        last = end
    return "".join(pieces) + shown(text[last:])
