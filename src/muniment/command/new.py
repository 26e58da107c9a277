"""muniment new."""

from __future__ import annotations

import sys

import click

from muniment.command.printing import print_json, shown
from muniment.command.program import json_option, passphrase_option
from muniment.command.sheet import recovery_sheet


@click.command(epilog="Examples: muniment new harbour · muniment new harbour --from /media/stick")
@click.argument("case")
@click.option(
    "--from", "custodian", metavar="CUSTODIAN", help="Restore the case from this copy of it."
)
@passphrase_option
@json_option
def new(case: str, custodian: str | None, passphrase_file: str | None, as_json: bool) -> int:
    """Where will this investigation be kept?

    Makes the folder CASE.muniment with fresh keys, an empty vault and an empty log. A passphrase is proposed;
    Enter accepts it. The recovery identity is shown once and kept nowhere: print it and keep it apart from
    this machine. It opens the case when the passphrase is lost.

    With --from the case is made again from a custodian's copy and its passphrase or recovery identity. Every byte
    is compared with what was sealed; what the copy has lost is named. Where the catalogue's snapshot is lost or
    older, it is made good from journal and vault, and the next `add` reads again what has to be read.
    """
    from muniment.case.folder import check_new
    from muniment.case.passphrase import weakness
    from muniment.command.choosing import choose_passphrase
    from muniment.command.opening import given_passphrase
    from muniment.verbs.case import Case
    from muniment.verbs.status import warnings_about

    if custodian is not None:
        return _restore(case, custodian, passphrase_file, as_json=as_json)
    root = check_new(case)
    chosen = choose_passphrase(given_passphrase(passphrase_file))
    weak = weakness(chosen)
    told = warnings_about(root)
    if weak and not as_json:
        print(f"muniment: warning: {weak}", file=sys.stderr)
    made, recovery = Case.new(case, chosen)
    with made:
        if as_json:
            print_json(
                {
                    "case": made.root.name,
                    "path": str(made.root),
                    "recovery_identity": recovery,
                    "warning": weak,
                    "warnings": told,
                }
            )
            return 0
    print(f"Made {shown(made.root.name)}.")
    print()
    print(recovery_sheet(made.folder.identifier, recovery))
    print()
    for sentence in told:
        print(f"Warning: {sentence}")
    print(f"Next: muniment add {shown(case)} FOLDER")
    return 0


def _restore(case: str, custodian: str, passphrase_file: str | None, *, as_json: bool) -> int:
    from muniment.command.opening import passphrase
    from muniment.command.repair import print_report
    from muniment.command.watching import watching
    from muniment.verbs.case import Case

    given = passphrase(passphrase_file)
    with watching(quiet=as_json) as watch:
        made, report = Case.restore(case, custodian, given, watch=watch)
    with made:
        audited = made.audit()
        waiting = made.status()["awaiting"]["reading"]
    whole = bool(audited["ok"]) and not report["not_repaired"] and not report["lost"]
    if as_json:
        print_json(
            {
                "case": made.root.name,
                "path": str(made.root),
                "not_restored": report["not_repaired"],
                "lost": report["lost"],
                "waiting": waiting,
                "audit": audited,
            }
        )
        return 0 if whole else 1
    print(
        f"Restored {shown(made.root.name)}: {audited['objects']} objects, {audited['bytes']} bytes."
    )
    print_report({**report, "repaired": [], "aside": []})
    print(
        "Audited: ok." if audited["ok"] else f"Audited: NOT ok. See: muniment audit {shown(case)}"
    )
    if waiting:
        print(f"{waiting} documents wait to be read. Next: muniment add {shown(case)}")
    return 0 if whole else 1
