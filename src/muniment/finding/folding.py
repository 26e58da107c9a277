"""The one tokeniser of the house: page text to folded tokens, with the place of each in the raw text.

The same code folds what goes into the index, what a person asks, and what is highlighted, so the three
cannot disagree. Raw text is never changed; every offset is a code point of the raw text.

What folds together: upper and lower case; traditional and simplified Han; full and half width; Arabic
presentation forms, harakat, tatweel; accents on Latin and Greek letters; ligatures; soft hyphens and
zero-width characters (gone); a word hyphenated at a line end (joined). A Han character, and each character
of the other scripts written without spaces, is a token of its own; elsewhere a run of letters, marks and
digits is one. A punctuation mark beside a Han character is a BREAK token, so that no Han phrase matches
across it, while line ends and spaces between Han characters are nothing. Between other words punctuation
is nothing. The rules are in docs/reference/query-language.md and docs/decisions/0007-one-tokeniser.md.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

FOLDING = 1
"""Version of these rules. A change of what any text folds to raises it, and every index is built again."""

BREAK = "\x1e"
"""The token between a Han character and what stands beyond a punctuation mark. No text folds to it."""

# While a text is folded: what a punctuation mark becomes, and what stands on both sides of an unspaced character.
_PUNCTUATION = "\x1f"
_EDGE = "\x1d"

UNSPACED = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3"
    "\U0001b000-\U0001b167\U00020000-\U000323af"
)
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_IS_HAN = re.compile(f"[{_HAN}]")
# Begins with the literal character, so that it costs nothing where that does not stand.
_BROKEN = re.compile(
    f"{_PUNCTUATION}(?:(?<={_EDGE}.)|(?<={_EDGE} .)|(?<={_EDGE}  .)|(?=[ {_PUNCTUATION}]*{_EDGE}))"
    f"[ {_PUNCTUATION}]*"
)
_SPACES = re.compile("  +")
_HYPHENATED = re.compile(r"[-\u2010\u00ad](?<=[^\W\d_].) ?(?:\r\n?|\n)[^\S\r\n]*(?=([^\W\d_]))")
# Starters that join what stands before them when a text is composed (Unicode's NFC_Quick_Check=Maybe, class 0).
_JOINING = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"
    "\U0001133e\U00011357\U000114b0\U000114bd\U000115af\U00011930"
) | frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
_RUN = re.compile(f"{_PUNCTUATION}[ {_PUNCTUATION}]*")
_TOKEN = re.compile(f"[^ {BREAK}]+|{BREAK}")

_LETTERS = {
    "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th",
    "ŋ": "ng", "ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ی": "ي", "ک": "ك", "ہ": "ه",
}  # fmt: skip
_APOSTROPHES = frozenset("\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ee")


class Token(NamedTuple):
    """A folded token and the raw code points [start, end) it stands for."""

    text: str
    start: int
    end: int


@cache
def _simplified() -> dict[str, str]:
    """Traditional and regional Han characters to the simplified one (data/han.tsv, from OpenCC)."""
    table: dict[str, str] = {}
    text = (files("muniment.finding") / "data" / "han.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            plain, variants = line.split("\t")
            table.update(dict.fromkeys(variants, plain))
    return table


def _without_accents(text: str) -> str:
    """Letters alone for Latin and Greek; й, ї and marks that make another letter elsewhere stay."""
    first = ord(text[0])
    if first < 0x0250 or 0x0370 <= first < 0x0400 or 0x1E00 <= first < 0x2000:
        parts = unicodedata.normalize("NFKD", text)
        return "".join(letter for letter in parts if not unicodedata.combining(letter))
    return text


def _fold_letter(char: str) -> str:
    """A letter, mark or digit as it stands in the index."""
    plain = unicodedata.normalize("NFKC", char).casefold()
    plain = unicodedata.normalize("NFC", plain)
    folded = "".join(_LETTERS.get(part, part) for part in _without_accents(plain)) if plain else ""
    kept = []
    for part in folded:
        if _is_dropped(part):
            continue
        if part.isdecimal():
            part = str(unicodedata.decimal(part))
        if _IS_UNSPACED.match(part):
            kept.append(f"{_EDGE}{_simplified().get(part, part)}{_EDGE}")
        elif unicodedata.category(part)[0] in "LMN":
            kept.append(part)
        else:
            kept.append(" ")
    return "".join(kept)


def _is_dropped(char: str) -> bool:
    """Whether a character is nothing inside a word: invisible, a vowel sign, a stray accent, tatweel."""
    code = ord(char)
    return (
        0x0300 <= code <= 0x036F
        or 0x0591 <= code <= 0x05C7
        or 0x0610 <= code <= 0x061A
        or 0x064B <= code <= 0x065F
        or code in (0x0640, 0x0670, 0x3099, 0x309A)
        or (0x06D6 <= code <= 0x06ED and code not in (0x06DD, 0x06DE, 0x06E5, 0x06E6, 0x06E9))
        or 0x08D3 <= code <= 0x08FF
        or 0x1AB0 <= code <= 0x1AFF
        or 0x1DC0 <= code <= 0x1DFF
        or 0x20D0 <= code <= 0x20FF
        or 0xFE00 <= code <= 0xFE0F
        or 0xFE20 <= code <= 0xFE2F
        or 0xE0000 <= code <= 0xE01EF
        or unicodedata.category(char) == "Cf"
    )


def _fold(char: str) -> str:
    """What one code point becomes: token letters, spaces, or the punctuation mark."""
    if _is_dropped(char[0]):
        return ""
    category = unicodedata.category(char[0])
    if char == _PUNCTUATION:
        return _PUNCTUATION
    if char[0] in _APOSTROPHES:
        return _PUNCTUATION
    if category[0] in "LMN":
        return _fold_letter(char)
    if category[0] == "Z" or category[0] == "C":
        return " "
    # A symbol that only dresses letters up (℡, ㎏, Ⓐ) is read as the letters.
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and any(part.isalnum() for part in plain):
        return _fold_letter(char)
    return _PUNCTUATION


class _Table(dict[int, str]):
    """str.translate's table, filled as characters are met: nothing is computed for scripts not read."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


