"""What the disk can do to us, as errors that say what to do next."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from muniment.case.folder import printable
from muniment.errors import MunimentError


class DiskFull(MunimentError):
    """There is no room left, or the account's quota is used up."""

    code = "disk-full"
    exit_status = 4


class DiskFailed(MunimentError):
    """The disk refused to write or to read."""

    code = "disk-failed"
    exit_status = 4


class SourceUnreadable(MunimentError):
    """A file to be received cannot be read to its end."""

    code = "source-unreadable"


def disk_error(error: OSError, place: Path) -> MunimentError:
    """The error to raise for an OSError at `place` (only its last name is shown)."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"The disk that holds {printable(place.name)} is full.",
            next="Make room on it and run the same command again; nothing acknowledged is lost.",
        )
    if error.errno == errno.EXDEV:
        return DiskFailed(
            f"{printable(place.name)} is not on the same disk as the vault.",
            next="Put the case's staging and vault folders on one file system and run the command again.",
        )
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return DiskFailed(
        f"The disk refused {printable(place.name)}: {reason}.",
        next="Check the disk and the permissions of the case, then run the same command again.",
    )


def source_error(error: OSError) -> SourceUnreadable:
    """The error to raise where the file being received cannot be read."""
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return SourceUnreadable(
        f"The file could not be read to its end: {reason}.",
        next="Copy it from its medium again, then add it again; nothing of it was kept.",
    )
