"""muniment repair."""

from __future__ import annotations

from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse

_MOST = 20


@click.command(
    epilog="Examples: muniment repair harbour --from /media/stick · muniment repair harbour --custodian Reykjavik"
)
@click.argument("case")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="CUSTODIAN",
    help="Take from this copy; may be given more than once.",
)
@click.option("--custodian", metavar="C", help="Mend this custodian's copy, from the case.")
@passphrase_option
@json_option
def repair(
    case: str,
    sources: tuple[str, ...],
    custodian: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> int:
    """Can what is damaged or missing be made whole again?

    Takes from custodians' copies (those named with --from, else all that are known and reachable) only bytes that
    match what was sealed, down to single chunks of 64 KiB. What does not belong in the case is moved into its
    quarantine/ with a note; nothing is deleted. Works without a passphrase, also where the case does not open any
    more; what only the keys can decide (a catalogue, an act, one key file against another) needs the passphrase. A
    catalogue that is lost everywhere is made anew from journal, vault and anchors/; what only it knew is named as
    forgotten. Exit status 1 when something could not be repaired.
    """
    if sources and custodian:
        raise BadUse("--from and --custodian go opposite ways.", next="Give one of them.")
    report = _report(case, sources, custodian, passphrase_file, as_json=as_json)
    status = 1 if report["not_repaired"] or report["lost"] else 0
    if as_json:
        print_json(report)
        return status
    print_report(report)
    print(f"{len(report['repaired'])} repaired, {len(report['not_repaired'])} not.")
    if not report["with_keys"]:
        print(
            "Done without the case's keys. With its passphrase more can be decided: run it again with one."
        )
    return status


def _report(
    case: str,
    sources: tuple[str, ...],
    custodian: str | None,
    passphrase_file: str | None,
    *,
    as_json: bool,
) -> dict[str, Any]:
    from muniment.case.folder import locate
    from muniment.command.opening import given_passphrase, kept_case, open_case
    from muniment.command.watching import watching
    from muniment.evidence.custodians.place import find_copy
    from muniment.verbs.case import repair_lost

    with watching(quiet=as_json) as watch:
        if custodian is not None:
            with open_case(case, passphrase_file) as opened:
                return opened.repair(custodian=custodian, watch=watch)
        kept = kept_case(case, passphrase_file)
        if kept is not None:
            with kept:
                return kept.repair(sources, watch=watch)
        for source in sources:
            find_copy(source)
        given = given_passphrase(passphrase_file)
        return repair_lost(locate(case), sources, passphrase=given, watch=watch)


def print_report(report: dict[str, Any]) -> None:
    """What was repaired, put aside, and not repaired; lost documents by reference; what nobody knows any more."""
    for path in report["repaired"][:_MOST]:
        print(f"repaired    {shown(path)}")
    if len(report["repaired"]) > _MOST:
        print(f"            and {len(report['repaired']) - _MOST} more")
    for one in report["aside"]:
        print(f"put aside   {shown(one['path'])} (now {shown(one['now'])})")
    for one in report["not_repaired"]:
        print(f"NOT         {shown(one['path'])}\n            {shown(one['reason'])}")
    for one in report["lost"] or ():
        print(f"LOST        {one['reference']}  {shown(one['path'])}")
    for one in report["forgotten"]:
        print(f"forgotten   {shown(one)}")
