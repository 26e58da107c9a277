"""What this machine may keep in clear: swap, and the disks under a case. Needs no privilege.

Looked at is only what the kernel tells everybody: /proc/swaps, the mounts, and which block device stands on which.
A disk is encrypted where every device under it comes from dm-crypt, or where the file system encrypts the folder
itself. What encrypts behind the kernel's back (a disk that does it by itself, the host of a virtual machine) cannot
be seen; then it is said to be in clear, or that it cannot be told.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ENCRYPTED, MEMORY, CLEAR, UNKNOWN = "encrypted", "memory", "clear", "unknown"
_IN_MEMORY = {"tmpfs", "ramfs"}
_ENCRYPTING = {"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs"}
_GET_FLAGS = 0x80086601
_ENCRYPTED_FLAG = 0x800
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class _Mount:
    place: str
    device: str
    kind: str
    source: str


class Surroundings:
    """A machine as its kernel describes it below `root`."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._proc = root / "proc"
        self._sys = root / "sys"
        self._mounts = self._read_mounts()

    def under(self, path: Path) -> str:
        """What the disk under a path is: encrypted, memory, clear or unknown."""
        real = os.path.realpath(path)
        if _encrypts_itself(real):
            return ENCRYPTED
        found: _Mount | None = None
        for mount in self._mounts:
            inside = real == mount.place or real.startswith(mount.place.rstrip("/") + "/")
            if inside and (found is None or len(mount.place) >= len(found.place)):
                found = mount
        if found is None:
            return UNKNOWN
        if found.kind in _IN_MEMORY:
            return MEMORY
        if found.kind in _ENCRYPTING:
            return ENCRYPTED
        return self._device(found.device, found.source)

    def swap(self) -> str:
        """What swap is, the worst of several: clear, unknown, encrypted, or memory where there is none on a disk."""
        try:
            lines = (self._proc / "swaps").read_text("utf-8", "replace").splitlines()[1:]
        except OSError:
            return UNKNOWN
        return _worst(self._swapped_to(line.split()) for line in lines if line.split())

    def _swapped_to(self, fields: list[str]) -> str:
        name = _unescaped(fields[0])
        if len(fields) > 1 and fields[1] == "file":
            return self.under(Path(name))
        block = Path(os.path.realpath(name)).name
        if not block.startswith("zram"):
            return self._block(self._sys / "class" / "block" / block)
        behind = self._told(self._sys / "class" / "block" / block / "backing_dev") or "none"
        if behind == "none":
            return MEMORY
        return self._block(self._sys / "class" / "block" / Path(behind).name)

    def _device(self, number: str, source: str) -> str:
        """A mounted device, by its number; file systems over several devices only name one of them."""
        if not number.startswith("0:"):
            return self._block(self._sys / "dev" / "block" / number)
        if source.startswith("/dev/"):
            name = Path(os.path.realpath(source)).name
            return self._block(self._sys / "class" / "block" / name)
        return UNKNOWN

    def _block(self, place: Path, depth: int = 0) -> str:
        """A block device and all it stands on."""
        if not place.exists() or depth > _DEEPEST:
            return UNKNOWN
        if self._told(place / "dm" / "uuid").startswith("CRYPT-"):
            return ENCRYPTED
        if self._told(place / "dm" / "name").startswith("veracrypt"):
            return ENCRYPTED
        behind = self._told(place / "loop" / "backing_file")
        if behind:
            return self.under(Path(behind))
        try:
            below = sorted((place / "slaves").iterdir())
        except OSError:
            below = []
        if not below and (place / "partition").exists():
            return self._block(Path(os.path.realpath(place)).parent, depth + 1)
        if not below:
            return CLEAR
        return _worst(self._block(device, depth + 1) for device in below)

    def _read_mounts(self) -> list[_Mount]:
        try:
            text = (self._proc / "self" / "mountinfo").read_text("utf-8", "surrogateescape")
        except OSError:
            return []
        found = []
        for line in text.splitlines():
            left, _, right = line.partition(" - ")
            first, last = left.split(), right.split()
            if len(first) > 4 and len(last) > 1:
                found.append(_Mount(_unescaped(first[4]), first[2], last[0], _unescaped(last[1])))
        return found

    def _told(self, path: Path) -> str:
        try:
            return path.read_text("utf-8", "replace").strip()
        except OSError:
            return ""


def warnings(places: dict[str, Path], *, machine: Surroundings | None = None) -> list[str]:
    """One sentence for each thing that may lie in clear. `places`: what a person calls it, and where it is."""
    seen = machine or Surroundings()
    said = []
    swap = seen.swap()
    if swap == CLEAR:
        said.append(
            "Swap is not encrypted: what is read may be written to the disk in clear. Switch it off (swapoff -a), or "
            "encrypt it."
        )
    elif swap == UNKNOWN:
        said.append("Whether swap is encrypted cannot be told on this machine.")
    states: dict[str, list[str]] = {}
    for name, path in places.items():
        states.setdefault(seen.under(path), []).append(name)
    if CLEAR in states:
        said.append(
            f"The disk under {' and '.join(states[CLEAR])} is not encrypted, as far as this machine can see. "
            "Deleting is not erasing: keep cases on an encrypted disk."
        )
    if UNKNOWN in states:
        said.append(
            f"Whether the disk under {' and '.join(states[UNKNOWN])} is encrypted cannot be told on this machine."
        )
    return said


def _worst(states: Iterable[str]) -> str:
    order = (MEMORY, ENCRYPTED, UNKNOWN, CLEAR)
    return max(states, key=order.index, default=MEMORY)


def _encrypts_itself(path: str) -> bool:
    """Whether the file system encrypts this folder (fscrypt); the nearest folder above, where it is not there yet."""
    place = Path(path)
    while not place.is_dir() and place != place.parent:
        place = place.parent
    try:
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        flags = fcntl.ioctl(handle, _GET_FLAGS, bytes(8))
    except OSError:
        return False
    finally:
        os.close(handle)
    return bool(struct.unpack("I", flags[:4])[0] & _ENCRYPTED_FLAG)


def _unescaped(text: str) -> str:
    """A path as the kernel writes it in /proc: space, tab, line end and backslash in octal."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
