"""muniment hold."""

from __future__ import annotations

import click

from muniment.command.printing import print_json
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment hold harbour A1/0003 · muniment hold harbour A1/0003 --release"
)
@click.argument("case")
@click.argument("document")
@click.option("--release", is_flag=True, help="Show it again.")
@passphrase_option
@json_option
def hold(
    case: str, document: str, release: bool, passphrase_file: str | None, as_json: bool
) -> None:
    """Must nobody come across this for now?

    Hides DOCUMENT and every part found in it from search results, thumbnails and page images until it is
    released. It stays sealed and accounted for, and every search says how many documents are held.
    """
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        report = opened.hold(document, release=release)
    if as_json:
        print_json(report)
    elif release:
        print("Released: it is found and shown again.")
    else:
        print("Held: it and its parts are in no search result and no picture until you release it.")