_TABLE = _Table()


@cache
def _ascii_table() -> bytes:
    """The same rules for the ASCII bytes of UTF-8: twenty times faster than a look-up for each."""
    table = bytearray(ord(_TABLE[code]) for code in range(128)) + bytes(range(128, 256))
    table[ord(_EDGE)] = ord(_EDGE)  # what the other table made is left as it is
    return bytes(table)


def _is_split(match: re.Match[str]) -> bool:
    """A word goes on in the next line unless a capital begins there (Anglo-/Saxon stays two words)."""
    return not match.group(1).isupper()


def _may_be_hyphenated(raw: str) -> bool:
    """A cheap look before the regular expression, which most pages then never need."""
    return (
        "-\n" in raw or "-\r" in raw or "- \n" in raw or "- \r" in raw
        or "\u2010" in raw or "\u00ad" in raw
    )  # fmt: skip


def fold(raw: str) -> str:
    """The folded tokens of a text joined by spaces: what the index is given. No offsets, so it is fast.

    Tokens may be separated by more than one space; `fold(raw).split(" ")` without the empty ones is
    `[token.text for token in tokens(raw)]`.
    """
    if _EDGE in raw:
        raw = raw.replace(_EDGE, " ")
    if _may_be_hyphenated(raw):
        raw = _HYPHENATED.sub(lambda m: "" if _is_split(m) else m.group(), raw)
    if not unicodedata.is_normalized("NFC", raw):
        raw = unicodedata.normalize("NFC", raw)
    if len(raw.encode("utf-8", "surrogatepass")) > len(raw) * 1.1:
        folded = raw.translate(_TABLE)
    else:  # mostly ASCII, which is then copied at C speed
        folded = raw.encode("ascii", _HANDLER).translate(_ascii_table()).decode("utf-8")
    if _EDGE in folded:
        if "   " in folded:
            folded = _SPACES.sub(" ", folded)
        folded = _BROKEN.sub(f" {BREAK} ", folded).replace(_EDGE, " ")
    return folded.replace(_PUNCTUATION, " ")


def _fold_run(error: UnicodeError) -> tuple[bytes, int]:
    """Fold a run of characters beyond ASCII where the encoder meets it."""
    assert isinstance(error, UnicodeEncodeError)
    run = error.object[error.start : error.end]
    return run.translate(_TABLE).encode("utf-8"), error.end


_HANDLER = "muniment.folding"
codecs.register_error(_HANDLER, _fold_run)


