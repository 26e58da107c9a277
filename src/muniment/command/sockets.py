"""Where the process that keeps a case open listens, and what is said there.

The socket is MUNIMENT_HOME/open/IDENTIFIER, 0600 in a 0700 folder. A message is a 4-byte big-endian length
and a JSON object; the first one carries the caller's standard input, output and error as descriptors. The
answer is one byte, the exit status.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from muniment.case.home import home

LONGEST = 1 << 22


def socket_path(identifier: str) -> Path:
    """The socket of the case with this identifier."""
    return home() / "open" / identifier


class _Within:
    """A short name for a path that may be too long for a socket (108 bytes): through its folder's descriptor."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        self._folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._folder}/{self._path.name}"

    def __exit__(self, *_: object) -> None:
        os.close(self._folder)


def connect(identifier: str) -> socket.socket | None:
    """A connection to the process that keeps the case, or None where nobody does."""
    path = socket_path(identifier)
    if not path.exists():
        return None
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _Within(path) as name:
            channel.connect(name)
    except OSError:
        channel.close()
        return None
    if not same_account(channel):
        channel.close()
        return None
    return channel


def same_account(channel: socket.socket) -> bool:
    """Whether a process of this account is at the other end."""
    peer = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", peer)
    return bool(user == os.geteuid())


def listen(identifier: str) -> socket.socket:
    """A listening socket for the case, in place of a dead one. Raises BadUse where it has no place."""
    from muniment.case.folder import printable
    from muniment.errors import BadUse

    path = socket_path(identifier)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
    except OSError as error:
        raise BadUse(
            f"The socket of an open case cannot be put into {printable(path.parent)}: {error.strerror}.",
            next="Set MUNIMENT_HOME to a folder of your own account, or work with the passphrase.",
        ) from None
    path.unlink(missing_ok=True)
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _Within(path) as name:
            channel.bind(name)
    finally:
        os.umask(before)
    channel.listen(16)
    return channel


def tell_to_lock(identifier: str) -> bool:
    """Have the process that keeps the case forget its keys, and wait for it; False where there is none."""
    channel = connect(identifier)
    if channel is None:
        return False
    with channel, suppress(OSError):  # it may just be ending by itself
        send(channel, {"lock": True}, [])
        channel.recv(1)
    return True


def send(channel: socket.socket, message: dict[str, Any], descriptors: list[int]) -> None:
    """Send a message, with descriptors beside its first byte."""
    body = json.dumps(message).encode()
    socket.send_fds(channel, [struct.pack(">I", len(body))], descriptors)
    channel.sendall(body)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Receive a message; raises ValueError where it is not one."""
    head, descriptors, _, _ = socket.recv_fds(channel, 4, 8)
    if len(head) != 4:
        raise ValueError("short message")
    (length,) = struct.unpack(">I", head)
    if length > LONGEST:
        raise ValueError("long message")
    body = b""
    while len(body) < length:
        more = channel.recv(length - len(body))
        if not more:
            raise ValueError("short message")
        body += more
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message, list(descriptors)
