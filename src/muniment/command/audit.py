"""muniment audit."""

from __future__ import annotations

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option


@click.command(epilog="Example: muniment audit harbour")
@click.argument("case")
@json_option
def audit(case: str, as_json: bool) -> int:
    """Is every byte still what was sealed?

    Reads all of vault and log and names each file that is damaged, missing or was not put there by
    muniment. Needs no passphrase. Exit status 1 when anything is found.
    """
    from muniment.case.folder import open_folder
    from muniment.verbs.case import audit_folder

    report = audit_folder(open_folder(case))
    if as_json:
        print_json(report)
        return 0 if report["ok"] else 1
    for what in ("damaged", "missing", "unexpected"):
        for path in report[what]:
            print(f"{what:12}{shown(path)}")
    verdict = "ok" if report["ok"] else "NOT ok"
    print(
        f"{verdict}: {report['objects']} objects, {report['bytes']} bytes, log "
        f"{'ok' if report['log_ok'] else 'NOT ok'}"
    )
    if not report["ok"]:
        print("Next: restore what is named from another copy of the case, then audit again.")
    return 0 if report["ok"] else 1
