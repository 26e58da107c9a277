"""muniment names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from muniment.command.printing import print_csv, print_json, shown, table
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

_CHANGES = ("merge", "split", "rename", "delete", "undo")
_EXAMPLES = (
    "Examples: muniment names harbour · muniment names harbour --kind place --csv > places.csv · "
    "muniment names harbour 'Wu Tingrong' · muniment names harbour 'Wu Tingrong' --with Dorvane · "
    "muniment names harbour merge 'Wu Tingrong' 邬廷榕 · muniment names harbour rename 邬廷榕 'Wu Tingrong' · "
    "muniment names harbour split 邬廷榕 · muniment names harbour delete 'Final Report' · "
    "muniment names harbour undo 邬廷榕"
)


@click.command(epilog=_EXAMPLES)
@click.argument("case")
@click.argument("words", nargs=-1, metavar="[NAME | merge|split|rename|delete|undo NAME...]")
@click.option("--kind", help="Only persons, organisations or places: person, organisation, place.")
@click.option(
    "--with",
    "together",
    multiple=True,
    metavar="NAME",
    help="Only pages that name this one too; may be given several times.",
)
@click.option("--all", "everything", is_flag=True, help="What was rejected or deleted as well.")
@click.option("--why", default="", help="Why it is decided so.")
@click.option(
    "--by", metavar="NAME", default="", help="Who decides (else MUNIMENT_WHO, else local)."
)
@click.option("--csv", "as_table", is_flag=True, help="Print a table for spreadsheets (CSV).")
@passphrase_option
@json_option
def names(
    case: str, words: tuple[str, ...], passphrase_file: str | None, as_json: bool, **asked: Any
) -> None:
    """Who and what is named, and in which passages?

    Persons, organisations and places in the order of the alphabet. Counts are passages, never importance. Lists and
    rules propose; what may be one name in other letters is proposed as that, with the rule, and is one only when you
    merge it. With NAME, an item or any of its spellings, every passage that names it. A hyphen in the place of a name
    reads it from standard input.
    """
    from muniment.command.opening import open_case

    given = [_read(word) for word in words]
    with open_case(case, passphrase_file) as opened:
        report = _do(opened, given, asked)
    if as_json:
        print_json(report)
    elif asked["as_table"]:
        _print_csv(report)
    elif "mentions" in report:
        _print_name(report)
    else:
        _print_list(report)


def _read(word: str) -> str:
    return sys.stdin.read().strip() if word == "-" else word


def _do(case: Case, given: list[str], asked: dict[str, Any]) -> Report:
    if given and given[0] in _CHANGES:
        what, rest, value = given[0], given[1:], ""
        if what == "rename":
            if len(rest) != 2:
                raise BadUse(
                    "Renaming takes the old name and the new one.", next="names CASE rename OLD NEW"
                )
            rest, value = rest[:1], rest[1]
        return case.names_change(what, rest, value=value, why=asked["why"], by=asked["by"])
    if len(given) > 1:
        raise BadUse(
            "That is more than one name.",
            next="Put a name of several words in quotes; --with asks for a second one.",
        )
    if asked["together"] and not given:
        raise BadUse(
            "With whom?", next="Name the first one too: muniment names CASE NAME --with OTHER"
        )
    return case.names(
        given[0] if given else None,
        kind=asked["kind"],
        together=[_read(other) for other in asked["together"]],
        everything=asked["everything"],
    )


def _print_list(report: Report) -> None:
    if not report["names"]:
        print("No names yet." if not report["waiting"] else "Names are still being looked for.")
    rows = [
        [one["item"], one["kind"], str(one["passages"]), shown(one["name"]), _others(one)]
        for one in report["names"]
    ]
    if rows:
        table([["item", "kind", "passages", "name", ""], *rows])
    if report["waiting"]:
        print(
            f"In {report['waiting']} documents names are still to be looked for: run `muniment add` to go on."
        )


def _others(one: dict[str, Any]) -> str:
    """Its other spellings, and what may be the same."""
    parts = [shown(text) for text in one["variants"]]
    parts += [
        f"{shown(other['name'])}? ({other['rule']})"
        for other in one["proposed"]
        if other["judgement"] != "rejected"
    ]
    return ", ".join(parts)


def _print_name(report: Report) -> None:
    for one in report["names"]:
        print(f"{shown(one['name'])}  ({one['kind']}, {one['judgement']}, item {one['item']})")
        if one["variants"]:
            print("  also written " + ", ".join(shown(text) for text in one["variants"]))
        for other in one["proposed"]:
            print(
                f"  may be {shown(other['name'])}: {other['rule']} (judge {other['item']}: {other['judgement']})"
            )
    for decided in report["history"]:
        words = f" {shown(decided['value'])}" if decided["value"] else ""
        back = ", taken back" if decided["undone"] else ""
        print(f"  {decided['action']}{words} by {shown(decided['who'])}, {decided['time']}{back}")
    listed: list[dict[str, Any]] = report["together" if "together" in report else "mentions"]
    if "together" in report:
        print("Passages on pages that name all of them:")
    table(
        [
            [one["reference"], f"p. {one['page']}", shown(one["exact"]), shown(one["path"])]
            for one in listed
        ]
    )
    if report["more"]:
        print("There are more passages; these are the first 1,000.")


def _print_csv(report: Report) -> None:
    """The table, variants in one cell."""
    from muniment.verbs.names import HEAD

    rows = [
        ["; ".join(one[field]) if field == "variants" else one[field] for field in HEAD]
        for one in report["names"]
    ]
    print_csv(HEAD, rows)
