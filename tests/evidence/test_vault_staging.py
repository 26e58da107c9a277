"""Receiving one file: what was read is what is stored, at any size, whatever the source does."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.evidence.vault import (
    DiskFailed,
    DiskFull,
    SourceUnreadable,
    padded_size,
    stage,
    sweep,
    sync,
)
from muniment.evidence.vault.chunks import ChunkTree, chunk_root

CHUNK = 65536


def decrypted(path: Path, key) -> bytes:
    identity = pyrage.x25519.Identity.from_str(key.identity)
    return pyrage.decrypt(path.read_bytes(), [identity])


def rfc6962(chunks: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it, split at the largest power of two."""
    if not chunks:
        return hashlib.sha256().digest()
    if len(chunks) == 1:
        return hashlib.sha256(b"\0" + chunks[0]).digest()
    split = 1 << (len(chunks) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + rfc6962(chunks[:split]) + rfc6962(chunks[split:])).digest()


def check(stored, content: bytes, folder: Path, key) -> None:
    """Everything a Stored says, against the file in the folder and the content that was given."""
    ciphertext = (folder / stored.name).read_bytes()
    chunks = [ciphertext[at : at + CHUNK] for at in range(0, len(ciphertext), CHUNK)]
    assert stored.size == len(content)
    assert stored.sha256 == hashlib.sha256(content).digest()
    assert stored.sha512 == hashlib.sha512(content).digest()
    assert stored.cipher_size == len(ciphertext)
    assert stored.cipher_sha512 == hashlib.sha512(ciphertext).hexdigest()
    assert stored.chunk_root == rfc6962(chunks).hex()
    padded = decrypted(folder / stored.name, key)
    assert padded == content.ljust(padded_size(len(content)), b"\0")


def test_what_is_staged_is_what_was_given(shelf, contents):
    for content in contents:
        stored = stage(io.BytesIO(content), shelf.staging, shelf.key.recipient)
        check(stored, content, shelf.staging, shelf.key)
    sync(shelf.staging)


def test_names_say_nothing(shelf):
    names = {stage(io.BytesIO(b"x"), shelf.staging, shelf.key.recipient).name for _ in range(200)}
    assert len(names) == 200
    assert all(
        len(name) == 26 and set(name) <= set("abcdefghijklmnopqrstuvwxyz234567") for name in names
    )
    assert set(os.listdir(shelf.staging)) == names


class Dribble(io.RawIOBase):
    """A source that gives what it has in the pieces it likes, and may grow or fail while it is read."""

    def __init__(self, pieces: list[bytes], failure: int | None = None) -> None:
        self.pieces = list(pieces)
        self.failure = failure

    def read(self, size: int = -1) -> bytes:
        if not self.pieces:
            if self.failure is not None:
                raise OSError(self.failure, os.strerror(self.failure))
            return b""
        piece = self.pieces.pop(0)
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(1, 90_000), st.integers(0, 255)), max_size=30),
    st.integers(0, 1),
)
def test_a_source_may_give_pieces_of_any_size(shelf, pieces, large):
    # With `large` the same pieces follow a first mebibyte, so that they are streamed.
    given_pieces = [bytes([value]) * length for length, value in pieces]
    given_pieces = [bytes(1 << 20)] * large + given_pieces
    stored = stage(Dribble(given_pieces), shelf.staging, shelf.key.recipient)
    check(stored, b"".join(given_pieces), shelf.staging, shelf.key)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300_000), st.lists(st.integers(1, 100_000), max_size=12))
def test_chunk_roots_do_not_depend_on_how_bytes_arrive(data, steps):
    tree, at = ChunkTree(), 0
    for step in steps:
        tree.update(data[at : at + step])
        at += step
    tree.update(data[at:])
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    assert tree.root() == chunk_root(data) == rfc6962(chunks)


class Changing(io.FileIO):
    """A real file to which somebody else does something after the first read."""

    def __init__(self, path: Path, change) -> None:
        super().__init__(path, "rb")
        self.change = change

    def read(self, size: int = -1) -> bytes:
        piece = super().read(size)
        change, self.change = self.change, lambda: None
        change()
        return piece


@pytest.mark.parametrize("before", [5_000, 3_000_000])
@pytest.mark.parametrize("after", [0, 1_000, 4_000_000])
def test_a_file_that_changes_is_what_was_read_of_it(shelf, tmp_path, before, after):
    path = tmp_path / "growing"
    path.write_bytes(os.urandom(before))
    seen = path.read_bytes()[: min(before, 1 << 20)]
    with Changing(path, lambda: os.truncate(path, after)) as source:
        stored = stage(source, shelf.staging, shelf.key.recipient)
    padded = decrypted(shelf.staging / stored.name, shelf.key)
    assert padded.startswith(seen)
    assert stored.size == max(after, len(seen))
    check(stored, padded[: stored.size], shelf.staging, shelf.key)


