"""muniment show."""

from __future__ import annotations

from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment show harbour A1/0003 · muniment show harbour k3v… --page 2 · "
    "muniment show harbour A1/0003 --page 2 --receipt page-2"
)
@click.argument("case")
@click.argument("document")
@click.option("--page", type=click.IntRange(min=1), help="The text, or the receipt, of this page.")
@click.option("--text", is_flag=True, help="The whole text; pages are separated by form feeds.")
@click.option("--receipt", metavar="DIR", help="Write its receipt, for a stranger to check.")
@click.option(
    "--with-path", is_flag=True, help="The receipt also tells where the file lay, by name."
)
@passphrase_option
@json_option
def show(
    case: str,
    document: str,
    page: int | None,
    text: bool,
    receipt: str | None,
    with_path: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """What is this document, what is inside it, and where is its seal?

    DOCUMENT is its identifier or its reference (A2/0147). A receipt proves to a stranger, offline, that the file was
    sealed; it tells the file's exact size and digests, and no name unless --with-path is given. With --page it proves
    that this page was sealed, and tells its number, its size and its layers, but nothing that stands on it.
    """
    from muniment.command.opening import open_case

    if with_path and (receipt is None or page is not None):
        raise click.UsageError(
            "--with-path belongs to --receipt DIR of a document, without --page."
        )
    with open_case(case, passphrase_file) as opened:
        written = None
        if receipt is not None:  # first, because it says best what there is not
            written = opened.receipt(document, receipt, page=page, properties=with_path)
        report = opened.show(document, page=page, text=text)
    if written is not None:
        report["receipt"] = written
    if as_json:
        print_json(report)
    elif "receipt" in report:
        _print_receipt(report["receipt"])
    elif "text" in report:
        print(shown(report["text"].replace("\f", "\n\n"), lines=True))
    else:
        _print_document(report)


def _print_document(report: dict[str, Any]) -> None:
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
    for place in report["receipts"]:
        print(f"sealed: layer {place['layer']}, log entry {place['index']}, leaf {place['leaf']}")


def _print_receipt(receipt: dict[str, Any]) -> None:
    print(
        f"wrote {shown(receipt['directory'])}, {len(receipt['files'])} files. Begin with README.txt."
    )
    if not receipt["anchors"]:
        print("It has no timestamp yet. Next: muniment stamp CASE, then take it again.")
    if receipt["page"] is not None:
        print(
            "It tells the number and the size of the page, and nothing that stands on it. What was sealed of it is "
            "derived from the file by programs; that they did so rightly is not proved."
        )
        return
    print(
        "It tells the exact size and the digests of the file: give it only to whom you would give those."
    )
