"""Which encoding text is in, and the way back from a character to its bytes. Runs inside the sandbox.

The encoding is told by its mark (BOM), else by what the document declares, else by being valid UTF-8, UTF-16 or
UTF-32, else as damaged UTF-8 where nearly all of it is that, else by charset-normalizer among the encodings of the
languages at hand.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CANDIDATES = (
    "cp1252", "gb18030", "big5hkscs", "shift_jis", "euc_jp", "euc_kr",
    "cp1251", "koi8_r", "cp866", "cp1256", "cp1254", "cp1250",
)  # fmt: skip
_AS_GOOD = 0.02
_LOOK = 1 << 18
_LOOK_CLOSER = 1 << 12
_PRINTED = bytes([9, 10, 13, *range(32, 127)])
_HIGH = bytes(range(128, 256))
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_NO_TEXT = frozenset(("Cc", "Cn", "Co", "Cs"))
LINE_END = re.compile("\r\n?")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text as decoded, before line ends are made one. `mark`: bytes of BOM; `lost`: places that fit nothing."""

    text: str
    encoding: str
    mark: int
    lost: int


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of these bytes. `declared`, an encoding the document names itself, is believed where it fits."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, len(mark))
    # Zero bytes come first: text of two or four bytes a letter is often valid UTF-8 by chance.
    unmarked = wide(data) if b"\0" in data[:_LOOK] else None
    for fitting in (declared, unmarked, "utf-8"):
        if fitting and (text := _strict(data, fitting)) is not None:
            return Decoded(text, codecs.lookup(fitting).name, 0, 0)
    if _is_damaged_utf8(data):
        return _decoded(data, "utf-8", 0)
    return _decoded(data, unmarked or wide(data) or _guess(data) or "utf-8", 0)


def raw_offset(data: bytes, decoded: Decoded, place: int) -> int:
    """The byte where the code point at `place` of the page's text begins (the page has LF line ends, no mark)."""
    position = 0
    for end in LINE_END.finditer(decoded.text):
        if end.end() - end.start() == 2:
            if end.start() >= place + position:
                break
            position += 1
    before = decoded.text[: place + position]
    if not decoded.lost:
        return decoded.mark + len(before.encode(decoded.encoding))
    decoder = codecs.getincrementaldecoder(decoded.encoding)("replace")
    given = 0
    for index in range(decoded.mark, len(data)):
        if given >= len(before):
            return index
        given += len(decoder.decode(data[index : index + 1]))
    return len(data)


def _decoded(data: bytes, encoding: str, mark: int) -> Decoded:
    text = data.decode(encoding, "replace")
    lost = 0
    if "\ufffd" in text:
        # A character U+FFFD that stands in the file itself is not lost.
        lost = text.count("\ufffd") - data.decode(encoding, "ignore").count("\ufffd")
    return Decoded(text, codecs.lookup(encoding).name, mark, lost)


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether four fifths of the bytes above ASCII stand in whole UTF-8 sequences: damaged, and no other encoding.

    In text of another encoding such sequences come about by chance only, in far fewer places.
    """
    head = data[:_LOOK]
    high = len(head) - len(head.translate(None, _HIGH))
    whole = sum(len(sequence) for sequence in _SEQUENCE.findall(head))
    return high > 0 and whole * 5 >= high * 4


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: told by where the zero bytes stand, or by the line ends of CJK text."""
    head = data[: _LOOK & ~3]
    if len(head) < 4 or not head.strip(b"\0"):
        return None
    found = _by_zeros(head)
    return found if found and _plausible(head, found) else None


def _plausible(head: bytes, encoding: str) -> bool:
    """Whether bytes are text in it rather than text of one byte a letter, or no text, with a few zeros in it."""
    if encoding.startswith("utf-16") and len(head) > 4 * head.count(0):
        letters = len(head) - len(head.translate(None, _PRINTED))
        if letters * 10 > len(head) * 8:
            return False
    text = head[:_LOOK_CLOSER].decode(encoding, "ignore").rstrip("\0")
    strange = sum(unicodedata.category(char) in _NO_TEXT for char in text if char not in "\t\r\n\f")
    return strange * 50 <= len(text)


def _by_zeros(head: bytes) -> str | None:
    for encoding, zeros in (("utf-32-le", (2, 3)), ("utf-32-be", (0, 1))):
        if all(head[place::4].count(0) * 4 >= len(head[place::4]) * 3 for place in zeros):
            return encoding if _strict(head[: len(head) & ~3], encoding) is not None else None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for encoding, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        units = head[: len(head) & ~1]
        space = units.count(" ".encode(encoding)) + units.count("\n".encode(encoding))
        if many > 8 * few and (many * 10 > len(units) or space > 0):
            return encoding if _strict(units[:-2], encoding) is not None else None
    return None


def _guess(data: bytes) -> str | None:
    """One of the old encodings, by how much the text looks like a language; among equals the more usual one."""
    import charset_normalizer

    matches = charset_normalizer.from_bytes(data[:_LOOK], cp_isolation=list(_CANDIDATES))
    best = matches.best()
    if best is None:
        return None
    equal = {
        encoding
        for match in matches
        if abs(match.chaos - best.chaos) + abs(match.coherence - best.coherence) < _AS_GOOD
        for encoding in match.could_be_from_charset
    }
    return next((encoding for encoding in _CANDIDATES if encoding in equal), best.encoding)
