"""Electronic books (EPUB 3, W3C): every document of the spine is a page; images and the rest are parts."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import Any
from urllib.parse import unquote

from muniment.reading import webpage
from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.ooxml import local, tree
from muniment.reading.pages import ENCRYPTED, FAILED

_PROPERTIES = {
    "creator": "author",
    "publisher": "publisher",
    "date": "date",
    "language": "declared-language",
}
_PROPERTIES |= {
    "identifier": "identifier",
    "subject": "subject",
    "description": "description",
    "rights": "rights",
}
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
_TEXTS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")


def read(document: Document, account: Account) -> None:
    """The pages of a book, in the order of its spine."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.data))
        container = tree(_member(archive, "META-INF/container.xml"))
        if (
            "META-INF/encryption.xml" in archive.namelist()
            and "META-INF/rights.xml" in archive.namelist()
        ):
            raise Unreadable(ENCRYPTED, "it is encrypted (digital rights management)")
        rootfiles = [one.get("full-path") or "" for one in _all(container, "rootfile")]
        _package(archive, rootfiles[0] if rootfiles else "content.opf", account)
    except _DAMAGED:
        raise Unreadable(FAILED, "its package is damaged") from None


def _all(root: Any, name: str) -> list[Any]:
    return [one for one in root.iter() if local(one) == name] if root is not None else []


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(name) if name in archive.namelist() else b""


def _package(archive: zipfile.ZipFile, where: str, account: Account) -> None:
    root = tree(_member(archive, where))
    folder = posixpath.dirname(where)
    items: dict[str, tuple[str, str]] = {}
    for one in _all(root, "item"):
        path = posixpath.normpath(posixpath.join(folder, unquote(one.get("href") or "")))
        items[one.get("id") or ""] = (path, one.get("media-type") or "")
    spine = [items.pop(one.get("idref") or "", ("", "")) for one in _all(root, "itemref")]
    for one in _all(root, "metadata"):
        for said in one.iter():
            if local(said) == "title" and not account.title:
                account.title = said.text or ""
            elif local(said) in _PROPERTIES:
                account.property(_PROPERTIES[local(said)], said.text or "")
    others = [
        path
        for path, kind in items.values()
        if kind not in (*_TEXTS, "text/css", "application/x-dtbncx+xml")
    ]
    account.expect(pages=len(spine), parts=len(others))
    for path, _ in [*spine, *((p, k) for p, k in items.values() if k in _TEXTS)]:
        text, lost = webpage.decode(_member(archive, path))
        page = webpage.tree(text)
        if page is None:
            account.partly("a chapter is missing or empty")
        account.page("" if page is None else webpage.visible_text(page))
        if lost:
            account.partly(f"{lost} places hold bytes that are no text")
    for path in others:
        account.part(_member(archive, path), name=posixpath.basename(path), path=path)


register(Format(family="book", types=("application/epub+zip",), read=read))
