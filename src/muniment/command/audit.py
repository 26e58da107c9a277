"""muniment audit."""

from __future__ import annotations

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import Damaged


@click.command(epilog="Example: muniment audit harbour")
@click.argument("case")
@passphrase_option
@json_option
def audit(case: str, passphrase_file: str | None, as_json: bool) -> int:
    """Is every byte still what was sealed?

    Reads all of vault, log, anchors and keys/ and names each file that is damaged, missing or was not put
    there by muniment. Asks for no passphrase. Where the case is open, or a passphrase is given, every page of
    the catalogue is checked too, and all are compared with catalogue and journal, so that an object forged or
    taken away whole, or an older part put back, is noticed. Exit status 1 when anything is found.
    """
    from muniment.command.opening import open_case_if_given
    from muniment.verbs.audit import folder_to_audit
    from muniment.verbs.case import audit_folder

    folder, whole = folder_to_audit(case)
    report = None if whole else audit_folder(folder)
    try:
        opened = open_case_if_given(case, passphrase_file) if whole else None
    except Damaged:  # what the keys are kept in; all of it is named without them
        opened, report = None, audit_folder(folder)
        if report["ok"]:
            raise
    if opened is not None:
        with opened:
            report = opened.audit()
    elif report is None:
        report = audit_folder(folder)
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
    if not report["with_keys"]:
        print(
            "Checked without the case's keys: an object forged or taken away whole is not noticed."
        )
    if not report["ok"]:
        print("Next: restore what is named from another copy of the case, then audit again.")
    return 0 if report["ok"] else 1
