"""muniment open."""

from __future__ import annotations

import click

from muniment.command.program import passphrase_option


@click.command("open", epilog="Example: muniment open harbour --no-browser --port 8600")
@click.argument("case")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Listen here; 0 takes a free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@passphrase_option
def opened(case: str, port: int, no_browser: bool, passphrase_file: str | None) -> None:
    """Can I see it?

    Opens the workbench in the browser, on this machine only. The address carries a token: who has it can
    read the case while the workbench runs. Ctrl-C ends it.
    """
    from muniment.command.opening import open_case
    from muniment.workbench.serving import serve

    with open_case(case, passphrase_file) as held:
        serve(held, port=port, browser=not no_browser)
