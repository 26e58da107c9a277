"""Messages of Outlook (MS-OXMSG): written anew as a mail, with everything attached, and read as one.

The bytes of the mail are ours (the MSG file itself is what was sealed); what stands in it is the message's. Transport
headers are kept where the message has them; else From, To, Subject and Date are made from its properties.
"""

from __future__ import annotations

import base64
import re
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

from muniment.reading import named_properties
from muniment.reading.compound import Compound
from muniment.reading.formats import Account, Document, Format, Unreadable, mail, register, tika
from muniment.reading.member_names import decode_names
from muniment.reading.pages import FAILED

_STREAM = re.compile(r"__substg1\.0_([0-9A-F]{4})([0-9A-F]{4})", re.I)
_TEXT, _TEXT_8, _BYTES, _LONG, _TIME = 0x001F, 0x001E, 0x0102, 0x0003, 0x0040
_SUBJECT, _HEADERS, _BODY, _HTML, _CLASS = 0x0037, 0x007D, 0x1000, 0x1013, 0x001A
_FROM_NAME, _FROM_ADDRESS, _FROM_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_TO, _CC, _BCC, _MESSAGE_ID = 0x0E04, 0x0E03, 0x0E02, 0x1035
_SUBMITTED, _DELIVERED, _CODE_PAGE = 0x0039, 0x0E06, 0x3FFD
_NAME, _LONG_NAME, _DATA, _MIME_TYPE = 0x3704, 0x3707, 0x3701, 0x370E
_FIRST_MOMENT = datetime(1601, 1, 1, tzinfo=UTC)
_DEEPEST = 20
_GUESSED = 20_000
"""Bytes up to which a text without a code page is looked at; a longer one is taken for Windows-1252."""
_NOT_COPIED = re.compile(
    r"(?im)^(content-type|content-transfer-encoding|mime-version|content-class):.*(\r?\n[ \t].*)*(\r?\n|\Z)"
)


@dataclass(slots=True)
class Letter:
    """A message to be written as a mail; `attached`: names, types and bytes; `made`: headers made from properties."""

    headers: str = ""
    made: list[tuple[str, str]] = field(default_factory=list)
    plain: str = ""
    html: bytes = b""
    attached: list[tuple[str, str, bytes]] = field(default_factory=list)

    def written(self) -> bytes:
        """As a mail (RFC 5322), the same each time."""
        head = _NOT_COPIED.sub("", self.headers.replace("\0", "")).strip("\r\n")
        known = {line.partition(":")[0].strip().lower() for line in head.splitlines()}
        lines = [head] if head else []
        lines += [
            f"{name}: {_encoded(value)}"
            for name, value in self.made
            if value and name.lower() not in known
        ]
        bodies = (
            [_entity("text/plain; charset=utf-8", self.plain.encode("utf-8", "replace"))]
            if self.plain
            else []
        )
        if self.html:
            bodies.append(_entity("text/html", self.html))
        first = (
            _multipart("alternative", bodies)
            if len(bodies) > 1
            else (bodies or [_entity("text/plain", b"")])[0]
        )
        entities = [first, *(_attachment(*one) for one in self.attached)]
        whole = _multipart("mixed", entities) if self.attached else first
        return (
            "\n".join([*lines, "MIME-Version: 1.0", ""]).encode("utf-8", "surrogateescape") + whole
        )


def _encoded(value: str) -> str:
    value = " ".join(value.split())
    return value if value.isascii() else Header(value, "utf-8").encode(linesep="\n")


