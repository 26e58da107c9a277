"""The command line: one file per verb.

`main` starts in a few milliseconds: where the case is kept open by `unlock`, the command is handed to the
process that keeps it, and nothing heavy is loaded here.
"""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Entry point of `muniment`."""
    arguments = sys.argv[1:]
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # being ended is an interruption like Ctrl-C
            signal.signal(number, signal.default_int_handler)
    try:
        from muniment.command.forwarding import forward

        status = forward(arguments)
        if status is None:
            from muniment.command.program import run

            status = run(arguments)
    except KeyboardInterrupt:  # while it starts: nothing was begun
        print("muniment: interrupted; run the same command again", file=sys.stderr)
        status = 4
    sys.exit(status)
