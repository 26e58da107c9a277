"""Keys, sources and vaults the tests of this room share."""

from __future__ import annotations

import io
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from muniment.evidence.vault import Stored, Vault, stage, sync


@dataclass(frozen=True)
class AgeKey:
    """An age key pair as text."""

    recipient: str
    identity: str


@pytest.fixture(scope="session")
def age_key() -> AgeKey:
    identity = pyrage.x25519.Identity.generate()
    return AgeKey(recipient=str(identity.to_public()), identity=str(identity))


@dataclass(frozen=True)
class Shelf:
    """A vault, its staging folder and the key they are for."""

    folder: Path
    key: AgeKey

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    @property
    def vault(self) -> Vault:
        return Vault(self.folder / "vault")

    def put(self, object_name: str, contents: Sequence[bytes], manifest: bytes) -> list[Stored]:
        """Stage, sync and seal; the Stored in the order of the contents."""
        stored = [stage(io.BytesIO(c), self.staging, self.key.recipient) for c in contents]
        sync(self.staging)
        self.vault.seal(object_name, self.staging, stored, manifest, self.key.recipient)
        return stored


@pytest.fixture
def shelf(tmp_path: Path, age_key: AgeKey) -> Shelf:
    """An empty vault."""
    (tmp_path / "staging").mkdir()
    Vault.create(tmp_path / "vault")
    return Shelf(tmp_path, age_key)


@pytest.fixture
def contents() -> list[bytes]:
    """Files of sizes at which something changes: empty, small, at the edges of a chunk, several chunks."""
    random_bytes = random.Random(20191124).randbytes
    sizes = (0, 1, 9, 10_000, 65_279, 65_280, 65_536, 200_000, (1 << 20) - 1, 1 << 20, 1_500_000)
    return [random_bytes(size) for size in sizes]


@pytest.fixture
def place(tmp_path) -> Iterator[Path]:
    """A folder in memory, where there is one: these processes are killed, the machine is not."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="muniment-test-", dir=memory) as folder:
        yield Path(folder)
