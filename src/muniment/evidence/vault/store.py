"""class Vault: sealing batches of staged files and reading them back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from muniment.case.folder import printable
from muniment.case.writing import sync_folder, write_whole
from muniment.errors import BadUse, Damaged, MunimentError, Newer, NotFound, Refused
from muniment.evidence.vault import age, ocfl
from muniment.evidence.vault.failures import disk_error
from muniment.evidence.vault.manifest import decrypt_manifest
from muniment.evidence.vault.padding import padded_size
from muniment.evidence.vault.sealing import build, commit
from muniment.evidence.vault.staging import NAME, Stored

MOST_FILES = 10_000
_BLOCK = 1 << 20
_REPAIR = "Run `muniment audit`, then `muniment repair` with a custodian's copy."


class Vault:
    """An OCFL 1.1 storage root whose objects are batches of encrypted originals.

    Raises NotFound where there is no vault at `root`, Damaged or Newer where it is not one this muniment reads.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[tuple[int, int], dict[str, str]]] = {}
        if (root / ocfl.ROOT_NAMASTE).is_file():
            return
        if not root.is_dir():
            raise NotFound(
                f"There is no vault at {printable(root)}.",
                next="Check the path; `muniment new --from` restores a case from a custodian's copy.",
            )
        if any(name.startswith("0=ocfl_") for name in os.listdir(root)):
            raise Newer(
                f"The vault at {printable(root)} has another version of OCFL than 1.1.",
                next="Install the muniment that wrote it, or a later one. Nothing was changed.",
            )
        raise Damaged(f"The vault at {printable(root)} has no {ocfl.ROOT_NAMASTE}.", next=_REPAIR)

    @classmethod
    def create(cls, root: Path) -> Vault:
        """Make an empty vault, or go on where an earlier call was interrupted.

        Raises Refused where something else lies at `root`, DiskFull or DiskFailed.
        """
        try:
            root.mkdir(mode=0o700, exist_ok=True)
            if (root / ocfl.ROOT_NAMASTE).is_file():
                return cls(root)
            there = os.listdir(root)
            if any(name not in ocfl.ROOT_FILES and not _leftover(name) for name in there):
                raise Refused(
                    f"{printable(root)} exists and is not a vault.",
                    next="Choose an empty folder; nothing was changed.",
                )
            for name in filter(_leftover, there):
                (root / name).unlink()
            for name, text in ocfl.ROOT_FILES.items():
                write_whole(root / name, text)
            sync_folder(root.parent)
        except OSError as error:
            raise disk_error(error, root) from error
        return cls(root)

    def objects(self) -> list[str]:
        """The names of the sealed objects, in alphabetical order."""
        with os.scandir(self.root) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        return sorted(n for n in names if (self.root / n / ocfl.OBJECT_NAMASTE).is_file())

    def seal(
        self,
        object_name: str,
        staging: Path,
        stored: Sequence[Stored],
        manifest: bytes,
        recipient: str,
    ) -> None:
        """Seal staged files as one object, which is on the disk, whole, when this returns.

        `object_name`: 8 to 64 random characters of a-z and 0-9; it becomes public. `manifest`: JSON text, kept
        encrypted. Calling again after an interruption goes on; calling again after it returned does nothing.
        Raises Damaged where a staged file is missing or changed, Refused where another object has the name,
        DiskFull, DiskFailed, BadUse.
        """
        age.check_recipient(recipient)
        _check_request(object_name, stored)
        final = self.root / object_name
        try:
            if final.is_dir():
                self._check_sealed(object_name, stored)
                sync_folder(self.root)
                return
            earlier = [name for name in self.objects() if name != object_name]
            commit(build(object_name, staging, stored, manifest, recipient, earlier), final)
        except OSError as error:
            raise disk_error(error, staging) from error

    def _check_sealed(self, object_name: str, stored: Sequence[Stored]) -> None:
        sealed = dict(self.contents(object_name))
        for name in (ocfl.MANIFEST, ocfl.CHUNKS):
            sealed.pop(name, None)
        if sealed != {one.name: one.cipher_sha512 for one in stored}:
            raise Refused(
                f"The vault holds another object {object_name}.",
                next="Seal under a fresh random name; a sealed object is never changed.",
            )

    def contents(self, object_name: str) -> dict[str, str]:
        """Every file of an object and its SHA-512 (hexadecimal), manifest.age and chunks.json included.

        Raises NotFound for an unknown object, Damaged where neither copy of its inventory is whole.
        """
        folder = self.root / object_name
        if not ocfl.OBJECT_NAME.fullmatch(object_name) or not folder.is_dir():
            raise NotFound(
                f"The vault has no object {printable(object_name)}.",
                next="Run `muniment audit`: it names what is missing.",
            )
        for place in (folder, folder / ocfl.VERSION):
            files = self._inventory(place, object_name)
            if files is not None:
                return files
        raise Damaged(f"The inventory of the object {object_name} is damaged.", next=_REPAIR)

    def _inventory(self, place: Path, object_name: str) -> dict[str, str] | None:
        """The inventory in `place` if it is whole; remembered while the file is the same one."""
        path = place / ocfl.INVENTORY
        try:
            status = path.stat()
            stamp = (status.st_ino, status.st_ctime_ns)
            known = self._known.get(str(path))
            if known is not None and known[0] == stamp:
                return known[1]
            raw, sidecar = path.read_bytes(), (place / ocfl.SIDECAR).read_bytes()
            if sidecar != ocfl.encode_sidecar(hashlib.sha512(raw).hexdigest()):
                return None
            files = ocfl.decode_inventory(raw, object_name)
        except (OSError, ValueError):
            return None
        if len(self._known) >= 16:
            self._known.clear()
        self._known[str(path)] = (stamp, files)
        return files

    def read(self, object_name: str, name: str, size: int, identity: str) -> bytes:
        """The original `name` of `size` bytes, after its ciphertext was checked against the inventory.

        Raises NotFound, Damaged, NoKey where `identity` (AGE-SECRET-KEY-1…) is another's, DiskFailed.
        """
        ciphertext = self._ciphertext(object_name, name)
        padded = age.decrypt(ciphertext, identity)
        if len(padded) != padded_size(size):
            raise _wrong_size(name)
        return padded[:size]

    def read_manifest(self, object_name: str, identity: str) -> bytes:
        """The manifest an object was sealed with. Raises as `read` does."""
        return decrypt_manifest(self._ciphertext(object_name, ocfl.MANIFEST), identity)

    def copy_to(
        self, object_name: str, name: str, size: int, identity: str, target: BinaryIO
    ) -> None:
        """Write the original to `target` in pieces, after its ciphertext was checked. Raises as `read` does.

        What `target` raises is raised. Where an error is raised, what `target` got is not the original.
        """
        path, expected = self._find(object_name, name)
        remaining, length = size, 0

        def keep(block: bytes) -> None:
            nonlocal remaining, length
            length += len(block)
            if remaining:
                piece = block[:remaining]
                remaining -= len(piece)
                _write_whole_piece(target, piece)

        try:
            file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed below
        except OSError as error:
            raise _unreadable(path, error) from error
        with file:
            if _digest(file, path) != expected:
                raise _damaged(object_name, name)
            file.seek(0)
            age.decrypt_stream(file.read, keep, identity)
        if length != padded_size(size):
            raise _wrong_size(name)

    def _ciphertext(self, object_name: str, name: str) -> bytes:
        path, expected = self._find(object_name, name)
        try:
            ciphertext = path.read_bytes()
        except OSError as error:
            raise _unreadable(path, error) from error
        if hashlib.sha512(ciphertext).hexdigest() != expected:
            raise _damaged(object_name, name)
        return ciphertext

    def _find(self, object_name: str, name: str) -> tuple[Path, str]:
        expected = self.contents(object_name).get(name)
        if expected is None:
            raise NotFound(
                f"The object {object_name} holds no {printable(name)}.",
                next="Run `muniment audit`: it names what is missing.",
            )
        return self.root / object_name / ocfl.CONTENT / name, expected


