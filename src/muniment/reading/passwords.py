"""The bytes that a password may be: old programs did not write UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

_ENCODINGS = ("utf-8", "gb18030", "cp1252", "cp437", "cp1251")


def spelled(password: str) -> Iterator[bytes]:
    """A password as bytes, in the encodings it may have been typed in; one only where it is ASCII."""
    seen = set()
    for encoding in _ENCODINGS:
        try:
            written = password.encode(encoding)
        except UnicodeEncodeError:
            continue
        if written not in seen:
            seen.add(written)
            yield written
