"""A process that holds keys keeps to itself: no core dump, no debugger, and files for this account alone."""

from __future__ import annotations

import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_to_oneself() -> None:
    """From here on: new files are for this account only, and its memory cannot be had.

    Without "dumpable" the kernel writes no core and lets no other process of this account attach to this one or read
    its memory and descriptors (/proc/PID/mem, fd, maps). It is inherited by a fork and ends with an exec, so that a
    sandbox started from here can still write its own user map.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
