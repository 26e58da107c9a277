"""Examining a log's folder: every flipped, missing or added byte, and which file it is in.

All follows from the entries: the tiles, tree.json, and what the checkpoint signs. Where entries and tiles
contradict each other, the level above or the root tells which of them is damaged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from muniment.errors import Damaged
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.merkle import leaf_hash, root_of
from muniment.evidence.log.note import Note, VerifierKey
from muniment.evidence.log.shelf import items_of
from muniment.evidence.log.tiles import WIDTH, Tile, subtree_hash, tiles_of
from muniment.evidence.log.tree_state import TREE, TreeState
from muniment.evidence.refusals import Malformed, Unproved

VKEY, CHECKPOINT = "vkey", "checkpoint"

DAMAGED, MISSING, UNEXPECTED = "damaged", "missing", "unexpected"
CUT_OFF = "an append was cut off; open the log where it can be written"
UNCHECKED = "cannot be checked: what it is made of is damaged"
NOT_SIGNED = "does not sign what the log holds"

Hashes = list[bytes] | None


class Examination:
    """One look at a folder. `problems` fills as it goes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._there = dict(_walk(directory))
        self.problems: dict[str, str] = {}
        self._state = self._read_state()
        self._checkpoint = self._read_checkpoint()
        self._size = self._likeliest_size()

    def run(self) -> list[tuple[str, str]]:
        """All problems, by path."""
        self._compare_names()
        leaves = self._settle_leaves()
        root = self._check_levels(leaves)
        self._check_heads(leaves, root)
        return sorted(self.problems.items())

    def _read(self, name: str) -> bytes | None:
        """A regular file's content; None, and noted, where there is none."""
        if not self._there.get(name, False):
            self.problems[name] = DAMAGED if name in self._there else MISSING
            return None
        try:
            return (self._directory / name).read_bytes()
        except OSError:
            self.problems[name] = DAMAGED
            return None

    def _read_state(self) -> TreeState | None:
        content = self._read(TREE)
        if content is None:
            return None
        try:
            state = TreeState.from_json(content)
        except Damaged:
            self.problems[TREE] = DAMAGED
            return None
        if state.adding:
            self.problems[TREE] = CUT_OFF
        return state

    def _read_checkpoint(self) -> Checkpoint | None:
        """The head that was signed, if the log's key did sign it."""
        content, note = self._read(VKEY), self._read(CHECKPOINT)
        key: VerifierKey | None = None
        if content is not None:
            try:
                key = VerifierKey.parse(content.decode().removesuffix("\n"))
            except (Malformed, UnicodeDecodeError):
                key = None
            if key is None or key.vkey.encode() + b"\n" != content:
                self.problems[VKEY] = DAMAGED
        if note is None:
            return None
        try:
            parsed = Note.parse(note)
            checkpoint = Checkpoint.parse(parsed.text)
            # One line, ours: bytes under an unknown key could change unseen.
            whole = len(parsed.signatures) == 1 and not checkpoint.extensions
            if whole and key is not None:
                open_checkpoint(note, [key])
        except (Malformed, Unproved):
            whole = False
        if not whole:
            self.problems[CHECKPOINT] = DAMAGED
            return None
        return checkpoint

    def _likeliest_size(self) -> int:
        """What tree.json says, unless what lies there fits another size better."""
        tiles = {path for path in self._there if path.startswith("tile/")}
        sizes = [self._state.size] if self._state else []
        sizes += [_size_of(tiles)]
        sizes += [self._checkpoint.size] if self._checkpoint else []
        # A size out of all proportion would take for ever to compare.
        sizes = [size for size in sizes if size // WIDTH <= len(tiles) + 10_000] or [0]
        return min(sizes, key=lambda size: len(tiles ^ {tile.path for tile in tiles_of(size)}))

    def _compare_names(self) -> None:
        expected = {VKEY, CHECKPOINT, TREE} | {tile.path for tile in tiles_of(self._size)}
        later: set[str] = set()
        if self._state and self._state.adding:
            later = {tile.path for tile in tiles_of(self._state.size + len(self._state.adding))}
        for path in expected - set(self._there):
            self.problems[path] = MISSING
        for path in set(self._there) - expected - later:
            # An empty folder is no news where a file that belongs into it is missing.
            if not path.endswith("/") or not any(one.startswith(path) for one in expected):
                self.problems[path] = UNEXPECTED

    def _items(self, tile: Tile) -> Hashes:
        """What a file holds; None where it is not there, or (noted) has not its shape."""
        if tile.path not in self._there:
            return None
        content = self._read(tile.path)
        items = None if content is None else items_of(tile, content)
        if items is None:
            self.problems[tile.path] = DAMAGED
        return items

    def _settle_leaves(self) -> list[Hashes]:
        """The leaf hashes of each bundle, from the entries or, where those are damaged, from the tile."""
        settled: list[Hashes] = []
        contested: list[tuple[Tile, Tile, list[bytes], list[bytes]]] = []
        for start in range(0, self._size, WIDTH):
            width = min(WIDTH, self._size - start)
            entries = Tile(-1, start // WIDTH, width)
            hashes = Tile(0, start // WIDTH, width)
            bundle, said = self._items(entries), self._items(hashes)
            made = None if bundle is None else [leaf_hash(entry) for entry in bundle]
            settled.append(said if made is None else made)
            if made is not None and said is not None and made != said:
                contested.append((entries, hashes, made, said))
        for entries, hashes, made, said in contested:
            fits = self._judge_of(entries.index, settled)
            truth = made if fits(made) else said if fits(said) else None
            if truth is not made:
                self.problems[entries.path] = DAMAGED
            if truth is not said:
                self.problems[hashes.path] = DAMAGED
            settled[entries.index] = truth
        return settled

    def _judge_of(self, index: int, settled: Sequence[Hashes]) -> Callable[[list[bytes]], bool]:
        """What tells whether the leaves of a bundle are true: the tile above it, or else the roots."""

        def fits(leaves: list[bytes]) -> bool:
            if len(leaves) == WIDTH and above is not None:
                return subtree_hash(leaves) == above[index % WIDTH]
            row: list[bytes] = []
            for at, others in enumerate(settled):
                row += leaves if at == index else (others or [])
            return root_of(row) in self._roots_said()

        width = min(WIDTH, self._size // WIDTH - index // WIDTH * WIDTH)
        above = self._items(Tile(1, index // WIDTH, width)) if index % WIDTH < width else None
        return fits

    def _roots_said(self) -> set[bytes]:
        said = {self._state.root} if self._state and self._state.size == self._size else set()
        if self._checkpoint and self._checkpoint.size == self._size:
            said.add(self._checkpoint.root)
        return said

    def _check_levels(self, leaves: Sequence[Hashes]) -> bytes | None:
        """Compare each tile above level 0 with what the one below makes; gives the root, if it is known."""
        row = [subtree_hash(part) if part else None for part in leaves[: self._size // WIDTH]]
        level = 1
        while row:
            above: list[bytes | None] = []
            for index in range(-(-len(row) // WIDTH)):
                part = row[index * WIDTH : (index + 1) * WIDTH]
                self._check_tiles(level, index, part)
                if len(part) == WIDTH:
                    known = [one for one in part if one is not None]
                    above.append(subtree_hash(known) if len(known) == WIDTH else None)
            row = above
            level += 1
        whole: list[bytes] = []
        for some in leaves:
            if some is None:
                return None
            whole += some
        return root_of(whole)

    def _check_tiles(self, level: int, index: int, hashes: Sequence[bytes | None]) -> None:
        """Compare one tile, in every width kept of it, with its true hashes (None: not known any more)."""
        full = len(hashes) == WIDTH
        tiles = [Tile(level, index, w) for w in ([WIDTH] if full else range(1, len(hashes) + 1))]
        said = [(tile, items) for tile in tiles if (items := self._items(tile)) is not None]
        for at, true in enumerate(hashes):
            here = [(tile, items[at]) for tile, items in said if at < tile.width]
            agreed = len(here) > 1 and len({one for _, one in here}) == 1
            for tile, one in here:
                if true is None and not agreed:
                    self.problems.setdefault(tile.path, UNCHECKED)
                elif true is not None and one != true:
                    self.problems[tile.path] = DAMAGED

    def _check_heads(self, leaves: Sequence[Hashes], root: bytes | None) -> None:
        state, checkpoint = self._state, self._checkpoint
        if state and (state.size != self._size or (root is not None and state.root != root)):
            self.problems.setdefault(TREE, DAMAGED)
        if checkpoint is None:
            return
        if checkpoint.size > self._size:
            self.problems[CHECKPOINT] = NOT_SIGNED
        elif root is not None:
            signed = root
            if checkpoint.size < self._size:
                whole = [leaf for some in leaves for leaf in some or []]
                signed = root_of(whole[: checkpoint.size])
            if signed != checkpoint.root:
                self.problems[CHECKPOINT] = NOT_SIGNED


def examine(directory: Path) -> list[tuple[str, str]]:
    """Every file that is damaged, missing or unexpected: (path in the folder, what). Writes nothing."""
    return Examination(directory).run()


def _walk(directory: Path, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Everything in the folder but folders with something in them: (path, whether a regular file)."""
    with os.scandir(directory) as found:
        for one in found:
            name = prefix + one.name
            if one.is_dir(follow_symlinks=False):
                inside = list(_walk(Path(one.path), f"{name}/"))
                yield from inside or [(f"{name}/", False)]
            else:
                yield name, one.is_file(follow_symlinks=False)


def _size_of(paths: set[str]) -> int:
    """The size that the names of the bundles tell."""
    size = 0
    for path in paths:
        if path.startswith("tile/entries/"):
            try:
                tile = Tile.parse(path)
            except Malformed:
                continue
            size = max(size, tile.index * WIDTH + tile.width)
    return size
