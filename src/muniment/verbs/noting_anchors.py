"""Acts about timestamps, as the catalogue carries them out where a crash or a loss kept it from that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from muniment.case.anchor_tables import anchor, authority


def _carry_stamped(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    details = act["details"]
    named = authority.c.name == details["authority"]
    if connection.execute(sa.select(authority.c.name).where(named)).first() is None:
        connection.execute(
            sa.insert(authority).values(name=details["authority"], url="", hash="sha512")
        )
    known = sa.select(anchor.c.number).where(anchor.c.anchor == details["anchor"])
    if connection.execute(known).first() is None:
        values = {name: details[name] for name in ("anchor", "authority", "size")}
        connection.execute(sa.insert(anchor).values(**values, state="pending"))


def _carry_attested(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    details = act["details"]
    connection.execute(
        sa.update(anchor)
        .where(anchor.c.anchor == details["anchor"])
        .values(state="attested", reason="", time=details["time"], reply=details["file"])
    )


def _carry_refused(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    """A reply that did not hold. That another's log was refused is told by other details."""
    details = act["details"]
    if "anchor" in details:
        connection.execute(
            sa.update(anchor)
            .where(anchor.c.anchor == details["anchor"])
            .values(state="failed", reason=details["reason"])
        )


OF_ANCHORS: dict[str, Callable[[sa.Connection, Mapping[str, Any], Any], None]] = {
    "stamped": _carry_stamped,
    "attested": _carry_attested,
    "refused": _carry_refused,
}
