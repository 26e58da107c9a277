"""The official age vectors, each through the door by which the vault reads, and those of passphrases as `age` would.

A vector is outside where it uses what muniment neither writes nor reads: armor, or a recipient of another type. The
reason is said for each, and of those too none is taken where it must fail.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import Damaged, NoKey
from muniment.evidence.vault import age

X25519 = "AGE-SECRET-KEY-1"
KINDS = {
    "success",
    "no match",
    "HMAC failure",
    "header failure",
    "payload failure",
    "armor failure",
}
# muniment writes keys/passphrase.age for `age` to open and never opens such a file itself, so that a work factor that
# would take hours is refused by the program that is used; pyrage sets no limit.
PYRAGE_TAKES = {"scrypt_work_factor_23"}


@dataclass(frozen=True)
class Vector:
    """One file of the collection."""

    name: str
    fields: dict[str, list[str]]
    content: bytes

    @property
    def expect(self) -> str:
        return self.fields["expect"][0]

    @property
    def outside(self) -> str:
        """Why muniment has no door for it; "" where it has one."""
        if "armored" in self.fields:
            return "armor: the vault holds binary files only"
        keys = self.fields.get("identity", [])
        if any(not key.startswith(X25519) for key in keys):
            return "a recipient of another type than X25519 and scrypt"
        if not keys and "passphrase" not in self.fields:
            return "" if self.expect == "header failure" else "no key is given with it"
        return ""

    def is_payload(self, content: bytes) -> bool:
        return hashlib.sha256(content).hexdigest() == self.fields["payload"][0]


def vectors(corpus) -> list[Vector]:
    found = []
    for path in sorted((corpus("c2sp-cctv") / "age" / "testdata").iterdir()):
        found.append(read(path))
    assert found
    return found


def read(path: Path) -> Vector:
    head, _, content = path.read_bytes().partition(b"\n\n")
    fields = defaultdict(list)
    for line in head.decode().splitlines():
        name, _, value = line.partition(": ")
        fields[name].append(value)
    if fields.get("compressed") == ["zlib"]:
        content = zlib.decompress(content)
    assert fields["expect"][0] in KINDS
    return Vector(path.name, dict(fields), content)


ANY_KEY = str(pyrage.x25519.Identity.generate())


def opened(vector: Vector, identity: str) -> tuple[str, bytes]:
    """What both doors of the vault make of it, which must be the same; and what the one that streams let out."""
    said = []
    let_out = bytearray()
    for door in (
        lambda: age.decrypt(vector.content, identity),
        lambda: age.decrypt_stream(io.BytesIO(vector.content).read, let_out.extend, identity),
    ):
        try:
            door()
            said.append("success")
        except (NoKey, Damaged) as error:
            said.append(error.code)
    assert said[0] == said[1], vector.name
    return said[0], bytes(let_out)


# What the doors may say to each kind of failure. A header in which a share is no point may count as another's.
ANSWERS = {
    "success": {"success"},
    "no match": {"no-key"},
    "HMAC failure": {"damaged"},
    "header failure": {"damaged", "no-key"},
    "payload failure": {"damaged"},
}


def by_the_vault(vector: Vector) -> str:
    """What is wrong, or ""."""
    answers = {opened(vector, key) for key in vector.fields.get("identity", [ANY_KEY])}
    best = next((one for one in answers if one[0] == "success"), sorted(answers)[0])
    said, let_out = best
    if said not in ANSWERS[vector.expect]:
        return f"{said} instead of {vector.expect}"
    if "payload" in vector.fields and not vector.is_payload(let_out):
        return f"{len(let_out)} bytes let out that are not the payload"
    if "payload" not in vector.fields and let_out:
        return "something was let out"
    return ""


def by_passphrase(vector: Vector) -> str:
    """What is wrong, or ""."""
    let_out = None
    for passphrase in vector.fields["passphrase"]:
        try:
            let_out = pyrage.passphrase.decrypt(vector.content, passphrase)
        except pyrage.DecryptError:
            continue
    if vector.expect == "success":
        good = let_out is not None and vector.is_payload(let_out)
        return "" if good else "not opened"
    return "" if let_out is None else f"opened in spite of {vector.expect}"


def test_official_vectors(corpus, counted):
    found = vectors(corpus)
    wrong, run, outside = {}, Counter(), Counter()
    for vector in found:
        if vector.outside:
            outside[vector.outside] += 1
            continue
        scrypt = "passphrase" in vector.fields and "identity" not in vector.fields
        if vector.name in PYRAGE_TAKES:
            outside["a passphrase file, which muniment never opens"] += 1
            continue
        problem = by_passphrase(vector) if scrypt else by_the_vault(vector)
        if problem:
            wrong[vector.name] = problem
        run[vector.expect] += 1
    assert wrong == {}
    assert {"success", "no match", "header failure", "payload failure"} <= set(run)
    counted("age", run.total(), len(found), outside=outside.total())


def test_what_is_outside_is_refused_by_the_vault(corpus):
    """Armor and other recipients never open anything there, whatever the collection expects."""
    refused = 0
    for vector in vectors(corpus):
        if not vector.outside:
            continue
        keys = [key for key in vector.fields.get("identity", []) if key.startswith(X25519)]
        if vector.expect == "success" and "armored" not in vector.fields:
            keys = []  # a stanza of another type may stand beside one of ours
        for key in [*keys, ANY_KEY]:
            assert opened(vector, key) in (("damaged", b""), ("no-key", b"")), vector.name
        refused += 1
    assert refused > 5


def test_muniment_never_opens_a_passphrase_file(project):
    """Where it does one day, it needs a limit for the work factor: see PYRAGE_TAKES."""
    source = "".join(path.read_text() for path in (project / "src").rglob("*.py"))
    assert "passphrase.encrypt" in source and "passphrase.decrypt" not in source


@given(st.binary(max_size=300))
def test_what_muniment_writes_it_reads(content):
    """The stanza that nobody knows, which age puts in at random, is in the one form too."""
    identity = pyrage.x25519.Identity.from_str(ANY_KEY)
    for _ in range(5):
        sealed = age.encrypt(content, str(identity.to_public()))
        assert age.decrypt(sealed, ANY_KEY) == content


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_a_stream_may_come_in_pieces_of_any_size(size):
    identity = pyrage.x25519.Identity.from_str(ANY_KEY)
    content = bytes(range(256)) * 600
    pieces = io.BytesIO(age.encrypt(content, str(identity.to_public())))
    got = bytearray()
    age.decrypt_stream(lambda most: pieces.read(min(most, size)), got.extend, ANY_KEY)
    assert got == content
