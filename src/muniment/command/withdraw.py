"""muniment withdraw."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option

if TYPE_CHECKING:
    from muniment.verbs.case import Case


@click.command(
    epilog="Examples: muniment withdraw harbour A1/0003 --why source · "
    "muniment withdraw harbour A1/0003 --why unlawful --yes"
)
@click.argument("case")
@click.argument("document")
@click.option(
    "--why",
    required=True,
    type=click.Choice(["source", "privacy", "privilege", "unlawful"]),
    help="The source's wish, privacy, privilege, or unlawful images.",
)
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@passphrase_option
@json_option
def withdraw(
    case: str, document: str, why: str, yes: bool, passphrase_file: str | None, as_json: bool
) -> None:
    """Must this be gone from the case, for good?

    Takes an original and every part found in it out of vault, catalogue, index and working/, with the keys to
    it. What stays is its reference, its commitment, the state and the reason, so that all other seals still
    verify. It cannot be undone. Interrupted, the same command goes on. Deleting is not erasing: what a disk,
    a backup or an unreachable custodian keeps is out of reach.
    """
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        if not (yes or as_json) and sys.stdin.isatty():
            _ask(opened, document)
        report = opened.withdraw(document, why)
    if as_json:
        print_json(report)
        return
    print(f"Withdrawn: {report['reference']}. Its commitment and the reason stay.")
    for name in report["custodians_pending"]:
        print(f"Not confirmed yet by: {shown(name)}")
    if report["copies"]:
        print("The very same bytes are still here as: " + " ".join(report["copies"]))
    print("Deleting is not erasing: its source, backups and disks may keep it.")


def _ask(case: Case, document: str) -> None:
    """On a terminal, before what cannot be undone. Raises click.Abort."""
    row = case.show(document)
    if row["state"] == "withdrawn":
        return
    parts = f" with {len(row['parts'])} parts" if row["parts"] else ""
    print(f"{row['reference']}  {shown(row['path'])}{parts}")
    click.confirm("This takes it out of the case for good. Go on?", abort=True)
