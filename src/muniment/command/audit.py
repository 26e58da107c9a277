"""muniment audit."""

from __future__ import annotations

from typing import Any

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.errors import Damaged

_NEXT = {
    "ahead": "bring this case up to date: muniment repair CASE --from CUSTODIAN",
    "another story": "find out which is true before anything is copied or repaired.",
    "put back": "ask the custodian why, then: muniment copy CASE CUSTODIAN",
    "behind": "muniment copy CASE CUSTODIAN",
}


@click.command(
    epilog="Examples: muniment audit harbour · muniment audit harbour --custodian Reykjavik --sample 460 · "
    "muniment audit /media/stick"
)
@click.argument("case")
@click.option(
    "--custodian", metavar="C", help="Audit this custodian's copy: a name, or its folder."
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Read N chunks of 64 KiB drawn by chance instead of every byte; then nothing is called ok.",
)
@passphrase_option
@json_option
def audit(
    case: str, custodian: str | None, sample: int | None, passphrase_file: str | None, as_json: bool
) -> int:
    """Is every byte still what was sealed?

    Reads all of vault, log, anchors and keys/ and names each file that is damaged, missing or was not put
    there by muniment. CASE may also be a custodian's copy. Asks for no passphrase. Where the case is open, or a
    passphrase is given, every page of the catalogue is checked too, and all are compared with catalogue and
    journal, so that an object forged or taken away whole, or an older part put back, is noticed.

    With --custodian that copy is audited and, with the case at hand, its story is compared with ours: behind,
    ahead (an earlier state of the case was put back here), another story, or an earlier copy that was put back
    there. A sample says how likely a loss would have been seen: 460 chunks find a loss of 1 % with a chance of 99 %.
    Exit status 1 when anything is found.
    """
    report = _report(case, custodian, sample, passphrase_file)
    status = 1 if report["ok"] is False else 0
    if as_json:
        print_json(report)
        return status
    for what in ("damaged", "missing", "unexpected"):
        for path in report[what]:
            print(f"{what:12}{shown(path)}")
    _print(report)
    return status


def _report(
    case: str, custodian: str | None, sample: int | None, passphrase_file: str | None
) -> dict[str, Any]:
    from muniment.command.opening import open_case, open_case_if_given
    from muniment.evidence.custodians.place import is_copy
    from muniment.verbs.audit import folder_to_audit
    from muniment.verbs.case import audit_copy_at, audit_folder

    if custodian is not None:
        opened = open_case_if_given(case, passphrase_file)
        if opened is None and is_copy(custodian):
            return audit_copy_at(custodian, sample=sample)
        with opened or open_case(case, passphrase_file) as held:
            return held.audit(custodian=custodian, sample=sample)
    if _names_a_copy(case):
        return audit_copy_at(case, sample=sample)
    folder, whole = folder_to_audit(case)
    if not whole:
        return audit_folder(folder, sample=sample)
    try:
        opened = open_case_if_given(case, passphrase_file)
    except Damaged:  # what the keys are kept in; all of it is named without them
        report = audit_folder(folder, sample=sample)
        if report["ok"] is not False:
            raise
        return report
    if opened is None:
        return audit_folder(folder, sample=sample)
    with opened:
        return opened.audit(sample=sample)


def _names_a_copy(case: str) -> bool:
    from muniment.case.folder import locate
    from muniment.errors import MunimentError
    from muniment.evidence.custodians.place import find_copy

    if (locate(case) / "case.toml").exists() and not (locate(case) / "COPY.json").exists():
        return False
    try:
        find_copy(case)
    except MunimentError:
        return False
    return True


def _print(report: dict[str, Any]) -> None:
    sampled = report["sampled"]
    verdict = {True: "ok", False: "NOT ok", None: "sampled"}[report["ok"]]
    print(
        f"{verdict}: {report['objects']} objects, {report['bytes']} bytes, log "
        f"{'ok' if report['log_ok'] else 'NOT ok'}"
    )
    if sampled is not None:
        print(
            f"Read {sampled['chunks']} of {sampled['of']} chunks. Had 1 % of them been lost, this would have been "
            f"seen with a chance of {100 * sampled['chance']:.1f} %."
        )
    if "says" in report:
        print(f"{shown(report['state'])}: {shown(report['says'])}")
    elif not report["with_keys"]:
        print(
            "Checked without the case's keys: an object forged or taken away whole is not noticed."
        )
    if report.get("state") in _NEXT:
        print(f"Next: {_NEXT[report['state']]}")
    elif report["ok"] is False and "state" in report:
        print("Next: muniment repair CASE --custodian CUSTODIAN")
    elif report["ok"] is False:
        print("Next: muniment repair CASE --from CUSTODIAN, then audit again.")
