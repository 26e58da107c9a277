"""Sealing a page: its five trees, from fresh tree ids, and the same trees again when a part is to be shown."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.errors import Damaged
from muniment.evidence import layers
from muniment.evidence.commitment import TREE_ID, Tree, root_alone, tree_context
from muniment.evidence.layers import Header
from muniment.evidence.page_package import Box, PageRecord

MOST_ROWS = 1 << 16
"""Rows of 32 words that are sealed of one page: 2 million leaves, some ten seconds."""

_MANY = 1 << 14  # leaves from which on no whole tree is kept for the sake of its root


@dataclass(frozen=True, slots=True)
class Picture:
    """A page's raster: rows from the top, `channels` bytes a pixel."""

    width: int
    height: int
    channels: int
    raw: bytes


def rows_of(lines: Sequence[Sequence[str]]) -> int:
    """The rows of `text` that lines take."""
    return sum(-(-len(words) // layers.SLOTS) for words in lines)


def seal_page(
    key: bytes,
    header: Header,
    lines: Sequence[Sequence[str]],
    boxes: Sequence[Box],
    picture: Picture | None,
    *,
    reason: str = "",
    kept: bytes | None = None,
) -> PageRecord:
    """Seal one page under K_doc, every tree with an id of its own. `kept`: the picture as it is to be kept."""
    names = ["page"]
    if picture is not None:
        names += ["pixels", "plain"]
    if lines:
        names.append("text")
    if lines and boxes:
        names.append("boxes")
    trees = {name: secrets.token_bytes(TREE_ID) for name in names}
    roots: dict[str, bytes] = {}
    for name in names[1:]:
        bodies = layer_bodies(name, header, lines, boxes, picture, {})
        roots[name] = _root(name, key, trees[name], bodies, header.page)
    page = layers.page_bodies(header, **roots)
    roots["page"] = _root("page", key, trees["page"], page, header.page)
    return PageRecord(header, lines, boxes, trees, roots, reason, kept)


def layer_bodies(
    layer: str,
    header: Header,
    lines: Sequence[Sequence[str]],
    boxes: Sequence[Box],
    picture: Picture | None,
    roots: Mapping[str, bytes],
) -> list[bytes]:
    """The leaves of one layer of a page. `roots` are those below, for the layer `page`."""
    if layer == "text":
        return layers.text_bodies(lines)
    if layer == "boxes":
        return layers.box_bodies(lines, boxes)
    if layer == "page":
        below = {name: root for name, root in roots.items() if name != "page"}
        return layers.page_bodies(header, **below)
    assert picture is not None, layer
    cut = layers.pixel_bodies if layer == "pixels" else layers.plain_bodies
    return cut(picture.width, picture.height, picture.channels, picture.raw)


def tree_of(key: bytes, record: PageRecord, layer: str, picture: Picture | None = None) -> Tree:
    """One tree of a sealed page again. Raises Damaged where it does not give the root it was sealed with."""
    bodies = layer_bodies(layer, record.header, record.lines, record.boxes, picture, record.roots)
    tree = layers.layer_tree(layer, key, record.trees[layer], bodies, page=record.page)
    if tree.root != record.roots[layer]:
        raise differs(layer, record.page)
    return tree


def check_page(key: bytes, record: PageRecord) -> bytes:
    """The root of a page, each of its layers computed again from what its record holds. Raises Damaged.

    Of a picture that is not kept, the roots of `pixels` and `plain` are taken as they stand.
    """
    picture = picture_of(record)
    for layer, root in record.roots.items():
        if layer in ("pixels", "plain") and picture is None:
            continue
        bodies = layer_bodies(
            layer, record.header, record.lines, record.boxes, picture, record.roots
        )
        if _root(layer, key, record.trees[layer], bodies, record.page) != root:
            raise differs(layer, record.page)
    return record.roots["page"]


def picture_of(record: PageRecord) -> Picture | None:
    """The picture a record keeps, or None."""
    raw = record.raw()
    if raw is None:
        return None
    return Picture(record.header.width, record.header.height, record.header.channels, raw)


def differs(layer: str, page: int) -> Damaged:
    """What is raised where a layer of a page is not what was sealed."""
    return Damaged(
        f"The layer {layer} of page {page} is not what was sealed.",
        next="Run `muniment audit`, then restore the object from a custodian's copy.",
    )


def _root(layer: str, key: bytes, tree_id: bytes, bodies: Sequence[bytes], page: int) -> bytes:
    if len(bodies) > _MANY:
        context = tree_context(tree_id, f"page:{page}")
        return root_alone(layers.layer_dom(layer), context, key, bodies)
    return layers.layer_tree(layer, key, tree_id, bodies, page=page).root
