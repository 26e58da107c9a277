"""Handing a command to the process that keeps the case open."""

from __future__ import annotations

import os
import signal
import sys

# These never run in the keeping process: they make, open or close it, have no case, or want the passphrase again.
_OWN = frozenset(["new", "key", "unlock", "lock", "demo", "verify"])
_SECRETS = frozenset(["MUNIMENT_PASSPHRASE", "MUNIMENT_NEW_PASSPHRASE"])


def forward(arguments: list[str]) -> int | None:
    """Run the command where its case is kept open; None where it is not, or needs no case."""
    if not arguments or arguments[0].startswith("-") or arguments[0] in _OWN:
        return None
    if "--help" in arguments:
        return None
    identifier = _case_among(arguments[1:])
    if identifier is None:
        return None
    from muniment.command.sockets import connect, send

    channel = connect(identifier)
    if channel is None:
        return None
    message = {
        "run": arguments,
        "folder": os.getcwd(),  # noqa: PTH109 - pathlib would take 20 ms to load
        "environment": {n: v for n, v in os.environ.items() if n not in _SECRETS},
    }
    sys.stdout.flush()
    with channel:
        try:
            send(channel, message, [0, 1, 2])
        except OSError:  # it ended just now
            answer = None
        else:
            answer = _wait(channel)
    if answer is None:
        print("muniment: the case was locked while the command ran; run it again", file=sys.stderr)
        return 4
    return answer


def _wait(channel: object) -> int | None:
    """The exit status; an interruption here is passed on there."""
    import socket

    assert isinstance(channel, socket.socket)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: channel.sendall(b"I"))
    try:
        answer = channel.recv(1)
    except OSError:
        return None
    return answer[0] if answer else None


def _case_among(arguments: list[str]) -> str | None:
    for argument in arguments:
        if argument.startswith("-"):
            continue
        for name in (argument, argument + ".muniment"):
            try:
                with open(os.path.join(name, "case.toml"), encoding="utf-8") as description:  # noqa: PTH118
                    for line in description.read(4096).splitlines():
                        if line.startswith("identifier"):
                            return line.split('"')[1]
            except (OSError, ValueError, IndexError):
                continue
    return None
