"""Sound and film: what the file says of itself. What is said in it needs a transcript, which is not made here."""

from __future__ import annotations

from muniment.reading.formats import Account, Document, Format, register, tika


def read(document: Document, account: Account) -> None:
    """Properties, and a page with what the tags say; partly extracted, as long as nobody transcribed it."""
    found = tika.by_tika(document.data)
    account.title = found.title
    for name, value in found.properties:
        account.property(name, value)
    account.expect(pages=1)
    account.page("\n".join(page for page in found.pages if page))
    account.partly("what is said in it is not transcribed")


register(Format(family="media", types=("audio/*", "video/*", "application/ogg"), read=read))
