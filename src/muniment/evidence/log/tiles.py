"""Tiles (c2sp.org/tlog-tiles): a log as static files, 256 hashes or entries each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muniment.evidence.log.merkle import node_hash
from muniment.evidence.refusals import Malformed

WIDTH = 256
HASH = 32
# Level 0 to 63, an index below 2^64, width 1 to 255; `path` then says whether it is in its one form.
_PATH = re.compile(
    r"tile/(entries|[0-5]?[0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?",
    re.ASCII,
)
_NEXT = "Restore the file from a good copy."


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A file of the log: level -1 is a bundle of entries, from 0 up hashes; width 1 to 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it lies: `tile/<level>/<index>[.p/<width>]`, `tile/entries/…`."""
        level = "entries" if self.level < 0 else str(self.level)
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{index_path(self.index)}{partial}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """The tile at a path. Raises Malformed where the path is not in its one form."""
        shape = _PATH.fullmatch(path)
        if shape:
            level, index, width = shape.groups()
            number = -1 if level == "entries" else int(level)
            digits = index.replace("x", "").replace("/", "")
            tile = cls(number, int(digits), int(width) if width else WIDTH)
            if tile.path == path:
                return tile
        raise Malformed("This is no path of a tile.", next="Ask for tile/<level>/<index>.")


def index_path(index: int) -> str:
    """An index in groups of three digits, all but the last with an x: 1234067 is x001/x234/067."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def tiles_of(size: int) -> Iterator[Tile]:
    """The files that a log of this size holds on our disk, bundles of entries included.

    Of the last tile at levels above 0 every width up to its own is kept, so that the tiles of each
    multiple of 256 are there; of the last bundle and the last tile at level 0, only the latest.
    """
    for level in (-1, 0):
        yield from (Tile(level, index) for index in range(size // WIDTH))
        if size % WIDTH:
            yield Tile(level, size // WIDTH, size % WIDTH)
    level, count = 1, size // WIDTH
    while count:
        yield from (Tile(level, index) for index in range(count // WIDTH))
        yield from (Tile(level, count // WIDTH, width) for width in range(1, count % WIDTH + 1))
        level, count = level + 1, count // WIDTH


def partial_tiles(size: int) -> Iterator[Tile]:
    """Those of `tiles_of` that are not full."""
    if size % WIDTH:
        yield Tile(-1, size // WIDTH, size % WIDTH)
        yield Tile(0, size // WIDTH, size % WIDTH)
    level, count = 1, size // WIDTH
    while count:
        yield from (Tile(level, count // WIDTH, width) for width in range(1, count % WIDTH + 1))
        level, count = level + 1, count // WIDTH


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """A bundle: each entry after its length as u16."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Malformed."""
    entries = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle) or at + 2 > len(bundle):
            raise Malformed("A bundle of entries is cut off.", next=_NEXT)
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def unpack_hashes(content: bytes) -> list[bytes]:
    """The hashes of a tile. Raises Malformed."""
    if len(content) % HASH:
        raise Malformed("A tile is cut off.", next=_NEXT)
    return [content[at : at + HASH] for at in range(0, len(content), HASH)]


def subtree_hash(hashes: Sequence[bytes]) -> bytes:
    """The hash over 2^n hashes that stand side by side."""
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return level[0]
