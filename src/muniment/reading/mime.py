"""The structure of a mail (RFC 5322, 2045 to 2047, 2231): headers, bodies, what is nested in them, and damage.

It never refuses: whatever bytes come, a tree of entities comes out, and what was found damaged stands in
`Entity.damage` as sentences of ours. The bodies are exact slices of the input, so that an attached message is the
message as it was sent (the standard library writes a message anew, and raises on odd headers).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz

from muniment.reading.decoding import decode
from muniment.reading.member_names import decode_names

DEEPEST = 60
"""Multiparts nested deeper than this are left as they are."""

_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.S)
_FROM_LINE = re.compile(rb">?From ")
_ANY_BOUNDARY = re.compile(rb"^--([!-~]{1,200}?)[ \t]*\r?$", re.M)
_TOKEN_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_ALPHABET = bytes(set(range(256)) - set(_ALPHABET) - set(b"="))
_PARAMETER = re.compile(r";\s*([^\s=;]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.S)


@dataclass(slots=True)
class Entity:
    """One entity: a message or one part of it.

    `headers`: names in lower case with raw values, unfolded, in order. `body`: the bytes after the headers, still
    in their transfer encoding. `type`: in lower case, "text/plain" where none is said. `damage`: sentences.
    """

    headers: list[tuple[str, bytes]]
    body: bytes
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_parameters: dict[str, str] = field(default_factory=dict)
    children: list[Entity] = field(default_factory=list)
    preamble: bytes = b""
    epilogue: bytes = b""
    damage: list[str] = field(default_factory=list)

    def first(self, name: str) -> bytes:
        """The raw value of the first header of this name, or nothing."""
        return next((value for known, value in self.headers if known == name), b"")

    def every(self, name: str) -> list[bytes]:
        """The raw values of all headers of this name."""
        return [value for known, value in self.headers if known == name]


def parse(data: bytes, *, depth: int = 0, type_unless_said: str = "text/plain") -> Entity:
    """The tree of entities in these bytes."""
    if b"\n" not in data and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    headers, start, damage = split_headers(data)
    entity = Entity(headers, data[start:], damage=damage)
    written = entity.first("content-type")
    if written.strip():
        entity.type, entity.parameters = value_and_parameters(written)
        if not _TOKEN_TYPE.fullmatch(entity.type):
            entity.type = "text/plain"
    else:
        entity.type = type_unless_said
    if entity.first("content-disposition"):
        entity.disposition, entity.disposition_parameters = value_and_parameters(
            entity.first("content-disposition")
        )
    if entity.type.startswith("multipart/"):
        _split_multipart(entity, depth)
    return entity


def split_headers(data: bytes) -> tuple[list[tuple[str, bytes]], int, list[str]]:
    """Headers, the offset of the body, and what was damaged."""
    headers: list[tuple[str, bytes]] = []
    damage: list[str] = []
    position = 0
    while position < len(data):
        end = data.find(b"\n", position) + 1 or len(data)
        line = data[position:end].rstrip(b"\r\n")
        if not line:
            return headers, end, damage
        found = _HEADER.fullmatch(line)
        if line[:1] in b" \t" and headers:
            name, value = headers[-1]
            headers[-1] = (name, value + b" " + line.strip())
        elif found:
            headers.append((found[1].decode("ascii").lower(), found[2].strip()))
        elif not (position == 0 and _FROM_LINE.match(line)):
            if not _goes_on(data, end):
                if headers:
                    damage.append("no empty line stands between its headers and its text")
                return headers, position, damage
            damage.append("a line among its headers is no header")
        position = end
    return headers, len(data), damage


def _goes_on(data: bytes, position: int) -> bool:
    """Whether headers go on after a damaged line: two more of them before an empty line."""
    seen = 0
    for line in data[position : position + 4000].splitlines()[:8]:
        if not line:
            break
        seen += bool(_HEADER.fullmatch(line)) and b" " not in line.partition(b":")[0]
    return seen >= 2


def value_and_parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """A structured header: its value in lower case, its parameters decoded (RFC 2231; RFC 2047, as many send it)."""
    text = raw.decode("utf-8", "surrogateescape").replace("\r", "").replace("\n", "")
    value, _, rest = text.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAMETER.finditer(";" + rest):
        name = found[1].lower()
        said = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3].strip()
        if "*" not in name:
            plain.setdefault(name, said)
            continue
        stem, _, tail = name.partition("*")
        number = tail.rstrip("*")
        if number == "" or (number.isascii() and number.isdigit() and len(number) < 5):
            place = int(number or 0)
            pieces.setdefault(stem, {})[place] = (name.endswith("*"), said)
    decoded = {name: decode_words(_raw(said)) for name, said in plain.items()}
    decoded |= {name: _continued(parts) for name, parts in pieces.items()}
    return value.strip().lower(), decoded


def _continued(parts: dict[int, tuple[bool, str]]) -> str:
    """The value of a parameter written in pieces, some of them in per cent encoding (RFC 2231)."""
    charset, data = "", b""
    for place in sorted(parts):
        encoded, said = parts[place]
        if encoded:
            if place == min(parts) and said.count("'") >= 2:
                charset, _, said = said.split("'", 2)
            data += re.sub(
                rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), _raw(said)
            )
        else:
            data += _raw(said)
    return decode_text(data, charset)[0]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _split_multipart(entity: Entity, depth: int) -> None:
    """Cut a multipart into its children."""
    if depth >= DEEPEST:
        entity.type = "application/octet-stream"
        entity.damage.append(f"its parts are nested more than {DEEPEST} deep")
        return
    boundary = _raw(entity.parameters.get("boundary", "")).rstrip()
    if not boundary:
        found = _ANY_BOUNDARY.search(entity.body)
        boundary = found[1] if found else b""
    marks = (
        list(re.finditer(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?$", entity.body, re.M))
        if boundary
        else []
    )
    if not marks:
        entity.damage.append("it says that it has parts, and none begins")
        entity.type = "text/plain"
        return
    of = "message/rfc822" if entity.type == "multipart/digest" else "text/plain"
    entity.preamble = entity.body[: marks[0].start()]
    closed = False
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        start = min(mark.end() + 1, len(entity.body))
        end = following.start() if following else len(entity.body)
        if mark[1]:
            closed = True
            entity.epilogue = entity.body[start:]
            break
        entity.children.append(
            parse(_without_break(entity.body[start:end]), depth=depth + 1, type_unless_said=of)
        )
    if not closed:
        entity.damage.append("it is cut off: the end of its last part is missing")


def _without_break(data: bytes) -> bytes:
    """The line end before a boundary belongs to the boundary."""
    if data.endswith(b"\r\n"):
        return data[:-2]
    return data[:-1] if data.endswith(b"\n") else data


def decode_body(entity: Entity) -> bytes:
    """The body out of its transfer encoding; what was damaged is added to `entity.damage`."""
    encoding = entity.first("content-transfer-encoding").split(b";")[0].strip().lower()
    if encoding == b"base64":
        return _base64(entity)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(entity.body)
    if encoding in (b"x-uuencode", b"uuencode", b"x-uue"):
        found = uuencoded(entity.body)
        if found:
            return found[0][3]
        entity.damage.append("its uuencoded body does not begin")
    elif encoding not in (b"", b"7bit", b"8bit", b"binary", b"7-bit", b"8-bit"):
        entity.damage.append("its transfer encoding is unknown")
    return entity.body


def _base64(entity: Entity) -> bytes:
    """Base64, pieces behind padding included; what does not fit the alphabet is skipped."""
    foreign = len(entity.body.translate(None, _ALPHABET + b"= \t\r\n"))
    if foreign:
        entity.damage.append("its base64 holds characters that do not belong there")
    out = []
    clean = entity.body.translate(None, _NOT_ALPHABET)
    for piece in re.findall(rb"[^=]+=*", clean):
        signs = piece.rstrip(b"=")
        missing = -len(signs) % 4
        if missing and len(piece) - len(signs) < missing:
            entity.damage.append("its base64 is cut off")
        if missing == 3:
            signs, missing = signs[:-1], 0
        out.append(binascii.a2b_base64(signs + b"=" * missing))
    return b"".join(out)


_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+([^\r\n]{1,255})\r?\n", re.M)


def uuencoded(data: bytes) -> list[tuple[int, int, bytes, bytes, bool]]:
    """Files uuencoded in a text: start, end, raw name, bytes, and whether the end was reached."""
    found: list[tuple[int, int, bytes, bytes, bool]] = []
    for begin in _UU_BEGIN.finditer(data):
        if found and begin.start() < found[-1][1]:
            continue
        position, out, whole = begin.end(), [], False
        while position < len(data):
            end = data.find(b"\n", position) + 1 or len(data)
            line = data[position:end].strip(b"\r\n")
            if line.strip() == b"end":
                position, whole = end, True
                break
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                break
            position = end
        if out:
            found.append((begin.start(), position, begin[1].strip(), b"".join(out), whole))
    return found


_ENCODED_WORD = re.compile(rb"=\?([!->@-~]+)\?([bBqQ])\?([^?]*)\?=")


def decode_words(raw: bytes, charset: str = "") -> str:
    """The text of an unstructured header: encoded words decoded (RFC 2047), raw bytes guessed, never refused."""
    out: list[str] = []
    pending, pending_charset = b"", ""
    position = 0
    for found in _ENCODED_WORD.finditer(raw):
        between = raw[position : found.start()]
        said = found[1].split(b"*")[0].decode("ascii")
        if between.strip(b" \t\r\n") or (pending and said.lower() != pending_charset.lower()):
            out.append(decode_text(pending, pending_charset)[0])
            pending = b""
            if between.strip(b" \t\r\n"):
                out.append(_unmarked(between, charset))
        elif not pending and not position:
            out.append(_unmarked(between, charset))
        pending += _word(found[2], found[3])
        pending_charset = said
        position = found.end()
    out.append(decode_text(pending, pending_charset)[0])
    out.append(_unmarked(raw[position:], charset))
    return re.sub(r"[\r\n\t]+", " ", "".join(out)).strip()


def _unmarked(raw: bytes, charset: str) -> str:
    """Bytes in a header that name no charset: UTF-8, else that of the body, else the one that fits best."""
    if raw.isascii():
        return raw.decode("ascii")
    said = _codec(charset)
    for codec in ("utf-8", said) if said else ():
        try:
            return raw.decode(codec)
        except (LookupError, ValueError):
            continue
    return decode_names([raw.replace(b"\n", b" ")], "cp1252")[0]


def _word(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text.replace(b"_", b" "), header=True)
    signs = text.translate(None, _NOT_ALPHABET + b"=")
    if len(signs) % 4 == 1:
        signs = signs[:-1]
    return binascii.a2b_base64(signs + b"=" * (-len(signs) % 4))


_CHARSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "chinesegb": "gb18030",
    "big5": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs", "hz-gb-2312": "hz",
    "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "x-sjis": "cp932", "shift_jis": "cp932",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "", "ascii": "", "ansi_x3.4-1968": "",
    "iso-8859-8-i": "iso8859-8", "iso-8859-9": "cp1254", "unicode-1-1-utf-7": "utf-7", "x-unknown": "",
    "unknown-8bit": "", "default": "", "x-mac-roman": "mac-roman", "macintosh": "mac-roman", "utf8": "utf-8",
    "utf-8mb4": "utf-8", "iso-2022-jp": "iso2022_jp_ext",
}  # fmt: skip
_SHIFTS = re.compile(rb"[\x0e\x1b]|~\{")
_NOT_ASCII = ("utf-7", "unicode-1-1-utf-7", "utf-16", "utf-32", "utf7", "utf16", "utf32", "ucs-2")
_NO_TEXT_CODECS = (
    "base64", "bz2", "hex", "quopri", "rot13", "rot_13", "uu", "zip", "zlib", "punycode", "idna",
)  # fmt: skip


def _codec(charset: str) -> str:
    """The name Python has for a charset, or nothing where it says nothing (us-ascii) or is no charset."""
    said = charset.strip().strip("\"'").lower().replace(" ", "-")
    said = _CHARSETS.get(said, said)
    return "" if said.startswith(_NO_TEXT_CODECS) else said


def decode_text(data: bytes, charset: str) -> tuple[str, int]:
    """Text in a declared charset (which may be wrong), and how many places were lost.

    The declared charset is believed where it fits, or nearly; else the bytes are looked at as plain text.
    """
    said = _codec(charset)
    if data.isascii() and not _SHIFTS.search(data) and not said.startswith(_NOT_ASCII):
        return data.decode("ascii"), 0
    if said.startswith("iso-2022-cn"):
        return _iso_2022_cn(data)
    if said:
        try:
            text = data.decode(said, "replace")
        except (LookupError, ValueError):
            text = "\ufffd" * len(data)
        lost = text.count("\ufffd")
        if lost * 100 <= len(text):
            return text, lost
    decoded = decode(data)
    return decoded.text, decoded.lost


def _iso_2022_cn(data: bytes) -> tuple[str, int]:
    """ISO-2022-CN (RFC 1922): GB 2312 between SO and SI. What it takes from CNS 11643 counts as lost."""
    out, lost = [], 0
    designated, shifted = b"", False
    for piece in re.findall(rb"\x1b\$[)*+].|\x0e|\x0f|\n|[^\x1b\x0e\x0f\n]+|\x1b", data, re.S):
        if piece.startswith(b"\x1b"):
            designated = piece[3:] or designated
        elif piece in (b"\x0e", b"\x0f"):
            shifted = piece == b"\x0e"
        elif piece == b"\n":
            shifted, designated = False, b""
            out.append("\n")
        elif not shifted:
            out.append(piece.decode("ascii", "replace"))
        elif designated == b"A":
            out.append(bytes(sign | 0x80 for sign in piece).decode("gb2312", "replace"))
        else:
            out.append("\ufffd" * (len(piece) // 2))
    text = "".join(out)
    lost += text.count("\ufffd")
    return text, lost


def iso_moment(written: str) -> str:
    """A date of RFC 5322 as ISO 8601 in UTC, or nothing."""
    try:
        parsed = parsedate_tz(written)
        if parsed is None:
            return ""
        moment = datetime.fromtimestamp(mktime_tz(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
