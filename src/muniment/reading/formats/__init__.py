"""The families of formats, one file each, which register themselves.

To add a family, write `formats/<family>.py` and nothing else:

    from muniment.reading.formats import Account, Document, Format, Unreadable, register

    def read(document: Document, account: Account) -> None:
        import heavy_library                       # heavy imports go inside: every worker imports this file
        account.title = "…"
        account.expect(pages=3, parts=1)           # what should come; what does not come makes it partly-extracted
        account.property("from", "…")              # properties, in lower case
        account.page("text of page 1")             # numbers itself; boxes, width, height, source, … as keywords
        account.part(b"bytes", name="a.pdf", path="folder/a.pdf")   # the host reads it in turn as its own document
        account.partly("page 3 cannot be read: …") # goes on; the state becomes partly-extracted
        raise Unreadable(ENCRYPTED, "needs a password")             # stops with this state; pages given so far stay

    register(Format(family="mail", types=("message/rfc822",), read=read))

Also optional: `render(document, page, dpi) -> Pixels` and `identify(data, name) -> str | None`, a rule of its own for
a type libmagic does not know (first 64 KiB of `data` are enough for most; it runs on every document, so be quick),
and `warm()`, which imports the heavy libraries in a spare worker before its first document.
`types` are media types; one that ends in `/*` takes all that no other format names. Bytes of one part
(`Worker.part`) come from running `read` again, so the order of parts must be the same each time.

All of this runs inside the sandbox: no network, no process, no file but in a private /tmp. Any exception, a Rust
panic included, becomes the state failed with the name of the exception, never its text. Reasons are sentences
of our own: text from the document does not belong in them. Limits (reading.pages.Budget) are kept by Account.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from muniment.reading.account import Account, Document, Unreadable
from muniment.reading.pages import Pixels

__all__ = ["Account", "Document", "Format", "Unreadable", "find", "load", "register", "registered"]


@dataclass(frozen=True, slots=True)
class Format:
    """One family of formats: the media types it reads and how."""

    family: str
    types: tuple[str, ...]
    read: Callable[[Document, Account], None]
    render: Callable[[Document, int, int], Pixels] | None = None
    identify: Callable[[bytes, str], str | None] | None = None
    warm: Callable[[], None] | None = None


_formats: list[Format] = []
_by_type: dict[str, Format] = {}


def register(new: Format) -> None:
    """Make a family known. The first to name a media type keeps it: a second raises ValueError."""
    for media_type in new.types:
        if media_type in _by_type:
            raise ValueError(f"{media_type} is read by {_by_type[media_type].family} already")
        _by_type[media_type] = new
    _formats.append(new)


def load() -> None:
    """Import every file of this package, so that each registers itself. Doing it twice changes nothing."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def registered() -> tuple[Format, ...]:
    """Every family known so far, in the order they registered."""
    return tuple(_formats)


def find(media_type: str) -> Format | None:
    """The family that reads a media type, or the one that reads its whole kind (`text/*`), or None."""
    exact = _by_type.get(media_type)
    if exact is not None:
        return exact
    return _by_type.get(media_type.partition("/")[0] + "/*")
