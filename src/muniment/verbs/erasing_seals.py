"""What a withdrawal takes out of page seals: the tables, what is staged, and the packages in the vault.

Of each seal of a withdrawn document there stay its number, its document, its root, its batch and its leaf: the batch
tree cannot be made again without them. Keys, tree ids, digests, roots of pages and of their layers, places, tools and
the number of pages go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import part_file, seal, seal_batch, seal_due, sealed_page

if TYPE_CHECKING:
    from muniment.verbs.case import Case

# `stored`, the random name in the vault, goes last of all: it says what is still to be taken out there.
_NO_SEAL: dict[str, Any] = {
    "tree": b"",
    "tools": "{}",
    "pages": 0,
    "pictures": 0,
    "size": 0,
    "sha256": b"",
    "sha512": b"",
    "cipher_sha512": "",
    "cipher_size": 0,
    "chunk_root": "",
}


def erase_seals(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Take the seals of documents (row numbers) out of the tables; those in no batch yet as a whole."""
    of_document = sa.select(seal.c.number).where(seal.c.document == sa.bindparam("which"))
    which = [{"which": number} for number in numbers]
    for statement in (
        sa.delete(sealed_page).where(sealed_page.c.seal.in_(of_document)),
        sa.delete(seal).where(seal.c.document == sa.bindparam("which"), seal.c.batch.is_(None)),
        sa.update(seal).where(seal.c.document == sa.bindparam("which")).values(**_NO_SEAL),
        sa.delete(part_file).where(part_file.c.number == sa.bindparam("which")),
        sa.delete(seal_due).where(seal_due.c.document == sa.bindparam("which")),
    ):
        connection.execute(statement, which)


def sweep_staging(case: Case) -> None:
    """Delete the packages the catalogue does not speak of any more, or never did: a killed run may have left some."""
    from muniment.case.writing import sync_folder
    from muniment.evidence.vault import sweep
    from muniment.verbs.sealing_pages import staged_names

    if sweep(case.folder.staging, staged_names(case)):
        sync_folder(case.folder.staging)


def packages_of(case: Case, numbers: Sequence[int]) -> dict[str, dict[str, str]]:
    """For each object that still holds pages of these documents: the names in it that go, and the reason of each."""
    document, among = tables.document.c, set(numbers)
    query = (
        sa.select(seal_batch.c.object, seal.c.stored, seal.c.document, document.reason)
        .join(seal, seal.c.batch == seal_batch.c.number)
        .join(tables.document, document.number == seal.c.document)
        .where(document.state == "withdrawn", seal.c.stored != "")
        .order_by(seal_batch.c.object)
    )
    found: dict[str, dict[str, str]] = {}
    with case.catalogue.read() as connection:
        for row in connection.execute(query):
            if row.document in among:
                found.setdefault(row.object, {})[row.stored] = row.reason
    return found


def forget_packages(_: Case, connection: sa.Connection, numbers: Sequence[int]) -> None:
    """The last step: the names of the packages, which are in the vault no more."""
    connection.execute(
        sa.update(seal).where(seal.c.document == sa.bindparam("which")).values(stored=""),
        [{"which": number} for number in numbers],
    )


def objects_with_pages(case: Case, numbers: Sequence[int]) -> set[str]:
    """The objects that hold, or held, pages of these documents."""
    among = set(numbers)
    query = sa.select(seal_batch.c.object, seal.c.document).join(
        seal, seal.c.batch == seal_batch.c.number
    )
    with case.catalogue.read() as connection:
        return {row.object for row in connection.execute(query) if row.document in among}
