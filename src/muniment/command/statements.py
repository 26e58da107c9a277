"""muniment statements."""

from __future__ import annotations

from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment statements harbour · muniment statements harbour A2/0003 --json"
)
@click.argument("case")
@click.argument("document", required=False)
@passphrase_option
@json_option
def statements(case: str, document: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Who said what, and with which stance?

    DOCUMENT is an identifier or a reference; without it all documents are read but tables and what is held. Found by
    rules, in English and Chinese: quotations with their speakers, reported speech, who was silent, who did not deny.
    Of web pages and captures only the article is read. It says that a text says so, never that it is so.
    """
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        report = opened.statements(document)
    if as_json:
        print_json(report)
        return
    _print(report)


def _print(report: dict[str, Any]) -> None:
    if not report["statements"]:
        print("No statements were found.")
    for one in report["statements"]:
        via = f" (via {shown(one['via'])})" if one["via"] else ""
        written = f" [{shown(one['written'])}]" if one["inferred"] else ""
        print(
            f"{one['reference']} p. {one['page']}  {shown(one['speaker'])}{written} {one['stance']}{via}"
        )
        print("  " + shown(" ".join(one["passage"]["exact"].split())))
