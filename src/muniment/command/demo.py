"""muniment demo."""

from __future__ import annotations

import click

from muniment.command.printing import shown
from muniment.command.program import passphrase_option
from muniment.errors import BadUse


@click.command(epilog="Example: muniment demo --no-browser --port 8600")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Listen here; 0 takes a free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--again", is_flag=True, help="Throw the sample case away and build it anew.")
@passphrase_option
def demo(port: int, no_browser: bool, again: bool, passphrase_file: str | None) -> None:
    """What does it look like with documents in it?

    Opens the workbench on a fictional leak of a fictional port authority and fills it while you watch. The
    sample case lies in MUNIMENT_HOME; its passphrase is public, so put nothing of your own into it.
    """
    del passphrase_file
    from muniment.command.sample_case import fill, sample_case, tour
    from muniment.workbench.serving import serve

    case = sample_case(again=again)
    if case is None:
        raise BadUse(
            "The sample case is built by samples/, which comes with the source and is not here.",
            next="Run `make demo` in a checkout of muniment.",
        )
    with case:
        print(f"Sample case: {shown(str(case.root))}", flush=True)
        serve(
            case,
            port=port,
            browser=not no_browser,
            banner="sample, public passphrase",
            on_start=fill,
            tour=tour(),
        )
