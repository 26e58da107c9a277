"""muniment add."""

from __future__ import annotations

import click

from muniment.case.acts import CHANNELS
from muniment.command.printing import ON_DISK, print_json, shown
from muniment.command.program import json_option, passphrase_option


@click.command(
    epilog="Examples: muniment add harbour ~/leak · muniment add harbour articles/ --articles"
)
@click.argument("case")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--articles", is_flag=True, help="These are published reports about documents.")
@click.option(
    "--channel",
    type=click.Choice(CHANNELS),
    help="How it came to you; a word of this list, never a name.",
)
@click.option("--again", is_flag=True, help="Receive once more what is here already, unchanged.")
@click.option(
    "--pictures",
    type=click.FloatRange(min=0),
    metavar="GB",
    help="Keep sealed pictures of pages up to this much in all, from now on (8 unless set).",
)
@passphrase_option
@json_option
def add(
    case: str,
    paths: tuple[str, ...],
    articles: bool,
    again: bool,
    channel: str | None,
    pictures: float | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """What did the source hand over?

    Receives every file under each PATH as one accession: sealed first, before anything is parsed, then read
    in the sandbox and made searchable; last, what was read is sealed page by page. Interrupted at any point,
    the same command goes on and does nothing twice. What cannot be read is accounted for, with the reason.
    """
    from muniment.case.working import on_disk
    from muniment.command.opening import open_case
    from muniment.command.watching import watching

    with open_case(case, passphrase_file) as opened, watching(quiet=as_json) as watch:
        report = opened.add(
            paths,
            articles=articles,
            again=again,
            channel=channel or "",
            pictures=pictures,
            watch=watch,
        )
        warned = on_disk(opened.folder)
    if as_json:
        print_json(report)
        return
    print(
        f"{report['accession']}: {report['originals']} received, {report['documents']} documents, "
        f"{report['pages']} pages"
    )
    for state, count in sorted(report["states"].items()):
        print(f"  {shown(state):18}{count:>8}")
    if set(report["states"]) - {"extracted"}:
        print(f"What was not read, and why: muniment status {shown(case)}")
    if warned:
        print(ON_DISK)
