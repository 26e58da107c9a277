"""Which language a page is in, by Compact Language Detector 2 (it knows Uyghur)."""

from __future__ import annotations

import re

_LETTER = re.compile(r"[^\W\d_]")
_NO_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_LOOK = 10_000


def detect(text: str) -> str | None:
    """The code of the main language (`en`, `zh`, `zh-Hant`, `ug`), or None where it is not sure."""
    if _LETTER.search(text) is None:
        return None
    import pycld2

    clean = _NO_TEXT.sub(" ", text[:_LOOK])
    try:
        reliable, _, found = pycld2.detect(clean.encode(errors="replace"), isPlainText=True)
    except pycld2.error:
        return None
    code: str = found[0][1]
    return code if reliable and code not in ("un", "xxx") else None
