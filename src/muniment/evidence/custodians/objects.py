"""Objects of a vault: brought whole, replaced whole, mended file by file; only bytes that match the inventory.

A file is taken from the first source that has it right; where none has, it is put together from the 64-KiB chunks
that any of them has right.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from muniment.case.writing import sync_folder, write_whole
from muniment.evidence.custodians.files import (
    INCOMING,
    Tell,
    digest_of,
    make_folders,
    new_file,
    no_one,
    settle,
    side_by_side,
    write_copy,
)
from muniment.evidence.vault import ocfl
from muniment.evidence.vault.chunks import CHUNK, Chunked, decode_chunks
from muniment.evidence.vault.sealing import commit, forget_times

VAULT = "vault"
_EXCHANGE, _CWD = 2, -100  # renameat2(2)


@dataclass(slots=True)
class Brought:
    """What came of it. `changed`, `missing`: paths below the object's folder; `bytes` were written."""

    bytes: int = 0
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def described_files(name: str, contents: Mapping[str, str]) -> dict[str, bytes]:
    """Every file of an object beside its content: path to bytes."""
    inventory = ocfl.encode_inventory(name, contents)
    sidecar = ocfl.encode_sidecar(hashlib.sha512(inventory).hexdigest())
    files = {ocfl.OBJECT_NAMASTE: ocfl.OBJECT_NAMASTE_CONTENT}
    for place in ("", f"{ocfl.VERSION}/"):
        files[place + ocfl.INVENTORY] = inventory
        files[place + ocfl.SIDECAR] = sidecar
    return files


def inventory_digest(name: str, contents: Mapping[str, str]) -> str:
    """SHA-512 of an object's inventory: it stands for every byte of the object."""
    return hashlib.sha512(ocfl.encode_inventory(name, contents)).hexdigest()


def bring_object(
    name: str,
    contents: Mapping[str, str],
    sources: Sequence[Path],
    root: Path,
    *,
    lenient: bool = False,
    leaving: frozenset[str] = frozenset(),
    tell: Tell = no_one,
) -> Brought:
    """Put an object into root's vault, or in the place of the one that is there: whole, in one step.

    `sources` are vaults. Where a file cannot be had nothing is put there and `missing` names it; with `lenient`
    the object comes without it. What is `leaving` is not brought and not called missing. Goes on where an
    earlier call was cut off. Raises OSError, Damaged.
    """
    make_folders(root, f"{INCOMING}/{name}/{ocfl.CONTENT}")
    folder = root / INCOMING / name
    brought = Brought()
    wanted = _wanted(folder / ocfl.CONTENT, contents, leaving)
    fetched = fetch_all(name, contents, wanted, sources, folder / ocfl.CONTENT, tell)
    for content, size in fetched.items():
        if size is None:
            brought.missing.append(f"{ocfl.CONTENT}/{content}")
        else:
            brought.bytes += size
            brought.changed.append(f"{ocfl.CONTENT}/{content}")
    if brought.missing and not lenient:
        return brought
    there = set(contents) - leaving
    there -= {path.removeprefix(f"{ocfl.CONTENT}/") for path in brought.missing}
    ours = described_files(name, contents)
    for path, text in ours.items():
        with new_file(folder / path) as write:
            write(text)
        brought.bytes += len(text)
    forget_times(folder)
    expected = {f"{ocfl.CONTENT}/{content}": contents[content] for content in there}
    expected |= {path: hashlib.sha512(text).hexdigest() for path, text in ours.items()}
    settle(folder, [(folder / path, digest) for path, digest in expected.items()])
    _enter(folder, root / VAULT / name)
    return brought


def _wanted(content: Path, contents: Mapping[str, str], leaving: frozenset[str]) -> list[str]:
    """What an earlier attempt has not brought yet; what does not belong there is removed."""
    for one in list(content.iterdir()):
        if one.name not in contents or one.name in leaving or digest_of(one) != contents[one.name]:
            one.unlink()
    # chunks.json first: it tells how to put the others together.
    return sorted(
        (name for name in contents if name not in leaving and not (content / name).exists()),
        key=lambda name: (name != ocfl.CHUNKS, name),
    )


def _enter(folder: Path, final: Path) -> None:
    """The one step into the vault. What was in its place is removed from the disk afterwards."""
    make_folders(final.parent.parent, final.parent.name)
    if not final.exists():
        commit(folder, final)
        return
    if not exchange(folder, final):
        aside = folder.with_name(f"{folder.name}.gone")
        shutil.rmtree(aside, ignore_errors=True)
        final.rename(aside)
        commit(folder, final)
        folder = aside
    sync_folder(final.parent)
    shutil.rmtree(folder)
    sync_folder(folder.parent)


def exchange(first: Path, second: Path) -> bool:
    """Let two names change places in one step; False where the system or the file system cannot."""
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(first), os.fsencode(second)
    return bool(function(_CWD, names[0], _CWD, names[1], _EXCHANGE) == 0)


