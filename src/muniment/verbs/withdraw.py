"""withdraw: an original and every part found in it are taken out of the case for good.

The order lets a machine stop anywhere. First the catalogue forgets everything but the random names in the vault, in
one transaction that also sets the state: from then on the document is withdrawn, and the same command finishes it.
Then go working/ and the index, then the ciphertext and its keys (the object is made anew without them), then the act
stands in the journal, then the names go too, and last the catalogue is written anew, so that nothing is left in its
pages. Deleting is not erasing: docs/explanation/life-of-a-document.md says what a disk may keep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.errors import BadUse, Refused
from muniment.verbs import carrying_judgements
from muniment.verbs.add import one_at_a_time
from muniment.verbs.carrying_notes import take_out_of_journal
from muniment.verbs.confirming import bring_to_custodians
from muniment.verbs.documents import family_of, row_of
from muniment.verbs.erasing import UNFINISHED, clear_quarantine, erase, erase_derived
from muniment.verbs.erasing_seals import forget_packages, objects_with_pages, packages_of
from muniment.verbs.hold import shuffle
from muniment.verbs.put_back import catch_up
from muniment.verbs.seal_batches import finish_batches
from muniment.verbs.sealing import finish_sealing

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

WHY = {
    "source": "withdrawn: the source's wish",
    "privacy": "withdrawn: privacy",
    "privilege": "withdrawn: privileged",
    "unlawful": "withdrawn: unlawful images",
}

# The doors for rooms that keep something of a document elsewhere. What they are given are row numbers.
Manifest = Callable[[bytes], bytes]
Rewriting = tuple[str, set[str], Manifest]
"""An object of the vault, the names in it that go, and its manifest as it is to the one without them."""


def _originals(case: Case, numbers: Sequence[int]) -> Iterator[Rewriting]:
    """The objects that hold the originals themselves."""
    original, among = tables.original.c, set(numbers)
    query = (
        sa.select(tables.batch.c.object, original.number, original.stored, tables.document.c.reason)
        .join(tables.batch, tables.batch.c.number == original.batch)
        .join(tables.document, tables.document.c.number == original.number)
        .where(tables.document.c.state == "withdrawn", original.stored != "")
    )
    with case.catalogue.read() as connection:
        rows = [row for row in connection.execute(query) if row.number in among]
    for name in sorted({row.object for row in rows}):
        leaving = {row.stored: _why(row.reason) for row in rows if row.object == name}
        yield name, set(leaving), partial(without, leaving=leaving)


def _pages(case: Case, numbers: Sequence[int]) -> Iterator[Rewriting]:
    """The objects that hold what was sealed of their pages, at whatever time."""
    for name, packages in packages_of(case, numbers).items():
        leaving = {stored: _why(reason) for stored, reason in packages.items()}
        yield name, set(leaving), partial(without, leaving=leaving)


REWRITINGS: tuple[Callable[[Case, Sequence[int]], Iterator[Rewriting]], ...] = (_originals, _pages)
# Called in the last transaction, after the vault: take the documents out of tables of one's own.
FORGETTING: tuple[Callable[[Case, sa.Connection, Sequence[int]], None], ...] = (forget_packages,)
# Called at the end with the objects that were made anew, and again whenever the same is asked for: bring them to
# each copy within reach; returns the names of the custodians that have not confirmed it.
CUSTODIANS: tuple[Callable[[Case, Sequence[str]], list[str]], ...] = (bring_to_custodians,)


def withdraw(case: Case, document: str, why: str) -> Report:
    """The shape of `withdraw`. Interrupted at any point, the same call goes on.

    `why` is one of WHY. Raises BadUse, NotFound, Refused for a part alone or what is still being received, and
    Damaged where the object it lies in is: then that is to be repaired first.
    """
    if why not in WHY:
        raise BadUse("That is no reason to withdraw.", next=f"Reasons are: {', '.join(WHY)}.")
    with one_at_a_time(case):
        catch_up(case)
        finish_sealing(case)
        finish_batches(case)
        objects = set(finish_earlier(case))
        row = row_of(case, document)
        _refuse(case, row)
        copies = same_content(case, row)
        numbers = family_of(case, row.number)
        objects.update(_objects(case, row.number), objects_with_pages(case, numbers))
        if row.state != "withdrawn":
            case.catalogue.keep_setting(UNFINISHED, row.document)
            erase(case, numbers, WHY[why])
            objects.update(_finish(case, row, numbers))
    pending = {name for door in CUSTODIANS for name in door(case, sorted(objects))}
    return {
        "document": row.document,
        "reference": row.reference,
        "custodians_pending": sorted(pending),
        "copies": copies,
    }


def withdraw_again(case: Case, document: str, why: str) -> None:
    """Withdraw what the journal says was withdrawn, from a catalogue or a vault that does not know it any more."""
    row = row_of(case, document)
    numbers = family_of(case, row.number)
    case.catalogue.keep_setting(UNFINISHED, document)
    erase(case, numbers, WHY[why])
    _finish(case, row, numbers)


def without(manifest: bytes, *, leaving: dict[str, str]) -> bytes:
    """A batch's manifest with nothing of what leaves it but root, state and reason. `leaving`: content to reason."""
    content = json.loads(manifest)
    if not any(file.get("content") in leaving for file in content["files"]):
        return manifest
    content["files"] = [
        {"root": file["root"], "state": "withdrawn", "reason": leaving[file["content"]]}
        if file.get("content") in leaving
        else file
        for file in content["files"]
    ]
    return json.dumps(content, ensure_ascii=False).encode()


