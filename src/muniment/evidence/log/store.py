"""class Log: a transparency log on disk, as static files (docs/formats/log.md).

    vkey        the log's public key, one line
    checkpoint  the last head that was signed
    tree.json   how many entries there are and their root; while entries are being added, those too
    tile/…      hashes and entries as c2sp.org/tlog-tiles lays them out
    writing     a file being written; left behind only where the machine stopped

An append first writes the new entries into tree.json (from there on they are kept whatever happens), then
the tiles, then tree.json without them. Opening a log finishes what was cut off.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import BadUse, Damaged, NotFound
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.growth import WRITING, grow, write_file
from muniment.evidence.log.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    root_from,
)
from muniment.evidence.log.note import Note, Signer, VerifierKey
from muniment.evidence.log.shelf import ENTRY, RESTORE, Shelf
from muniment.evidence.log.tiles import WIDTH
from muniment.evidence.log.tree_state import TREE, TreeState
from muniment.evidence.refusals import Malformed

if TYPE_CHECKING:
    from muniment.evidence.log.proof import TlogProof

VKEY, CHECKPOINT = "vkey", "checkpoint"


class Log:
    """A log in a folder. Several may read it at once; who writes waits for its turn."""

    def __init__(self, directory: Path) -> None:
        """Open a log, finishing an append that was cut off. Raises NotFound where there is none."""
        self.directory = Path(directory)
        if not any((self.directory / name).exists() for name in (VKEY, CHECKPOINT, TREE)):
            raise NotFound("There is no log in this folder.", next="Check the path of the case.")
        self._heal()

    @classmethod
    def create(cls, directory: Path, origin: str, signer: Signer) -> Log:
        """Make an empty log, signed with size 0. The signer's name is the origin."""
        if signer.name != origin:
            raise BadUse("A log is signed by a key with its own name.", next="Name the key so.")
        directory = Path(directory)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (directory / CHECKPOINT).exists():
            raise BadUse("There is a log in this folder already.", next="Open it instead.")
        log = cls.__new__(cls)
        log.directory = directory
        with log._turn():
            write_file(directory, VKEY, f"{signer.vkey}\n".encode())
            write_file(directory, TREE, TreeState(0, EMPTY_ROOT).to_json())
            write_file(directory, CHECKPOINT, Checkpoint(origin, 0, EMPTY_ROOT).sign(signer))
        return log

    @property
    def key(self) -> VerifierKey:
        """The log's public key, from its folder. Who relies on it gets it from elsewhere."""
        content = self._read(VKEY)
        try:
            key = VerifierKey.parse(content.decode().removesuffix("\n"))
            if key.vkey.encode() + b"\n" == content:
                return key
        except (Malformed, UnicodeDecodeError):
            pass
        raise Damaged("The log's vkey is damaged.", next=RESTORE)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.key.name

    @property
    def size(self) -> int:
        """How many entries are kept, signed or not."""
        return self._state().size

    def root(self, size: int | None = None) -> bytes:
        """The root of the log as it is, or as it was with `size` entries."""
        state = self._state()
        if size is None or size == state.size:
            return state.root
        if not 0 <= size < state.size:
            raise BadUse(f"The log has {state.size} entries.", next="Ask for an earlier size.")
        with self._turn(shared=True):
            return root_from(size, self._shelf().subtree)

    def checkpoint(self) -> bytes:
        """The last checkpoint, a signed note."""
        return self._read(CHECKPOINT)

    def entry(self, index: int) -> bytes:
        """The 32 bytes at an index."""
        with self._turn(shared=True):
            shelf = self._shelf()
            if not 0 <= index < shelf.size:
                raise BadUse(f"The log has no entry {index}.", next="Ask for an entry it has.")
            return shelf.bundle(index // WIDTH)[index % WIDTH]

    def entries(self) -> list[bytes]:
        """Every entry, in order."""
        with self._turn(shared=True):
            return [entry for _, bundle in self._shelf().bundles() for entry in bundle]

    def index_of(self, entry: bytes) -> int | None:
        """Where an entry stands, or None."""
        with self._turn(shared=True):
            for start, bundle in self._shelf().bundles():
                if entry in bundle:
                    return start + bundle.index(entry)
        return None

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that an entry is in the log of `size` entries."""
        with self._turn(shared=True):
            return inclusion_proof(index, size, self._shelf(size).subtree)

    def receipt(self, index: int, checkpoint: bytes | None = None) -> TlogProof:
        """The offline proof that an entry is in the log, under the last checkpoint or one given."""
        from muniment.evidence.log.proof import TlogProof

        note = self.checkpoint() if checkpoint is None else checkpoint
        size = Checkpoint.parse(Note.parse(note).text).size
        return TlogProof(index, tuple(self.inclusion(index, size)), note)

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """The proof that the log of size1 entries is the beginning of that of size2."""
        with self._turn(shared=True):
            return consistency_proof(size1, size2, self._shelf(size2).subtree)

    def append(self, entries: Sequence[bytes]) -> range:
        """Add entries of 32 bytes, durable on return; gives their indexes.

        Entries never repeat (they are salted roots or random). So a call that is made again after a crash
        gives the indexes which they have; one of which only a part is there, elsewhere or in another
        order, is refused.
        """
        if any(len(entry) != ENTRY for entry in entries) or len(set(entries)) < len(entries):
            raise BadUse("Entries are 32 bytes each, and no two the same.", next="Give roots.")
        with self._turn():
            self._finish()
            state = self._state()
            shelf = self._shelf()
            if root_from(state.size, shelf.subtree) != state.root:
                raise Damaged("The log's tiles and its tree.json differ.", next=RESTORE)
            wanted = set(entries)
            there = [
                (start + offset, entry)
                for start, bundle in shelf.bundles()
                if not wanted.isdisjoint(bundle)
                for offset, entry in enumerate(bundle)
                if entry in wanted
            ]
            if there:
                first = there[0][0]
                if there != list(enumerate(entries, first)):
                    raise BadUse(
                        "A part of these entries is in the log already.",
                        next="Look each up with index_of and append only what is not there.",
                    )
                return range(first, first + len(entries))
            if entries:
                write_file(
                    self.directory,
                    TREE,
                    TreeState(state.size, state.root, tuple(entries)).to_json(),
                )
                self._finish()
            return range(state.size, state.size + len(entries))

    def pad(self) -> range:
        """Add random entries up to a multiple of 256, so that the size tells little."""
        missing = -self.size % WIDTH
        return self.append([secrets.token_bytes(ENTRY) for _ in range(missing)])

    def publish(self, signer: Signer) -> bytes:
        """Sign the log as it is and write its `checkpoint`; gives the note.

        Raises Damaged where the log on disk does not continue what was signed before: a log must never
        sign two stories.
        """
        with self._turn():
            self._finish()
            if signer.key != self.key:
                raise BadUse("This key is not the log's.", next="Sign with the log's own key.")
            state = self._state()
            try:
                last = open_checkpoint(self.checkpoint(), [self.key])
            except Malformed as error:
                raise Damaged("The log's checkpoint is damaged.", next=RESTORE) from error
            if last.size > state.size or root_from(last.size, self._shelf().subtree) != last.root:
                raise Damaged("The log is not what it signed before.", next=RESTORE)
            if last.size < state.size:
                note = Checkpoint(signer.name, state.size, state.root).sign(signer)
                write_file(self.directory, CHECKPOINT, note)
            return self.checkpoint()

    def problems(self) -> list[tuple[str, str]]:
        """Every file that is damaged, missing or unexpected, as (path in the folder, what); needs no keys."""
        from muniment.evidence.log.examination import examine

        with self._turn(shared=True):
            return examine(self.directory)

    def _state(self) -> TreeState:
        return TreeState.from_json(self._read(TREE))

    def _shelf(self, least: int = 0) -> Shelf:
        size = self._state().size
        if least > size:
            raise BadUse(f"The log has {size} entries.", next="Ask for an earlier size.")
        return Shelf(self.directory, size)

    def _read(self, name: str) -> bytes:
        try:
            return (self.directory / name).read_bytes()
        except FileNotFoundError:
            raise Damaged(f"{name} of the log is missing.", next=RESTORE) from None

    @contextmanager
    def _turn(self, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
        """Hold the folder: alone to write, with others to read it as a whole."""
        handle = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(handle, how if wait else how | fcntl.LOCK_NB)
            yield
        finally:
            os.close(handle)

    def _heal(self) -> None:
        """Finish what was cut off, unless somebody is at work or the folder cannot be written."""
        try:
            cut_off = bool(self._state().adding)
        except Damaged:
            return  # `problems` says so
        if not cut_off and not (self.directory / WRITING).exists():
            return
        if not os.access(self.directory, os.W_OK):
            return
        try:
            with self._turn(wait=False):
                self._finish()
        except BlockingIOError:
            return

    def _finish(self) -> None:
        """Carry out what tree.json says is being added. Each step is the same when taken twice."""
        (self.directory / WRITING).unlink(missing_ok=True)
        state = self._state()
        if not state.adding:
            return
        root = grow(self.directory, state.size, state.adding)
        grown = TreeState(state.size + len(state.adding), root)
        write_file(self.directory, TREE, grown.to_json())
