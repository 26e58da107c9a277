"""A sample of a vault: as many 64-KiB chunks as asked for, drawn by chance nobody can foresee, against chunks.json.

Small files that say what belongs there (inventories, chunks.json) are read whole, and every file's size is
compared. A sample never shows that all is well; it shows how likely a loss would have been seen.
"""

from __future__ import annotations

import bisect
import hashlib
import os
import random
import stat
from collections.abc import Sequence
from itertools import accumulate
from math import prod
from pathlib import Path

from muniment.evidence.audit import Walk
from muniment.evidence.custodians.files import side_by_side
from muniment.evidence.vault import ocfl
from muniment.evidence.vault.chunks import CHUNK, Chunked, decode_chunks

LOSS = 0.01  # the loss whose chance of being seen is told


class SampledWalk(Walk):
    """A walk that reads `sample` chunks in place of every byte. `chunks` were read, `of` there should be."""

    def __init__(self, root: Path, sample: int) -> None:
        super().__init__(root)
        self._sample = sample
        self._files: list[tuple[str, Chunked]] = []
        self.chunks = 0
        self.of = 0

    def run(self) -> None:
        """Walk, then draw and read."""
        super().run()
        ends = list(accumulate(_count(chunked) for _, chunked in self._files))
        self.of = ends[-1] if ends else 0
        chance = random.Random(os.urandom(32))  # noqa: S311 - seeded with 256 bits of the system's
        drawn = sorted(chance.sample(range(self.of), min(self._sample, self.of)))
        self.chunks = len(drawn)
        places = [self._place(ends, number) for number in drawn]
        for (file, _), good in zip(places, side_by_side(self._is_right, places), strict=True):
            if not good:
                self.damaged.add(self.named(self._files[file][0]))

    def _contents(self, name: str, files: dict[str, str]) -> None:
        path = f"{name}/{ocfl.CONTENT}/{ocfl.CHUNKS}"
        self._compare(path, files.get(ocfl.CHUNKS, ""))
        chunked: dict[str, Chunked] = {}
        if self.named(path) not in self.damaged | self.missing:
            try:
                chunked, _ = decode_chunks((self.root / path).read_bytes())
            except (OSError, ValueError):
                chunked = {}  # `_chunks` names it
        for content in files:
            if content == ocfl.CHUNKS:
                continue
            path = f"{name}/{ocfl.CONTENT}/{content}"
            if path not in self._left:
                self.missing.add(self.named(path))
            elif not self._left.pop(path) or not self._has_size(path, chunked.get(content)):
                self.damaged.add(self.named(path))
            elif content in chunked:
                self._files.append((path, chunked[content]))

    def _has_size(self, path: str, chunked: Chunked | None) -> bool:
        return chunked is None or (self.root / path).lstat().st_size == chunked.size

    def _place(self, ends: Sequence[int], number: int) -> tuple[int, int]:
        """Which file, and which chunk of it."""
        file = bisect.bisect_right(ends, number)
        return file, number - (ends[file - 1] if file else 0)

    def _is_right(self, place: tuple[int, int]) -> bool:
        path, chunked = self._files[place[0]]
        at = place[1]
        try:
            handle = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(handle, "rb", buffering=0) as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return False
                os.posix_fadvise(handle, at * CHUNK, CHUNK, os.POSIX_FADV_DONTNEED)
                chunk = os.pread(handle, CHUNK, at * CHUNK)
                del file
        except OSError:
            return False
        with self._counting:
            self.bytes += len(chunk)
        leaf = chunked.leaves[32 * at : 32 * at + 32]
        return hashlib.sha256(b"\x00" + chunk).digest() == leaf if chunk else not chunked.size


def _count(chunked: Chunked) -> int:
    return max(1, -(-chunked.size // CHUNK))


def chance_of_seeing(drawn: int, of: int, loss: float = LOSS) -> float:
    """The chance that a sample of `drawn` chunks holds one of those lost, where `loss` of `of` are (at least one)."""
    lost = max(1, round(of * loss))
    if drawn + lost > of:
        return 1.0
    return 1.0 - prod((of - lost - number) / (of - number) for number in range(drawn))
