"""muniment status."""

from __future__ import annotations

from typing import Any

import click

from muniment.command.anchor_lines import anchors_in_a_line
from muniment.command.printing import ON_DISK, print_json, shown
from muniment.command.program import json_option, passphrase_option

_MOST = 50


@click.command(epilog="Example: muniment status harbour")
@click.argument("case")
@passphrase_option
@json_option
def status(case: str, passphrase_file: str | None, as_json: bool) -> None:
    """What came in, what could not be read and why, and what is left to do?"""
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        report = opened.status()
    if as_json:
        print_json(report)
        return
    _print(report)


def _print(report: dict[str, Any]) -> None:
    _print_accounting(report)
    for sentence in report["warnings"]:
        print(f"Warning: {sentence}")


def _print_accounting(report: dict[str, Any]) -> None:
    accounting = report["accounting"]
    if not accounting["found"]:
        print("Nothing has been received yet. Next: muniment add CASE FOLDER")
        return
    print(
        f"{accounting['expected']} expected, {accounting['found']} found, {accounting['pages']} pages"
    )
    for state, count in sorted(accounting["states"].items(), key=lambda item: -item[1]):
        print(f"  {state:18}{count:>8}")
    if accounting["seen"]:
        print(f"  {accounting['seen']} of them seen by a person")
    if accounting["doubtful"]["documents"]:
        print(f"  {_doubt(accounting['doubtful'])}")
    if accounting["held"]:
        print(f"  {accounting['held']} of them held: in no search result until they are released")
    if accounting["problems"]:
        _print_problems(accounting["problems"])
    print(f"\nLog: {report['log']['size']} entries, root {report['log']['root'][:16]}…")
    _print_seals(report["seals"])
    print(f"Anchors: {anchors_in_a_line(report['anchors'])}")
    for story in report["cosigning"]["contradictions"]:
        print(f"Warning: a log cosigned here contradicts itself ({story['kind']}, {story['day']}).")
    _print_custodians(report)
    if report["working"] == "disk":
        print(ON_DISK)
    print(f"Documents are read behind {shown(report['sandbox']['says'])}")
    waiting = {what: count for what, count in report["awaiting"].items() if count}
    if waiting:
        print("Waiting: " + ", ".join(f"{count} {what}" for what, count in waiting.items()))


def _doubt(doubtful: dict[str, int]) -> str:
    pages = f"{doubtful['pages']} page{'s' * (doubtful['pages'] != 1)}"
    return (
        f"{doubtful['documents']} of them searched with doubt: OCR is less than {doubtful['below']} % sure "
        f"of {pages} (documents CASE --state doubtful)"
    )


def _print_seals(seals: dict[str, Any]) -> None:
    waiting = f"; {seals['waiting']} wait" if seals["waiting"] else ""
    print(f"Seals: {seals['pages']} pages in {seals['documents']} documents{waiting}")
    for reason, count in seals["reasons"].items():
        print(f"  {count} pages: {shown(reason)}")
    for row in seals["problems"]:
        print(f"  {row['reference']}  not sealed: {shown(row['reason'])}")


def _print_custodians(report: dict[str, Any]) -> None:
    if not report["custodians"]:
        print("Custodians: none yet. Keep a second copy: muniment copy CASE FOLDER")
        return
    copies = report["copies"]
    print(
        f"Custodians: {copies['custodians']} with a copy, under {copies['jurisdictions']} known "
        f"jurisdiction{'s' * (copies['jurisdictions'] != 1)}"
    )
    for one in report["custodians"]:
        where = f" ({shown(one['jurisdiction'])})" if one["jurisdiction"] else ""
        print(f"  {shown(one['name'])}{where}: {one['state']}, audited {one['audited'] or 'never'}")


def _print_problems(problems: list[dict[str, Any]]) -> None:
    """Each with its reason on a line of its own: paths and reasons are long."""
    print("\nNot read, or not wholly:")
    for row in problems[:_MOST]:
        print(f"  {row['reference']}  {row['state']}  {shown(row['path'])}")
        if row["reason"]:
            print(f"      {shown(row['reason'])}")
    if len(problems) > _MOST:
        print(f"  and {len(problems) - _MOST} more. All of them: muniment status CASE --json")
