"""A process whose n-th call that changes a file fails, or is its last: whoever makes the call, Python, C or Rust.

The kernel asks (seccomp's user notification, Linux 5.5 or later) before each call that can change a file, from every
thread of the process. Here is looked whether it is about a file below one of the given folders; if so it is counted,
and the n-th is answered with an error or with SIGKILL. All others go on as if nobody had asked.
"""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# name: (number on x86_64, on aarch64, where the file is: d descriptor, p path, a folder's descriptor and a path)
_CALLS: dict[str, tuple[int, int, str]] = {
    "open": (2, -1, "p"),
    "creat": (85, -1, "p"),
    "openat": (257, 56, "a"),
    "write": (1, 64, "d"),
    "pwrite64": (18, 68, "d"),
    "writev": (20, 66, "d"),
    "pwritev": (296, 70, "d"),
    "fsync": (74, 82, "d"),
    "fdatasync": (75, 83, "d"),
    "syncfs": (306, 267, "d"),
    "sync_file_range": (277, 84, "d"),
    "truncate": (76, 45, "p"),
    "ftruncate": (77, 46, "d"),
    "fallocate": (285, 47, "d"),
    "rename": (82, -1, "p"),
    "renameat": (264, 38, "a"),
    "renameat2": (316, 276, "a"),
    "link": (86, -1, "p"),
    "linkat": (265, 37, "a"),
    "mkdir": (83, -1, "p"),
    "mkdirat": (258, 34, "a"),
    "unlink": (87, -1, "p"),
    "unlinkat": (263, 35, "a"),
    "rmdir": (84, -1, "p"),
    "utimensat": (280, 88, "a"),
    "chmod": (90, -1, "p"),
    "fchmod": (91, 52, "d"),
    "fchmodat": (268, 53, "a"),
}
# Of an open, only one that may make or cut a file: which argument holds its flags.
_OPENING = {"open": 1, "openat": 2}
_CHANGING = os.O_CREAT | os.O_TRUNC
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_ALLOW, _ASK = 0x7FFF0000, 0x7FC00000
_NEW_LISTENER, _WAIT_KILLABLE = 1 << 3, 1 << 5
_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101
_GO_ON = 1
_SECCOMP = {"x86_64": 317, "aarch64": 277}


@dataclass(frozen=True, slots=True)
class Call:
    """One call about a file of ours: its name, and the path where it is known."""

    name: str
    path: str


@dataclass(slots=True)
class Overseen:
    """What became of a process: its status (minus the signal that ended it) and the calls it made."""

    status: int
    calls: list[Call] = field(default_factory=list)
    struck: Call | None = None
    hung: bool = False


PATIENCE = 120  # seconds for one process, on a busy machine


def missing() -> str:
    """Why nobody can be overseen on this machine; "" where it can be done."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return "calls can be overseen on Linux on x86_64 and aarch64 only"
    try:
        oversee(lambda: 0, [Path("/nowhere")])
    except OSError as error:
        return f"this kernel does not let calls be overseen: {error}"
    return ""


def oversee(
    work: Callable[[], int], folders: Sequence[Path], *, which: int = 0, fault: str = ""
) -> Overseen:
    """Do `work` in a forked process; the call number `which` (from 1) fails with `fault`.

    `fault` is SIGKILL, the name of an error such as ENOSPC, or the same with `+`: then every later call that takes
    room fails with it too. 0 lets all of them through. What `work` returns is the status.
    """
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            ours.close()
            _ask_before_each_call(theirs)
            theirs.close()
            status = work()
        finally:
            os._exit(status)
    theirs.close()
    with ours:
        try:
            listener = _received(ours)
        except OSError:
            os.waitpid(child, 0)
            raise
    watch = _Watch(listener, child, [str(folder) for folder in folders], which, fault)
    try:
        return watch.run()
    finally:
        os.close(listener)


class _Watch:
    """Answers the kernel's questions about one process and its children until it ends."""

    def __init__(
        self, listener: int, child: int, folders: list[str], which: int, fault: str
    ) -> None:
        self._listener, self._child = listener, child
        self._folders = tuple(folders)
        self._which, self._fault = which, fault
        place, _ = _MACHINES[platform.machine()]
        self._names = {numbers[place]: name for name, numbers in _CALLS.items()}
        self._seen = Overseen(0)

    def run(self) -> Overseen:
        """Until the process has ended."""
        handle = os.pidfd_open(self._child)
        deadline = time.monotonic() + PATIENCE
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(handle, select.POLLIN)
        try:
            while True:
                ready = dict(poll.poll(1000))
                if time.monotonic() > deadline and not self._seen.hung:
                    self._seen.hung = True
                    os.kill(self._child, signal.SIGKILL)
                if ready.get(self._listener, 0) & select.POLLIN:
                    self._answer()
                elif handle in ready:
                    break
                elif self._listener in ready:  # nobody is left who could ask
                    poll.unregister(self._listener)
        finally:
            os.close(handle)
        self._seen.status = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        return self._seen

    def _answer(self) -> None:
        question = bytearray(80)
        try:
            fcntl.ioctl(self._listener, _RECEIVE, question)
        except OSError:  # who asked has been killed
            return
        number, task = struct.unpack_from("=QI", question)
        (call,) = struct.unpack_from("=i", question, 16)
        arguments = struct.unpack_from("=6Q", question, 32)
        error = self._verdict(self._names[call], task, arguments)
        answer = struct.pack("=QqiI", number, 0, -error, 0 if error else _GO_ON)
        try:
            fcntl.ioctl(self._listener, _ANSWER, answer)
        except OSError:
            return

    def _verdict(self, name: str, task: int, arguments: Sequence[int]) -> int:
        """The error number to answer with, or 0 to let the call through."""
        path = _path(_CALLS[name][2], task, arguments)
        if not any(path == one or path.startswith(f"{one}/") for one in self._folders):
            return 0
        call = Call(name, path)
        self._seen.calls.append(call)
        if self._fault.endswith("+") and self._seen.struck is not None:
            return getattr(errno, self._fault[:-1]) if _takes_room(name) else 0
        if len(self._seen.calls) != self._which:
            return 0
        self._seen.struck = call
        if self._fault == "SIGKILL":
            os.kill(self._child, signal.SIGKILL)
            return errno.EINTR
        return int(getattr(errno, self._fault.removesuffix("+")))


