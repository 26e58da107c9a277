"""Timestamps whose rows the catalogue has lost: what acts do not say of them is told by the files of anchors/.

The acts carry out themselves (noting_anchors.py). An authority's address stands nowhere but in the catalogue, and
neither does a witness who never cosigned: both have to be named again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case.anchor_tables import anchor, authority
from muniment.errors import MunimentError
from muniment.verbs.anchoring import anchors_of

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_FOLDER = "authorities"


def anchors_again(case: Case) -> None:
    """Know the authorities whose roots are kept, how each was asked, and how far revocation was looked at."""
    from muniment.evidence.anchors.standing import request_path, standing_of

    try:
        folder = anchors_of(case)
        paths = [path.split("/") for path in folder.files()]
        kept = {path[1] for path in paths if path[0] == _FOLDER and len(path) > 2}
        with case.catalogue.read() as connection:
            known = set(connection.execute(sa.select(authority.c.name)).scalars())
            rows = connection.execute(sa.select(anchor).order_by(anchor.c.number)).all()
        asked = {row.authority: folder.read(request_path(row.anchor)) for row in rows}
        standings = {
            row.number: standing_of(folder, row.anchor, row.authority, row.size)
            for row in rows
            if row.state == "attested" and not row.revocation
        }
    except MunimentError:
        return  # what is wrong with anchors/ is named; the next repair comes here again
    with case.catalogue.write() as connection:
        for name in sorted(kept - known):
            connection.execute(sa.insert(authority).values(name=name, url="", hash="sha512"))
        for name, request in asked.items():
            nameless = sa.and_(authority.c.name == name, authority.c.url == "")
            connection.execute(sa.update(authority).where(nameless).values(hash=_hash_of(request)))
        for number, standing in standings.items():
            connection.execute(
                sa.update(anchor)
                .where(anchor.c.number == number)
                .values(revocation=standing.revocation)
            )


def _hash_of(request: bytes) -> str:
    from muniment.evidence.anchors.request import read_request

    return "sha256" if len(read_request(request).digest) == 32 else "sha512"
