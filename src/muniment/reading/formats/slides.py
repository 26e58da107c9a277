"""Presentations (PresentationML, ECMA-376 part 1): a slide is a page, hidden or not; notes and comments labelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from muniment.reading.formats.ooxml import (
    Found,
    Package,
    drawn_texts,
    local,
    natural,
    paragraphs,
    value,
)

if TYPE_CHECKING:
    from lxml.etree import _Element


def read(package: Package, found: Found) -> None:
    """Every slide, in the order of the show."""
    main = package.main("ppt/presentation.xml")
    relations = package.relations(main)
    root = package.xml(main)
    listed = [
        relations[_relation_id(one)].target
        for one in (root.iter() if root is not None else ())
        if local(one) == "sldId" and _relation_id(one) in relations
    ]
    there = sorted(
        (n for n in package.names() if n.startswith("ppt/slides/") and n.endswith(".xml")),
        key=natural,
    )
    authors = _authors(package, main)
    hidden = 0
    for name in [*listed, *(n for n in there if n not in listed)]:
        slide = package.xml(name)
        if slide is None:
            found.damage.append("a slide cannot be read")
            found.pages.append("")
            continue
        lines = list(_shapes(slide))
        if slide.get("show") == "0":
            hidden += 1
            lines.insert(0, "[hidden slide]")
        lines += _beside(package, name, authors)
        found.pages.append("\n".join(line for line in lines if line.strip()))
    if hidden:
        found.properties.append(("hidden-slides", str(hidden)))


def _relation_id(one: _Element) -> str:
    """The r:id of a listed slide (its own id is an attribute of the same name without a namespace)."""
    for key, said in one.attrib.items():
        if str(key).endswith("}id"):
            return str(said)
    return ""


def _shapes(slide: _Element) -> Iterator[str]:
    """Texts of a slide in the order of the file; a row of a table is a line."""
    for one in slide.iter():
        name = local(one)
        if name == "txBody" and not _within(one, "tc"):
            yield from paragraphs(one)
        elif name == "tr":
            yield "\t".join(
                " ".join(paragraphs(cell)).strip() for cell in one if local(cell) == "tc"
            )


def _within(one: _Element, name: str) -> bool:
    return any(local(above) == name for above in one.iterancestors())


def _beside(package: Package, name: str, authors: dict[str, str]) -> Iterator[str]:
    """Notes, comments, diagrams and charts of a slide."""
    for notes in package.of_kind(name, "notesSlide"):
        root = package.xml(notes)
        if root is not None and (text := "\n".join(_notes(root)).strip()):
            yield f"[notes] {text}"
    for comments in package.of_kind(name, "comments"):
        root = package.xml(comments)
        for comment in root if root is not None else ():
            who = authors.get(value(comment, "authorId"), "unknown")
            when = value(comment, "dt") or value(comment, "created")
            said = "\n".join(
                one.text or "" for one in comment.iter() if local(one) in ("text", "t")
            )
            yield f"[comment by {who}{', ' + when if when else ''}] {said}"
    for label, text in drawn_texts(package, name):
        yield f"[{label}] {text}"


def _notes(root: _Element) -> Iterator[str]:
    """The text of notes, without the number of the slide."""
    for shape in (one for one in root.iter() if local(one) == "sp"):
        kinds = {value(one, "type") for one in shape.iter() if local(one) == "ph"}
        if not kinds & {"sldNum", "sldImg", "hdr", "ftr", "dt"}:
            yield from paragraphs(shape)


def _authors(package: Package, main: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in ("commentAuthors", "authors"):
        for name in package.of_kind(main, kind):
            root = package.xml(name)
            for one in root if root is not None else ():
                found[value(one, "id")] = value(one, "name")
    return found


def read_drawing(package: Package, found: Found) -> None:
    """Drawings of Visio (MS-VSDX): the texts of every page."""
    names = (n for n in package.names() if n.startswith("visio/pages/page") and n.endswith(".xml"))
    for name in sorted((n for n in names if not n.endswith("pages.xml")), key=natural):
        root = package.xml(name)
        texts = (
            "".join(one.itertext()).strip()
            for one in (root.iter() if root is not None else ())
            if local(one) == "Text"
        )
        found.pages.append("\n".join(text for text in texts if text))
