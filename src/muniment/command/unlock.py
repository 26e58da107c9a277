"""muniment unlock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse


@click.command(epilog="Examples: muniment unlock harbour · muniment unlock harbour --for 30m")
@click.argument("case")
@click.option(
    "--for",
    "duration",
    default="8h",
    show_default=True,
    metavar="TIME",
    help="Lock again when unused for so long: 45s, 30m or 8h.",
)
@passphrase_option
@json_option
def unlock(case: str, duration: str, passphrase_file: str | None, as_json: bool) -> None:
    """May I work on this case for a while without typing the passphrase?

    A process of this account keeps the keys in memory and answers later commands at once. It locks when
    unused for TIME, when the machine is suspended, and with `muniment lock`.
    """
    from muniment.case.folder import open_folder
    from muniment.case.keys import open_keys
    from muniment.command.keeping import keep
    from muniment.command.opening import passphrase
    from muniment.command.sockets import connect, send

    seconds = _seconds(duration)
    folder = open_folder(case)
    keys = open_keys(folder, passphrase(passphrase_file))
    running = connect(folder.identifier)
    if running is None:
        keep(folder, keys, seconds)
    else:
        with running:
            send(running, {"for": seconds}, [])
            running.recv(1)
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if as_json:
        print_json({"case": folder.root.name, "until": until})
        return
    print(
        f"{shown(folder.root.name)} is open until {duration} pass without use. "
        f"Lock it with: muniment lock {shown(case)}"
    )


def _seconds(duration: str) -> float:
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smh])", duration)
    if match is None:
        raise BadUse(f"{duration!r} is not a time.", next="Write 45s, 30m or 8h.")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]
