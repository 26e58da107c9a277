"""muniment show."""

from __future__ import annotations

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment show harbour A1/0003 · muniment show harbour k3v… --page 2"
)
@click.argument("case")
@click.argument("document")
@click.option("--page", type=click.IntRange(min=1), help="The text of this page.")
@click.option("--text", is_flag=True, help="The whole text; pages are separated by form feeds.")
@passphrase_option
@json_option
def show(
    case: str,
    document: str,
    page: int | None,
    text: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """What is this document, what is inside it, and where is its seal?

    DOCUMENT is its identifier or its reference (A2/0147).
    """
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        report = opened.show(document, page=page, text=text)
    if as_json:
        print_json(report)
        return
    if "text" in report:
        print(shown(report["text"].replace("\f", "\n\n"), lines=True))
        return
    for name in ("reference", "document", "path", "title", "type", "state", "reason", "pages"):
        if report[name]:
            print(f"{name:12}{shown(str(report[name]))}")
    if report["held"]:
        print(f"{'held':12}yes: in no search result and no picture until it is released")
    print(f"{'languages':12}{' '.join(report['languages']) or 'unknown'}")
    if report["parent"]:
        print(f"{'inside':12}{report['parent']}")
    if report["parts"]:
        print(f"{'parts':12}{' '.join(report['parts'])}")
    for name, value in report["properties"].items():
        print(f"  {shown(name)}: {shown(str(value))}")
    for receipt in report["receipts"]:
        print(
            f"sealed: layer {receipt['layer']}, log entry {receipt['index']}, leaf {receipt['leaf']}"
        )
