"""Another reader than ours for the same bytes, asked for by name: what it finds of text, a title and properties.

Neither tells what is inside as parts, nor how much should have come: what our own reader accounted for stays.
"""

from __future__ import annotations

from collections.abc import Callable

from muniment.reading.account import Account, Document, Unreadable
from muniment.reading.formats import tika
from muniment.reading.formats.ooxml import Found
from muniment.reading.pages import FAILED, UNSUPPORTED

Finder = Callable[[Document], Found]

_CONTAINERS = {"archive"}  # the text of all members as one page would be found twice
_FINDERS: dict[str, Finder] = {
    "tika": lambda document: tika.by_tika(document.data),
    "kreuzberg": lambda document: tika.by_kreuzberg(document.data, document.type),
}


def read_by(reader: str, document: Document, family: str, account: Account) -> None:
    """All that this reader finds. Raises Unreadable where that is no text."""
    if family in _CONTAINERS:
        raise Unreadable(
            UNSUPPORTED, "what is in it is read one by one, and only our own reader opens it"
        )
    found = _FINDERS[reader](document)
    if not found.holds_text():
        why = f": {found.damage[0]}" if found.damage else ""
        raise Unreadable(FAILED, f"{reader} found no text in it{why}")
    account.title = found.title
    for name, value in found.properties:
        account.property(name, value)
    account.property("reader", reader)
    for page in found.pages:
        account.page(page)
    for sentence in found.damage:
        account.partly(sentence)
