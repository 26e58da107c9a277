"""Making an object of the vault anew without something that was in it.

The new object is built beside staging's other folders, whole and on the disk, then the two change places in one
step, then the old one is deleted. So the vault holds a valid object at every moment, and after an interruption
the same is done again, from wherever it stood. Only a file system that cannot exchange two folders (FAT, some
network disks) has a moment between two renames in which neither is in the vault; `rewrite` puts the new one there.

What stays is linked, not copied, where the file system has links: not a byte of it is read or written.
"""

from __future__ import annotations

import ctypes
import errno
import filecmp
import hashlib
import os
import shutil
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from muniment.errors import Damaged
from muniment.evidence.vault import age, ocfl
from muniment.evidence.vault.chunks import Chunked, decode_chunks
from muniment.evidence.vault.failures import disk_error
from muniment.evidence.vault.sealing import finish, make_folders, settle
from muniment.evidence.vault.store import Vault

Change = Callable[[bytes], bytes]
"""From the manifest as it is to the one without what goes; the same bytes where it is without it already."""

_NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
_NO_LINK = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE


def rewrite(
    vault: Vault,
    object_name: str,
    drop: Collection[str],
    change: Change,
    staging: Path,
    recipient: str,
    identity: str,
) -> bool:
    """Bring an object to be without the content named in `drop`, its manifest changed; False where it is so already.

    The object is on the disk, whole, and nothing of the old one is left in `staging` when this returns. Calling
    again after an interruption goes on. `identity` opens the manifest, `recipient` is whom the new one is for.
    Raises NotFound for an unknown object, Damaged where its inventory, manifest or chunks.json is, DiskFull,
    DiskFailed.
    """
    age.check_recipient(recipient)
    fresh, final = staging / f"{object_name}.rewritten", vault.root / object_name
    try:
        clear(fresh, final)
        contents = vault.contents(object_name)
        before = vault.read_manifest(object_name, identity)
        after = change(before)
        if before == after and not contents.keys() & set(drop):
            return False
        kept = {name: digest for name, digest in contents.items() if name not in drop}
        _build(vault, object_name, kept, fresh, staging, after, recipient)
        exchange(fresh, final)
        clear(fresh, final)
    except OSError as error:
        raise disk_error(error, staging) from error
    return True


def _build(
    vault: Vault,
    object_name: str,
    kept: dict[str, str],
    fresh: Path,
    staging: Path,
    manifest: bytes,
    recipient: str,
) -> None:
    """The object without what goes, in `fresh`, on the disk. Damage of what stays is kept for an audit to name."""
    chunked, earlier = _chunks(vault, object_name)
    files = {n: digest for n, digest in kept.items() if n not in (ocfl.MANIFEST, ocfl.CHUNKS)}
    content = make_folders(fresh)
    for name in files:
        _keep(vault.root / object_name / ocfl.CONTENT / name, content / name)
    rest = {name: chunked[name] for name in files}
    finish(fresh, staging, object_name, files, rest, manifest, recipient, earlier)


def _chunks(vault: Vault, object_name: str) -> tuple[dict[str, Chunked], list[str]]:
    path = vault.root / object_name / ocfl.CONTENT / ocfl.CHUNKS
    contents = vault.contents(object_name)
    sound = False
    try:
        raw = path.read_bytes()
        chunked, earlier = decode_chunks(raw)
        sound = hashlib.sha512(raw).hexdigest() == contents[ocfl.CHUNKS]
    except (FileNotFoundError, ValueError, KeyError):
        chunked, earlier = {}, []
    if not sound or set(chunked) != set(contents) - {ocfl.CHUNKS}:
        raise Damaged(
            f"vault/{object_name}/{ocfl.CONTENT}/{ocfl.CHUNKS} is not what was sealed.",
            next="Restore it from a custodian's copy, then run the same command again.",
        )
    return chunked, earlier


def _keep(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
        return
    except FileNotFoundError:
        return  # missing before, missing after: an audit names it
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
    shutil.copyfile(source, target, follow_symlinks=False)
    target.chmod(0o600)
    if not filecmp.cmp(source, target, shallow=False):
        raise Damaged(
            f"{target.name} reads back differently from what was written.",
            next="The disk or its cable is failing: copy the case to another disk before going on.",
        )


def exchange(fresh: Path, final: Path) -> None:
    """Put the object `fresh` in the place of `final`, and that one in its place, durably. Raises OSError.

    Both are whole and on the disk, on one file system. A copy of a vault is brought up to date by the same step.
    """
    try:
        _exchange_names(fresh, final)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
        former = _former(fresh)
        os.rename(final, former)  # noqa: PTH104
        os.rename(fresh, final)  # noqa: PTH104
        os.rename(former, fresh)  # noqa: PTH104
    settle(fresh, final)


def clear(fresh: Path, final: Path) -> None:
    """Delete what an exchange left in the place of `fresh`, or what never came so far. Raises OSError.

    Where the machine stopped between two renames of a disk that cannot exchange, that is finished first.
    """
    former = _former(fresh)
    if not final.exists() and (fresh.is_dir() or former.is_dir()):
        # `final` is moved away only once `fresh` is whole and on the disk.
        os.rename(fresh if fresh.is_dir() else former, final)  # noqa: PTH104
        settle(fresh, final)
    left = [place for place in (fresh, former) if place.is_dir()]
    for place in left:
        shutil.rmtree(place)
    if left:
        settle(fresh, final)


def _former(fresh: Path) -> Path:
    return fresh.with_name(f"{fresh.name}.former")


def _exchange_names(one: Path, other: Path) -> None:
    """renameat2(2) with RENAME_EXCHANGE: both names change at once. Raises OSError, ENOSYS where there is none."""
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    call(os.fsencode(one), os.fsencode(other))


@lru_cache(maxsize=1)
def _renameat2() -> Callable[[bytes, bytes], None] | None:
    """The C library's (glibc from 2.28), or None."""
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return None
    function.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_uint,
    ]
    function.restype = ctypes.c_int

    def exchange_names(one: bytes, other: bytes) -> None:
        if function(_HERE, one, _HERE, other, _EXCHANGE) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return exchange_names
