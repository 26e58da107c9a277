"""Brotli, which has no mark by which its content is known: bytes that nothing else knows are tried.

They are taken for Brotli only where they unpack to their very end, and to something that is text or of a known type.
"""

from __future__ import annotations

from muniment.reading.account import Account, Document
from muniment.reading.identify import identify

_LEAST, _LEAST_UNPACKED = 8, 16
_UNKNOWN = "application/octet-stream"


def unpacked(document: Document, account: Account) -> bytes | None:
    """What is packed in it, or None where it is no Brotli, or expands to more than may still come."""
    import brotli

    if len(document.data) < _LEAST:
        return None
    most = account.part_bytes_left()
    unpacker = brotli.Decompressor()
    try:
        out = bytes(unpacker.process(document.data, output_buffer_limit=most))
    except brotli.error:
        return None
    if not unpacker.is_finished() or len(out) > most or len(out) < _LEAST_UNPACKED:
        return None
    return out if identify(out, "") != _UNKNOWN else None
