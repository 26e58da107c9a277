"""muniment judge."""

from __future__ import annotations

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment judge harbour q3k7a2b5cd accepted · "
    "muniment judge harbour q3k7a2b5cd.x2m4n6p7qr rejected --why 'another person of that name'"
)
@click.argument("case")
@click.argument("item")
@click.argument("judgement", metavar="accepted|rejected|unsure")
@click.option("--why", default="", help="Why it is decided so.")
@click.option(
    "--by", metavar="NAME", default="", help="Who decides (else MUNIMENT_WHO, else local)."
)
@passphrase_option
@json_option
def judge(
    case: str,
    item: str,
    judgement: str,
    why: str,
    by: str,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Does what was proposed hold?

    ITEM is the identifier of something a machine proposed: a name, or two names with a full stop between, which may
    be one. Accepted, two names are one from then on. What you decide is kept with who and when, and can be undone
    (names undo).
    """
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        report = opened.judge(item, judgement, why=why, by=by)
    if as_json:
        print_json(report)
    else:
        print(f"{shown(report['item'])}: {report['judgement']}")
