"""muniment new."""

from __future__ import annotations

import sys

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.command.sheet import recovery_sheet


@click.command(epilog="Example: muniment new harbour")
@click.argument("case")
@passphrase_option
@json_option
def new(case: str, passphrase_file: str | None, as_json: bool) -> None:
    """Where will this investigation be kept?

    Makes the folder CASE.muniment with fresh keys, an empty vault and an empty log. A passphrase is proposed;
    Enter accepts it. The recovery identity is shown once and kept nowhere: print it and keep it apart from
    this machine. It opens the case when the passphrase is lost.
    """
    from muniment.case.folder import check_new
    from muniment.case.passphrase import weakness
    from muniment.command.choosing import choose_passphrase
    from muniment.command.opening import given_passphrase
    from muniment.verbs.case import Case
    from muniment.verbs.status import warnings_about

    root = check_new(case)
    chosen = choose_passphrase(given_passphrase(passphrase_file))
    weak = weakness(chosen)
    told = warnings_about(root)
    if weak and not as_json:
        print(f"muniment: warning: {weak}", file=sys.stderr)
    made, recovery = Case.new(case, chosen)
    with made:
        if as_json:
            print_json(
                {
                    "case": made.root.name,
                    "path": str(made.root),
                    "recovery_identity": recovery,
                    "warning": weak,
                    "warnings": told,
                }
            )
            return
    print(f"Made {shown(made.root.name)}.")
    print()
    print(recovery_sheet(made.folder.identifier, recovery))
    print()
    for sentence in told:
        print(f"Warning: {sentence}")
    print(f"Next: muniment add {shown(case)} FOLDER")
