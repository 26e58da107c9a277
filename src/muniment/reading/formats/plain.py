"""Plain text, markup read as it stands, and whatever else is text and no other family knows: one page.

Lines end in LF and the mark is dropped; `decoding.raw_offset` leads from a place in the text back to the bytes. Bytes
that fit no encoding become U+FFFD, are counted, and make the reading partly-extracted.
"""

from __future__ import annotations

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
    account.page(LINE_END.sub("\n", decoded.text))


register(
    Format(
        family="plain",
        types=("text/plain", "text/*", "application/json", "application/x-ndjson", "inode/x-empty"),
        read=read,
    )
)
