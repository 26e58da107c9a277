"""Who saved an old Word file last, up to ten times, and where it lay each time (MS-DOC 2.9.285, SttbSavedBy)."""

from __future__ import annotations

import struct

from muniment.reading.compound import Compound

_FLAGS, _WHICH_TABLE = 0x0A, 0x0200
_PLACE = 0x9A + 71 * 8
_EXTENDED = 0xFFFF
_MOST = 40


def saved_by(data: bytes) -> list[str]:
    """NAME: PLACE for each, the earliest first; none where the file does not say or is damaged."""
    try:
        compound = Compound(data)
        streams = {entry.path[-1]: entry for entry in compound.entries if len(entry.path) == 1}
        head = compound.read(streams["WordDocument"])
        flags = struct.unpack_from("<H", head, _FLAGS)[0]
        table = compound.read(streams["1Table" if flags & _WHICH_TABLE else "0Table"])
        start, size = struct.unpack_from("<II", head, _PLACE)
        said = _texts(table[start : start + size])
    except (ValueError, KeyError, struct.error):
        return []
    return [f"{name}: {place}" for name, place in zip(said[::2], said[1::2], strict=False)]


def _texts(raw: bytes) -> list[str]:
    """The texts of a table of texts."""
    if len(raw) < 6:
        return []
    extended, count, extra = struct.unpack_from("<HHH", raw)
    if extended != _EXTENDED:
        return []
    found, at = [], 6
    for _ in range(min(count, _MOST)):
        size = 2 * struct.unpack_from("<H", raw, at)[0]
        found.append(raw[at + 2 : at + 2 + size].decode("utf-16-le", "replace"))
        at += 2 + size + extra
    return found
