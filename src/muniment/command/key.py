"""muniment key."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from muniment.command.printing import print_json, shown, table
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_NEEDED = {"add": "RECIPIENT", "revoke": "LABEL"}


@click.command(
    epilog="Examples: muniment key harbour list · muniment key harbour add age1… · "
    "muniment key harbour revoke lantern · muniment key harbour rotate · "
    "muniment key harbour rotate --only passphrase"
)
@click.argument("case")
@click.argument("action", type=click.Choice(["list", "add", "revoke", "rotate"]))
@click.argument("who", required=False, metavar="[RECIPIENT|LABEL]")
@click.option("--label", default="", metavar="WORD", help="With add: a plain word of the list.")
@click.option(
    "--only",
    type=click.Choice(["passphrase", "recovery"]),
    help="With rotate: replace only that, and keep the keys.",
)
@click.option(
    "--new-passphrase-file",
    metavar="FILE",
    help="Read the new passphrase from FILE (else MUNIMENT_NEW_PASSPHRASE, else it is asked for).",
)
@passphrase_option
@json_option
def key(
    case: str,
    action: str,
    who: str | None,
    label: str,
    only: str | None,
    new_passphrase_file: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Who can open this case?

    `add` lets the holder of an age identity in: RECIPIENT is its public half (age1…), or - to read it from
    standard input. A label, a plain word, stands for it, never a name. `revoke` takes a label's way in away.
    `rotate` makes new keys, asks for a new passphrase and shows a new recovery identity: what is received from then
    on cannot be read with the old ones. Each says what can still be read with copies made before. The passphrase is
    asked for also while the case is unlocked; rotate and a new passphrase lock it.
    """
    from muniment.command.opening import passphrase
    from muniment.verbs.case import Case

    _check(action, who, label=label, only=only)
    with Case.open(case, passphrase(passphrase_file)) as opened:
        if action == "add":
            report = opened.key_add(_read(who), label=label)
        elif action == "revoke":
            report = opened.key_revoke(str(who))
        elif action == "rotate":
            report = _rotate(opened, only or "", new_passphrase_file)
        else:
            report = opened.key_list()
        if as_json:
            print_json(report)
        else:
            _print(report, opened.folder.identifier)


def _check(action: str, who: str | None, *, label: str, only: str | None) -> None:
    if (who is not None) != (action in _NEEDED):
        needed = _NEEDED.get(action)
        wanted = f"needs a {needed}" if needed else "takes nothing more"
        raise BadUse(f"`key {action}` {wanted}.", next="See: muniment key --help")
    if (label and action != "add") or (only and action != "rotate"):
        raise BadUse("That option belongs to another action.", next="See: muniment key --help")
    if who is not None and who.strip().upper().startswith("AGE-SECRET-KEY-"):
        raise BadUse(
            "This is a secret identity, not a recipient. Other programs and your shell's history have seen it now.",
            next="Make another with age-keygen, and give the line that begins with age1.",
        )


def _read(recipient: str | None) -> str:
    return sys.stdin.readline() if recipient == "-" else str(recipient)


def _rotate(opened: Case, only: str, new_passphrase_file: str | None) -> dict[str, Any]:
    from muniment.command.choosing import choose_passphrase
    from muniment.command.opening import new_passphrase
    from muniment.command.sockets import tell_to_lock

    if only == "recovery":
        return opened.key_rotate(only=only)
    chosen = choose_passphrase(new_passphrase(new_passphrase_file))
    tell_to_lock(opened.folder.identifier)
    return opened.key_rotate(chosen, only=only)


def _print(report: dict[str, Any], identifier: str) -> None:
    from muniment.command.sheet import recovery_sheet

    if report.get("warning"):
        print(f"muniment: warning: {report['warning']}", file=sys.stderr)
    rows = [
        [entry["name"], entry["recipient"] or entry["strength"] or ""]
        for entry in report["recipients"]
    ]
    table([[shown(cell) for cell in row] for row in rows])
    if "recovery_identity" in report:
        print()
        print(recovery_sheet(identifier, report["recovery_identity"]))
    if report["still_readable"]:
        print()
        print("What can still be read:")
        for sentence in report["still_readable"]:
            print(f"- {sentence}")
