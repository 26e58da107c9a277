"""`keys/sha512sums`: what lies in `keys/`, and case.toml beside it, each with its digest.

It is what `cd keys && sha512sum -c sha512sums` reads, in one canonical form (sorted, complete, lower case), so that
whoever has no key still finds each flipped bit, each file that is missing and each that was added. Who forges the
listing too is found with the keys of the case: the journal says which listing was written last.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

LISTING = "sha512sums"
DESCRIPTION = "../case.toml"
RECIPIENTS = "recipients.age"
ALWAYS = ("daily.json", "passphrase.age", "recovery.age")
# A case made before there was a listing had this file, and no recipients.age.
EARLIER = "recipients.txt"
_LINE = re.compile(r"([0-9a-f]{128})  (\.\./case\.toml|[a-z]+\.(?:age|json))\n")
_LARGEST = 1 << 20


def encode_listing(files: Mapping[str, bytes]) -> bytes:
    """The listing of these files (name as seen from within keys/: content)."""
    lines = [f"{hashlib.sha512(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def decode_listing(content: bytes) -> dict[str, str]:
    """Names and SHA-512 (hexadecimal) in a listing. Raises ValueError where it is not in canonical form."""
    text = content.decode("ascii")
    found = {match[2]: match[1] for match in _LINE.finditer(text)}
    again = "".join(f"{found[name]}  {name}\n" for name in sorted(found))
    if again != text:
        raise ValueError("not in canonical form")
    lacking = {*ALWAYS, RECIPIENTS, DESCRIPTION}.difference(found)
    if lacking:
        raise ValueError("not complete")
    return found


def listing_digest(keys: Path) -> str:
    """SHA-512 of the listing of a folder of keys; "" where it has none."""
    content = small_file(keys / LISTING)
    return hashlib.sha512(content).hexdigest() if content is not None else ""


def made_before_listings(keys: Path) -> bool:
    """Whether a folder of keys is of the form that had no listing yet."""
    return not any(os.path.lexists(keys / name) for name in (LISTING, RECIPIENTS)) and (
        small_file(keys / EARLIER) is not None
    )


def differs(keys: Path, name: str) -> bool:
    """Whether a file is listed and is not what the listing says."""
    try:
        listed = decode_listing(small_file(keys / LISTING) or b"")
    except ValueError:
        return False
    content = small_file(keys / name)
    return name in listed and (
        content is None or hashlib.sha512(content).hexdigest() != listed[name]
    )


def problems(keys: Path) -> Iterator[tuple[str, str]]:
    """(damaged, missing or unexpected; path from the case's folder) for all that is wrong; needs no keys."""
    try:
        there = set(os.listdir(keys))
    except OSError:
        yield "missing", "keys"
        return
    if made_before_listings(keys):
        yield from _without_listing(there)
        return
    content = small_file(keys / LISTING)
    if content is None:
        what = "damaged" if LISTING in there else "missing"
        yield what, f"keys/{LISTING}"
        yield from (("missing", f"keys/{name}") for name in _expected() if name not in there)
        return
    try:
        listed = decode_listing(content)
    except ValueError:
        yield "damaged", f"keys/{LISTING}"
        yield from (("missing", f"keys/{name}") for name in _expected() if name not in there)
        return
    for name, digest in listed.items():
        path = "case.toml" if name == DESCRIPTION else f"keys/{name}"
        found = small_file(keys / name)
        if found is None:
            yield "damaged" if os.path.lexists(keys / name) else "missing", path
        elif hashlib.sha512(found).hexdigest() != digest:
            yield "damaged", path
    for name in sorted(there.difference(listed, [LISTING])):
        yield "unexpected", f"keys/{name}"


def _expected() -> tuple[str, ...]:
    return (*ALWAYS, RECIPIENTS)


def _without_listing(there: set[str]) -> Iterator[tuple[str, str]]:
    known = {*ALWAYS, EARLIER}
    yield from (("missing", f"keys/{name}") for name in sorted(known - there))
    yield from (("unexpected", f"keys/{name}") for name in sorted(there - known))


def small_file(path: Path) -> bytes | None:
    """The content of a regular file of at most 1 MiB; None where it is missing or something else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        content = file.read(_LARGEST + 1)
    return content if len(content) <= _LARGEST else None