def same_content(case: Case, row: Any) -> list[str]:
    """Other documents with the very same bytes, which stay: somebody has to decide on each of them."""
    if row.content is None:
        return []
    family = set(family_of(case, row.number))
    document = tables.document.c
    query = sa.select(document.number, document.document).where(document.content == row.content)
    with case.catalogue.read() as connection:
        rows = connection.execute(query.order_by(document.number)).all()
    return [found.document for found in rows if found.number not in family]


def _refuse(case: Case, row: Any) -> None:
    """What cannot be withdrawn, and what to do instead."""
    document, original = tables.document.c, tables.original.c
    if row.parent is not None:
        top = row.reference.partition(".")[0]
        raise Refused(
            f"{row.reference} was found inside {top}, whose bytes hold it: it cannot be withdrawn alone.",
            next=f"Withdraw {top} with everything in it, and add again what of it may stay; "
            f"or hide this part with: muniment hold CASE {row.reference}",
            document=row.document,
        )
    with case.catalogue.read() as connection:
        stage = connection.execute(
            sa.select(tables.accession.c.stage)
            .join(tables.document, document.accession == tables.accession.c.number)
            .where(document.number == row.number)
        ).scalar_one()
        batch = connection.execute(
            sa.select(original.batch).where(original.number == row.number)
        ).first()
    if stage in ("listing", "receiving") or (batch is not None and batch.batch is None):
        raise Refused(
            f"{row.reference} is still being received.",
            next="Run `muniment add` again with the same paths; withdraw it when that is done.",
            document=row.document,
        )
    _refuse_an_early_journal(case, row)


def _refuse_an_early_journal(case: Case, row: Any) -> None:
    """Acts of an earlier muniment held what must go, and no act can be changed."""
    for act in case.journal.acts():
        if act["act"] != "received":
            continue
        for file in act["details"]["files"]:
            if file["document"] == row.document and "location" in file:
                raise Refused(
                    "This case was begun by an earlier muniment, whose journal holds the document's name, "
                    "digests and keys for ever.",
                    next="Make a new case, add everything but this document to it, then delete this case.",
                    document=row.document,
                )


def finish_earlier(case: Case) -> list[str]:
    """Bring a withdrawal that was cut off to its end; returns the objects made anew."""
    name = case.catalogue.setting(UNFINISHED)
    if not name:
        return []
    row = row_of(case, name)
    if row.state == "withdrawn":
        return _finish(case, row, family_of(case, row.number))
    case.catalogue.keep_setting(UNFINISHED, "")
    return []


def _finish(case: Case, row: Any, numbers: list[int]) -> list[str]:
    """Everything after the catalogue; each step is the same when taken twice. Returns the objects made anew."""
    from muniment.evidence.vault.rewriting import rewrite

    erase_derived(case, numbers)
    take_out_of_journal(case, [row.document])
    carrying_judgements.take_out_of_journal(case)
    shuffle(case)
    objects = []
    for door in REWRITINGS:
        for name, drop, change in list(door(case, numbers)):
            rewrite(
                case.vault,
                name,
                drop,
                change,
                case.folder.staging,
                case.keys.recipient,
                case.keys.identity,
            )
            clear_quarantine(case, {name, *drop})
            objects.append(name)
    _record(case, row_of(case, row.document))
    with case.catalogue.write() as connection:
        for forget in FORGETTING:
            forget(case, connection, numbers)
        connection.execute(
            sa.update(tables.original)
            .where(tables.original.c.number == row.number)
            .values(stored="")
        )
    case.catalogue.shed(case.folder.staging)
    case.catalogue.keep_setting(UNFINISHED, "")
    return objects


def _record(case: Case, row: Any) -> None:
    """The act, once: what was withdrawn is named by what stays of it."""
    for act in case.journal.acts():
        if act["act"] == "withdrawn" and act["details"]["document"] == row.document:
            return
    with case.catalogue.read() as connection:
        root = connection.execute(
            sa.select(tables.original.c.root).where(tables.original.c.number == row.number)
        ).scalar()
    details = {
        "document": row.document,
        "reference": row.reference,
        "reason": _why(row.reason),
        "root": "" if root is None else bytes(root).hex(),
    }
    case.record("withdrawn", details)


def _objects(case: Case, number: int) -> list[str]:
    """The object an original lies, or lay, in."""
    query = (
        sa.select(tables.batch.c.object)
        .join(tables.original, tables.original.c.batch == tables.batch.c.number)
        .where(tables.original.c.number == number)
    )
    with case.catalogue.read() as connection:
        return list(connection.execute(query).scalars())


def _why(reason: str) -> str:
    return next(word for word, sentence in WHY.items() if sentence == reason)