def fetch_all(
    name: str,
    contents: Mapping[str, str],
    wanted: Sequence[str],
    sources: Sequence[Path],
    target: Path,
    tell: Tell = no_one,
) -> dict[str, int | None]:
    """Write the files into the folder `target`: the size of each, None (and no file) where it cannot be had."""
    sizes: dict[str, int | None] = {}
    rest = list(wanted)
    if rest and rest[0] == ocfl.CHUNKS:
        chunks = rest.pop(0)
        sizes[chunks] = fetch(name, chunks, contents[chunks], None, sources, target)
    chunked = _chunks(contents, [target, *(s / name / ocfl.CONTENT for s in sources)])

    def one(content: str) -> int | None:
        return fetch(name, content, contents[content], chunked.get(content), sources, target)

    for content, size in zip(rest, side_by_side(one, rest), strict=True):
        sizes[content] = size
        tell(size or 0)
    return sizes


def _chunks(contents: Mapping[str, str], folders: Sequence[Path]) -> Mapping[str, Chunked]:
    """What chunks.json says, from the first folder that has it as the inventory wants it."""
    for folder in folders:
        path = folder / ocfl.CHUNKS
        if digest_of(path) == contents.get(ocfl.CHUNKS, "-"):
            try:
                return decode_chunks(path.read_bytes())[0]
            except (OSError, ValueError):
                continue
    return {}


def fetch(
    name: str,
    content: str,
    sha512: str,
    chunked: Chunked | None,
    sources: Sequence[Path],
    target: Path,
) -> int | None:
    """One file of an object, written into `target`; its size, or None (and no file) where it cannot be had."""
    final = target / content
    paths = [source / name / ocfl.CONTENT / content for source in sources]
    there = [path for path in paths if path.is_file() and not path.is_symlink()]
    for path in there:
        if write_copy(path, final) == sha512:
            return final.stat().st_size
    if chunked is not None and len(there) > 1 and _put_together(there, chunked, sha512, final):
        return final.stat().st_size
    final.unlink(missing_ok=True)
    return None


def _put_together(paths: Sequence[Path], chunked: Chunked, sha512: str, final: Path) -> bool:
    """Write a file from the chunks that any of the paths has right."""
    digest = hashlib.sha512()
    files = [open(path, "rb", buffering=0) for path in paths]  # noqa: SIM115 - closed below
    try:
        with new_file(final) as write:
            for number in range(max(1, -(-chunked.size // CHUNK))):
                chunk = _chunk(files, chunked, number)
                if chunk is None:
                    return False
                digest.update(chunk)
                write(chunk)
    finally:
        for file in files:
            file.close()
    return digest.hexdigest() == sha512


def _chunk(files: Sequence[BinaryIO], chunked: Chunked, number: int) -> bytes | None:
    leaf = chunked.leaves[32 * number : 32 * number + 32]
    for file in files:
        try:
            file.seek(number * CHUNK)
            chunk = file.read(CHUNK)
        except OSError:
            continue
        if hashlib.sha256(b"\x00" + chunk).digest() == leaf:
            return chunk
    return None


def mend_object(
    name: str,
    contents: Mapping[str, str],
    sources: Sequence[Path],
    root: Path,
    *,
    read: Callable[[str], str] | None = None,
    leaving: frozenset[str] = frozenset(),
) -> Brought:
    """Bring right what is damaged or missing in an object that is there, file by file. Raises OSError, Damaged.

    What is `leaving` is not brought back.

    `read` gives the SHA-512 of a content file as it was found; without it each is read.
    """
    folder = root / VAULT / name
    make_folders(root, f"{VAULT}/{name}/{ocfl.CONTENT}")
    incoming = make_folders(root, f"{INCOMING}/{name}.mending")
    brought = Brought()
    found = read or (lambda content: digest_of(folder / ocfl.CONTENT / content))
    wrong = sorted(
        (c for c in contents if c not in leaving and found(c) != contents[c]),
        key=lambda content: (content != ocfl.CHUNKS, content),
    )
    # What is damaged here is a source too: of the chunks it still has right.
    fetched = fetch_all(name, contents, wrong, [*sources, root / VAULT], incoming)
    for path, text in described_files(name, contents).items():
        if digest_of(folder / path) != hashlib.sha512(text).hexdigest():
            with new_file(incoming / path.replace("/", "-")) as write:
                write(text)
            brought.changed.append(path)
    ready = [content for content, size in fetched.items() if size is not None]
    settle(incoming, [(incoming / content, contents[content]) for content in ready])
    for path in brought.changed:
        _replace(incoming / path.replace("/", "-"), folder / path)
    for content in ready:
        _replace(incoming / content, folder / ocfl.CONTENT / content)
        brought.changed.append(f"{ocfl.CONTENT}/{content}")
        brought.bytes += fetched[content] or 0
    brought.missing = [f"{ocfl.CONTENT}/{c}" for c, size in fetched.items() if size is None]
    shutil.rmtree(incoming)
    forget_times(folder)
    for place in (folder / ocfl.CONTENT, folder / ocfl.VERSION, folder):
        sync_folder(place)
    return brought


def _replace(temporary: Path, final: Path) -> None:
    if final.is_dir() and not final.is_symlink():
        shutil.rmtree(final)
    temporary.replace(final)


def mend_vault_root(root: Path) -> list[str]:
    """Write the storage root's own files again where they are not as they must be; returns their paths."""
    make_folders(root, VAULT)
    changed = []
    for name, text in ocfl.ROOT_FILES.items():
        if digest_of(root / VAULT / name) != hashlib.sha512(text).hexdigest():
            write_whole(root / VAULT / name, text)
            changed.append(f"{VAULT}/{name}")
    return changed
