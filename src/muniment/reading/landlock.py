"""The tier without namespaces: a process shuts itself in with Landlock and a seccomp filter, then becomes another.

It is the normal one where user namespaces are barred. Runs as a process of its own (`python -c … main()`), started by
reading/sandbox.py, and needs the standard library alone. Sources: landlock(7), the kernel's
userspace-api/landlock.rst, capset(2), seccomp(2).
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import stat
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any

LEAST = 3
"""The least version of Landlock in the kernel (Linux 6.2): before it, any file could be cut to nothing."""

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TO_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ALL_FILES = {3: (1 << 15) - 1, 4: (1 << 15) - 1}  # from version 5 on with ioctl on devices
_ALL_FILES_LATER = (1 << 16) - 1
_NETWORK, _SCOPES = 0b11, 0b11  # binding and connecting; sockets and signals out of the domain

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_PR_CAPBSET_DROP = 24
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_FAILED = 97


def version() -> int:
    """The version of Landlock this kernel has; 0 where it has none, or it is switched off."""
    found = int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION))
    return max(found, 0)


def main() -> None:
    """Argument 1 is JSON: `read`: paths to be read; `listed`: folders of which only names are; `devices`: files to be
    read and written; `filter`: a descriptor; `environment`; `parent`: the process it ends with.

    The program and its arguments follow. Ends with status 97, saying why, where a wall cannot be put up.
    """
    try:
        asked = json.loads(sys.argv[1])
        _die_with(asked["parent"])
        _no_capabilities()
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _shut_in(asked)
        _filter(asked["filter"])
        os.execve(sys.argv[2], sys.argv[2:], dict(asked["environment"]))  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.stderr.write(f"landlock: {error}\n")
        sys.exit(_FAILED)


def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def _prctl(option: int, *arguments: int) -> None:
    prctl = _libc().prctl
    prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    if prctl(option, *(*arguments, 0, 0, 0, 0)[:4]):
        _fail(f"prctl {option}")


def _fail(what: str) -> None:
    number = ctypes.get_errno() or errno.EINVAL
    raise OSError(number, f"{what}: {os.strerror(number)}")


def _die_with(parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that was said
        sys.exit(_FAILED)


def _no_capabilities() -> None:
    """Root's own powers go too: who runs as root is shut in like everybody else."""
    for capability in range(64):
        if _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    head = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if _libc().capset(head, bytes(24)):
        _fail("capset")


def _shut_in(asked: Mapping[str, Any]) -> None:
    """Nothing of the file system but these paths, no network, no signal and no socket to anybody else."""
    found = version()
    if found < LEAST:
        raise OSError(errno.ENOSYS, f"Landlock {found} is too old")
    files = _ALL_FILES.get(found, _ALL_FILES_LATER)
    handled = struct.pack(
        "=QQQ", files, _NETWORK if found >= 4 else 0, _SCOPES if found >= 6 else 0
    )
    size = 24 if found >= 6 else 16 if found >= 4 else 8
    ruleset = int(_libc().syscall(_CREATE, handled, ctypes.c_size_t(size), 0))
    if ruleset < 0:
        _fail("landlock_create_ruleset")
    for path in asked["read"]:
        _allow(ruleset, path, _TO_READ)
    for path in asked["listed"]:
        _allow(ruleset, path, _READ_DIR)
    for path in asked["devices"]:
        _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
    if _libc().syscall(_RESTRICT, ruleset, 0):
        _fail("landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= ~_READ_DIR
        rule = struct.pack("=Qi", access, handle)
        if _libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0):
            _fail(f"landlock_add_rule {path}")
    finally:
        os.close(handle)


def _filter(descriptor: int) -> None:
    """The first seccomp filter; classic BPF, 8 bytes an instruction."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    with os.fdopen(descriptor, "rb") as file:
        program = file.read()
    filled = Program(len(program) // 8, program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filled))


def request(
    *,
    read: Sequence[str],
    listed: Sequence[str],
    devices: Sequence[str],
    filter_: int,
    environment: Mapping[str, str],
) -> str:
    """Argument 1 of `main`, by the host."""
    asked: dict[str, Any] = {
        "parent": os.getpid(),
        "read": list(read),
        "listed": list(listed),
        "devices": list(devices),
        "filter": filter_,
        "environment": dict(environment),
    }
    return json.dumps(asked)
