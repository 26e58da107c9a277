"""Plain text, markup read as it stands, and whatever else is text and no other family knows: one page.

Lines end in LF and the mark is dropped; `decoding.raw_offset` leads from a place in the text back to the bytes. Bytes
that fit no encoding become U+FFFD, are counted, and make the reading partly-extracted. Where plain text is a report
saved from the web, the property `article` marks it, as for web pages.
"""

from __future__ import annotations

import json

from muniment.reading.captured_article import captured
from muniment.reading.decoding import LINE_END, decode, raw_offset
from muniment.reading.formats import Account, Document, Format, register

__all__ = ["decode", "raw_offset", "read"]


def read(document: Document, account: Account) -> None:
    """One page of text."""
    decoded = decode(document.data)
    account.expect(pages=1)
    account.property("encoding", decoded.encoding)
    if decoded.lost:
        account.partly(
            f"{decoded.lost} places hold bytes that are no {decoded.encoding} text, shown as U+FFFD"
        )
    text = LINE_END.sub("\n", decoded.text)
    if document.type == "text/plain":
        _tell_article(text, account)
    account.page(text)


def _tell_article(text: str, account: Account) -> None:
    """Where the article stands in a report that was saved as text, and what it says of itself."""
    found = captured(text)
    if not found.speaks_for_a_capture:
        return
    account.title = account.title or found.title
    for name in ("byline", "outlet", "date"):
        account.property(name, getattr(found, name))
    account.property("article", json.dumps(found.spans))


register(
    Format(
        family="plain",
        types=("text/plain", "text/*", "application/json", "application/x-ndjson", "inode/x-empty"),
        read=read,
    )
)
