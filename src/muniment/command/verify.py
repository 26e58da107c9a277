"""muniment verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option


@click.command(
    epilog="Examples: muniment verify receipt --key harbour.vkey · "
    "muniment verify receipt --policy trusted.txt --roots authority.pem --file memo.pdf"
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--key", default="", metavar="K", help="The log's key from its owner, or a file of it."
)
@click.option(
    "--policy", metavar="FILE", type=click.Path(path_type=Path), help="Which logs you believe."
)
@click.option(
    "--roots",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Certificates of the timestamp authorities you believe, from their own pages.",
)
@click.option(
    "--file",
    "original",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The file itself: is it the one that was sealed?",
)
@json_option
def verify(
    directory: Path,
    key: str,
    policy: Path | None,
    roots: Path | None,
    original: Path | None,
    as_json: bool,
) -> int:
    """Is it unchanged, and since when?

    Checks a receipt, in the folder DIR, from its files alone: no case and no network are needed. Who signs the log
    must be known from elsewhere: a key that came along with a receipt proves nothing, and without --key or --policy
    the best answer is "consistent, signer unknown". It never says who wrote a document, nor that it is true. Exit
    status 1 where something does not match or the signer is unknown.
    """
    from muniment.verbs.verify import verify as check

    report = check(directory, key=key, policy=policy, roots=roots, original=original)
    if as_json:
        print_json(report)
    else:
        _print(report)
    return 0 if report["matches_seal"] and report["signer"] == "known" else 1


def _print(report: dict[str, Any]) -> None:
    for failure in report["failures"]:
        print(f"FAILED  {shown(failure['file'])}: {shown(failure['reason'])}")
    if not report["matches_seal"]:
        print("It is NOT what was sealed. Do not rely on any of it.")
        return
    if report["signer"] == "known":
        print("Unchanged: what is shown is what was sealed. The log's signer is one you believe.")
    else:
        print(
            "Consistent, signer unknown: anybody could have made this. The key that came along is"
        )
        print(f"  {shown(report['log_key'])}")
        print("Compare it with what the log's owner gives you by another way, then use --key.")
    for one in report["timestamps"]:
        by = "an authority you believe" if one["known"] else "by a root that came along"
        print(f"It was there before {shown(one['time'])}: {shown(one['authority'])}, {by}.")
    if not report["timestamps"] and report["act"] is None:
        print("Since when: not proved, there is no timestamp.")
    _print_what(report)


def _print_what(report: dict[str, Any]) -> None:
    """What the receipt shows, and what that is worth."""
    if report["file"]:
        print(f"The file: {report['file']['size']} bytes, SHA-256 {report['file']['sha256']}.")
        if report["checked"]["originals"]:
            print("The file given is the one that was sealed.")
    for name, value in report["properties"].items():
        print(f"  {shown(name)}: {shown(value)}")
    if report["page"]:
        page = report["page"]
        print(
            f"Page {page['page']}, {page['width']} by {page['height']} pixels: {shown(page['layers'])}."
        )
        print("That it was drawn and read rightly from a file is not proved.")
    if report["act"]:
        _print_act(report["act"])


def _print_act(act: dict[str, Any]) -> None:
    from muniment.case.acts import in_words

    if "token_sha256" in act:
        print(f"An act: a timestamp's token was kept, SHA-256 {shown(act['token_sha256'])}.")
        return
    details = act["details"] if isinstance(act.get("details"), dict) else {}
    print(f"An act, {shown(str(act.get('day')))}: {shown(in_words(str(act.get('act')), details))}.")
    for name, value in details.items():
        print(f"  {shown(str(name))}: {shown(str(value))}")
