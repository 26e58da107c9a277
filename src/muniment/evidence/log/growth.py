"""Writing a log's files: each whole and durable, in an order that can be taken up again anywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from muniment.errors import Damaged
from muniment.evidence.log.merkle import leaf_hash, root_from
from muniment.evidence.log.shelf import Shelf, read_items
from muniment.evidence.log.tiles import WIDTH, Tile, pack_entries, partial_tiles, subtree_hash

WRITING = "writing"


def grow(directory: Path, size: int, adding: Sequence[bytes]) -> bytes:
    """Write the tiles of a log of `size` entries to which `adding` is added; gives the new root.

    The old partial tiles go only when the new ones are durable, so it may be begun again at any time.
    """
    grown = size + len(adding)
    level, items = -1, list(adding)
    _write_level(directory, -1, size, items, grown)
    level, items = 0, [leaf_hash(entry) for entry in adding]
    while items:
        full = _write_level(directory, level, size >> 8 * level, items, grown >> 8 * level)
        items = [subtree_hash(hashes) for hashes in full]
        level += 1
    kept = set(partial_tiles(grown))
    _remove(directory, [tile for tile in partial_tiles(size) if tile not in kept])
    return root_from(grown, Shelf(directory, grown).subtree)


def _write_level(
    directory: Path, level: int, old: int, items: list[bytes], new: int
) -> list[list[bytes]]:
    """Write the tiles of one level, which had `old` items and gets `items`; gives those now full."""
    first = old // WIDTH
    row = _front(directory, Tile(level, first, old % WIDTH), new) + items
    full = []
    for at in range(0, len(row), WIDTH):
        index, part = first + at // WIDTH, row[at : at + WIDTH]
        if len(part) == WIDTH:
            full.append(part)
            widths = [WIDTH]
        elif level > 0:
            widths = list(range(old % WIDTH + 1 if index == first else 1, len(part) + 1))
        else:
            widths = [len(part)]
        for width in widths:
            content = pack_entries(part) if level < 0 else b"".join(part[:width])
            write_file(directory, Tile(level, index, width).path, content)
    return full


def _front(directory: Path, tile: Tile, new: int) -> list[bytes]:
    """What stood in the last tile of a level: from it, or (begun again) from the one that took its place."""
    if not tile.width:
        return []
    grown = Tile(tile.level, tile.index, min(WIDTH, new - tile.index * WIDTH))
    there = tile if (directory / tile.path).exists() else grown
    return read_items(directory, there)[: tile.width]


def _remove(directory: Path, tiles: Sequence[Tile]) -> None:
    """Remove partial tiles, and their folder with the last of them."""
    for folder in {(directory / tile.path).parent for tile in tiles}:
        for tile in tiles:
            path = directory / tile.path
            if path.parent == folder and path.exists():
                path.unlink()
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
        _sync_folder(folder if folder.exists() else folder.parent)


def write_file(directory: Path, name: str, content: bytes) -> None:
    """Put a file in place whole and durable, and read it back.

    Raises OSError with what was there before still in place, or Damaged where the disk gives back
    something else.
    """
    target = directory / name
    _make_folder(directory, target.parent)
    temporary = directory / WRITING
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    temporary.replace(target)
    _sync_folder(target.parent)
    if target.read_bytes() != content:
        raise Damaged(
            f"{name} of the log reads back differently from what was written.",
            next="The disk or its cable is failing: copy the case elsewhere before going on.",
        )


def _make_folder(directory: Path, folder: Path) -> None:
    if folder != directory and not folder.is_dir():
        _make_folder(directory, folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
