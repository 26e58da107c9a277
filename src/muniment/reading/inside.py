"""The worker: runs inside the sandbox, reads one document after another, believes in nothing but the host.

It is started as `python -I -S -B -c … ` by reading/sandbox.py. The first frame brings the second system-call filter,
which bars starting programs; only then is READY sent and a document taken.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from muniment.reading import formats, identify, other_readers, protocol
from muniment.reading.account import Account, Document, Unreadable
from muniment.reading.pages import (
    FAILED,
    OVER_LIMIT,
    UNSUPPORTED,
    Budget,
)

_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_LARGEST_FILE = 1 << 30
_OPEN_FILES = 256


WARM = "warm:"


def main(arguments: Sequence[str] = ()) -> None:
    """Serve requests until standard input ends.

    An argument is a file with a further family of formats, or `warm:<family>`, whose libraries are loaded ahead.
    """
    source, target = own_pipes()
    confine()
    kind, _, body = receive(source)
    if kind != protocol.FILTER:
        sys.exit(2)
    _forbid(body)
    formats.load()
    for path in arguments:
        if not path.startswith(WARM):
            _load_file(path)
    send(target, protocol.frame(protocol.READY, {}))
    for form in formats.registered():
        if form.warm is not None and WARM + form.family in arguments:
            form.warm()
    held = b""
    opened: dict[object, Any] = {}
    while True:
        kind, header, body = receive(source)
        if not kind:
            return
        if header["held"]:
            body = held
        else:
            opened = {}
        request = protocol.open_request(header, body)
        held = body if request.action == "render" else b""
        del body
        send(target, protocol.outcome_frame(_answer(request, target, opened)))


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for ourselves: a library that prints must not write into the protocol."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return source, target


def confine() -> None:
    """No core dumps, bounded files."""
    # The limit alone does not stop a core that is piped to a program; not being dumpable does.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        sys.exit(3)


def _forbid(program: bytes) -> None:
    """Install a filter of system calls: classic BPF, 8 bytes an instruction (see seccomp(2))."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    filled = Program(len(program) // 8, program)
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        sys.exit(3)
    if prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filled), 0, 0):
        sys.exit(3)


def _load_file(path: str) -> None:
    """Import a family from outside the package; it registers itself."""
    found = importlib.util.spec_from_file_location("muniment_extra_" + Path(path).stem, path)
    if found is None or found.loader is None:
        sys.exit(4)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)


def receive(source: BinaryIO) -> tuple[bytes, dict[str, object], bytes]:
    """The next frame from the host, or an empty kind at the end of its input."""
    head = source.read(protocol.HEAD.size)
    if len(head) < protocol.HEAD.size:
        return b"", {}, b""
    kind, header_length, body_length = protocol.HEAD.unpack(head)
    header = json.loads(source.read(header_length)) if header_length else {}
    return kind, header, source.read(body_length)


def send(target: BinaryIO, data: bytes) -> None:
    """Write all of it to the host."""
    view = memoryview(data)
    while view:
        view = view[target.write(view) :]


def _answer(
    request: protocol.Request, target: BinaryIO, opened: dict[object, Any]
) -> protocol.Outcome:
    """Do what is asked and say how it went. The outermost frame: whatever a parser throws ends here as a state."""
    media_type, family = "application/octet-stream", ""
    account = Account(
        lambda data: send(target, data), request.budget, document_bytes=len(request.data)
    )
    try:
        if len(request.data) > request.budget.document:
            raise Unreadable(OVER_LIMIT, f"larger than {request.budget.document} bytes")
        media_type = identify.identify(request.data, request.name)
        form = formats.find(media_type)
        if form is None and not request.reader:
            raise Unreadable(UNSUPPORTED, f"nothing here reads {media_type}")
        family = form.family if form is not None else "other"
        document = Document(
            request.data, request.name, media_type, request.budget, request.passwords, opened
        )
        if form is None or (request.reader and request.action == "read"):
            other_readers.read_by(request.reader, document, family, account)
            state, reason = account.outcome()
        else:
            state, reason = _carry_out(request, form, document, account)
    except Unreadable as stop:
        account.partly(stop.reason)
        state, reason = stop.state, "; ".join(account.reasons)
    except MemoryError:
        state, reason = OVER_LIMIT, "it needs more memory than allowed"
    except BaseException as error:  # noqa: BLE001 - the worker's outermost frame; Rust panics are no Exception
        name = type(error).__name__
        state, reason = FAILED, f"the {family or 'identifying'} reader stopped: {name}"
    return protocol.Outcome(
        state=state,
        reason=reason[: protocol.LONGEST_REASON],
        type=media_type,
        family=family,
        title=account.clean_title(),
        expected_pages=account.expected_pages,
        expected_parts=account.expected_parts,
    )


def _carry_out(
    request: protocol.Request, form: formats.Format, document: Document, account: Account
) -> tuple[str, str]:
    if request.action == "read":
        form.read(document, account)
    elif request.action == "part":
        form.read(document, _only_part(account, request.number, request.budget))
    else:
        if form.render is None:
            raise Unreadable(UNSUPPORTED, f"{form.family} documents have no page images")
        pixels = form.render(document, request.number, request.dpi)
        account.send(protocol.pixels_head(pixels))
        account.send(pixels.raw)
    return account.outcome()


class _OnlyPart(Account):
    """An account that keeps one part and lets everything else go."""

    def page(self, text: str, **_: object) -> None:  # noqa: ARG002  # noqa: D102
        self.pages += 1

    def property(self, name: str, value: str) -> None:  # noqa: ARG002
        return


def _only_part(account: Account, wanted: int, budget: Budget) -> Account:
    """Runs the format again, sending nothing but the part asked for."""

    def send(data: bytes) -> None:
        if only.parts == wanted:
            account.send(data)

    only = _OnlyPart(send, budget, document_bytes=account.document_bytes)
    return only