def _takes_room(name: str) -> bool:
    return name in {
        "open",
        "creat",
        "openat",
        "mkdir",
        "mkdirat",
        "fallocate",
        "link",
        "linkat",
    } or ("write" in name)


def _path(kind: str, task: int, arguments: Sequence[int]) -> str:
    """The file a call is about, as far as it can be told; "" where not."""
    try:
        if kind == "d":
            return str(Path(f"/proc/{task}/fd/{arguments[0] & 0xFFFFFFFF}").readlink())
        folder = f"/proc/{task}/cwd"
        pointer = arguments[0]
        if kind == "a":
            pointer = arguments[1]
            descriptor = struct.unpack("=i", struct.pack("=I", arguments[0] & 0xFFFFFFFF))[0]
            if descriptor >= 0:
                folder = f"/proc/{task}/fd/{descriptor}"
        name = _text(task, pointer) if pointer else ""
        return os.path.normpath(Path(folder).readlink() / name)
    except OSError:
        return ""


def _text(task: int, pointer: int) -> str:
    """The text at an address of another process."""
    found = bytearray()
    with open(f"/proc/{task}/mem", "rb", buffering=0) as memory:
        while b"\0" not in found and len(found) < 8192:
            memory.seek(pointer + len(found))
            found += memory.read(4096 - (pointer + len(found)) % 4096)
    return os.fsdecode(bytes(found.partition(b"\0")[0]))


def _ask_before_each_call(answer: socket.socket) -> None:
    """In the process itself: put the filter in force and send its listener to whoever oversees."""
    libc = ctypes.CDLL(None, use_errno=True)
    filters = _program()
    code = ctypes.create_string_buffer(filters, len(filters))
    program = struct.pack("=HxxxxxxQ", len(filters) // 8, ctypes.addressof(code))
    libc.prctl(38, 1, 0, 0, 0)  # no new privileges, without which it is for root alone
    number = _SECCOMP[platform.machine()]
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):
        listener = libc.syscall(number, 1, flags, program)
        if listener >= 0:
            break
    if listener < 0:
        answer.sendall(struct.pack("=i", ctypes.get_errno()))
        os._exit(1)
    socket.send_fds(answer, [struct.pack("=i", 0)], [listener])
    os.close(listener)


def _received(ours: socket.socket) -> int:
    said, handles, _, _ = socket.recv_fds(ours, 4, 1)
    if not handles:
        number = struct.unpack("=i", said)[0] if len(said) == 4 else errno.EIO
        raise OSError(number, os.strerror(number))
    return handles[0]


def _program() -> bytes:
    """The filter: ask for our calls, let everything else through."""
    place, machine = _MACHINES[platform.machine()]
    steps = array.array("B")

    def step(code: int, yes: int, no: int, value: int) -> None:
        steps.frombytes(struct.pack("=HBBI", code, yes, no, value))

    step(0x20, 0, 0, 4)
    step(0x15, 1, 0, machine)
    step(0x06, 0, 0, _ALLOW)
    step(0x20, 0, 0, 0)
    for name, numbers in _CALLS.items():
        if numbers[place] < 0:
            continue
        if name not in _OPENING:
            step(0x15, 0, 1, numbers[place])
            step(0x06, 0, 0, _ASK)
            continue
        step(0x15, 0, 4, numbers[place])
        step(0x20, 0, 0, 16 + 8 * _OPENING[name])
        step(0x45, 0, 1, _CHANGING)
        step(0x06, 0, 0, _ASK)
        step(0x06, 0, 0, _ALLOW)
    step(0x06, 0, 0, _ALLOW)
    return steps.tobytes()
