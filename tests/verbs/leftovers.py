"""Whether anything of some words is left in a case: on the disk, in memory, and in what only its keys open."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from pathlib import Path

import pyrage
import zstandard
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from muniment.case.working import in_memory
from muniment.evidence.page_package import MAGIC

PAGE, RESERVE, SALT = 4096, 80, 16  # of SQLCipher 4
_ZSTD = b"\x28\xb5\x2f\xfd"


def database_pages(case) -> bytes:
    """Every page of catalogue.db and of its log as SQLite sees it, free and half full ones too, one after another."""
    case.close()
    raw = case.folder.catalogue.read_bytes()
    log = case.folder.catalogue.with_name("catalogue.db-wal")
    pages = [raw[at : at + PAGE] for at in range(0, len(raw), PAGE)]
    if log.exists():
        frames = log.read_bytes()[32:]
        pages += [frames[at + 24 : at + 24 + PAGE] for at in range(0, len(frames), PAGE + 24)]
    key = bytes.fromhex(case.keys.catalogue)
    plain = []
    for number, page in enumerate(pages):
        start = SALT if number == 0 else 0
        vector = page[PAGE - RESERVE : PAGE - RESERVE + 16]
        opened = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        plain.append(opened.update(page[start : PAGE - RESERVE]))
    return b"".join(plain)


def unpacked(pages: bytes) -> bytes:
    """The bytes, and behind them what can still be read of each zstd frame that begins in them."""
    pieces, at = [pages], pages.find(_ZSTD)
    while at >= 0:
        reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(pages[at : at + 100_000]))
        try:
            pieces.append(reader.read(1 << 20))
        except zstandard.ZstdError:
            pass
        at = pages.find(_ZSTD, at + 1)
    return b"".join(pieces)


def opened(case) -> dict[str, bytes]:
    """Everything a person with the keys can get at, by where it was found."""
    identity = pyrage.x25519.Identity.from_str(case.keys.identity)
    found = {"catalogue": unpacked(database_pages(case))}
    for root in (case.root, in_memory(case.folder)):
        for path in root.rglob("*"):
            name = path.relative_to(root.parent).as_posix()
            found[f"name {name}"] = str(path.name).encode()
            if path.is_file():
                raw = path.read_bytes()
                found[name] = raw
                if raw.startswith(b"age-encryption.org/v1") and path.parent != case.folder.keys:
                    plain = pyrage.decrypt(raw, [identity])
                    found[f"opened {name}"] = unpacked(plain) if plain.startswith(MAGIC) else plain
    return found


def left(case, *needles: bytes) -> dict[bytes, list[str]]:
    """Where each needle stands that does, in whatever letters: in clear, in hexadecimal or in base64."""
    places = [(name, raw.lower()) for name, raw in opened(case).items()]
    found: dict[bytes, list[str]] = {}
    for needle in needles:
        forms = {form.lower() for form in (needle, needle.hex().encode(), b64encode(needle))}
        where = [name for name, raw in places if any(form in raw for form in forms)]
        if where:
            found[needle] = where
    return found


def zipped(path: Path, **members: bytes) -> None:
    """A ZIP archive of members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
