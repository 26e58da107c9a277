"""Choosing a new passphrase: a strong one is proposed, and Enter accepts it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from muniment.errors import NoKey


def choose_passphrase(given: str | None) -> str:
    """The passphrase `given`, or one that a person accepts or types twice. Raises NoKey where nobody can be asked."""
    from muniment.case.passphrase import propose

    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise NoKey(
            "A passphrase has to be chosen.",
            next="Run this in a terminal, or give it by file or by environment (see --help).",
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