def _clusters(raw: str) -> Iterator[str]:
    """A text cut where composing it cannot reach across."""
    start = 0
    for place in range(1, len(raw)):
        char = raw[place]
        if not unicodedata.combining(char) and char not in _JOINING:
            yield raw[start:place]
            start = place
    if raw:
        yield raw[start:]


def _placed_pieces(raw: str) -> tuple[list[str], list[int]]:
    """The pieces of a text and where each begins in it (one more entry: the end)."""
    if unicodedata.is_normalized("NFC", raw):
        pieces = list(map(_TABLE.__getitem__, map(ord, raw)))
        starts = list(range(len(raw) + 1))
    else:
        clusters = list(_clusters(raw))
        pieces = [unicodedata.normalize("NFC", cluster).translate(_TABLE) for cluster in clusters]
        starts = [0, *accumulate(map(len, clusters))]
    for match in _HYPHENATED.finditer(raw):
        if _is_split(match):
            first = bisect_right(starts, match.start()) - 1
            last = bisect_right(starts, match.end() - 1) - 1
            pieces[first : last + 1] = [""] * (last + 1 - first)
    return pieces, starts


class Places:
    """The tokens of a text and where each stands in it, worked out for a token when it is asked for."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        pieces, self._starts = _placed_pieces(raw)
        self._lengths = [0, *accumulate(map(len, pieces))]
        joined = "".join(pieces)
        if _EDGE in joined:
            joined = _RUN.sub(_same_length, joined).replace(_EDGE, " ")
        self._joined = joined.replace(_PUNCTUATION, " ")
        self._spans = [match.span() for match in _TOKEN.finditer(self._joined)]

    def __len__(self) -> int:
        return len(self._spans)

    def __getitem__(self, number: int) -> Token:
        """The n-th token; raises IndexError where there are fewer."""
        start, end = self._spans[number]
        first = bisect_right(self._lengths, start) - 1
        last = bisect_right(self._lengths, end - 1) - 1
        text = self._joined[start:end]
        finish = self._starts[last + 1]
        if text != BREAK:
            finish = _with_marks(self._raw, finish)
        return Token(text, self._starts[first], finish)


def _same_length(run: re.Match[str]) -> str:
    """A run of punctuation as a break, if a character of an unspaced script stands beside it, or as spaces."""
    text, place, end = run.string, run.start(), run.end()
    while place and text[place - 1] == " ":
        place -= 1
    beside = text[place - 1 : place] == _EDGE or text[end : end + 1] == _EDGE
    return (BREAK if beside else " ").ljust(end - run.start())


def tokens(raw: str) -> list[Token]:
    """The folded tokens of a text in order, each with its raw code points; BREAK tokens among them.

    The place of a BREAK is its first punctuation mark.
    """
    places = Places(raw)
    return [places[number] for number in range(len(places))]


def _with_marks(raw: str, end: int) -> int:
    """The end of a token moved past marks that folded to nothing, so that a highlight never splits a letter."""
    while (
        end < len(raw) and _TABLE[ord(raw[end])] == "" and unicodedata.category(raw[end])[0] == "M"
    ):
        end += 1
    return end


def words(raw: str) -> list[str]:
    """The folded tokens of something asked for, without breaks at its two ends."""
    found = fold(raw).split(" ")
    kept = [word for word in found if word]
    while kept and kept[0] == BREAK:
        del kept[0]
    while kept and kept[-1] == BREAK:
        del kept[-1]
    return kept


def is_han(char: str) -> bool:
    """Whether a character is a Han character."""
    return _IS_HAN.match(char) is not None


def is_unspaced(text: str) -> bool:
    """Whether a token belongs to a script written without spaces (Han, kana, Thai, Lao, Burmese, Khmer)."""
    return _IS_UNSPACED.match(text) is not None


_LINE_END_IN_HAN = re.compile(f"(?<=[{UNSPACED}])[^\\S\\r\\n]*[\\r\\n]\\s*(?=[{UNSPACED}])")
_LINE_END = re.compile(r"[^\S\r\n]*[\r\n]\s*")


def without_line_ends(raw: str) -> str:
    """A raw text as the exact form compares it: line ends between Han characters gone, others a space."""
    return _LINE_END.sub(" ", _LINE_END_IN_HAN.sub("", raw))
