"""Open Document packages under a password (ISO/IEC 26300-3, 4.8; LibreOffice's whole-package form).

Each member is compressed, then encrypted by itself, with what the manifest says: Blowfish or AES-CBC under a key from
PBKDF2; or the package as a whole is one member, under AES-GCM with a key from Argon2id.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.reading.formats.ooxml import local, tree

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHECKED = 1024
_MOST_ROUNDS = 10_000_000
_MOST_MEMORY = 256 << 10  # in KiB, of Argon2
_MOST_LANES = 16
_LARGEST = 512 << 20
_WHOLE = "encrypted-package"


@dataclass(frozen=True, slots=True)
class _Locked:
    """How one member is encrypted."""

    name: str
    size: int
    cipher: str
    vector: bytes
    salt: bytes
    derivation: str
    start_key: str
    key_size: int
    rounds: int
    argon2: tuple[int, int, int]
    checksum: bytes
    checksum_kind: str


def opened(data: bytes, manifest: bytes, passwords: Sequence[str]) -> bytes | None:
    """The package as it would be without a password; None where none of these opens it, or how is not told.

    Raises ValueError where a member is damaged.
    """
    root = tree(manifest)
    members = list(_locked(root)) if root is not None else []
    if not members:
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = min(members, key=lambda one: one.size)
        for password in passwords:
            if _member(archive, first, password) is None:
                continue
            if first.name == _WHOLE:
                return _member(archive, first, password)
            return _rewritten(archive, members, password)
    return None


def _rewritten(archive: zipfile.ZipFile, members: Sequence[_Locked], password: str) -> bytes:
    by_name = {one.name: one for one in members}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for name in archive.namelist():
            if name == "META-INF/manifest.xml" or name.endswith("/"):
                continue
            one = by_name.get(name)
            content = archive.read(name) if one is None else _member(archive, one, password)
            if content is None:
                raise ValueError("a member has another password")
            written.writestr(name, content)
    return out.getvalue()


def _locked(root: _Element) -> Iterator[_Locked]:
    for entry in root.iter():
        if local(entry) != "file-entry":
            continue
        said = {local(one): _attributes(one) for one in entry.iter()}
        if "encryption-data" not in said:
            continue
        how, key = said.get("algorithm", {}), said.get("key-derivation", {})
        start, data = said.get("start-key-generation", {}), said["encryption-data"]
        own = said["file-entry"]
        yield _Locked(
            name=own.get("full-path", ""),
            size=int(own.get("size") or 0),
            cipher=how.get("algorithm-name", "").lower(),
            vector=base64.b64decode(how.get("initialisation-vector", "")),
            salt=base64.b64decode(key.get("salt", "")),
            derivation=key.get("key-derivation-name", "").lower(),
            start_key=start.get("start-key-generation-name", "sha1").lower(),
            key_size=int(key.get("key-size") or 16),
            rounds=int(key.get("iteration-count") or 0),
            argon2=tuple(
                int(key.get(f"argon2-{n}") or 0) for n in ("iterations", "memory", "lanes")
            ),  # type: ignore[arg-type]
            checksum=base64.b64decode(data.get("checksum", "")),
            checksum_kind=data.get("checksum-type", "").lower(),
        )


def _attributes(one: _Element) -> dict[str, str]:
    return {str(name).rpartition("}")[2]: str(value) for name, value in one.attrib.items()}


def _member(archive: zipfile.ZipFile, one: _Locked, password: str) -> bytes | None:
    """The content of a member; None where the password is another."""
    if archive.getinfo(one.name).file_size > _LARGEST or one.size > _LARGEST:
        raise ValueError("a member is too large")
    stored = archive.read(one.name)
    key = _key(one, password)
    if "gcm" in one.cipher:
        return _whole(stored, key)
    plain = _deciphered(one, key, stored)
    if plain is None or not _checks(one, plain):
        return None
    try:
        return zlib.decompressobj(-15).decompress(plain, _LARGEST)
    except zlib.error:
        return None


def _key(one: _Locked, password: str) -> bytes:
    start = password.encode()
    digest = hashlib.sha256 if "sha256" in one.start_key else hashlib.sha1
    start = digest(start).digest()
    if "argon2" in one.derivation:
        from argon2.low_level import Type, hash_secret_raw

        rounds, memory, lanes = one.argon2
        if not (0 < rounds <= 100 and 0 < memory <= _MOST_MEMORY and 0 < lanes <= _MOST_LANES):
            raise ValueError("its key asks for too much")
        return hash_secret_raw(start, one.salt, rounds, memory, lanes, one.key_size, Type.ID)
    if not 0 < one.rounds <= _MOST_ROUNDS or not 0 < one.key_size <= 64:
        raise ValueError("its key asks for too much")
    return hashlib.pbkdf2_hmac("sha1", start, one.salt, one.rounds, one.key_size)


def _whole(stored: bytes, key: bytes) -> bytes | None:
    """AES-GCM: the vector, the content, sixteen bytes that check both."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(key).decrypt(stored[:12], stored[12:], None)
    except InvalidTag:
        return None
    try:
        return zlib.decompressobj(-15).decompress(plain, _LARGEST)
    except zlib.error:
        return plain


def _deciphered(one: _Locked, key: bytes, stored: bytes) -> bytes | None:
    from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if "blowfish" in one.cipher:
        cipher = Cipher(Blowfish(key), CFB(one.vector)).decryptor()
        return cipher.update(stored) + cipher.finalize()
    if "aes" not in one.cipher or not stored or len(stored) % 16:
        return None
    plain = Cipher(algorithms.AES(key), modes.CBC(one.vector)).decryptor().update(stored)
    return plain[: -plain[-1]] if 1 <= plain[-1] <= 16 else None


def _checks(one: _Locked, plain: bytes) -> bool:
    """Whether the first bytes are those the manifest says."""
    if not one.checksum:
        return True
    name = "sha256" if "sha256" in one.checksum_kind else "sha1"
    some = plain[:_CHECKED] if one.checksum_kind.endswith("1k") else plain
    return hashlib.new(name, some).digest() == one.checksum
