"""Open Document files (ISO/IEC 26300): text, sheets and slides; what was deleted and what was noted is labelled.

A text is one page, a sheet or a slide one each. Deleted text of tracked changes stands at the end of the page.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from muniment.reading.formats import Unreadable
from muniment.reading.formats.ooxml import Found, local, tree, value
from muniment.reading.pages import ENCRYPTED, FAILED, OVER_LIMIT

if TYPE_CHECKING:
    from lxml.etree import _Element

_LARGEST = 512 << 20
_MOST_REPEATED = 100
_META = {
    "initial-creator": "author", "creator": "last-modified-by", "creation-date": "created", "date": "modified",
    "generator": "application", "editing-cycles": "revision", "editing-duration": "time-edited",
    "subject": "subject", "description": "description", "keyword": "keywords", "printed-by": "printed-by",
    "print-date": "last-printed",
}  # fmt: skip
_LINES = {"p", "h"}


def read(data: bytes, found: Found, passwords: Sequence[str] = ()) -> None:
    """Pages, parts and properties. Raises Unreadable where it is encrypted and none of the passwords opens it."""
    if not data.startswith(b"PK"):
        _content(tree(data), found)
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = archive.namelist()
        manifest = _member(archive, "META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            read(_unlocked(data, manifest, passwords), found)
            return
        _meta(tree(_member(archive, "meta.xml")), found)
        _content(tree(_member(archive, "content.xml")), found)
        _styles(tree(_member(archive, "styles.xml")), found)
        for name in names:
            if name.startswith(
                ("Pictures/", "media/", "Thumbnails/", "ObjectReplacements/", "Basic/", "Scripts/")
            ) and not name.endswith("/"):
                found.parts.append((name, _member(archive, name)))
            elif name.endswith("/content.xml") or (
                name.startswith("Object ") and name.count("/") == 0
            ):
                _embedded(archive, name, found)
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            found.properties.append(("macros", "yes"))
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ):
        found.damage.append("its package is damaged")


def _unlocked(data: bytes, manifest: bytes, passwords: Sequence[str]) -> bytes:
    """The package without its encryption; that it holds none in turn is seen to here."""
    from muniment.reading import odf_encryption

    plain = odf_encryption.opened(data, manifest, passwords)
    if plain is None:
        tried = "and none of those given opens it" if passwords else "to open it"
        raise Unreadable(ENCRYPTED, f"it needs a password {tried}")
    if b"encryption-data" in _manifest_of(plain):
        raise Unreadable(FAILED, "it is encrypted twice over")
    return plain


def _manifest_of(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _member(archive, "META-INF/manifest.xml")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    if archive.getinfo(name).file_size > _LARGEST:
        raise Unreadable(OVER_LIMIT, "one of its parts expands to more bytes than allowed")
    return archive.read(name)


def _embedded(archive: zipfile.ZipFile, name: str, found: Found) -> None:
    """A chart, formula or table inside: its text is labelled on the last page."""
    root = tree(_member(archive, name))
    if root is None:
        found.parts.append((name, _member(archive, name)))
        return
    text = "\n".join(filter(None, (line.strip() for line in _text_lines(root))))
    if text and found.pages:
        found.pages[-1] += f"\n[embedded object] {text}"


def _meta(root: _Element | None, found: Found) -> None:
    for one in root.iter() if root is not None else ():
        said = (
            "".join(one.itertext()).strip() if local(one) not in ("meta", "document-meta") else ""
        )
        if local(one) == "title":
            found.title = said
        elif local(one) in _META and said:
            found.properties.append((_META[local(one)], said))
        elif local(one) == "user-defined":
            found.properties.append((f"custom {value(one, 'name')}", said))


def _content(root: _Element | None, found: Found) -> None:
    if root is None:
        return
    _meta(root if local(root) == "document" else None, found)
    body = next((one for one in root.iter() if local(one) == "body"), None)
    if body is None:
        return
    hidden = {value(s, "name") for s in root.iter() if local(s) == "style" and _is_hidden(s)}
    for kind in body:
        sheets = [one for one in kind if local(one) in ("table", "page")]
        if local(kind) in ("spreadsheet", "presentation", "drawing") and sheets:
            for sheet in sheets:
                name = value(sheet, "name")
                mark = ""
                if value(sheet, "style-name") in hidden:
                    mark = "[hidden sheet] " if local(sheet) == "table" else "[hidden slide] "
                    found.properties.append(("hidden-sheets", name))
                first = [mark + name] if local(sheet) == "table" or mark else []
                found.pages.append("\n".join([*first, *_page(sheet)]))
        else:
            found.pages.append("\n".join(_page(kind)))
    for change in _changes(root):
        found.pages[-1:] = [f"{found.pages[-1] if found.pages else ''}\n{change}".strip("\n")]
        found.properties.append(
            ("deletion", change.removeprefix("[deleted ").replace("] ", ": ", 1))
        )


def _is_hidden(style: _Element) -> bool:
    return any(
        (local(one) == "table-properties" and value(one, "display") == "false")
        or (local(one) == "drawing-page-properties" and value(one, "visibility") == "hidden")
        for one in style
    )


def _page(element: _Element) -> Iterator[str]:
    return (line for line in _text_lines(element) if line.strip())


def _text_lines(element: _Element) -> Iterator[str]:
    """A paragraph is a line, a row of a table too; tracked changes are left to `_changes`."""
    for one in element:
        name = local(one)
        if name in _LINES:
            yield _inline(one)
            for note in one.iter():
                if local(note) == "annotation":
                    yield f"[comment by {_who(note)}] {_joined(note)}"
                elif local(note) == "note":
                    yield f"[footnote] {_joined(note)}"
                elif local(note) == "text-box":
                    yield from _text_lines(note)
        elif name == "table-row":
            times = value(one, "number-rows-repeated")
            line = "\t".join(_cells(one)).rstrip()
            if line.strip():
                yield from [line] * (min(int(times), _MOST_REPEATED) if times.isdigit() else 1)
        elif name == "annotation":
            yield f"[comment by {_who(one)}] {_joined(one)}"
        elif name == "notes":
            text = "\n".join(filter(None, _text_lines(one)))
            if text.strip():
                yield f"[notes] {text}"
        elif name == "title" and one.text:
            yield one.text
        elif name and name not in ("tracked-changes", "forms", "settings"):
            yield from _text_lines(one)


def _cells(row: _Element) -> Iterator[str]:
    for cell in row:
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        text = " ".join(line for line in _text_lines(cell) if line.strip())
        times = value(cell, "number-columns-repeated")
        repeated = min(int(times), _MOST_REPEATED) if times.isdigit() else 1
        yield from [text] * repeated


def _inline(element: _Element) -> str:
    """The text of a paragraph, with its spaces, tabs and breaks; notes and text boxes are told apart."""
    out = [element.text or ""]
    for one in element:
        name = local(one)
        if name == "s":
            times = value(one, "c")
            out.append(" " * (min(int(times), 1000) if times.isdigit() else 1))
        elif name in ("tab", "line-break"):
            out.append("\t" if name == "tab" else "\n")
        elif name and name not in ("annotation", "note", "text-box", "desc", "tracked-changes"):
            out.append(_inline(one))
        out.append(one.tail or "")
    return "".join(out)


def _joined(note: _Element) -> str:
    return " ".join(_inline(one) for one in note.iter() if local(one) in _LINES).strip()


def _who(note: _Element) -> str:
    said = {
        local(one): "".join(one.itertext()) for one in note if local(one) in ("creator", "date")
    }
    return ", ".join(filter(None, (said.get("creator", "unknown"), said.get("date", ""))))


def _changes(root: _Element) -> Iterator[str]:
    """Deleted text of tracked changes, with who and when."""
    for one in root.iter():
        if local(one) != "deletion":
            continue
        info = next((part for part in one if local(part) == "change-info"), one)
        text = " ".join(
            filter(None, (_inline(line) for line in one.iter() if local(line) in _LINES))
        )
        if text.strip():
            yield f"[deleted by {_who(info)}] {text}"


def _styles(root: _Element | None, found: Found) -> None:
    """Headers and footers stand in the master pages."""
    lines: dict[str, None] = {}
    for one in root.iter() if root is not None else ():
        if local(one) in ("header", "footer", "header-left", "footer-left"):
            text = " ".join(line.strip() for line in _text_lines(one) if line.strip())
            if text:
                lines[f"[{local(one).partition('-')[0]}] {text}"] = None
    if lines and found.pages:
        found.pages[-1] = "\n".join([found.pages[-1], *lines]).strip("\n")
