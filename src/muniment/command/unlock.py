"""muniment unlock."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import click

from muniment.case.attendance import seconds_of
from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option, unused_option


@click.command(epilog="Examples: muniment unlock harbour · muniment unlock harbour --for 30m")
@click.argument("case")
@unused_option
@passphrase_option
@json_option
def unlock(case: str, duration: str, passphrase_file: str | None, as_json: bool) -> None:
    """May I work on this case for a while without typing the passphrase?

    A process of this account keeps the keys in memory and answers later commands at once. It locks when
    unused for TIME, when the machine is suspended, when you log out, and with `muniment lock`.
    """
    from muniment.case.folder import open_folder
    from muniment.case.keys import open_keys
    from muniment.command.keeping import keep
    from muniment.command.opening import passphrase
    from muniment.command.sockets import connect, send

    unused = seconds_of(duration)
    folder = open_folder(case)
    keys = open_keys(folder, passphrase(passphrase_file))
    running = connect(folder.identifier)
    answered = b""
    if running is not None:
        with running, suppress(OSError):
            send(running, {"for": unused}, [])
            answered = running.recv(1)
    if not answered:  # nobody keeps it, or one that had to lock first
        keep(folder, keys, unused)
    until = (datetime.now(UTC) + timedelta(seconds=unused)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if as_json:
        print_json({"case": folder.root.name, "until": until})
        return
    print(
        f"{shown(folder.root.name)} is open until {duration} pass without use. "
        f"Lock it with: muniment lock {shown(case)}"
    )
