"""hold: a document and its parts are hidden from search, thumbnails and page images until they are released."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import random_name
from muniment.errors import Refused
from muniment.verbs.documents import family_of, row_of
from muniment.verbs.page_image import forget_images

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report


def hold(case: Case, document: str, *, release: bool = False) -> Report:
    """The shape of `hold`: hide the document and every part found in it, or show them again.

    Parts that come out of it later are held as it is. Raises NotFound, Refused for one that is withdrawn.
    """
    row = row_of(case, document)
    if row.state == "withdrawn":
        raise Refused(
            "The document is withdrawn: there is nothing left to hide or to show.",
            next="See why with: muniment show CASE DOCUMENT",
            document=row.document,
        )
    numbers = family_of(case, row.number)
    differs = tables.document.c.held.is_(release)
    with case.catalogue.read() as connection:
        query = sa.select(tables.document.c.number, tables.document.c.document).where(differs)
        among = set(numbers)
        changed = [found for found in connection.execute(query) if found.number in among]
    if changed:
        what = {"document": row.document, "reference": row.reference}
        case.record("released" if release else "held", what)
        mark(case, [found.number for found in changed], held=not release)
        forget_images(case, [found.document for found in changed])
    return {"document": row.document, "held": not release}


def mark(case: Case, numbers: list[int], *, held: bool) -> None:
    """Set or take away the mark. No search finds what is held from now on; the index follows before the next one."""
    with case.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.document)
            .where(tables.document.c.number == sa.bindparam("which"))
            .values(held=held, indexed=0),
            [{"which": number} for number in numbers],
        )
    shuffle(case)


def shuffle(case: Case) -> None:
    """Say that what may be shown has changed, so that no answer given before is shown again."""
    case.catalogue.keep_setting("shown", random_name(16))


def what_is_shown(case: Case) -> str:
    """A random name that is another one after each `shuffle`, by whichever process."""
    return case.catalogue.setting("shown")
