"""Memory that is freed and asked for again at once, page after page, stays with the process.

A page's picture is 4 to 12 MB. glibc gives so large a piece back to the kernel when it is freed, and the next one
is cleared and mapped anew: on a virtual machine that costs as much as hashing it (mallopt(3)).
"""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 64 << 20  # bytes


def keep_freed_memory() -> None:
    """Keep up to 64 MiB of what is freed for what is asked for next; where the C library cannot, nothing changes."""
    try:
        adjust = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    adjust(_M_MMAP_THRESHOLD, _KEPT)
    adjust(_M_TRIM_THRESHOLD, _KEPT)
