"""What only a lost catalogue knew, in words: what nobody can tell any more until a person says it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case.anchor_tables import authority, seen_log, witness
from muniment.case.custodian_tables import custodian
from muniment.verbs.carrying_judgements import judgements_lost
from muniment.verbs.carrying_notes import notes_lost

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_ALWAYS = (
    "which files could not be received",
    "where files lay when they were received (adding the same files again finds it)",
    "the proxy of `stamp --online` and how many pictures are kept, if they were set",
    "witnesses who were named and never cosigned",
    "searches that were saved under a name",
)


def forgotten(case: Case, *, anew: bool) -> Iterator[str]:
    """Sentences for a person. `anew`: there was no snapshot, so that nothing but other parts of the case was left."""
    if anew:
        yield from _ALWAYS
    lost = notes_lost(case)
    if lost:
        yield f"what {lost} notes, tags, stars or other remarks said"
    judged = judgements_lost(case)
    if judged:
        yield f"{judged} decisions on names"
    with case.catalogue.read() as connection:
        for column, lacking, words in (
            (custodian.c.name, custodian.c.location, "where the copy of {} lies"),
            (witness.c.name, witness.c.vkey, "the key of the witness {}"),
            (seen_log.c.origin, seen_log.c.vkey, "the key of the log {}"),
        ):
            for name in connection.execute(sa.select(column).where(lacking == "")).scalars():
                yield words.format(name)
        if anew:
            for name in connection.execute(sa.select(authority.c.name)).scalars():
                yield f"the address of the authority {name}, if one was set"
