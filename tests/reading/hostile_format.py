"""A family of formats that does harm. Loaded only by tests, into the real sandbox, through Worker(formats=…)."""

import ctypes
import os
import socket
import sys
import threading
from pathlib import Path

from muniment.reading import formats
from muniment.reading.formats import Account, Document, Format, register

LIBC = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: int) -> str:
    """Make a system call by its number on x86-64 and say how it ended."""
    numbers = {"clone": 56, "fork": 57, "vfork": 58, "execve": 59, "ptrace": 101, "mount": 165,
               "keyctl": 250, "unshare": 272, "setns": 308, "io_uring_setup": 425, "clone3": 435, "bpf": 321,
               "memfd_secret": 447, "process_vm_readv": 310, "userfaultfd": 323, "kill": 62, "perf_event_open": 298,
               "add_key": 248, "prlimit64": 302, "tgkill": 234, "fcntl": 72}  # fmt: skip
    result = LIBC.syscall(numbers[name], *arguments)
    return "done" if result >= 0 else os.strerror(ctypes.get_errno())


# What could be done to a file by its path.
CHANGES = {
    "mode": lambda path: path.chmod(0o777),
    "times": lambda path: os.utime(path, (0, 0)),
    "cut": lambda path: os.truncate(path, 0),
    "remove": lambda path: path.unlink(),
    "rename": lambda path: path.rename(f"{path}-else"),
    "folder": lambda path: Path(f"{path}-folder").mkdir(),
    "link": lambda path: os.link(path, f"{path}-link"),
}


def attempt(what: str, detail: str) -> str:
    if what == "socket":
        socket.socket(getattr(socket, detail))
    elif what == "socketpair":
        for end in socket.socketpair():
            end.close()
    elif what == "fork":
        if os.fork() == 0:
            os._exit(0)
    elif what == "exec":
        os.execv(sys.executable, [sys.executable, "-c", "pass"])
    elif what == "spawn":
        os.posix_spawn("/bin/true", ["true"], {})
    elif what == "thread":
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    elif what == "write":
        Path(detail).write_text("x")
    elif what in CHANGES:
        CHANGES[what](Path(detail))
    elif what == "read":
        return str(len(Path(detail).read_bytes()))
    elif what == "list":
        return " ".join(sorted(os.listdir(detail)))
    elif what == "call":
        name, *arguments = detail.split()
        first = 0x11 if name == "clone" else 0
        return call(name, *(map(int, arguments) if arguments else (first, 0, 0, 0, 0)))
    elif what == "environment":
        return " ".join(sorted(os.environ))
    elif what == "caps":
        status = Path("/proc/self/status").read_text()
        return " ".join(line.split()[1] for line in status.splitlines() if line.startswith("Cap"))
    elif what == "interfaces":
        return " ".join(name for _, name in socket.if_nameindex())
    elif what == "dumps":
        import resource

        return f"{resource.getrlimit(resource.RLIMIT_CORE)} {LIBC.prctl(3, 0, 0, 0, 0)}"
    return "done"


def harm(what: str, detail: str, account: Account) -> None:
    """What ends a worker: none of these comes back in the usual way."""
    account.page("what came before is kept")
    if what == "crash":
        ctypes.string_at(0)
    elif what == "abort":
        os.abort()
    elif what == "exit":
        os._exit(0)
    elif what == "hang":
        threading.Event().wait()
    elif what == "spin":
        while True:
            pass
    elif what == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1 << 20)) * 16)
    elif what == "panic":
        raise type("PanicException", (BaseException,), {})("secret text of the document")
    elif what == "recursion":
        harm(what, detail, account)
    elif what == "raw":
        account.send(bytes.fromhex(detail))
    elif what == "flood":
        while True:
            account.send(bytes(1 << 20))
    elif what == "pages":
        while True:
            account.page("x")
    elif what == "print":
        print("S" * 1000)
        os.write(1, b"S" * 1000)
        os.write(2, b"S" * 1000)
    elif what == "after":
        account.send(bytes.fromhex(detail) + b"trailing rubbish")
    elif what == "parts":
        for _ in range(1000):
            account.part(bytes(1 << 20), name="big")


def read(document: Document, account: Account) -> None:
    _, kind, what, detail = document.data.decode().split(":", 3)
    if kind == "harm":
        harm(what, detail, account)
        return
    try:
        account.page(attempt(what, detail))
    except OSError as error:
        account.page(f"{type(error).__name__}")


def identify(data: bytes, name: str) -> str | None:
    return "application/x-hostile" if data.startswith(b"HOSTILE:") else None


register(Format("hostile", ("application/x-hostile",), read, identify=identify))
assert formats.find("application/x-hostile")
