"""Two logs of one case: how they stand to each other, bringing one up to the other, putting one together again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import Damaged, MunimentError
from muniment.evidence.custodians.files import make_folders
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.growth import WRITING, write_file
from muniment.evidence.log.merkle import EMPTY_ROOT, leaf_hash, root_of
from muniment.evidence.log.note import Note, VerifierKey
from muniment.evidence.log.shelf import items_of
from muniment.evidence.log.store import CHECKPOINT, VKEY, Log
from muniment.evidence.log.tiles import WIDTH, Tile, pack_entries, subtree_hash, tiles_of
from muniment.evidence.log.tree_state import TREE, TreeState
from muniment.evidence.refusals import Malformed, Unproved

SAME, BEHIND, AHEAD, OTHER, UNREADABLE = "same", "behind", "ahead", "other", "unreadable"


def relation(ours: Path, theirs: Path) -> str:
    """How their log stands to ours: SAME, BEHIND (ours continues it), AHEAD, OTHER, UNREADABLE."""
    try:
        mine, other = Log(ours), Log(theirs)
        sizes = mine.size, other.size
        least = min(sizes)
        if mine.key != other.key or mine.root(least) != other.root(least):
            return OTHER
    except MunimentError:
        return UNREADABLE
    return SAME if sizes[0] == sizes[1] else BEHIND if sizes[1] < sizes[0] else AHEAD


def extend_log(ours: Path, root: Path, folder: str, size: int, checkpoint: bytes) -> int:
    """Bring the log in root/folder up to the first `size` entries of ours, under `checkpoint`; returns how many came.

    Can be cut off anywhere.

    Their log must be new, or BEHIND or SAME as ours. Raises Damaged, OSError.
    """
    mine = Log(ours)
    theirs = make_folders(root, folder)
    if not (theirs / CHECKPOINT).exists():
        write_file(theirs, VKEY, (ours / VKEY).read_bytes())
        if not (theirs / TREE).exists():
            write_file(theirs, TREE, TreeState(0, EMPTY_ROOT).to_json())
        write_file(theirs, CHECKPOINT, checkpoint)
    other = Log(theirs)
    start = other.size
    if start < size:
        first = start // WIDTH * WIDTH
        last = mine.size
        entries = [entry for at in range(first, size, WIDTH) for entry in _bundle(ours, at, last)]
        other.append(entries[start - first : size - first])
    if other.root() != mine.root(other.size):
        raise Damaged(
            "The custodian's log is damaged.", next="Run `muniment repair CASE --custodian NAME`."
        )
    if other.checkpoint() != checkpoint:
        write_file(theirs, CHECKPOINT, checkpoint)
    return size - start


def _bundle(ours: Path, at: int, size: int) -> list[bytes]:
    tile = Tile(-1, at // WIDTH, min(WIDTH, size - at))
    items = items_of(tile, (ours / tile.path).read_bytes())
    if items is None:
        raise Damaged("The log is damaged.", next="Run `muniment repair` first.")
    return items


@dataclass(frozen=True, slots=True)
class Whole:
    """A log put together: its size, its root, and every file of its folder."""

    size: int
    root: bytes
    files: dict[str, bytes]


def put_together(
    folders: Sequence[Path], *, key: VerifierKey | None = None, at_least: int = 0
) -> Whole | None:
    """The longest log that one of the folders states and that the entries in all of them make; None for none.

    The first folder is the one to be mended: where another tells another story than what the first has signed,
    it is left out. `key`: the log's own; else the first readable vkey. Only what has a valid signature by it
    counts as a checkpoint.
    """
    key = key or next((found for found in map(vkey_of, folders) if found), None)
    if key is None:
        return None
    heads = sorted({head for folder in folders for head in _heads(folder, key)}, reverse=True)
    signed = [_signed(folder, key) for folder in folders]
    bound = signed[0][0] if signed and signed[0] is not None else None
    for size, root in heads:
        if size < at_least:
            break
        entries = _entries(folders, size, root)
        if entries is None:
            continue
        leaves = [leaf_hash(entry) for entry in entries]
        if bound and bound.size and root_of(leaves[: bound.size]) != bound.root:
            continue
        notes = [one for one in signed if one is not None and one[0].size <= size]
        good = [one for one in notes if root_of(leaves[: one[0].size]) == one[0].root]
        if not good:
            continue
        note = max(good, key=lambda one: one[0].size)[1]
        return Whole(size, root, _files_of(entries, key, root, note))
    return None


def vkey_of(folder: Path) -> VerifierKey | None:
    """The public key in a log's folder; None where it cannot be read."""
    try:
        content = (folder / VKEY).read_bytes()
        key = VerifierKey.parse(content.decode().removesuffix("\n"))
    except (OSError, UnicodeDecodeError, Malformed):
        return None
    return key if key.vkey.encode() + b"\n" == content else None


