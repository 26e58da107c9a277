"""Web pages as captured: one page of all visible text, and where in it the article stands.

The whole page is kept and searched; statements and origins are taken only from the article. The property `article`
is a JSON list of [start, end) offsets (code points) of the page's text, in order: the paragraphs of the article, with
the adverts and comments between them left out. Title, byline, date, outlet and canonical link are properties. Nothing
is fetched; addresses that a reader's browser would have fetched are counted (`remote`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from muniment.reading import mime, webpage
from muniment.reading.formats import Account, Document, Format, Unreadable, register
from muniment.reading.formats.ooxml import local, tree
from muniment.reading.pages import FAILED

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_WEB_ADDRESS = re.compile(r"\s*(https?:)?//", re.I)
_FETCHED = ("src", "srcset", "poster", "data", "background", "action")
_DRAWN = {"title", "desc", "text", "p"}
_SHORTEST_ARTICLE = 100
_ENDS = 24
"""Characters by which the two ends of a paragraph are known that is not found whole."""
_LONGEST_SOUGHT = 8_000_000
_TRIPS = (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)
"""What trafilatura and the libraries under it trip over on odd pages: then the page has no article, and says so."""
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?:;|\u3002\uff01\uff1f])\s*")


def read(document: Document, account: Account) -> None:
    """One page, with the article marked in it."""
    text, lost = webpage.decode(document.data)
    tell_page(text, account)
    if lost:
        account.partly(f"{lost} places hold bytes that are no text in its encoding")


def read_svg(document: Document, account: Account) -> None:
    """A drawing in SVG: the texts in it, a line each."""
    root = tree(document.data)
    texts = (
        (" ".join("".join(one.itertext()).split()) for one in root.iter() if local(one) in _DRAWN)
        if root is not None
        else ()
    )
    account.expect(pages=1)
    account.page("\n".join(text for text in texts if text))


def read_mhtml(document: Document, account: Account) -> None:
    """A page saved whole (RFC 2557): the page of its first HTML part, everything else as parts."""
    entity = mime.parse(document.data)
    leaves = list(_leaves(entity))
    pages = [leaf for leaf in leaves if leaf.type in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise Unreadable(FAILED, "it holds no page")
    first = pages[0]
    account.property("date", mime.iso_moment(mime.decode_words(entity.first("date"))))
    account.property("captured-from", mime.decode_words(entity.first("snapshot-content-location")))
    text, lost = webpage.decode(mime.decode_body(first), first.parameters.get("charset", ""))
    tell_page(text, account)
    if lost:
        account.partly(f"{lost} places hold bytes that are no text in its encoding")
    others = [leaf for leaf in leaves if leaf is not first]
    account.expect(parts=len(others))
    for number, leaf in enumerate(others, 1):
        where = mime.decode_words(leaf.first("content-location"))
        name = urlsplit(where).path.rpartition("/")[2] if "//" in where else where
        account.part(
            mime.decode_body(leaf),
            name=name or f"part {number}",
            path=where or f"part {number}",
            properties={"declared-type": leaf.type},
        )
    for leaf in (entity, *leaves):
        for sentence in leaf.damage:
            account.partly(sentence)


def _leaves(entity: mime.Entity) -> list[mime.Entity]:
    if not entity.children:
        return [entity]
    return [leaf for child in entity.children for leaf in _leaves(child)]


def tell_page(text: str, account: Account) -> None:
    """The page of an HTML text: properties, article, all that is visible."""
    account.expect(pages=1)
    root = webpage.tree(text)
    if root is None:
        account.page("")
        return
    visible = webpage.visible_text(root)
    if webpage.too_deep(root):
        bare = webpage.bare_text(text)
        if len(bare.split()) > len(visible.split()):
            visible = bare
    remote = _remote(root)
    try:
        article = _article(text, account) if len(text) <= _LONGEST_SOUGHT else ""
    except _TRIPS:
        account.partly("its article could not be told from the rest of the page")
        article = ""
    if not account.title:
        account.title = " ".join((root.findtext(".//title") or "").split())
    spans = spans_of(article, visible)
    if spans:
        account.property("article", json.dumps(spans))
    if remote:
        account.property("remote", str(remote))
    account.page(visible)


def _remote(root: HtmlElement) -> int:
    """How many addresses a browser would have fetched on showing the page."""
    found = 0
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "link":
            found += bool(_WEB_ADDRESS.match(element.get("href", "")))
        elif element.tag != "form":
            found += any(_WEB_ADDRESS.match(element.get(name, "")) for name in _FETCHED)
    return found


def _article(text: str, account: Account) -> str:
    """The text of the article by trafilatura, with what it says of itself as properties."""
    import trafilatura

    found: Any = trafilatura.bare_extraction(
        webpage.tree(text),
        include_comments=False,
        include_tables=True,
        favor_recall=False,
        with_metadata=True,
        deduplicate=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if found is None:
        return ""
    for name, kept in (
        ("author", "byline"),
        ("sitename", "outlet"),
        ("url", "canonical"),
        ("description", "description"),
        ("language", "declared-language"),
        ("license", "licence"),
    ):
        account.property(kept, getattr(found, name, None) or "")
    account.property("date", found.date or "")
    account.title = found.title or ""
    body: str = found.text or ""
    return body if len(body) >= _SHORTEST_ARTICLE else ""


def spans_of(article: str, page: str) -> list[list[int]]:
    """Where the paragraphs of an article stand in the text of its page: [start, end) in code points, in order.

    White space does not count. A paragraph is looked for behind the one before it, then from the beginning; one that
    is not there (a caption put together from attributes) is left out.
    """
    places = [place for place, char in enumerate(page) if not char.isspace()]
    folded = "".join(page[place] for place in places)
    spans: list[list[int]] = []
    position = 0
    for line in article.split("\n"):
        for piece in _found_in(folded, line):
            start, end = _find(folded, piece, position)
            if start < 0:
                start, end = _find(folded, piece, 0)
            if start >= 0:
                position = end
                spans.append([places[start], places[end - 1] + 1])
    return _joined(spans, page)


def _found_in(folded: str, line: str) -> list[str]:
    """A paragraph without its white space; its sentences, where it is not found whole."""
    line = line.lstrip("-*#>| ")
    whole = _SPACE.sub("", line)
    if not whole or whole in folded:
        return [whole] if whole else []
    sentences = [_SPACE.sub("", piece) for piece in _SENTENCE_END.split(line)]
    found = [piece for piece in sentences if len(piece) >= _ENDS and piece in folded]
    return found if 2 * sum(map(len, found)) > len(whole) else [whole]


def _find(folded: str, wanted: str, position: int) -> tuple[int, int]:
    """Start and end of a paragraph: whole, or by its two ends where little stands between; else -1, -1."""
    start = folded.find(wanted, position)
    if start >= 0:
        return start, start + len(wanted)
    size = min(_ENDS, len(wanted) // 3)
    if size < _ENDS // 2:
        return -1, -1
    start = folded.find(wanted[:size], position)
    end = folded.find(wanted[-size:], start + size) + size if start >= 0 else 0
    if end <= size or end - start > len(wanted) * 1.3 + _ENDS:
        return -1, -1
    return start, end


def _joined(spans: list[list[int]], page: str) -> list[list[int]]:
    """In order, with those put together that only white space parts."""
    joined: list[list[int]] = []
    for start, end in sorted(spans):
        if joined and not page[joined[-1][1] : start].strip():
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return joined


_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
register(Format(family="html", types=_TYPES, read=read))
register(
    Format(family="html", types=("multipart/related", "application/x-mimearchive"), read=read_mhtml)
)
register(Format(family="html", types=("image/svg+xml",), read=read_svg))
