"""class AnchorFolder: `anchors/` in a case, public proofs that only ever grow (docs/formats/anchors.md).

A file is first announced in index.json (`adding`), then written, then entered (`files`). What was announced and is
not there was never acknowledged; who opens the folder to write settles it. No file is ever changed or removed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from muniment.case.writing import sweep_leftovers, sync_folder, write_whole
from muniment.errors import BadUse, Damaged
from muniment.evidence.anchors.index import INDEX, RESTORE, Index, is_path


class AnchorFolder:
    """The folder. It need not be there before the first file is added."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def files(self) -> dict[str, str]:
        """Path to SHA-256 of everything it holds. Raises Damaged."""
        if not self._begun():
            return {}
        return self._index().files

    def read(self, path: str) -> bytes:
        """A file of the folder, checked against the index. Raises Damaged."""
        expected = self.files().get(path)
        try:
            content = (self.directory / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            content = b""
        if expected is None or sha256(content).hexdigest() != expected:
            raise Damaged(f"anchors/{path} is missing or damaged.", next=RESTORE)
        return content

    def add(self, new: Mapping[str, bytes]) -> None:
        """Put files in, durable on return. A path that is there with other bytes is refused (BadUse)."""
        with self._alone():
            index = self._settled()
            digests = {path: sha256(content).hexdigest() for path, content in new.items()}
            for path, digest in digests.items():
                if not is_path(path) or index.files.get(path, digest) != digest:
                    raise BadUse(
                        f"anchors/{path} cannot be put there.", next="A proof is never replaced."
                    )
            adding = {path: one for path, one in digests.items() if path not in index.files}
            if not adding:
                return
            self._write(Index(index.files, adding))
            for path in adding:
                self._make_folders(path)
                write_whole(self.directory / path, new[path])
            self._write(Index({**index.files, **adding}))

    def free(self, pattern: str) -> str:
        """The first path of the pattern (`{}` is a number from 1) that is not taken."""
        taken = self.files()
        return next(
            path for n in range(1, len(taken) + 2) if (path := pattern.format(n)) not in taken
        )

    def problems(self, log_directory: Path) -> list[tuple[str, str]]:
        """Every file that is damaged, missing or unexpected, as (path in the folder, what); needs no keys.

        A checkpoint must also be one of the log beside it. What a killed addition left behind is settled first,
        unless somebody is at work or the folder cannot be written.
        """
        from muniment.evidence.anchors.examination import examine

        if not self.directory.exists() and not self.directory.is_symlink():
            return []
        if not self.directory.is_dir() or self.directory.is_symlink():
            return [("", "damaged")]
        if os.access(self.directory, os.W_OK):
            try:
                with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                    sweep_leftovers(self.directory)
                    if self._begun():
                        self._settled()
            except (BlockingIOError, Damaged):
                pass
        with self._locked(fcntl.LOCK_SH):
            return examine(self.directory, log_directory) if self._begun() else []

    def _begun(self) -> bool:
        return self.directory.is_dir() and any(self.directory.iterdir())

    def _settled(self) -> Index:
        """The index, after what an earlier addition left behind is entered or removed."""
        index = self._index()
        if not index.adding:
            return index
        files = dict(index.files)
        for path, digest in index.adding.items():
            target = self.directory / path
            if target.parent.is_dir():
                sweep_leftovers(target.parent)
            if target.is_file() and sha256(target.read_bytes()).hexdigest() == digest:
                files[path] = digest
            else:
                self._remove_empty_folders(path)
        settled = Index(files)
        self._write(settled)
        return settled

    def _index(self) -> Index:
        try:
            return Index.from_json((self.directory / INDEX).read_bytes())
        except FileNotFoundError:
            raise Damaged("anchors/index.json is missing.", next=RESTORE) from None

    def _write(self, index: Index) -> None:
        write_whole(self.directory / INDEX, index.to_json())

    def _remove_empty_folders(self, path: str) -> None:
        """Those that were made for a file which never came."""
        for folder in list(Path(path).parents)[:-1]:
            place = self.directory / folder
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()
                sync_folder(place.parent)

    def _make_folders(self, path: str) -> None:
        folder = self.directory
        for name in path.split("/")[:-1]:
            folder = folder / name
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
                sync_folder(folder.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, from every process; the folder is made where there is none."""
        if not self.directory.is_dir():
            self.directory.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.directory.parent)
        with self._locked(fcntl.LOCK_EX):
            sweep_leftovers(self.directory)
            if not self._begun():
                self._write(Index())
            yield

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        handle = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)