def _signed(folder: Path, key: VerifierKey) -> tuple[Checkpoint, bytes] | None:
    try:
        note = (folder / CHECKPOINT).read_bytes()
        checkpoint = open_checkpoint(note, [key])
        alone = len(Note.parse(note).signatures) == 1 and not checkpoint.extensions
    except (OSError, Malformed, Unproved):
        return None
    return (checkpoint, note) if alone else None


def _heads(folder: Path, key: VerifierKey) -> Iterator[tuple[int, bytes]]:
    signed = _signed(folder, key)
    if signed is not None:
        yield signed[0].size, signed[0].root
    try:
        state = TreeState.from_json((folder / TREE).read_bytes())
    except (OSError, Damaged):
        return
    yield state.size, state.root


def _entries(folders: Sequence[Path], size: int, root: bytes) -> list[bytes] | None:
    """The entries of a log of this size and root, each bundle from where it is right; None where that fails."""
    entries: list[bytes] = []
    choices: list[tuple[int, list[list[bytes]]]] = []
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        found = [b for folder in folders for b in _read(folder, -1, start // WIDTH, width)]
        distinct = [b for i, b in enumerate(found) if b not in found[:i]]
        if not distinct:
            return None
        said = [h for folder in folders for h in _read(folder, 0, start // WIDTH, width)]
        distinct.sort(key=lambda bundle: -said.count([leaf_hash(entry) for entry in bundle]))
        if len(distinct) > 1:
            choices.append((start, distinct))
        entries += distinct[0]
    if _makes(entries, root):
        return entries
    for start, distinct in choices:  # one contested bundle that the tiles' votes settled wrongly
        for bundle in distinct[1:]:
            tried = entries[:start] + bundle + entries[start + len(bundle) :]
            if _makes(tried, root):
                return tried
    return None


def _makes(entries: Sequence[bytes], root: bytes) -> bool:
    return root_of([leaf_hash(entry) for entry in entries]) == root


def _read(folder: Path, level: int, index: int, width: int) -> Iterator[list[bytes]]:
    """What a folder has of a bundle (level -1) or tile: in any width that is not smaller."""
    widths = [WIDTH, *_partials(folder / f"{Tile(level, index).path}.p")]
    for there in widths:
        if there < width:
            continue
        tile = Tile(level, index, there)
        try:
            items = items_of(tile, (folder / tile.path).read_bytes())
        except OSError:
            continue
        if items is not None:
            yield items[:width]


def _partials(folder: Path) -> list[int]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(int(name) for name in names if name.isdigit() and 0 < int(name) < WIDTH)


def _files_of(
    entries: Sequence[bytes], key: VerifierKey, root: bytes, note: bytes
) -> dict[str, bytes]:
    """Every file of a log's folder: it follows from the entries (docs/formats/log.md)."""
    size = len(entries)
    rows: list[list[bytes]] = [[leaf_hash(entry) for entry in entries]]
    while len(rows[-1]) >= WIDTH:
        below = rows[-1]
        full = len(below) // WIDTH
        rows.append([subtree_hash(below[at * WIDTH : (at + 1) * WIDTH]) for at in range(full)])
    files = {
        VKEY: f"{key.vkey}\n".encode(),
        CHECKPOINT: note,
        TREE: TreeState(size, root).to_json(),
    }
    for tile in tiles_of(size):
        row = entries if tile.level < 0 else rows[tile.level]
        part = list(row[tile.index * WIDTH : tile.index * WIDTH + tile.width])
        files[tile.path] = pack_entries(part) if tile.level < 0 else b"".join(part)
    return files


def settle_log(folder: Path, whole: Whole) -> list[str]:
    """Write every file of a log that is not as it should be; returns their paths. What else lies there stays."""
    changed = []
    (folder / WRITING).unlink(missing_ok=True)
    for path in sorted(whole.files, key=lambda path: path == TREE):
        try:
            right = (folder / path).read_bytes() == whole.files[path]
        except OSError:
            right = False
        if not right:
            write_file(folder, path, whole.files[path])
            changed.append(path)
    return changed
