"""What a message of Outlook says of an appointment or a task, by the names of numbers (MS-OXMSG 2.2.3).

Such properties have other numbers in each file; a storage of their own says which is which.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from muniment.reading.compound import Compound

_APPOINTMENT = uuid.UUID("00062002-0000-0000-c000-000000000046").bytes_le
_COMMON = uuid.UUID("00062008-0000-0000-c000-000000000046").bytes_le
_TASK = uuid.UUID("00062003-0000-0000-c000-000000000046").bytes_le
_STORAGE, _SETS, _ENTRIES = "__nameid_version1.0", "__substg1.0_00020102", "__substg1.0_00030102"
_START, _END, _PLACE, _ATTENDEES = (
    "X-Event-Start",
    "X-Event-End",
    "X-Event-Place",
    "X-Event-Attendees",
)
_WANTED = {
    (_APPOINTMENT, 0x820D): _START, (_COMMON, 0x8516): _START, (_TASK, 0x8104): _START,
    (_APPOINTMENT, 0x820E): _END, (_COMMON, 0x8517): _END, (_TASK, 0x8105): _END,
    (_APPOINTMENT, 0x8208): _PLACE, (_APPOINTMENT, 0x8238): _ATTENDEES,
}  # fmt: skip
_TAGGED = {0x0060: _START, 0x0061: _END}
_TIME, _TEXT = 0x0040, 0x001F
_FIRST_MOMENT = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = 0x0CB34557A3DD4000  # 4501-01-01: what Outlook writes for none


def named(compound: Compound) -> dict[int, str]:
    """Numbers in this file that stand for what is wanted here."""
    streams = {
        entry.path[1]: compound.read(entry)
        for entry in compound.entries
        if len(entry.path) == 2 and entry.path[0] == _STORAGE and not entry.storage
    }
    sets, entries = streams.get(_SETS, b""), streams.get(_ENTRIES, b"")
    found = dict(_TAGGED)
    for at in range(0, len(entries) - 7, 8):
        name, which, number = struct.unpack_from("<IHH", entries, at)
        place = ((which >> 1) - 3) * 16
        if which & 1 or place < 0:
            continue  # named by a text, or of the sets that come first and hold none of ours
        header = _WANTED.get((sets[place : place + 16], name))
        if header:
            found[0x8000 + number] = header
    return found


def event(
    values: Mapping[tuple[int, int], bytes], names: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Start, end, place and attendees, as headers."""
    found: dict[str, str] = {}
    for (number, kind), raw in values.items():
        header = names.get(number)
        if header is None:
            continue
        if kind == _TIME:
            said = _moment(int.from_bytes(raw[:8], "little"))
        elif kind == _TEXT:
            said = raw.decode("utf-16-le", "replace").strip("\0")
        else:
            continue
        if said:
            found.setdefault(header, said)
    return sorted(found.items())


def _moment(ticks: int) -> str:
    """Units of 100 nanoseconds since 1601, in ISO 8601; nothing where it is none."""
    if not 0 < ticks < _NEVER:
        return ""
    try:
        moment = _FIRST_MOMENT + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
