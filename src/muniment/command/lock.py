"""muniment lock."""

from __future__ import annotations

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option


@click.command(epilog="Example: muniment lock harbour")
@click.argument("case")
@json_option
def lock(case: str, as_json: bool) -> None:
    """Can nobody at this machine read the case now?

    Forgets the keys, stops what runs on the case and deletes everything derived and in clear. It is built
    again from vault and catalogue when the case is next opened.
    """
    from muniment.case.folder import open_folder
    from muniment.command.sockets import tell_to_lock
    from muniment.verbs.case import lock_folder

    folder = open_folder(case)
    tell_to_lock(folder.identifier)
    report = lock_folder(folder)
    if as_json:
        print_json(report)
        return
    print(f"{shown(folder.root.name)} is locked.")
