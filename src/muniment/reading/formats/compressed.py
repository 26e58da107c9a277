"""Single files packed with gzip (RFC 1952), bzip2, xz and Zstandard (RFC 8878), up to a limit, damaged ones too."""

from __future__ import annotations

import bz2
import lzma
import zlib
from dataclasses import dataclass, field
from typing import Protocol

_SLICE = 1 << 20
_CUT = "it is cut off: the end is missing"
_DAMAGED = "it is damaged: from some place on it does not unpack"


@dataclass(slots=True)
class Expanded:
    """What came out. `name` and `modified` (seconds since 1970) as gzip keeps them; `over`: more than allowed."""

    data: bytes = b""
    name: bytes = b""
    modified: float = 0.0
    damage: str = ""
    over: bool = False
    _out: list[bytes] = field(default_factory=list)
    _size: int = 0

    def take(self, data: bytes, limit: int) -> None:
        """Add bytes; `over` is set when they are more than the limit."""
        self._out.append(data)
        self._size += len(data)
        self.over = self._size > limit

    def close(self) -> Expanded:
        """Join what was taken."""
        self.data, self._out = b"".join(self._out), []
        return self


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def expand(data: bytes, media_type: str, limit: int) -> Expanded:
    """At most `limit` bytes (and one slice) of what is packed here, stream after stream."""
    if "zstd" in media_type:
        return _zstandard(data, limit)
    expanded = Expanded()
    if "gzip" in media_type:
        _gzip_header(data, expanded)
    while data and not expanded.over:
        data = _stream(data, media_type, expanded, limit)
    return expanded.close()


def _gzip_header(data: bytes, expanded: Expanded) -> None:
    """Time and name of the first member."""
    expanded.modified = float(int.from_bytes(data[4:8], "little"))
    flags, position = data[3] if len(data) > 3 else 0, 10
    if flags & 4:
        position += 2 + int.from_bytes(data[10:12], "little")
    if flags & 8:
        expanded.name = data[position : position + 1024].partition(b"\0")[0]


def _stream(data: bytes, media_type: str, expanded: Expanded, limit: int) -> bytes:
    """Unpack one stream; returns what stands behind it."""
    first = not expanded._size
    try:
        if "gzip" in media_type:
            rest, eof = _by_zlib(data, expanded, limit)
        else:
            rest, eof = _by_others(data, media_type, expanded, limit)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
        # Zero bytes or rubbish behind a whole stream are padding, not damage.
        if first or data.strip(b"\0")[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7"):
            expanded.damage = _DAMAGED
        return b""
    if not eof and not expanded.over:
        expanded.damage = _CUT
        return b""
    return rest


def _by_zlib(data: bytes, expanded: Expanded, limit: int) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(31)
    while not unpacker.eof and not expanded.over:
        out = unpacker.decompress(data, _SLICE)
        data = unpacker.unconsumed_tail
        expanded.take(out, limit)
        if not out and not data:
            break
    return unpacker.unused_data, unpacker.eof


def _by_others(data: bytes, media_type: str, expanded: Expanded, limit: int) -> tuple[bytes, bool]:
    unpacker: bz2.BZ2Decompressor | lzma.LZMADecompressor
    unpacker = bz2.BZ2Decompressor() if "bzip" in media_type else lzma.LZMADecompressor()
    while not unpacker.eof and not expanded.over:
        out = unpacker.decompress(data, _SLICE)
        data = b""
        expanded.take(out, limit)
        if not out and unpacker.needs_input:
            break
    return unpacker.unused_data, unpacker.eof


def _zstandard(data: bytes, limit: int) -> Expanded:
    import zstandard

    expanded = Expanded()
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
        data, read_across_frames=True
    )
    try:
        while not expanded.over and (out := reader.read(_SLICE)):
            expanded.take(out, limit)
    except zstandard.ZstdError:
        expanded.damage = _DAMAGED
    return expanded.close()
