"""muniment new."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import NoKey


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
    from muniment.verbs.case import Case

    check_new(case)
    chosen = _passphrase(passphrase_file)
    weak = weakness(chosen)
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
                }
            )
            return
    print(f"Made {shown(made.root.name)}.")
    print()
    print("Recovery identity: print it, keep it apart from this machine; it is not shown again.")
    print(f"  {recovery}")
    print()
    print(f"Next: muniment add {shown(case)} FOLDER")


def _passphrase(passphrase_file: str | None) -> str:
    from muniment.case.passphrase import propose
    from muniment.command.opening import given_passphrase

    given = given_passphrase(passphrase_file)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise NoKey(
            "A new case needs a passphrase.",
            next="Run this in a terminal, set MUNIMENT_PASSPHRASE, or use --passphrase-file.",
        )
    proposed = propose()
    print("A passphrase for this case (Enter accepts it; write it down now):", file=sys.stderr)
    print(f"  {proposed}", file=sys.stderr)
    answer: str = click.prompt(
        "Passphrase", default=proposed, show_default=False, hide_input=True, err=True
    )
    if answer != proposed:
        click.prompt("Again", hide_input=True, err=True, value_proc=_same_as(answer))
    return answer


def _same_as(first: str) -> Callable[[str], str]:
    def check(second: str) -> str:
        if second != first:
            raise click.UsageError("The two are not the same.")
        return second

    return check
