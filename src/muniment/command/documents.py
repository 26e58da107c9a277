"""muniment documents."""

from __future__ import annotations

import click

from muniment.command.printing import print_csv, print_json, shown, table
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment documents harbour · muniment documents harbour --state encrypted · "
    "muniment documents harbour --state problems --csv > problems.csv"
)
@click.argument("case")
@click.option(
    "--state",
    help="Only those in this state, such as failed or encrypted; or held, problems or doubtful.",
)
@click.option(
    "--marked",
    metavar="MARK",
    help="Only those marked by a person: seen, unseen, starred, noted, tagged, translated or tag:NAME.",
)
@click.option("--csv", "as_table", is_flag=True, help="Print a table for spreadsheets (CSV).")
@passphrase_option
@json_option
def documents(
    case: str,
    state: str | None,
    marked: str | None,
    as_table: bool,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Which parts are there, where were they, and was each one read?

    Lists every original and every part found inside one: attachments, members of archives, messages of a
    mailbox.
    """
    from muniment.command.opening import open_case

    with open_case(case, passphrase_file) as opened:
        report = opened.documents(state=state, marked=marked)
    if as_json:
        print_json(report)
        return
    if as_table:
        from muniment.verbs.documents import HEAD, rows_of

        print_csv(HEAD, rows_of(report["documents"]))
        return
    if not report["documents"]:
        print(
            "None."
            if state or marked
            else "Nothing has been received yet. Next: muniment add CASE FOLDER"
        )
        return
    table(
        [
            [row["document"], row["reference"], row["state"], str(row["pages"]), shown(row["path"])]
            for row in report["documents"]
        ]
    )
