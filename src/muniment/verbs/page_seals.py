"""What is sealed of a document after reading, and the trees with which parts of it can be shown.

A seal counts once its batch is an entry of the log. Of a document that was read again the newest such seal is meant,
unless an earlier one is asked for by its number. Trees come from the packages in the vault; each is made again and
refused where it does not give the root that was sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal, seal_batch, seal_due, sealed_page
from muniment.errors import MunimentError, NotFound
from muniment.evidence import layers
from muniment.evidence.page_commitment import Picture, differs, picture_of, tree_of
from muniment.evidence.page_package import PageRecord, damaged, decode_page
from muniment.verbs.part_files import file_seal, refuse_withdrawn

if TYPE_CHECKING:
    from muniment.evidence.commitment import Tree
    from muniment.verbs.case import Case, Report


class PictureDiffers(MunimentError):
    """A page drawn again is not the picture that was sealed, so it is not used as evidence."""

    code = "picture-differs"


@dataclass(frozen=True, slots=True)
class DocumentSeal:
    """One seal of one document: its place in a batch (`leaf`), in the log (`entry`) and in the vault."""

    number: int
    document: int
    tree: bytes
    root: bytes
    tools: Mapping[str, str]
    pages: int
    batch: int
    leaf: int
    entry: int
    object: str
    stored: str
    size: int


def current_seal(case: Case, number: int, which: int | None = None) -> DocumentSeal:
    """The newest seal in the log of a document (its row number), or the one numbered `which`. Raises NotFound.

    Raises Refused for a document that was withdrawn.
    """
    refuse_withdrawn(case, number)
    query = (
        sa.select(seal, seal_batch.c.object, seal_batch.c.log_index)
        .join(seal_batch, seal_batch.c.number == seal.c.batch)
        .where(seal.c.document == number, seal_batch.c.log_index.is_not(None))
        .order_by(seal.c.number.desc())
    )
    if which is not None:
        query = query.where(seal.c.number == which)
    with case.catalogue.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFound(
            "The pages of this document are not sealed yet.",
            next="Run `muniment add` again with the same paths; `muniment status` says what waits.",
        )
    return DocumentSeal(
        row.number,
        row.document,
        bytes(row.tree),
        bytes(row.root),
        json.loads(row.tools),
        row.pages,
        row.batch,
        row.leaf,
        row.log_index,
        row.object,
        row.stored,
        row.size,
    )


def seals_of(case: Case, number: int) -> Report:
    """What is sealed of a document: `state` (sealed, staged, waiting or none), `reason` where it waits, and `seals`.

    Each of `seals`, oldest first: `seal`, `batch`, `leaf`, `entry` (of the log, null while staged), `pages`,
    `root`, `reasons` {reason: pages} where a picture or text was left out or replaced.
    """
    query = (
        sa.select(seal, seal_batch.c.log_index)
        .outerjoin(seal_batch, seal_batch.c.number == seal.c.batch)
        .where(seal.c.document == number)
        .order_by(seal.c.number)
    )
    page = sealed_page.c
    with case.catalogue.read() as connection:
        rows = connection.execute(query).all()
        wanted = connection.execute(
            sa.select(seal_due.c.reason).where(seal_due.c.document == number)
        ).first()
        reasons: dict[int, dict[str, int]] = {row.number: {} for row in rows}
        left_out = (
            sa.select(page.seal, page.reason, sa.func.count().label("n"))
            .where(page.seal.in_(reasons), page.reason != "")
            .group_by(page.seal, page.reason)
        )
        for one in connection.execute(left_out):
            reasons[one.seal][one.reason] = one.n
    found = [
        {
            "seal": row.number,
            "batch": row.batch,
            "leaf": row.leaf,
            "entry": row.log_index,
            "pages": row.pages,
            "root": bytes(row.root).hex(),
            "reasons": reasons[row.number],
        }
        for row in rows
    ]
    return {
        "state": _state(found, wanted=wanted is not None),
        "reason": "" if wanted is None else wanted.reason,
        "seals": found,
    }


def _state(found: list[dict[str, Any]], *, wanted: bool) -> str:
    if wanted:
        return "waiting"
    if not found:
        return "none"
    return "staged" if found[-1]["entry"] is None else "sealed"


def seal_batch_tree(case: Case, batch: int) -> Tree:
    """The tree of a batch of document roots. Raises NotFound, Damaged."""
    with case.catalogue.read() as connection:
        row = connection.execute(sa.select(seal_batch).where(seal_batch.c.number == batch)).first()
        inside = sa.select(seal.c.root).where(seal.c.batch == batch).order_by(seal.c.leaf)
        roots = [bytes(root) for root in connection.execute(inside).scalars()]
    if row is None:
        raise NotFound(
            "There is no such batch of page seals.", next="Ask for one `seals_of` names."
        )
    bodies = layers.batch_bodies(roots)
    return _checked(layers.layer_tree("batch", row.key, row.tree, bodies), row.root, "batch", 0)


def document_tree(case: Case, number: int, which: int | None = None) -> Tree:
    """The tree of a document: its file, its tools, its pages. Raises NotFound, Damaged."""
    found = current_seal(case, number, which)
    file = file_seal(case, number)
    page = sealed_page.c
    query = sa.select(page.roots).where(page.seal == found.number).order_by(page.page)
    with case.catalogue.read() as connection:
        roots = [
            bytes.fromhex(json.loads(row)["page"]) for row in connection.execute(query).scalars()
        ]
    bodies = layers.document_bodies(file.root, found.tools, roots)
    tree = layers.layer_tree("document", file.key, found.tree, bodies)
    return _checked(tree, found.root, "document", 0)


def file_tree(case: Case, number: int) -> Tree:
    """The tree of a document's file: as received, or as it was found in its container. Raises NotFound, Damaged."""
    file = file_seal(case, number)
    bodies = layers.file_bodies(file.size, file.sha256, file.sha512, file.properties)
    return _checked(layers.layer_tree("file", file.key, file.tree, bodies), file.root, "file", 0)


