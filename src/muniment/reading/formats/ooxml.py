"""The package of Office Open XML (ECMA-376 part 2): a ZIP archive of XML parts that point at each other."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from muniment.reading.formats import Unreadable
from muniment.reading.pages import FAILED, OVER_LIMIT

if TYPE_CHECKING:
    from lxml.etree import _Element

_LARGEST_XML = 512 << 20
_PART_FOLDERS = ("/media/", "/embeddings/", "docProps/thumbnail", "/afchunk", "/altchunk")
_NAMES = {
    "creator": "author", "lastModifiedBy": "last-modified-by", "created": "created", "modified": "modified",
    "lastPrinted": "last-printed", "revision": "revision", "subject": "subject", "keywords": "keywords",
    "description": "description", "category": "category", "Application": "application",
    "AppVersion": "application-version", "Company": "company", "Manager": "manager", "Template": "template",
    "TotalTime": "minutes-edited", "HyperlinkBase": "hyperlink-base", "contentStatus": "content-status",
    "identifier": "identifier",
}  # fmt: skip


@dataclass(slots=True)
class Found:
    """What was found in an office document, before it is told to the account."""

    title: str = ""
    properties: list[tuple[str, str]] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    def holds_text(self) -> bool:
        """Whether any page says anything."""
        return any(page.strip() for page in self.pages)


@dataclass(frozen=True, slots=True)
class Relation:
    """A pointer from one part to another; `kind` is the last word of its type, `target` a path in the package."""

    kind: str
    target: str
    external: bool


class Package:
    """The parts of one file. Raises Unreadable where it is no package."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
            raise Unreadable(
                FAILED, "its package is damaged: the list of its parts cannot be read"
            ) from None
        self._by_name = {one.filename.lstrip("/").lower(): one for one in self._archive.infolist()}
        self.damaged = 0

    def names(self) -> list[str]:
        """Names of all parts, in the order of the archive."""
        return [one.filename.lstrip("/") for one in self._archive.infolist() if not one.is_dir()]

    def read(self, name: str) -> bytes:
        """The bytes of a part; nothing where there is none, or where it is damaged (which is counted)."""
        one = self._by_name.get(name.lstrip("/").lower())
        if one is None:
            return b""
        if one.file_size > _LARGEST_XML:
            raise Unreadable(OVER_LIMIT, "one of its parts expands to more bytes than allowed")
        try:
            return self._archive.read(one)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ):
            self.damaged += 1
            return b""

    def xml(self, name: str) -> _Element | None:
        """The tree of a part, as far as it can be read; None where there is none."""
        return tree(self.read(name))

    def relations(self, name: str) -> dict[str, Relation]:
        """What a part points at, by the identifiers it uses."""
        folder, _, last = name.rpartition("/")
        root = self.xml(f"{folder}/_rels/{last}.rels".lstrip("/"))
        found: dict[str, Relation] = {}
        for one in root if root is not None else ():
            if not isinstance(one.tag, str):
                continue
            target, external = one.get("Target", ""), one.get("TargetMode") == "External"
            if not external:
                joined = target if target.startswith("/") else posixpath.join(folder, target)
                target = posixpath.normpath(unquote(joined)).lstrip("/")
            found[one.get("Id", "")] = Relation(
                one.get("Type", "").rpartition("/")[2], target, external
            )
        return found

    def of_kind(self, name: str, kind: str) -> list[str]:
        """Parts of one kind that a part points at, in the order of their names."""
        return sorted(
            {r.target for r in self.relations(name).values() if r.kind == kind and not r.external},
            key=natural,
        )

    def main(self, otherwise: str) -> str:
        """The part where the document begins."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.target
        return otherwise


def natural(name: str) -> tuple[str, int, str]:
    """Sorts slide2 before slide10."""
    stem = name.rpartition(".")[0]
    letters = stem.rstrip("0123456789")
    return letters, int(stem[len(letters) :] or 0), name


def tree(data: bytes) -> _Element | None:
    """An XML tree without entities and without anything fetched; broken ends are closed."""
    from lxml import etree

    if not data:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def local(element: _Element) -> str:
    """The name of an element without its namespace; nothing for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value(element: _Element, name: str) -> str:
    """An attribute, whatever its namespace."""
    for key, said in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(said)
    return ""


def told_properties(package: Package, found: Found) -> None:
    """Title, author, times and the rest of what the program wrote about itself."""
    for name in ("docProps/core.xml", "docProps/app.xml"):
        root = package.xml(name)
        for one in root if root is not None else ():
            said = "".join(one.itertext()).strip()
            if local(one) == "title":
                found.title = said
            elif local(one) in _NAMES and said:
                found.properties.append((_NAMES[local(one)], said))
    root = package.xml("docProps/custom.xml")
    for one in root if root is not None else ():
        found.properties.append((f"custom {one.get('name', '')}", "".join(one.itertext())))
    _outside(package, found)


def _outside(package: Package, found: Found) -> None:
    """Where the document points outside of itself, and what is signed or a macro."""
    fetched: dict[str, None] = {}
    for name in package.names():
        if not name.endswith(".rels"):
            continue
        part = name.replace("_rels/", "").removesuffix(".rels")
        for relation in package.relations(part).values():
            if relation.external and relation.kind != "hyperlink":
                fetched[f"{relation.kind}: {relation.target}"] = None
    found.properties += [("external", one) for one in list(fetched)[:100]]
    lower = [name.lower() for name in package.names()]
    if any(name.endswith("vbaproject.bin") for name in lower):
        found.properties.append(("macros", "yes"))
    if any(name.startswith("_xmlsignatures/") for name in lower):
        found.properties.append(("signed", "XML signature"))


def told_parts(package: Package, found: Found) -> None:
    """Images and embedded files, each at its path in the package."""
    for name in package.names():
        if any(
            folder in f"/{name.lower()}" if folder[0] == "/" else name.startswith(folder)
            for folder in _PART_FOLDERS
        ):
            found.parts.append((name, package.read(name)))


def drawn_texts(package: Package, name: str) -> Iterator[tuple[str, str]]:
    """Texts of diagrams, charts and drawings that a part points at: what it is, and its text."""
    for kind, label in (
        ("diagramData", "diagram"),
        ("chart", "chart"),
        ("chartUserShapes", "drawing"),
        ("drawing", "drawing"),
    ):
        for target in package.of_kind(name, kind):
            root = package.xml(target)
            if root is None:
                continue
            text = "\n".join(paragraphs(root))
            if text.strip():
                yield label, text
            if kind == "drawing":
                yield from drawn_texts(package, target)


def paragraphs(root: _Element) -> Iterator[str]:
    """DrawingML: each a:p is a line; values of charts (c:v) too."""
    for one in root.iter():
        name = local(one)
        if name == "p":
            yield "".join(_run(part) for part in one.iter())
        elif name == "v":
            yield one.text or ""


def _run(part: _Element) -> str:
    name = local(part)
    if name == "t":
        return part.text or ""
    return {"br": "\n", "tab": "\t"}.get(name, "")