def test_a_sparse_file_of_many_chunks_goes_through_little_memory(shelf, tmp_path):
    """160 MB with holes, in a process whose memory may grow by an eighth of that."""
    path = tmp_path / "sparse"
    size = 160_000_001
    with open(path, "wb") as file:
        file.truncate(size)
        file.seek(123_456_789)
        file.write(b"here")
    child = (
        "import sys, resource, pathlib\n"
        "from muniment.evidence.vault import stage\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with open(sys.argv[1], 'rb') as source:\n"
        "    stored = stage(source, pathlib.Path(sys.argv[2]), sys.argv[3])\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before\n"
        "print(stored.name, stored.size, stored.sha256.hex(), stored.cipher_sha512, grown)\n"
    )
    command = [sys.executable, "-c", child, path, shelf.staging, shelf.key.recipient]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    name, told, sha256, cipher_sha512, grown = done.stdout.split()
    with open(path, "rb") as file:
        assert sha256 == hashlib.file_digest(file, "sha256").hexdigest()
    with open(shelf.staging / name, "rb") as file:
        assert cipher_sha512 == hashlib.file_digest(file, "sha512").hexdigest()
    assert int(told) == size
    assert int(grown) * 1024 < size / 8


@pytest.mark.parametrize("before", [[], [b"x" * 100], [bytes(1 << 20), b"y" * 70_000]])
def test_a_source_that_fails_leaves_nothing(shelf, before):
    with pytest.raises(SourceUnreadable) as caught:
        stage(Dribble(before, errno.EIO), shelf.staging, shelf.key.recipient)
    assert caught.value.next
    assert os.listdir(shelf.staging) == []


class Interrupting(Dribble):
    """A source during whose reading somebody presses Control-C."""

    def read(self, size: int = -1) -> bytes:
        if not self.pieces:
            raise KeyboardInterrupt
        return super().read(size)


def test_an_interruption_while_streaming_stays_an_interruption(shelf):
    with pytest.raises(KeyboardInterrupt):
        stage(Interrupting([bytes(1 << 20)] * 2), shelf.staging, shelf.key.recipient)
    assert os.listdir(shelf.staging) == []


def test_a_full_disk_is_said_to_be_full(shelf):
    """A limit on the size of files stands in for a full disk: the kernel refuses the write."""
    child = (
        "import io, pathlib, resource, signal, sys\n"
        "from muniment.evidence.vault import stage, DiskFailed, DiskFull\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "for size in (200_000, 3_000_000):\n"
        "    try:\n"
        "        stage(io.BytesIO(bytes(size)), pathlib.Path(sys.argv[1]), sys.argv[2])\n"
        "    except DiskFailed as error:\n"
        "        print('failed', error.next)\n"
    )
    command = [sys.executable, "-c", child, shelf.staging, shelf.key.recipient]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("failed Check the disk") == 2
    assert os.listdir(shelf.staging) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_no_room_is_told_apart_from_a_broken_disk(shelf):
    from muniment.evidence.vault.failures import disk_error

    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError) as caught:
        full.write(b"x")
    assert isinstance(disk_error(caught.value, shelf.staging), DiskFull)


def test_a_staging_folder_that_is_gone_is_named(shelf):
    shelf.staging.rmdir()
    for act in (
        lambda: stage(io.BytesIO(b"x"), shelf.staging, shelf.key.recipient),
        lambda: sync(shelf.staging),
        lambda: sweep(shelf.staging, ()),
    ):
        with pytest.raises(DiskFailed, match="staging"):
            act()


@pytest.mark.parametrize("recipient", ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1"])
def test_something_that_is_no_recipient_is_refused(shelf, recipient):
    with pytest.raises(BadUse):
        stage(io.BytesIO(b"x"), shelf.staging, recipient)
    assert os.listdir(shelf.staging) == []


def test_only_what_nobody_acknowledged_is_swept(shelf):
    stored = [stage(io.BytesIO(b"x"), shelf.staging, shelf.key.recipient) for _ in range(10)]
    (shelf.staging / "abcdefgh.object").mkdir()
    kept = {one.name for one in stored[:4]}
    assert sweep(shelf.staging, kept) == 6
    assert set(os.listdir(shelf.staging)) == kept | {"abcdefgh.object"}


def test_sync_uses_what_the_system_has(shelf, monkeypatch):
    """With os.syncfs, with the C library's, and with neither."""
    called = []
    monkeypatch.setattr(os, "syncfs", lambda handle: called.append(os.fstat(handle)), raising=False)
    sync(shelf.staging)
    assert os.path.samestat(called[0], shelf.staging.stat())
    monkeypatch.delattr(os, "syncfs")
    sync(shelf.staging)
    from muniment.evidence.vault import staging as module

    module._c_syncfs.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    monkeypatch.setattr(os, "sync", lambda: called.append("all"))
    sync(shelf.staging)
    assert called[-1] == "all"
    module._c_syncfs.cache_clear()
