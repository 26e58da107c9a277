"""Web archives (WARC, ISO 28500): every response and every resource is a part, at the address it was taken from.

A part's bytes are the body as a browser would have had it: chunks joined, gzip and deflate undone. Requests, which
tell of whoever took the capture, and records about records are counted in the properties. A WACZ file is a ZIP
archive of such files, a .warc.gz a compressed one; both lead here.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.pages import FAILED, OVER_LIMIT

_BEGIN = re.compile(rb"WARC/[0-9.]{3,8}\r?\n")
_BLANK = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD = 1 << 16
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}
_KEPT = ("response", "resource", "conversion")


@dataclass(frozen=True, slots=True)
class _Record:
    """One record: its headers in small letters, its block, and whether all of that is there."""

    headers: dict[str, str]
    block: bytes
    whole: bool


def read(document: Document, account: Account) -> None:
    """Every response and resource, in order."""
    kinds: Counter[str] = Counter()
    altered = cut = 0
    for record in _records(document.data):
        kind = record.headers.get("warc-type", "")
        kinds[kind] += 1
        cut += not record.whole
        altered += record.whole and _altered(record)
        if kind in _KEPT:
            _tell(record, account)
        elif kind == "warcinfo":
            for name, value in _fields(record.block).items():
                account.property(f"capture-{name}"[:60], value)
    if not kinds:
        raise Unreadable(FAILED, "its first record is damaged")
    account.expect(parts=sum(kinds[kind] for kind in _KEPT))
    for kind, count in kinds.items():
        if kind not in _KEPT and kind.isalpha():
            account.property(f"records-{kind}", str(count))
    if altered:
        account.partly(f"{altered} records are not what the digest in them says")
    if cut:
        account.partly("its last record is cut off")


def _records(data: bytes) -> Iterator[_Record]:
    """One after another; behind damage, from the next line that begins a record."""
    at = 0
    while (begin := _BEGIN.search(data, at)) is not None:
        end = _BLANK.search(data, begin.end() - 2, begin.end() + _LONGEST_HEAD)
        if end is None:
            at = begin.end()
            continue
        headers = _fields(data[begin.end() : end.start()])
        length = headers.get("content-length", "")
        if not re.fullmatch(r"[0-9]{1,12}", length):
            at = end.end()
            continue
        block = data[end.end() : end.end() + int(length)]
        at = end.end() + len(block)
        yield _Record(headers, block, len(block) == int(length))


def _fields(head: bytes) -> dict[str, str]:
    """Header lines; a line that begins with white space goes on with the one before."""
    joined = re.sub(rb"\r?\n[ \t]+", b" ", head)
    found: dict[str, str] = {}
    for line in joined.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _altered(record: _Record) -> bool:
    """Whether the block is not what its digest says; False where it has none that is known here."""
    kind, _, said = record.headers.get("warc-block-digest", "").partition(":")
    make = _DIGESTS.get(kind.lower().replace("-", ""))
    if make is None or not said:
        return False
    digest = make(record.block).digest()
    written = (digest.hex(), base64.b32encode(digest).decode().rstrip("="))
    return said.rstrip("=").lower() not in (one.lower() for one in written)


def _tell(record: _Record, account: Account) -> None:
    address = record.headers.get("warc-target-uri", "").strip("<>")
    kind = record.headers.get("content-type", "")
    properties = {"address": address, "captured": record.headers.get("warc-date", "")}
    body = record.block
    if kind.startswith("application/http"):
        head, gap, body = _split(record.block)
        status = head.partition(b"\n")[0].split(b" ")
        fields = _fields(head)
        properties["status"] = status[1].decode("ascii", "replace") if len(status) > 1 else ""
        kind = fields.get("content-type", "")
        body = _decoded(body, fields, properties, account) if gap else b""
    properties["declared-type"] = kind
    properties = {name: value for name, value in properties.items() if value}
    account.part(body, name=_name(address), path=address or _name(address), properties=properties)


def _split(block: bytes) -> tuple[bytes, bytes, bytes]:
    gap = _BLANK.search(block)
    if gap is None:
        return block, b"", b""
    return block[: gap.start()], gap[0], block[gap.end() :]


def _decoded(
    body: bytes, fields: dict[str, str], properties: dict[str, str], account: Account
) -> bytes:
    """The body without what was only for the way; as it stands, and said so, where that cannot be undone."""
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _joined(body)
    coding = fields.get("content-encoding", "").lower().strip()
    if coding in ("", "identity"):
        return body
    for bits in {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ()):
        unpacker = zlib.decompressobj(bits)
        try:
            plain = unpacker.decompress(body, account.part_bytes_left() + 1)
        except zlib.error:
            continue
        if len(plain) > account.part_bytes_left():
            raise Unreadable(OVER_LIMIT, "its records expand to more bytes than allowed")
        return plain
    properties["content-encoding"] = coding
    return body


def _joined(body: bytes) -> bytes:
    """A body sent in chunks (RFC 9112, 7.1); as it stands where it is none."""
    out, at = [], 0
    while (size := re.compile(rb"([0-9A-Fa-f]{1,8})[^\n]{0,200}\n").match(body, at)) is not None:
        length = int(size[1], 16)
        out.append(body[size.end() : size.end() + length])
        at = size.end() + length + 2
        if not length:
            return b"".join(out)
    return b"".join(out) if out else body


def _name(address: str) -> str:
    """A file name for an address: the last piece of its path."""
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    return unquote(path.rstrip("/").rpartition("/")[2]) or "index.html"


def identify(data: bytes, name: str) -> str | None:  # noqa: ARG001 - the shape of a rule
    """By its first line."""
    return "application/warc" if _BEGIN.match(data[:32]) else None


register(Format(family="archive", types=("application/warc",), read=read, identify=identify))
