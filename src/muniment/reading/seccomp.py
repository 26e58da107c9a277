"""The list of system calls a worker may make, compiled to classic BPF by libseccomp through ctypes.

Two filters are laid over each other. The first is loaded by bubblewrap just before it starts the worker, so it must
still allow one `execve`. The second is installed by the worker before it takes a document and bars that as well.
Whatever is not listed gets ENOSYS, as on an older kernel, so that libraries fall back; what is barred by name gets
EPERM. Sources: seccomp(2), seccomp_rule_add(3), docs/decisions/0005-sandbox.md.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import socket

from muniment.errors import Refused

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_NOT_EQUAL, _EQUAL, _MASKED_EQUAL = 1, 4, 7
_OPTIMIZE = 8
_CLONE_THREAD = 0x00010000
_PRCTL_OPTIONS = (1, 3, 4, 15, 16, 21, 22, 23, 38, 39, 42, 0x53564D41)
"""PDEATHSIG, GET/SET_DUMPABLE, SET/GET_NAME, GET_SECCOMP, SET_SECCOMP, CAPBSET_READ, SET/GET_NO_NEW_PRIVS,
GET_THP_DISABLE, SET_VMA (prctl(2))."""
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX (ioctl_list(2))."""

_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1033, 1034)
"""DUPFD, GETFD, SETFD, GETFL, SETFL, locks, OFD locks, DUPFD_CLOEXEC, SETPIPE_SZ, GETPIPE_SZ, ADD_SEALS, GET_SEALS
(fcntl(2)). Not SETOWN and SETSIG: through them a file sends signals to another process."""

_ALLOWED_NAMES = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek
open openat openat2 creat close close_range dup dup2 dup3 flock fsync fdatasync fallocate
stat lstat fstat newfstatat fstatat64 statx statfs fstatfs access faccessat faccessat2 readlink readlinkat getcwd
chdir fchdir truncate ftruncate rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat chmod fchmod fchmodat
umask utimensat futimesat getdents getdents64 copy_file_range sendfile fadvise64 readahead
mmap mmap2 mprotect munmap mremap madvise msync mincore brk memfd_create membarrier
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack tgkill
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
eventfd eventfd2 pipe pipe2 timerfd_create timerfd_settime timerfd_gettime
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list get_robust_list rseq restart_syscall
sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu
getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid
getrlimit setrlimit getrusage getpriority sysinfo uname capget getrandom
set_tid_address arch_prctl exit exit_group
sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockopt setsockopt getsockname getpeername
"""

_BARRED_NAMES = """
execve execveat fork vfork socket connect bind listen accept accept4 ptrace process_vm_readv process_vm_writev
mount umount2 pivot_root chroot move_mount open_tree fsopen fsmount fsconfig setns unshare keyctl add_key request_key
kill tkill pidfd_open pidfd_getfd pidfd_send_signal bpf perf_event_open userfaultfd io_uring_setup io_uring_enter
io_uring_register kexec_load init_module finit_module delete_module swapon swapoff reboot sethostname setdomainname
settimeofday clock_settime clock_adjtime adjtimex acct quotactl name_to_handle_at open_by_handle_at link linkat
symlink symlinkat mknod mknodat
chown fchown lchown fchownat setuid setgid setreuid setregid setresuid setresgid setgroups capset personality
"""


class _Compare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


# What Landlock does not look at, or only from version 6 on: without namespaces a worker could do this to the
# person's files and processes.
_BARRED_WITHOUT_NAMESPACES = "chmod fchmod fchmodat fchmodat2 utimensat tgkill"


@functools.cache
def program(*, starts_programs: bool, forks: bool = False, namespaces: bool = True) -> bytes:
    """The filter as BPF. With `starts_programs`, execve is allowed (for the loader only).

    Without `namespaces`, the file system is the person's own, and more of it is barred.

    With `forks` too, processes may be made and waited for: only the OCR process, which is given pixels and
    starts Tesseract, gets that.

    Raises Refused where libseccomp is not installed or too old.
    """
    library = _library()
    context = library.seccomp_init(_ERRNO | errno.ENOSYS)
    try:
        library.seccomp_attr_set(context, _OPTIMIZE, 2)
        open_names = {"execve"} if starts_programs else set()
        open_names |= {"fork", "vfork"} if forks else set()
        names = set(_BARRED_NAMES.split()) - open_names
        if not namespaces:
            names |= set(_BARRED_WITHOUT_NAMESPACES.split())
        for name in sorted(names):
            _rule(library, context, _ERRNO | errno.EPERM, name)
        allowed = [*_ALLOWED_NAMES.split(), *sorted(open_names), *(["wait4"] if forks else [])]
        allowed = [name for name in allowed if name not in names]
        for name in allowed:
            _rule(library, context, _ALLOW, name)
        thread = _Compare(0, _MASKED_EQUAL, _CLONE_THREAD, _CLONE_THREAD)
        process = _Compare(0, _MASKED_EQUAL, _CLONE_THREAD, 0)
        _rule(library, context, _ALLOW, "clone", thread)
        _rule(library, context, _ALLOW if forks else _ERRNO | errno.EPERM, "clone", process)
        local = socket.AF_UNIX
        _rule(library, context, _ALLOW, "socketpair", _Compare(0, _EQUAL, local, 0))
        _rule(
            library,
            context,
            _ERRNO | errno.EPERM,
            "socketpair",
            _Compare(0, _NOT_EQUAL, local, 0),
        )
        for option in _PRCTL_OPTIONS:
            _rule(library, context, _ALLOW, "prctl", _Compare(0, _EQUAL, option, 0))
        for command in _IOCTLS:
            _rule(library, context, _ALLOW, "ioctl", _Compare(1, _EQUAL, command, 0))
        for command in _FCNTLS:
            _rule(library, context, _ALLOW, "fcntl", _Compare(1, _EQUAL, command, 0))
        # Its own limits only, never those of another process of the person.
        _rule(library, context, _ALLOW, "prlimit64", _Compare(0, _EQUAL, 0, 0))
        _rule(library, context, _ERRNO | errno.EPERM, "prlimit64", _Compare(0, _NOT_EQUAL, 0, 0))
        return _export(library, context)
    finally:
        library.seccomp_release(context)


def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        raise Refused(
            "libseccomp is not installed, so documents cannot be read safely",
            next="install it (Debian, Ubuntu: apt install libseccomp2), then run the command again",
        ) from None
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_attr_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Compare),
    ]
    library.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.seccomp_release.argtypes = [ctypes.c_void_p]
    library.seccomp_release.restype = None
    return library


def _rule(library: ctypes.CDLL, context: int, action: int, name: str, *compare: _Compare) -> None:
    """One rule; a system call this architecture or this libseccomp does not know is left out."""
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number < 0:
        return
    array = (_Compare * len(compare))(*compare)
    if library.seccomp_rule_add_array(context, action, number, len(compare), array):
        raise Refused(
            f"libseccomp refuses the rule for {name}",
            next="install libseccomp 2.5 or later, then run the command again",
        )


def _export(library: ctypes.CDLL, context: int) -> bytes:
    descriptor = os.memfd_create("muniment-filter", os.MFD_CLOEXEC)
    try:
        if library.seccomp_export_bpf(context, descriptor):
            raise Refused(
                "libseccomp cannot compile the filter",
                next="install libseccomp 2.5 or later, then run the command again",
            )
        os.lseek(descriptor, 0, os.SEEK_SET)
        with os.fdopen(descriptor, "rb", closefd=False) as compiled:
            return compiled.read()
    finally:
        os.close(descriptor)
