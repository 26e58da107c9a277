"""In which legacy encoding names and titles were written: they are too short for a guess by language.

What stands together (the names in an archive, a header of a mail) shares one encoding. Each encoding that fits is
scored by how usual its characters are.
"""

from __future__ import annotations

from collections.abc import Sequence

_ENCODINGS = (
    "gb18030",
    "big5hkscs",
    "shift_jis",
    "euc_kr",
    "cp866",
    "cp1251",
    "koi8_r",
    "cp1256",
    "cp437",
)

_EVERYDAY = {
    "gb18030": range(0xB0, 0xD8),
    "big5hkscs": range(0xA4, 0xC7),
    "shift_jis": range(0x88, 0x98),
}


def decode_names(raw: Sequence[bytes], western: str) -> list[str]:
    """The names, in their order: in UTF-8 where all are, else in the encoding that fits best.

    `western` is the encoding that Western Europe would have used here.
    """
    joined = b"\n".join(raw)
    try:
        return joined.decode("utf-8").split("\n") if raw else []
    except UnicodeDecodeError:
        pass
    best, best_score = western, -1.0
    for encoding in (*_ENCODINGS, western):
        try:
            text = joined.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = _score(text, encoding)
        if text.count("\n") == len(raw) - 1 and score > best_score:
            best, best_score = encoding, score
    return [name.decode(best, "replace") for name in raw]


def _score(text: str, encoding: str) -> float:
    """The mean over all characters beyond ASCII of how usual each is in its encoding, from -1 to 1."""
    marks = [
        _usual(char, before, encoding)
        for before, char in zip(" " + text, text, strict=False)
        if ord(char) > 127
    ]
    return sum(marks) / max(1, len(marks))


def _usual(char: str, before: str, encoding: str) -> float:
    if "\u4e00" <= char <= "\u9fff":
        # The first halves of GB 2312 and Big5 hold the characters of everyday writing.
        lead = char.encode(encoding, "replace")[0]
        first_half = _EVERYDAY.get(encoding, range(0))
        return 1.0 if lead in first_half else -0.2
    if "\u3041" <= char <= "\u30fe":
        return 1.0
    if "\uac00" <= char <= "\ud7a3":
        return 0.8
    if not char.isalpha():
        return -1.0
    if encoding not in _ENCODINGS:
        return 0.5
    mixed = char.isupper() and before.isalpha() and before.islower()
    return -0.5 if mixed else 0.9 - 0.3 * char.isupper()