def _entity(kind: str, data: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n{more}\n"
    return head.encode("ascii", "replace") + base64.encodebytes(data)


def _attachment(name: str, kind: str, data: bytes) -> bytes:
    quoted = "".join(f"%{octet:02X}" for octet in name.encode("utf-8", "replace"))
    kind = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "application/octet-stream"
    return _entity(kind, data, f"Content-Disposition: attachment; filename*=utf-8''{quoted}\n")


def _multipart(kind: str, entities: list[bytes]) -> bytes:
    boundary = f"=_muniment_{kind}"
    edge = f"--{boundary}\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    return head + b"".join(edge + one + b"\n" for one in entities) + f"--{boundary}--\n".encode()


def read(document: Document, account: Account) -> None:
    """One message, its attachments as parts."""
    try:
        letter = _letter(Compound(document.data), (), 0)
    except (ValueError, struct.error):
        raise Unreadable(FAILED, "its container is damaged") from None
    if not letter.plain and not letter.html:
        pages = tika.by_tika(document.data).pages
        letter.plain = "\n".join(pages)
    written = letter.written()
    mail.read(
        Document(written, document.name, document.type, document.budget, document.passwords),
        account,
    )


def _letter(compound: Compound, above: tuple[str, ...], deep: int) -> Letter:
    """The message in one storage of the file (messages attached to it are in storages below)."""
    values = _values(compound, above)
    names: dict[int, str] = {
        number: _text(values, number) for number in (_TO, _CC, _BCC, _SUBJECT, _MESSAGE_ID)
    }
    sender = _text(values, _FROM_SMTP) or _text(values, _FROM_ADDRESS)
    shown = _text(values, _FROM_NAME)
    letter = Letter(headers=_text(values, _HEADERS), plain=_text(values, _BODY))
    letter.made = [
        ("From", f"{shown} <{sender}>" if "@" in sender and sender != shown else shown or sender), ("To",
        names[_TO]), ("Cc", names[_CC]), ("Bcc", names[_BCC]), ("Subject", names[_SUBJECT]), ("Date",
        _date(values)), ("Message-ID", names[_MESSAGE_ID]), ("X-Message-Class", _text(values, _CLASS)),
    ]  # fmt: skip
    letter.made += named_properties.event(values, named_properties.named(compound))
    letter.html = values.get((_HTML, _BYTES), b"") or _text(values, _HTML).encode(
        "utf-8", "replace"
    )
    for entry in compound.entries:
        inside = entry.path[: len(above)] == above and len(entry.path) == len(above) + 1
        if inside and entry.storage and entry.path[-1].startswith("__attach"):
            letter.attached.append(_attached(compound, entry.path, deep))
    return letter


def _attached(compound: Compound, path: tuple[str, ...], deep: int) -> tuple[str, str, bytes]:
    values = _values(compound, path)
    name = (
        _text(values, _LONG_NAME) or _text(values, _NAME) or _text(values, 0x3001) or "attachment"
    )
    inner = next(
        (
            e.path
            for e in compound.entries
            if e.storage and e.path[:-1] == path and "3701000D" in e.path[-1]
        ),
        None,
    )
    if inner is None:
        return name, _text(values, _MIME_TYPE), values.get((_DATA, _BYTES), b"")
    if deep < _DEEPEST and any(
        e.path[:-1] == inner and e.path[-1].startswith("__properties") for e in compound.entries
    ):
        letter = _letter(compound, inner, deep + 1)
        return (
            f"{name}.eml" if not name.lower().endswith(".eml") else name,
            "message/rfc822",
            letter.written(),
        )
    data = b"".join(
        compound.read(e)
        for e in compound.entries
        if e.path[: len(inner)] == inner and not e.storage
    )
    return name, "application/octet-stream", data


def _values(compound: Compound, above: tuple[str, ...]) -> dict[tuple[int, int], bytes]:
    """The values in the streams of one storage, by property and type."""
    found: dict[tuple[int, int], bytes] = {}
    for entry in compound.entries:
        if entry.storage or entry.path[:-1] != above:
            continue
        if entry.path[-1] == "__properties_version1.0":
            found |= _fixed(compound.read(entry), above)
        named = _STREAM.fullmatch(entry.path[-1])
        if named:
            found[int(named[1], 16), int(named[2], 16)] = compound.read(entry)
    return found


def _text(values: dict[tuple[int, int], bytes], number: int) -> str:
    if (wide := values.get((number, _TEXT))) is not None:
        return wide.decode("utf-16-le", "replace").strip("\0")
    raw = values.get((number, _TEXT_8), b"").strip(b"\0")
    page = int.from_bytes(values.get((_CODE_PAGE, _LONG), b"")[:4], "little")
    try:
        return raw.decode("utf-8" if page == 65001 else f"cp{page}")
    except (LookupError, UnicodeDecodeError):
        return (
            decode_names([raw], "cp1252")[0]
            if len(raw) < _GUESSED
            else raw.decode("cp1252", "replace")
        )


def _fixed(raw: bytes, above: tuple[str, ...]) -> dict[tuple[int, int], bytes]:
    """Properties of fixed size: 16 bytes each, behind a header of 32 bytes (attached messages 24, others 8)."""
    start = 32 if not above else 24 if "3701000D" in above[-1] else 8
    found: dict[tuple[int, int], bytes] = {}
    for at in range(start, len(raw) - 15, 16):
        kind, number = struct.unpack_from("<HH", raw, at)
        if kind in (_LONG, _TIME):
            found[number, kind] = raw[at + 8 : at + 16]
    return found


def _date(values: dict[tuple[int, int], bytes]) -> str:
    """When it was sent, else delivered: 100 nanoseconds since 1601."""
    times = (
        int.from_bytes(values.get((number, _TIME), b""), "little")
        for number in (_SUBMITTED, _DELIVERED)
    )
    ticks = next((one for one in times if one), 0)
    try:
        return format_datetime(_FIRST_MOMENT + timedelta(microseconds=ticks // 10)) if ticks else ""
    except (OverflowError, ValueError):
        return ""


register(Format(family="mail", types=("application/vnd.ms-outlook",), read=read))
