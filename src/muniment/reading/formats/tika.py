"""What Apache Tika knows (compiled, in the library iscc-tika) and what kreuzberg knows: the readers of last resort.

Both run in the sandbox only. Tika says in XHTML where a sheet, a slide or an embedded file begins; kreuzberg gives
plain text. Tika takes 0.3 s a file whatever its size, so that the common formats have readers of their own.
Not a family: nothing registers here.
"""

from __future__ import annotations

import functools
import re
from types import TracebackType
from typing import Any

from muniment.reading.formats import Unreadable
from muniment.reading.formats.ooxml import Found, local, tree
from muniment.reading.pages import ENCRYPTED

_SHEETS = {"sheet", "slide", "slide-content", "page"}
_APART = {"package-entry", "embedded"}
_PROPERTIES = {
    "dc:creator": "author", "meta:last-author": "last-modified-by", "dcterms:created": "created",
    "dcterms:modified": "modified", "extended-properties:Application": "application",
    "extended-properties:AppVersion": "application-version", "extended-properties:Company": "company",
    "extended-properties:Manager": "manager", "extended-properties:Template": "template",
    "cp:revision": "revision", "dc:subject": "subject", "meta:keyword": "keywords", "w:Comments": "description",
    "dc:publisher": "publisher", "meta:print-date": "last-printed", "generator": "application",
    "dc:language": "declared-language",
}  # fmt: skip
_BLOCKS = {
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "table",
    "li",
    "ul",
    "ol",
    "br",
    "title",
}
_CUT = "its reader broke off: what stands behind is missing"


class _NoPanic:
    """Lets nothing but a Rust panic through: what it is named is in `stopped` (a panic is no Exception)."""

    stopped = ""

    def __enter__(self) -> _NoPanic:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if kind is not None and kind.__name__ == "PanicException":
            self.stopped = kind.__name__
            return True
        return False


@functools.cache
def _extractor() -> Any:
    import iscc_tika

    office = iscc_tika.OfficeParserConfig()
    office = office.set_include_deleted_content(True).set_include_headers_and_footers(True)
    office = office.set_include_move_from_content(True).set_include_slide_notes(True)
    return iscc_tika.Extractor().set_office_config(office).set_xml_output(True)


def by_tika(data: bytes) -> Found:
    """Pages, title and properties by Tika; `damage` where it broke off."""
    found = Found()
    out: list[bytes] = []
    said: dict[str, list[str]] = {}
    try:
        reader, said = _extractor().extract_bytes(bytearray(data))
        while piece := bytes(reader.read(1 << 20)):
            out.append(piece)
    except (OSError, RuntimeError, TypeError, ValueError):
        found.damage.append(_CUT)
    for name, kept in _PROPERTIES.items():
        found.properties += [(kept, one) for one in said.get(name, ()) if one.strip()]
    found.title = next(iter(said.get("dc:title", ())), "")
    root = tree(b"".join(out))
    body = None if root is None else next((one for one in root if local(one) == "body"), None)
    if body is not None:
        found.pages = _pages(body)
    return found


def _pages(body: Any) -> list[str]:
    """One page for each sheet or slide; what stands outside of them is on the page before."""
    pages: list[list[str]] = [[]]
    sheets = [one for one in body.iter() if local(one) == "div" and one.get("class") in _SHEETS]
    tops = [one for one in sheets if not any(above in sheets for above in one.iterancestors())]
    starts = set(tops) if len(tops) > 1 else set()
    _collect(body, pages, starts)
    texts = [_lines("".join(page)) for page in pages]
    if starts and len(texts) > len(starts) and not texts[0]:
        texts = texts[1:]
    return texts or [""]


def _collect(element: Any, pages: list[list[str]], starts: set[Any]) -> None:
    for one in element:
        name = local(one)
        kind = one.get("class") or ""
        if one in starts:
            pages.append([])
        if kind.endswith(("notes-content", "slide-notes")):
            pages[-1].append("\n[notes]\n")
        if name in _BLOCKS:
            pages[-1].append("\n")
        elif name in ("td", "th"):
            pages[-1].append("\t")
        pages[-1].append(_folded(one.text))
        _collect(one, pages, starts)
        if name in _BLOCKS:
            pages[-1].append("\n")
        pages[-1].append(_folded(one.tail))


def _folded(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _lines(text: str) -> str:
    lines = (re.sub(r" *\t[ \t]*", "\t", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def by_kreuzberg(data: bytes, media_type: str) -> Found:
    """The text by kreuzberg, one page; `damage` where it refused or panicked."""
    from kreuzberg import ExtractionConfig, KreuzbergError, extract_bytes_sync

    found = Found()
    config = ExtractionConfig(  # type: ignore[call-arg]  # their stub lacks disable_ocr
        use_cache=False, disable_ocr=True, enable_quality_processing=False
    )
    with _NoPanic() as guarded:
        try:
            result = extract_bytes_sync(data, media_type, config)
        except (KreuzbergError, RuntimeError, ValueError, OSError) as error:
            if any(word in str(error).lower() for word in ("password", "encrypt")):
                raise Unreadable(ENCRYPTED, "it is encrypted with a password") from None
            found.damage.append("its bytes are damaged")
            return found
        found.pages = [result.content]
        said: dict[str, Any] = dict(result.metadata or {})
        found.title = str(said.get("title") or "")
        for name, kept in (
            ("created_by", "author"),
            ("modified_by", "last-modified-by"),
            ("created_at", "created"),
        ):
            if said.get(name):
                found.properties.append((kept, str(said[name])))
    if guarded.stopped:
        found.damage.append("its reader panicked")
    return found