def _check_request(object_name: str, stored: Sequence[Stored]) -> None:
    if not ocfl.OBJECT_NAME.fullmatch(object_name):
        raise BadUse(
            f"{printable(object_name)} cannot name an object.",
            next="Use 8 to 64 random characters of a-z and 0-9.",
        )
    if len(stored) > MOST_FILES:
        raise BadUse(
            f"{len(stored)} files are too many for one object.",
            next=f"Seal at most {MOST_FILES} files together.",
        )
    names = {one.name for one in stored}
    if len(names) != len(stored) or not all(NAME.fullmatch(name) for name in names):
        raise BadUse(
            "The files to seal have names that `stage` did not give, or one of them twice.",
            next="Hand over each Stored once, as `stage` returned it.",
        )


def _digest(file: BinaryIO, path: Path) -> str:
    digest = hashlib.sha512()
    try:
        while block := file.read(_BLOCK):
            digest.update(block)
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()


def _write_whole_piece(target: BinaryIO, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        written = target.write(view)
        view = view[written:]


def _leftover(name: str) -> bool:
    """Whether a name is that of a temporary file of `write_whole`."""
    return any(name.startswith(f".{ours}.") for ours in ocfl.ROOT_FILES)


def _damaged(object_name: str, name: str) -> Damaged:
    return Damaged(
        f"vault/{object_name}/{ocfl.CONTENT}/{name} is not what was sealed.", next=_REPAIR
    )


def _wrong_size(name: str) -> Damaged:
    return Damaged(
        f"{name} in the vault has not the size the catalogue says.",
        next="Restore the catalogue from a custodian's copy; the vault itself is as it was sealed.",
    )


def _unreadable(path: Path, error: OSError) -> MunimentError:
    if isinstance(error, FileNotFoundError):
        return Damaged(f"{path.name} is missing from the vault.", next=_REPAIR)
    return disk_error(error, path)
