"""muniment copy."""

from __future__ import annotations

import sys

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option

SAME_DISK = (
    "this copy lies on the same disk as the case: it helps against a mistake, not against a broken or seized "
    "disk. Keep another one elsewhere."
)


@click.command(
    epilog="Examples: muniment copy harbour /media/stick --jurisdiction IS --name Reykjavik · "
    "muniment copy harbour Reykjavik"
)
@click.argument("case")
@click.argument("custodian")
@click.option(
    "--jurisdiction",
    metavar="XX",
    help="Whose law rules there: a country's two letters, or a label.",
)
@click.option("--name", help="What to call this custodian; else the folder's name.")
@click.option("--anew", is_flag=True, help="Begin again where a known copy is gone.")
@passphrase_option
@json_option
def copy(
    case: str,
    custodian: str,
    jurisdiction: str | None,
    name: str | None,
    anew: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> int:
    """Is there a second copy, out of reach of whoever takes this machine?

    CUSTODIAN is a folder or a mounted disk, or the name of a custodian copied to before. Copies what lacks there:
    originals, log, anchors, keys, journal and the catalogue, all encrypted. Every byte is read back before it counts.
    Interrupted at any point, what is there is a whole earlier copy, and the same command goes on. Who holds the
    copy can audit it without keys, and can read nothing in it without the passphrase; so a weak passphrase is
    refused. Exit status 1 when something could not be copied.
    """
    from muniment.command.opening import open_case
    from muniment.command.watching import watching

    with open_case(case, passphrase_file) as opened, watching(quiet=as_json) as watch:
        report = opened.copy(
            custodian, jurisdiction=jurisdiction, name=name, anew=anew, watch=watch
        )
    if report["same_disk"] and not as_json:
        print(f"muniment: warning: {SAME_DISK}", file=sys.stderr)
    if as_json:
        print_json(report)
        return 1 if report["problems"] else 0
    print(
        f"{shown(report['custodian'])}: {report['objects']} objects, {report['bytes']} bytes copied to "
        f"{shown(report['location'])}"
    )
    for problem in report["problems"]:
        print(f"NOT copied  {shown(problem['path'])}\n            {shown(problem['reason'])}")
    if not report["jurisdiction"]:
        print(
            f"Under whose law does it lie? muniment copy {shown(case)} {shown(custodian)} --jurisdiction XX"
        )
    print(
        f"Check it now and then: muniment audit {shown(case)} --custodian {shown(report['custodian'])}"
    )
    return 1 if report["problems"] else 0
