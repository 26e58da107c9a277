"""Acts about timestamps and cosignatures, as the catalogue carries them out, also after a crash or a loss.

Acts of early versions do not hold the keys of cosigners and of other logs: those are then "", until somebody gives
them again and the kept note proves them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from muniment.case.anchor_tables import anchor, authority, contradiction, seen_log, witness


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
    """A reply that did not hold; or, told by other details, another's log that told two stories."""
    details = act["details"]
    if "log" in details:
        _carry_contradiction(connection, act)
    elif "anchor" in details:
        connection.execute(
            sa.update(anchor)
            .where(anchor.c.anchor == details["anchor"])
            .values(state="failed", reason=details["reason"])
        )


def _carry_contradiction(connection: sa.Connection, act: Mapping[str, Any]) -> None:
    details = act["details"]
    shown = contradiction.c.shown == details["shown"]
    if connection.execute(sa.select(contradiction.c.number).where(shown)).first() is None:
        values = {name: details[name] for name in ("kind", "seen", "shown")}
        connection.execute(
            sa.insert(contradiction).values(**values, origin=details["log"], day=act["day"])
        )


def _carry_cosigned(connection: sa.Connection, act: Mapping[str, Any], _: object) -> None:
    """Our log by a witness, or another's by us: whichever was seen last."""
    details = act["details"]
    size, path = int(details["size"]), details["file"]
    values = {"size": size, "path": path}
    if "witness" in details:
        table, name = witness, {"name": details["witness"]}
        values |= {"time": details["time"]}
    else:
        table, name = seen_log, {"origin": details["log"]}
        values |= {"day": act["day"]}
    ((column, value),) = name.items()
    one = table.c[column] == value
    known = connection.execute(sa.select(table).where(one)).first()
    vkey = details.get("vkey") or (known.vkey if known is not None else "")
    if known is None:
        connection.execute(sa.insert(table).values(**name, **values, vkey=vkey))
    elif known.size < size:
        connection.execute(sa.update(table).where(one).values(**values, vkey=vkey))


OF_ANCHORS: dict[str, Callable[[sa.Connection, Mapping[str, Any], Any], None]] = {
    "stamped": _carry_stamped,
    "attested": _carry_attested,
    "refused": _carry_refused,
    "cosigned": _carry_cosigned,
}
