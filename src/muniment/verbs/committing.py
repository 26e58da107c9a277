"""Acts of custody into the log, and padding before a checkpoint leaves.

A commitment is itself an act, written first: `committed` holds which acts it covers, the key and id of their
custody tree, and its root. Then the root becomes an entry of the log, and the catalogue learns which. Killed
anywhere between, the same root is brought there by whoever comes next, once. The act that notes a commitment
belongs to the next one. Padding goes the same way: the act holds the seed its random entries come from.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from struct import pack
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import custody_tables as custody
from muniment.case.acts import leaf_of
from muniment.case.journal import Noted
from muniment.errors import Older
from muniment.verbs.put_back import remember

if TYPE_CHECKING:
    from muniment.case.keys import CaseKeys
    from muniment.evidence.commitment import Tree
    from muniment.evidence.log.note import Signer
    from muniment.verbs.case import Case

# These call for no commitment of their own: each would ask for the next, without end.
IDLE = ("committed", "padded")
# These come of a checkpoint that left. They are committed with the acts of their day, and do not make another
# checkpoint out of the one that is being stamped.
OF_CHECKPOINTS = (*IDLE, "stamped", "attested", "refused", "cosigned", "disclosed")
WIDTH = 256
_KEY, _TREE_ID = 32, 16


def commit_custody(case: Case) -> list[int]:
    """Commit every act that stands in no entry of the log yet, a tree for each day; gives the new entries.

    Call it before a checkpoint leaves the case (then `pad_log`), and never within a transaction of the catalogue.
    """
    entries = finish(case)
    while case.journal.append("committed", lambda number, _: _next_day(case, number)):
        entries += finish(case)
    return entries + finish(case)  # taking our turn may have carried out what a killed process left


def commit_earlier_days(case: Case) -> None:
    """Commit, where an act of an earlier day is in no entry yet."""
    act = custody.act.c
    with case.catalogue.read() as connection:
        first = _first_open(connection)
        days = sa.select(act.day).where(act.number >= first, act.act.not_in(IDLE))
        oldest = connection.execute(days.order_by(act.number).limit(1)).scalar()
    if oldest is not None and oldest != datetime.now(UTC).date().isoformat():
        commit_custody(case)


def pad_log(case: Case) -> bytes:
    """Fill the log up to a multiple of 256, sign it, and give the checkpoint, which may then leave.

    All in one turn of the journal: another process would put an entry behind the last. Taking it may carry out an act
    `padded` that a killed process left; then no other is needed, and its entries are not in the log yet.
    """
    with case.journal.turn():
        finish(case)
        while (
            case.journal.append("padded", lambda *_: _what_is_missing(case))
            or case.log.size % WIDTH
        ):
            finish(case)
        note = case.log.publish(signer_of(case.keys))
        remember(case)
    return note


def checkpoint_to_leave(case: Case) -> bytes:
    """The checkpoint that may leave the house: open acts are committed, the log is filled up and signed."""
    act = custody.act.c
    with case.catalogue.read() as connection:
        first = _first_open(connection)
        query = sa.select(act.number).where(act.number >= first, act.act.not_in(OF_CHECKPOINTS))
        waiting = connection.execute(query.limit(1)).first()
    if waiting is not None:
        commit_custody(case)
    return pad_log(case)


def finish(case: Case) -> list[int]:
    """Bring into the log what acts say and a kill kept out of it; gives the entries. Twice does no harm.

    In the journal's turn: who holds it finds log, catalogue and checkpoint of one state.
    """
    with case.catalogue.read() as connection:
        tables = (custody.commitment, custody.padding)
        if not any(connection.execute(_unfinished(table).limit(1)).first() for table in tables):
            return []
    with case.journal.turn():
        return _finish(case)


def _finish(case: Case) -> list[int]:
    with case.catalogue.read() as connection:
        open_ones = [
            (custody.commitment, row.act, [bytes(row.root)])
            for row in connection.execute(_unfinished(custody.commitment))
        ] + [
            (custody.padding, row.act, padding(bytes(row.seed), row.entries))
            for row in connection.execute(_unfinished(custody.padding))
        ]
    made: list[int] = []
    for table, act, entries in sorted(open_ones, key=lambda one: one[1]):
        span = case.log.append(entries)
        with case.catalogue.write() as connection:
            connection.execute(
                sa.update(table).where(table.c.act == act).values(log_index=span.start)
            )
        made += [span.start] if table is custody.commitment else []
    if open_ones:
        case.log.publish(signer_of(case.keys))
        remember(case)
    return made


def _unfinished(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(table.c.log_index.is_(None)).order_by(table.c.act)


def signer_of(keys: CaseKeys) -> Signer:
    """Who signs the log of the case with these keys."""
    from muniment.evidence.log.note import Signer

    return Signer.from_private_bytes(keys.log_name, bytes.fromhex(keys.log_key))


def padding(seed: bytes, count: int) -> list[bytes]:
    """The random entries of an act `padded`: HMAC-SHA256 of u32 0, 1, … under its 32-byte seed."""
    return [hmac.digest(seed, pack(">I", number), "sha256") for number in range(count)]


def custody_tree(details: dict[str, Any], leaves: Sequence[bytes]) -> Tree:
    """The tree of a commitment, from the details of its act and the acts it covers, as they are told."""
    from muniment.evidence.layers import custody_bodies, layer_tree

    bodies = custody_bodies(bytes.fromhex(details["head"]), leaves)
    key, tree_id = bytes.fromhex(details["key"]), bytes.fromhex(details["tree"])
    return layer_tree("custody", key, tree_id, bodies)


def covered(case: Case, first: int, last: int) -> Iterator[Noted]:
    """The acts first to last, each checked against the one before. One at a time: an act may be large."""
    return islice(case.journal.chain(first), last - first + 1)


def leaves_of(case: Case, first: int, last: int) -> list[bytes]:
    """What a tree over the acts first to last holds of each. Raises Damaged."""
    return [leaf_of(noted) for noted in covered(case, first, last)]


def _first_open(connection: sa.Connection) -> int:
    last = connection.execute(sa.select(sa.func.max(custody.commitment.c.last))).scalar()
    return int(last or 0) + 1


def _next_day(case: Case, number: int) -> dict[str, Any] | None:
    """In the journal's turn: the details of act `number`, which commits the oldest day; None where none waits."""
    act = custody.act.c
    with case.catalogue.read() as connection:
        first = _first_open(connection)
        query = sa.select(act.number, act.day, act.act).where(act.number >= first)
        waiting = connection.execute(query.order_by(act.number)).all()
    if all(row.act in IDLE for row in waiting):
        return None
    last = first
    for row in waiting:
        if row.day != waiting[0].day:
            break
        last = row.number
    leaves = leaves_of(case, first, last)
    if len(leaves) != last - first + 1 or last >= number:
        raise Older(
            "The journal does not hold the acts the catalogue knows.",
            next="Restore journal/ from a custodian's copy; `muniment audit` names what is missing.",
        )
    details = {
        "first": first,
        "last": last,
        "head": case.journal.noted(first).entry["previous"],
        "key": secrets.token_hex(_KEY),
        "tree": secrets.token_hex(_TREE_ID),
    }
    return {**details, "root": custody_tree(details, leaves).root.hex()}


def _what_is_missing(case: Case) -> dict[str, Any] | None:
    """In the journal's turn: the details of an act that fills the log up, what is on its way counted too."""
    on_its_way = 0
    with case.catalogue.read() as connection:
        for row in connection.execute(_unfinished(custody.padding)):
            on_its_way += row.entries
        on_its_way += len(connection.execute(_unfinished(custody.commitment)).all())
    missing = -(case.log.size + on_its_way) % WIDTH
    return {"count": missing, "seed": secrets.token_hex(_KEY)} if missing else None


def custody_entries(case: Case) -> Iterator[bytes]:
    """The entries of the log that custody knows: roots of commitments, padding, what `sealed` acts name.

    From the journal, as far as it can be read, and from the catalogue.
    """
    with case.catalogue.read() as connection:
        for row in connection.execute(sa.select(custody.commitment.c.root)):
            yield bytes(row.root)
        for row in connection.execute(sa.select(custody.padding)):
            yield from padding(bytes(row.seed), row.entries)
