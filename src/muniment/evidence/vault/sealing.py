"""Making one object of the vault out of staged files, so that a kill at any moment loses nothing.

The object is built in staging, in the folder `OBJECT.object`, and enters the vault by one rename when all of
it is on the disk. Until then every acknowledged file is either still in staging or already in that folder,
and sealing again goes on from there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from muniment.case.writing import sync_folder
from muniment.errors import Damaged
from muniment.evidence.vault import ocfl
from muniment.evidence.vault.chunks import CHUNK, Chunked, ChunkTree, encode_chunks
from muniment.evidence.vault.manifest import encrypt_manifest
from muniment.evidence.vault.staging import Stored, sync

_BLOCK = 16 * CHUNK


def build_folder(staging: Path, object_name: str) -> Path:
    """Where in staging an object is built."""
    return staging / f"{object_name}.object"


def build(
    object_name: str,
    staging: Path,
    stored: Sequence[Stored],
    manifest: bytes,
    recipient: str,
    earlier: Iterable[str],
) -> Path:
    """Build the whole object in staging and put it on the disk; return its folder.

    Raises Damaged where a staged file is missing or is not what was staged, OSError where the disk fails.
    """
    folder = build_folder(staging, object_name)
    content = make_folders(folder)
    _gather(content, staging, stored)
    files: dict[str, str] = {}
    chunked: dict[str, Chunked] = {}
    inside = str(content)
    for one in stored:
        chunked[one.name] = _read_back(f"{inside}/{one.name}", one)
        files[one.name] = one.cipher_sha512
    finish(folder, staging, object_name, files, chunked, manifest, recipient, earlier)
    return folder


def make_folders(folder: Path) -> Path:
    """The empty folders of an object; returns the one of its content."""
    content = folder / ocfl.CONTENT
    for place in (folder, content.parent, content):  # `parents=True` would leave it to the umask
        place.mkdir(mode=0o700, exist_ok=True)
    return content


def finish(
    folder: Path,
    staging: Path,
    object_name: str,
    files: dict[str, str],
    chunked: dict[str, Chunked],
    manifest: bytes,
    recipient: str,
    earlier: Iterable[str],
) -> None:
    """Write beside the originals in `folder` whatever else makes it an object, and put all of it on the disk.

    `files`: name to SHA-512 of each original's ciphertext; `chunked`: its chunks. Raises Damaged, OSError.
    """
    ours = _describe(object_name, files, chunked, encrypt_manifest(manifest, recipient), earlier)
    for path, text in ours.items():
        _write(folder / path, text)
    forget_times(folder)
    sync(staging)
    for path, text in ours.items():
        if (folder / path).read_bytes() != text:
            raise _failing(folder / path)


def _describe(
    object_name: str,
    files: dict[str, str],
    chunked: dict[str, Chunked],
    manifest: bytes,
    earlier: Iterable[str],
) -> dict[str, bytes]:
    """What an object holds beside its originals, path to content. `manifest`: encrypted."""
    tree = ChunkTree()
    tree.update(manifest)
    chunked = chunked | {ocfl.MANIFEST: Chunked(size=tree.size, leaves=tree.leaves())}
    added = {ocfl.MANIFEST: manifest, ocfl.CHUNKS: encode_chunks(chunked, earlier)}
    digests = {name: hashlib.sha512(text).hexdigest() for name, text in added.items()}
    inventory = ocfl.encode_inventory(object_name, files | digests)
    sidecar = ocfl.encode_sidecar(hashlib.sha512(inventory).hexdigest())
    described = {f"{ocfl.CONTENT}/{name}": text for name, text in added.items()}
    for place in ("", f"{ocfl.VERSION}/"):
        described[place + ocfl.INVENTORY] = inventory
        described[place + ocfl.SIDECAR] = sidecar
    return described | {ocfl.OBJECT_NAMASTE: ocfl.OBJECT_NAMASTE_CONTENT}


def commit(folder: Path, final: Path) -> None:
    """Put a built object into the vault: the one rename, made durable."""
    os.rename(folder, final)  # noqa: PTH104 - never onto an object: a folder with files is not replaced
    settle(folder, final)


def settle(folder: Path, final: Path) -> None:
    """Make a change of names between a folder of staging and one of the vault durable, and tell no time of it."""
    _coarse(str(final.parent))
    sync_folder(final.parent)
    sync_folder(folder.parent)


def _gather(content: Path, staging: Path, stored: Sequence[Stored]) -> None:
    """Move the staged files into the object; move back what an earlier attempt took and is not asked for."""
    wanted = {one.name for one in stored}
    there = set(os.listdir(content))
    for name in there - wanted - {ocfl.MANIFEST, ocfl.CHUNKS}:
        (content / name).rename(staging / name)
    here, inside = str(staging), str(content)
    for name in wanted - there:
        try:
            os.rename(f"{here}/{name}", f"{inside}/{name}")  # noqa: PTH104 - ten thousand of these
        except FileNotFoundError:
            raise Damaged(
                f"{name} was received and is no longer in staging.",
                next="Run `muniment audit`; then receive its file again or restore staging from a copy.",
            ) from None


def _read_back(path: str, one: Stored) -> Chunked:
    """The chunks of a file that was read back and found to be what was staged."""
    digest, tree = hashlib.sha512(), ChunkTree()
    several, size = one.cipher_size > CHUNK, 0
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        # One byte more than is expected: a file that grew is noticed, and a small one takes no large buffer.
        while block := os.read(handle, min(_BLOCK, one.cipher_size + 1)):
            size += len(block)
            digest.update(block)
            if several:
                tree.update(block)
    finally:
        os.close(handle)
    # Of a single chunk the root is the leaf, and the SHA-512 has shown that the bytes are the same.
    leaves = tree.leaves() if several else bytes.fromhex(one.chunk_root)
    chunked = Chunked(size=size, leaves=leaves)
    if digest.hexdigest() != one.cipher_sha512 or size != one.cipher_size:
        raise _failing(Path(path))
    if several and chunked.root.hex() != one.chunk_root:
        raise _failing(Path(path))
    return chunked


def _failing(path: Path) -> Damaged:
    return Damaged(
        f"{path.name} reads back differently from what was written.",
        next="The disk or its cable is failing: copy the case to another disk, then receive this file again.",
    )


def _write(path: Path, text: bytes) -> None:
    """Write a file of a folder that is not in the vault yet; an earlier attempt's is overwritten."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(path, flags, 0o600)
    try:
        view = memoryview(text)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)


def forget_times(folder: Path) -> None:
    """Give every file and folder the constant date: copies may keep times."""
    for directory, _, names in os.walk(folder, topdown=False):
        for name in names:
            _coarse(f"{directory}/{name}")
        _coarse(directory)


def _coarse(path: str) -> None:
    os.utime(path, (ocfl.CREATED_SECONDS, ocfl.CREATED_SECONDS))
