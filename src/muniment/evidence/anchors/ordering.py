"""The order of the certificates in a reply, as DER wants it.

A SET OF is sorted in DER, and `rfc3161-client` insists on it. OpenSSL, and with it many an authority, writes the
certificates beside a token in the order of the chain. They are not signed, so that a sorted copy says the same; what
is kept is what came.
"""

from __future__ import annotations

_SEQUENCE, _CONTEXT_0 = 0x30, 0xA0
_DEEPEST = 4  # bytes of a length


def sorted_certificates(content: bytes) -> bytes:
    """The reply with its certificates sorted; as it is where it has none or cannot be read so far."""
    try:
        start, end = _certificates(content)
        elements = []
        while start < end:
            _, _, after = _element(content, start, end)
            elements.append((start, after))
            start = after
    except ValueError:
        return content
    if not elements:
        return content
    inner = b"".join(sorted(content[a:b] for a, b in elements))
    return content[: elements[0][0]] + inner + content[end:]


def _certificates(content: bytes) -> tuple[int, int]:
    """Where the certificates lie: TimeStampResp, its second field ContentInfo, its second SignedData, field [0]."""
    at, end = _open(content, 0, len(content), _SEQUENCE)
    at, end = _open(content, _skip(content, at, end, 1), end, _SEQUENCE)
    at, end = _open(content, _skip(content, at, end, 1), end, _CONTEXT_0)
    at, end = _open(content, at, end, _SEQUENCE)
    return _open(content, _skip(content, at, end, 3), end, _CONTEXT_0)


def _open(content: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    found, start, after = _element(content, at, end)
    if found != tag:
        raise ValueError
    return start, after


def _skip(content: bytes, at: int, end: int, count: int) -> int:
    for _ in range(count):
        at = _element(content, at, end)[2]
    return at


def _element(content: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, where the value begins, where it ends. Raises ValueError for what is not DER, or cut off."""
    if at + 2 > end:
        raise ValueError
    tag, length, start = content[at], content[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= _DEEPEST or start + count > end:
            raise ValueError
        length = int.from_bytes(content[start : start + count], "big")
        start += count
    if tag & 0x1F == 0x1F or start + length > end:
        raise ValueError
    return tag, start, start + length
