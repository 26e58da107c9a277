"""muniment open."""

from __future__ import annotations

import click

from muniment.command.program import passphrase_option, unused_option


@click.command("open", epilog="Example: muniment open harbour --no-browser --port 8600")
@click.argument("case")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Listen here; 0 takes a free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@unused_option
@passphrase_option
def opened(
    case: str, port: int, no_browser: bool, duration: str, passphrase_file: str | None
) -> None:
    """Can I see it?

    Opens the workbench in the browser, on this machine only. The address carries a token: who has it can
    read the case while the workbench runs. Ctrl-C ends it. It locks the case when it ends, when nobody used it for
    TIME, when the machine is suspended and when you log out. Where the case is unlocked, ending it leaves it so.
    """
    from muniment.case.attendance import Attendance, login_session, seconds_of
    from muniment.command.opening import is_kept, open_case
    from muniment.verbs.lock import lock_unless_at_work
    from muniment.workbench.serving import serve

    attendance = Attendance(seconds_of(duration), session=login_session())
    with open_case(case, passphrase_file) as held:
        try:
            serve(held, port=port, browser=not no_browser, attendance=attendance)
        finally:
            held.close()
            if not is_kept(held.folder.identifier):
                lock_unless_at_work(held.folder)
