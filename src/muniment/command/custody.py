"""muniment custody."""

from __future__ import annotations

from typing import Any

import click

from muniment.command.printing import print_json, shown, table
from muniment.command.program import json_option, passphrase_option
from muniment.errors import BadUse


@click.command(
    epilog="Examples: muniment custody harbour · muniment custody harbour 12 · "
    "muniment custody harbour 12 --receipt proof-of-12"
)
@click.argument("case")
@click.argument("act", type=click.IntRange(min=1), required=False)
@click.option(
    "--receipt", metavar="DIR", help="Write what proves this act, and no other, into DIR."
)
@click.option(
    "--accept-older",
    is_flag=True,
    help="Go on with an older copy of the whole case, where the newer one is lost for good.",
)
@passphrase_option
@json_option
def custody(
    case: str,
    act: int | None,
    receipt: str | None,
    accept_older: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Who did what with this case, and when?

    Lists every act of custody: what was received, sealed, read, audited, copied. With a number it shows that
    ACT and the entry of the log that holds it. A receipt proves one act offline and tells nothing of the
    others; before it is written, open acts are committed and the log is filled up.
    """
    from muniment.command.opening import open_case

    if accept_older and (act is not None or receipt is not None):
        raise BadUse("An older copy is accepted by itself.", next="Leave ACT and --receipt away.")
    with open_case(case, passphrase_file) as opened:
        report = opened.accept_older() if accept_older else opened.custody(act, receipt=receipt)
    if as_json:
        print_json(report)
    elif "acts" in report:
        _print_acts(report, case)
    else:
        _print_act(report)


def _print_acts(report: dict[str, Any], case: str) -> None:
    if not report["acts"]:
        print(f"Nothing was done with this case yet. Next: muniment add {shown(case)} FOLDER")
        return
    rows = [
        [
            str(act["act"]),
            act["day"],
            shown(act["who"]),
            "open" if act["entry"] is None else f"entry {act['entry']}",
            shown(act["words"]),
        ]
        for act in report["acts"]
    ]
    table([["act", "day", "who", "log", "what"], *rows])
    if report["uncommitted"]:
        print(f"{report['uncommitted']} not in the log yet: they go there with the next `add`.")
    if not report["watched"]:
        print("This account keeps no mark of this case: a case put back as a whole is not noticed.")


def _print_act(report: dict[str, Any]) -> None:
    print(f"act {report['act']}: {shown(report['words'])}")
    for name in ("day", "who", "kind", "event"):
        if report[name]:
            print(f"  {name:10}{shown(report[name])}")
    for name, value in report["details"].items():
        print(f"  {shown(name)}: {shown(str(value))}")
    if report["entry"] is None:
        print("It is in no entry of the log yet.")
    else:
        print(f"It is leaf {report['leaf']} of log entry {report['entry']}.")
    for path in report["receipt"]:
        print(f"wrote {shown(path)}")