def page_tree(case: Case, number: int, page: int, which: int | None = None) -> Tree:
    """The tree of a page: its header and the roots of its layers. Raises NotFound, Damaged."""
    return tree_of(file_seal(case, number).key, page_record(case, number, page, which), "page")


def layer_tree_of(case: Case, number: int, page: int, layer: str, which: int | None = None) -> Tree:
    """The tree of one layer of a page (pixels, plain, text, boxes).

    Raises NotFound where the page has no such layer, Damaged, and PictureDiffers where its picture is not kept and
    is not the same when it is drawn again.
    """
    record = page_record(case, number, page, which)
    if layer not in record.roots:
        raise NotFound(
            f"Page {page} is sealed without the layer {layer}.",
            next=f"Reason: {record.reason}." if record.reason else "It has no such layer.",
        )
    picture = None
    if layer in ("pixels", "plain"):
        picture = sealed_picture(case, number, page, which, record=record)
    return tree_of(file_seal(case, number).key, record, layer, picture)


def sealed_picture(
    case: Case,
    number: int,
    page: int,
    which: int | None = None,
    *,
    record: PageRecord | None = None,
) -> Picture:
    """The picture of a page as it was sealed: the one kept, or drawn again and compared with its root.

    Raises NotFound where the page was sealed without a picture, Damaged, PictureDiffers.
    """
    record = record or page_record(case, number, page, which)
    if "pixels" not in record.roots:
        raise NotFound(
            f"Page {page} is sealed without a picture.",
            next=f"Reason: {record.reason}." if record.reason else "Show its words instead.",
        )
    picture = picture_of(record)
    return picture if picture is not None else _drawn_again(case, number, record)


def page_record(case: Case, number: int, page: int, which: int | None = None) -> PageRecord:
    """A sealed page as its package holds it. Raises NotFound, Damaged."""
    found = current_seal(case, number, which)
    where = sealed_page.c
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(sealed_page).where(where.seal == found.number, where.page == page)
        ).first()
    if row is None:
        raise NotFound(
            f"This document was sealed without a page {page}.",
            next=f"Pages run from 1 to {found.pages}."
            if found.pages
            else "It has no pages: take its receipt without --page.",
        )
    window = _Window(row.place, row.length)
    try:
        case.vault.copy_to(
            found.object,
            found.stored,
            found.size,
            case.keys.identity,
            window,  # type: ignore[arg-type]
        )
    except _Enough:
        pass
    record = decode_page(bytes(window.taken))
    if {layer: root.hex() for layer, root in record.roots.items()} != json.loads(row.roots):
        raise differs("page", page)
    if record.page != page:
        raise damaged()
    return record


def _checked(tree: Tree, root: bytes, layer: str, page: int) -> Tree:
    if tree.root != root:
        raise differs(layer, page)
    return tree


def _drawn_again(case: Case, number: int, record: PageRecord) -> Picture:
    from muniment.reading.builds import renderer
    from muniment.reading.worker import Worker
    from muniment.verbs.content import content_of
    from muniment.verbs.page_sealing import draw_page

    document = tables.document.c
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(document.name, document.family).where(document.number == number)
        ).one()
    with Worker(fonts=False) as worker:
        drawn = draw_page(worker, content_of(case, number, worker), record.page, row.name)
    header = record.header
    shape = (header.width, header.height, header.channels)
    if isinstance(drawn, Picture) and (drawn.width, drawn.height, drawn.channels) == shape:
        bodies = layers.pixel_bodies(*shape, drawn.raw)
        key, tree = file_seal(case, number).key, record.trees["pixels"]
        again = layers.layer_tree("pixels", key, tree, bodies, page=record.page)
        if again.root == record.roots["pixels"]:
            return drawn
    raise PictureDiffers(
        f"Page {record.page} drawn again is not the picture that was sealed: that was drawn by "
        f"{header.renderer}, this by {renderer(row.family)[0]}.",
        next="Use a muniment with that renderer, or seal the document anew; its words and its file are unaffected.",
    )


class _Enough(Exception):
    """What was wanted of a package has come."""


class _Window:
    """A file that keeps `length` bytes from `place` on, and then wants no more."""

    def __init__(self, place: int, length: int) -> None:
        self._before = place
        self._length = length
        self.taken = bytearray()

    def write(self, piece: bytes | memoryview) -> int:
        """The next bytes."""
        size = len(piece)
        skipped = min(self._before, size)
        self._before -= skipped
        self.taken += memoryview(piece)[skipped : skipped + self._length - len(self.taken)]
        if len(self.taken) == self._length:
            raise _Enough
        return size
