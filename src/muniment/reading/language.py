"""Which language a page is in, by Compact Language Detector 2 (it knows Uyghur)."""

from __future__ import annotations

_ENOUGH = 12
"""Fewer letters than this say nothing sure about a language."""


def detect(text: str) -> str | None:
    """The code of the main language (`en`, `zh`, `zh-Hant`, `ug`), or None where it is not sure."""
    if len(text) < _ENOUGH // 3 or not any(char.isalpha() for char in text[:2000]):
        return None
    import pycld2

    clean = "".join(char if char.isprintable() else " " for char in text[:20_000])
    try:
        reliable, _, found = pycld2.detect(clean.encode(errors="replace"), isPlainText=True)
    except pycld2.error:
        return None
    code = found[0][1]
    return code if reliable and code not in ("un", "xxx") else None
