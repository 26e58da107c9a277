"""Merkle roots over the 64-KiB chunks of a ciphertext, so that a sample of it can be audited.

Hashes as in RFC 6962, section 2.1: leaf SHA-256(00 | chunk), node SHA-256(01 | left | right), an odd last node
goes up unchanged. `chunks.json` of an object lists size and root of every ciphertext and, where there are
several chunks, their leaves, so that one chunk can be checked without reading the others
(docs/formats/vault.md).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CHUNK = 65536
VERSION = 1
_HASH = 32
_HEX = re.compile(r"(?:[0-9a-f]{64})+")


class ChunkTree:
    """The leaves of one ciphertext, fed in pieces of any size; keeps 32 bytes for each 64 KiB."""

    def __init__(self) -> None:
        self._leaves = bytearray()
        self._rest = bytearray()
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size += len(data)
        view = memoryview(data)
        if self._rest:
            missing = CHUNK - len(self._rest)
            self._rest += view[:missing]
            view = view[missing:]
            if len(self._rest) < CHUNK:
                return
            self._leaf(self._rest)
            self._rest = bytearray()
        whole = len(view) - len(view) % CHUNK
        for start in range(0, whole, CHUNK):
            self._leaf(view[start : start + CHUNK])
        self._rest += view[whole:]

    def _leaf(self, chunk: bytearray | memoryview) -> None:
        digest = hashlib.sha256(b"\x00")
        digest.update(chunk)
        self._leaves += digest.digest()

    def leaves(self) -> bytes:
        """The leaf hashes, 32 bytes each, after the last byte was taken."""
        if self._rest:
            self._leaf(self._rest)
            self._rest = bytearray()
        return bytes(self._leaves)

    def root(self) -> bytes:
        """The root (32 bytes), after the last byte was taken."""
        return root_of(self.leaves())


def chunk_root(data: bytes) -> bytes:
    """The root (32 bytes) of a whole ciphertext."""
    if len(data) <= CHUNK:
        return hashlib.sha256(b"\x00" + data).digest() if data else hashlib.sha256().digest()
    tree = ChunkTree()
    tree.update(data)
    return tree.root()


def root_of(leaves: bytes) -> bytes:
    """The root over leaf hashes of 32 bytes each; of none, SHA-256 of nothing."""
    level = [leaves[at : at + _HASH] for at in range(0, len(leaves), _HASH)]
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        above = [
            hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest()
            for at in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


@dataclass(frozen=True, slots=True)
class Chunked:
    """What chunks.json says of one ciphertext: `size` in bytes, `leaves` 32 bytes a chunk."""

    size: int
    leaves: bytes

    @property
    def root(self) -> bytes:
        """The root over the leaves."""
        return root_of(self.leaves)


def encode_chunks(files: Mapping[str, Chunked], earlier: Iterable[str]) -> bytes:
    """chunks.json of an object. `earlier`: the objects that were in the vault before it."""
    described: dict[str, dict[str, object]] = {}
    for name, chunked in files.items():
        described[name] = {"root": chunked.root.hex(), "size": chunked.size}
        if len(chunked.leaves) > _HASH:
            described[name]["leaves"] = chunked.leaves.hex()
    document = {
        "chunk": CHUNK,
        "earlier": sorted(earlier),
        "files": described,
        "version": VERSION,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def decode_chunks(raw: bytes) -> tuple[dict[str, Chunked], list[str]]:
    """Read chunks.json: the files and the earlier objects. Raises ValueError where anything is not exact."""
    try:
        document = json.loads(raw)
        files = {name: _chunked(entry) for name, entry in document["files"].items()}
        earlier = [_text(name) for name in document["earlier"]]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("chunks.json has not the shape of version 1") from error
    if encode_chunks(files, earlier) != raw:
        raise ValueError("chunks.json is not in its canonical form")
    return files, earlier


def _chunked(entry: Mapping[str, object]) -> Chunked:
    size, leaves = entry["size"], entry.get("leaves", entry["root"])
    if not isinstance(size, int) or not isinstance(leaves, str) or not _HEX.fullmatch(leaves):
        raise ValueError("chunks.json holds something that is no size or no hash")
    count = max(1, -(-size // CHUNK))
    if len(leaves) != 2 * _HASH * count:
        raise ValueError("chunks.json holds more or fewer leaves than the size has chunks")
    return Chunked(size=size, leaves=bytes.fromhex(leaves))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("chunks.json names an object by something that is no text")
    return value
