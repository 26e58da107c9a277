"""muniment retry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse
from muniment.reading.limits import LIMITS, OTHERS

if TYPE_CHECKING:
    from muniment.verbs.case import Report

_LARGEST = 1 << 24
_MOST_LINES = 40


@click.command(
    epilog="Examples: muniment retry harbour · muniment retry harbour --passwords list.txt · "
    "pass show harbour | muniment retry harbour A1/0003 --passwords - · "
    "muniment retry harbour A1/0003 --reader tika · "
    "muniment retry harbour --limit pages=200000 --limit seconds=1800"
)
@click.argument("case")
@click.argument("document", required=False)
@click.option(
    "--passwords",
    metavar="FILE",
    help="Try these passwords, one a line in UTF-8; - reads standard input. They are kept nowhere.",
)
@click.option(
    "--reader",
    type=click.Choice(OTHERS),
    help="Read by this one instead of our own; its text is kept only where it is more.",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Raise a limit for this run: "
    + ", ".join(f"{one.name} ({one.bounds}: {one.usual} to {one.most})" for one in LIMITS.values())
    + ". Can be given several times.",
)
@passphrase_option
@json_option
def retry(
    case: str,
    document: str | None,
    passwords: str | None,
    reader: str | None,
    limits: tuple[str, ...],
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Can what was not read be read now?

    Tries again what is encrypted, failed, unsupported, over a limit or partly extracted, or the one DOCUMENT
    and what is inside it. What is found in what opens is sealed and made searchable like everything else. A
    reading that gives less than the one before is not kept. A limit holds what is hostile; raise one only for
    what you have looked at. Interrupted, the same command goes on.
    """
    from muniment.command.opening import open_case
    from muniment.command.watching import watching
    from muniment.verbs.retry import passwords_of

    with open_case(case, passphrase_file) as opened:
        given = passwords_of(_list(passwords)) if passwords is not None else []
        with watching(quiet=as_json) as watch:
            report = opened.retry(
                document,
                passwords=given,
                reader=reader or "",
                limits=_raised(limits),
                watch=watch,
            )
    if as_json:
        print_json(report)
    else:
        _print(report, case, given=bool(given))


def _raised(given: tuple[str, ...]) -> dict[str, int]:
    raised = {}
    for one in given:
        name, _, number = one.partition("=")
        if not number.isascii() or not number.isdigit() or len(number) > 15:
            raise BadUse(
                f"{shown(one)} is not a limit and a number.",
                next=f"Write NAME=NUMBER; the names: {', '.join(LIMITS)}.",
            )
        raised[name] = int(number)
    return raised


def _list(place: str) -> bytes:
    try:
        if place == "-":
            return sys.stdin.buffer.read(_LARGEST)
        with Path(place).open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise BadUse(
            f"The list of passwords cannot be read: {error.strerror}.",
            next="Check the path; the list holds one password a line.",
        ) from None


def _print(report: Report, case: str, *, given: bool) -> None:
    if not report["tried"]:
        print("Nothing is left to try again.")
        return
    print(
        f"{report['tried']} tried again, {report['changed']} changed, {report['found']} found inside"
    )
    changed = [line for line in report["documents"] if line["changed"]]
    for line in changed[:_MOST_LINES]:
        print(f"  {line['reference']}  {line['before']} -> {line['state']}  {shown(line['path'])}")
    if len(changed) > _MOST_LINES:
        print(f"  and {len(changed) - _MOST_LINES} more: muniment documents {shown(case)}")
    for state, count in sorted(report["states"].items()):
        print(f"  {shown(state):18}{count:>8}")
    if "encrypted" in report["states"] and not given:
        print(f"Passwords to try can be given: muniment retry {shown(case)} --passwords FILE")
