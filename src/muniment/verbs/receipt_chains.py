"""The chains of receipts: from a file, a document or a page up to the entry of the log over its batch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal, seal_batch
from muniment.errors import BadUse, Damaged, NotFound
from muniment.verbs.part_files import refuse_withdrawn

if TYPE_CHECKING:
    from muniment.evidence.receipt import Chain, Link
    from muniment.verbs.case import Case
    from muniment.verbs.page_seals import DocumentSeal

Placed = tuple["Chain", int]
"""A chain, and where its entry stands in the log."""


def file_chain(case: Case, row: Any, *, properties: bool) -> Placed:
    """From the header of a file up: an original's by the batch it was received in, a part's by its document.

    Raises Refused where it was withdrawn, BadUse or NotFound where it is not sealed yet, Damaged.
    """
    file = _original(case, row)
    if file is None:
        return _file_of_a_part(case, row, properties=properties)
    if file.batch is None:
        raise BadUse(
            "This document is not sealed yet.",
            next="Let `muniment add` come to its end first.",
            document=row.document,
        )
    return _file_as_received(case, row, file, properties=properties)


def _original(case: Case, row: Any) -> Any:
    """The file as it was received; None for a part. Raises Refused, and NotFound where there was no file."""
    refuse_withdrawn(case, row.number)
    original = tables.original
    with case.catalogue.read() as connection:
        file = connection.execute(
            sa.select(original).where(original.c.number == row.number)
        ).first()
    if file is None and row.parent is None:
        raise NotFound(
            "Nothing was received of this document, so nothing of it is sealed.",
            next="See its reason with: muniment show CASE DOCUMENT",
            document=row.document,
        )
    return file


def _file_as_received(case: Case, row: Any, file: Any, *, properties: bool) -> Placed:
    from muniment.evidence.layers import batch_bodies, file_bodies, layer_tree
    from muniment.evidence.receipt import Chain, Link

    original, batch = tables.original, tables.batch
    with case.catalogue.read() as connection:
        place = connection.execute(sa.select(batch).where(batch.c.number == file.batch)).one()
        siblings = sa.select(original.c.root).where(original.c.batch == file.batch)
        roots = [bytes(r) for r in connection.execute(siblings.order_by(original.c.leaf)).scalars()]
    if place.log_index is None:
        raise BadUse("This document is not sealed yet.", next="Run `muniment add` again first.")
    bodies = file_bodies(
        row.size, bytes(file.sha256), bytes(file.sha512), json.loads(file.properties)
    )
    lower = layer_tree("file", bytes(file.key), bytes(file.tree), bodies)
    upper = layer_tree("batch", bytes(place.key), bytes(place.tree), batch_bodies(roots))
    if lower.root != bytes(file.root) or upper.root != case.log.entry(place.log_index):
        raise _not_given(row)
    shown = range(len(bodies)) if properties else range(1)
    links = (
        Link(lower.disclose(shown), {i: bodies[i] for i in shown}, file.leaf),
        Link(upper.disclose([file.leaf]), {file.leaf: lower.root}),
    )
    return Chain(links, upper.root), int(place.log_index)


def _file_of_a_part(case: Case, row: Any, *, properties: bool) -> Placed:
    from muniment.evidence.layers import FILE, file_bodies
    from muniment.evidence.receipt import Link
    from muniment.verbs.page_seals import current_seal, file_tree
    from muniment.verbs.part_files import file_seal

    found = current_seal(case, row.number)
    file, tree = file_seal(case, row.number), file_tree(case, row.number)
    bodies = file_bodies(file.size, file.sha256, file.sha512, file.properties)
    shown = range(len(bodies)) if properties else range(1)
    lowest = Link(tree.disclose(shown), {i: bodies[i] for i in shown}, FILE)
    return _up(case, row, found, (lowest,), {FILE: file.root})


def document_chain(case: Case, row: Any, size: int) -> Placed | None:
    """Of an original: from its newest document seal among the first `size` entries up; None where there is none.

    Leaf 0, the root of its file, is shown, and nothing else.
    """
    from muniment.evidence.layers import FILE
    from muniment.verbs.page_seals import current_seal, file_tree

    query = (
        sa.select(sa.func.max(seal.c.number))
        .join(seal_batch, seal_batch.c.number == seal.c.batch)
        .where(seal.c.document == row.number, seal_batch.c.log_index < size)
    )
    with case.catalogue.read() as connection:
        which = connection.execute(query).scalar()
    if which is None or row.parent is not None:
        return None
    found = current_seal(case, row.number, which)
    return _up(case, row, found, (), {FILE: file_tree(case, row.number).root})


def page_chain(case: Case, row: Any, page: int) -> Placed:
    """From a page up, by its newest seal: its header and the roots of its layers are shown, and nothing else.

    Raises Refused where the document was withdrawn, NotFound where it is not sealed yet or has no such page, Damaged.
    """
    from muniment.evidence.layers import BOXES, FIRST_PAGE, HEADER, page_bodies
    from muniment.evidence.page_commitment import tree_of
    from muniment.evidence.receipt import Link
    from muniment.verbs.page_seals import current_seal, page_record
    from muniment.verbs.part_files import file_seal

    _original(case, row)
    if row.state != "waiting" and not row.pages:
        raise NotFound(
            "This document has no pages, so none is sealed.",
            next="Take its receipt without --page.",
            document=row.document,
        )
    found = current_seal(case, row.number)
    record = page_record(case, row.number, page)
    tree = tree_of(file_seal(case, row.number).key, record, "page")
    roots = {layer: root for layer, root in record.roots.items() if layer != "page"}
    shown = dict(enumerate(page_bodies(record.header, **roots)))
    leaf = FIRST_PAGE + page - 1
    link = Link(tree.disclose(range(HEADER, BOXES + 1)), shown, leaf)
    return _up(case, row, found, (link,), {leaf: tree.root})


def _up(
    case: Case, row: Any, found: DocumentSeal, links: tuple[Link, ...], shown: dict[int, bytes]
) -> Placed:
    """Set the document, with these leaves shown, and its batch on top of links."""
    from muniment.evidence.receipt import Chain, Link
    from muniment.verbs.page_seals import document_tree, seal_batch_tree

    document = document_tree(case, row.number, found.number)
    batch = seal_batch_tree(case, found.batch)
    if batch.root != case.log.entry(found.entry):
        raise _not_given(row)
    above = (
        Link(document.disclose(shown), shown, found.leaf),
        Link(batch.disclose([found.leaf]), {found.leaf: document.root}),
    )
    return Chain((*links, *above), batch.root), found.entry


def _not_given(row: Any) -> Damaged:
    return Damaged(
        "The catalogue no longer gives the seal of this document.",
        next="Run `muniment audit`, and restore catalogue.db from a custodian's copy.",
        document=row.document,
    )
