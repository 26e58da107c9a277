"""Reading a log's tiles and bundles of entries from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from muniment.errors import Damaged
from muniment.evidence.log.tiles import WIDTH, Tile, subtree_hash, unpack_entries, unpack_hashes
from muniment.evidence.refusals import Malformed

ENTRY = 32  # bytes: a batch root, a custody root or random padding
RESTORE = "Run `muniment audit`, then restore the log from a good copy."


class Shelf:
    """The files of a log of `size` entries. What is read is checked for its shape, not for its truth."""

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory
        self.size = size
        self._last: tuple[Tile, list[bytes]] | None = None

    def bundle(self, index: int) -> list[bytes]:
        """The entries of a bundle. Raises Damaged."""
        width = min(WIDTH, self.size - index * WIDTH)
        return read_items(self._directory, Tile(-1, index, width))

    def bundles(self) -> Iterator[tuple[int, list[bytes]]]:
        """All entries: (index of the first, the entries of its bundle)."""
        for start in range(0, self.size, WIDTH):
            yield start, self.bundle(start // WIDTH)

    def subtree(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree of the log, in the words of merkle.py. Raises Damaged."""
        count = 1 << level % 8
        first = index * count  # counted in hashes of the tiles it is made of
        hashes = self._hashes(level // 8, first // WIDTH)
        return subtree_hash(hashes[first % WIDTH : first % WIDTH + count])

    def _hashes(self, level: int, index: int) -> list[bytes]:
        width = min(WIDTH, (self.size >> 8 * level) - index * WIDTH)
        tile = Tile(level, index, width)
        if self._last is None or self._last[0] != tile:
            self._last = (tile, read_items(self._directory, tile))
        return self._last[1]


def read_items(directory: Path, tile: Tile) -> list[bytes]:
    """The entries or hashes of one file. Raises Damaged where it is missing or has not its shape."""
    try:
        content = (directory / tile.path).read_bytes()
    except FileNotFoundError:
        raise Damaged(f"{tile.path} of the log is missing.", next=RESTORE) from None
    items = items_of(tile, content)
    if items is None:
        raise Damaged(f"{tile.path} of the log is damaged.", next=RESTORE)
    return items


def items_of(tile: Tile, content: bytes) -> list[bytes] | None:
    """The entries or hashes in a file's content; None where it has not the shape of its name."""
    try:
        items = unpack_entries(content) if tile.level < 0 else unpack_hashes(content)
    except Malformed:
        return None
    good = len(items) == tile.width and all(len(item) == ENTRY for item in items)
    return items if good else None
