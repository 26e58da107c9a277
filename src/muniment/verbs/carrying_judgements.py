"""Judgements of names in the journal and in the catalogue, and the second made good from the first.

Kept as notes are (carrying_notes.py, docs/decisions/0037): the act `judged` holds a random name and a salted
commitment; what was decided of which name is enclosed with it for good. A withdrawal takes out the names that nothing
but what was withdrawn mentions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.name_tables import mention, name, name_judgement, named_document
from muniment.errors import MunimentError
from muniment.names.judging import Judgement, from_record

if TYPE_CHECKING:
    from muniment.verbs.case import Case

ACT = "judged"
_TROUBLE = (MunimentError, ValueError, KeyError, TypeError, AttributeError)


def keep(case: Case, judgement: Judgement) -> None:
    """Note a judgement for good; the catalogue has it when this returns."""
    from muniment.verbs.committing import commit_earlier_days

    items = [{"item": judgement.judgement, "root": judgement.root()}]
    case.journal.append("judged", {"items": items}, kept={"items": [judgement.record()]})
    commit_earlier_days(case)


def carry_judged(
    connection: sa.Connection, act: Mapping[str, Any], enclosure: Mapping[str, Any] | None
) -> None:
    """Bring into the catalogue what an act judges and is enclosed with it. Safe to repeat."""
    known = name_judgement.c.judgement
    for which, judgement in opened(act["details"], enclosure):
        there = connection.execute(sa.select(known).where(known == which)).first()
        if there is None and judgement is not None:
            connection.execute(sa.insert(name_judgement).values(_row(judgement, act)))
            for one in judgement.items:
                if one.key:
                    know_item(connection, one.item, one.kind, one.key)


def know_item(connection: sa.Connection, item: str, kind: str, key: str) -> None:
    """The name that a judgement was passed on has the item it was passed on, also in a catalogue made anew."""
    same = sa.and_(name.c.kind == kind, name.c.key == key)
    if connection.execute(sa.select(name.c.item).where(same)).first() is None:
        connection.execute(sa.insert(name).values(item=item, kind=kind, key=key))
    elif connection.execute(sa.select(name.c.item).where(name.c.item == item)).first() is None:
        connection.execute(sa.update(name).where(same).values(item=item))


def _row(judgement: Judgement, act: Mapping[str, Any]) -> dict[str, Any]:
    record = judgement.record()
    lists = {
        field: json.dumps(record[field], ensure_ascii=False) for field in ("items", "originals")
    }
    return {**record, **lists, "act": int(act["sequence"])}


def opened(
    details: Mapping[str, Any], enclosure: Mapping[str, Any] | None
) -> Iterator[tuple[str, Judgement | None]]:
    """Each judgement of an act, by name; None where it is not there, or not what was noted."""
    records = {} if enclosure is None else {r["judgement"]: r for r in enclosure["items"]}
    for item in details["items"]:
        try:
            found = from_record(records[item["item"]])
        except _TROUBLE:
            yield item["item"], None
            continue
        yield item["item"], found if found.gone or found.root() == item["root"] else None


def judgements(connection: sa.Connection) -> list[Judgement]:
    """All of them, in the order they were passed."""
    return [judgement for _, judgement in _rows(connection)]


def _rows(connection: sa.Connection) -> list[tuple[int, Judgement]]:
    """Act and judgement. A column cannot be called `items` on a row: that is a method of it."""
    columns = [c for c in name_judgement.c if c.name != "items"]
    query = sa.select(*columns, name_judgement.c["items"].label("items_json"))
    found = connection.execute(query.order_by(name_judgement.c.number)).all()
    return [(row.act, _from_row(row)) for row in found]


def _from_row(row: Any) -> Judgement:
    fields = ("judgement", "action", "value", "why", "who", "time", "salt", "gone")
    record = {field: getattr(row, field) for field in fields}
    record |= {"items": json.loads(row.items_json), "originals": json.loads(row.originals)}
    return from_record(record)


def forget_names(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Take the mentions of documents that are withdrawn away, with names nothing mentions any more, and what was
    judged of those, in the caller's transaction."""
    document, among = tables.document.c, set(numbers)
    rows = connection.execute(sa.select(document.number, document.document)).all()
    withdrawn = {row.document for row in rows if row.number in among}
    touched = _keys(connection, sa.select(mention.c.name).where(mention.c.document.in_(numbers)))
    connection.execute(sa.delete(mention).where(mention.c.document.in_(numbers)))
    connection.execute(sa.delete(named_document).where(named_document.c.document.in_(numbers)))
    left = _keys(connection, sa.select(mention.c.name))
    for _, judgement in _rows(connection):
        own = {(one.kind, one.key) for one in judgement.items if one.key}
        only_there = bool(judgement.originals) and set(judgement.originals) <= withdrawn
        gone = {key for key in own if key not in left and (key in touched or only_there)}
        touched |= gone
        if gone:
            _replace(connection, judgement.without(gone))
    _forget_unmentioned(connection)


def _forget_unmentioned(connection: sa.Connection) -> None:
    """Names that nothing mentions and nobody judged: what they come from may be what has to go."""
    judged = {(one.kind, one.key) for _, j in _rows(connection) for one in j.items if one.key}
    mentioned = sa.select(mention.c.name)
    rows = connection.execute(sa.select(name).where(name.c.number.not_in(mentioned))).all()
    gone = [row.number for row in rows if (row.kind, row.key) not in judged]
    for start in range(0, len(gone), 500):
        some = gone[start : start + 500]
        connection.execute(sa.delete(name).where(name.c.number.in_(some)))


def _keys(connection: sa.Connection, which: sa.Select[Any]) -> set[tuple[str, str]]:
    query = sa.select(name.c.kind, name.c.key).where(name.c.number.in_(which))
    return {(row.kind, row.key) for row in connection.execute(query)}


def _replace(connection: sa.Connection, judgement: Judgement) -> None:
    row = _row(judgement, {"sequence": 0})
    del row["act"]
    connection.execute(
        sa.update(name_judgement)
        .where(name_judgement.c.judgement == judgement.judgement)
        .values(row)
    )


def take_out_of_journal(case: Case) -> None:
    """Take out of what is enclosed what a withdrawal took out of the catalogue; safe to repeat."""
    with case.journal.turn():
        with case.catalogue.read() as connection:
            gone = {j.judgement: (act, j) for act, j in _rows(connection) if j.gone}
        for number in sorted({act for act, _ in gone.values()}):
            kept = case.journal.enclosure(number)
            items = [] if kept is None else kept["items"]
            left = [
                gone[item["judgement"]][1].record() if item["judgement"] in gone else item
                for item in items
            ]
            if left != items:
                case.journal.keep_instead(number, {"items": left})


def enclose_again(case: Case) -> int:
    """Enclose what the catalogue has and the journal has lost (after a restoration); returns how many acts."""
    with case.catalogue.read() as connection:
        acts = _acts(connection)
        known = {judgement.judgement: judgement for judgement in judgements(connection)}
    again = 0
    for number, details in acts:
        have = [known[item["item"]] for item in details["items"] if item["item"] in known]
        if have and _lacking(case, number, details):
            case.journal.keep_instead(number, {"items": [one.record() for one in have]})
            again += 1
    return again


def _lacking(case: Case, number: int, details: Mapping[str, Any]) -> bool:
    try:
        return any(one is None for _, one in opened(details, case.journal.enclosure(number)))
    except _TROUBLE:
        return True


def judgements_lost(case: Case) -> int:
    """How many judgements acts speak of and nobody has any more."""
    with case.catalogue.read() as connection:
        known = {judgement.judgement for judgement in judgements(connection)}
        acts = _acts(connection)
    return sum(item["item"] not in known for _, details in acts for item in details["items"])


def judged_acts(connection: sa.Connection) -> set[int]:
    """The numbers of the acts that judge names."""
    return {number for number, _ in _acts(connection)}


def _acts(connection: sa.Connection) -> list[tuple[int, Any]]:
    act = custody.act.c
    rows = connection.execute(sa.select(act.number, act.details).where(act.act == ACT)).all()
    return [(row.number, json.loads(row.details)) for row in rows]


def kept_judgements(case: Case) -> Iterator[tuple[str, str]]:
    """For `audit`: what is enclosed with each act, and the catalogue's rows, against what the act commits to."""
    with case.catalogue.read() as connection:
        acts = _acts(connection)
        known = {judgement.judgement: judgement for judgement in judgements(connection)}
    for number, details in acts:
        path = case.journal.kept_path(number)
        if _lacking(case, number, details):
            yield "damaged" if path.exists() else "missing", f"journal/{path.name}"
        rows = [(known.get(item["item"]), item["root"]) for item in details["items"]]
        if any(row is not None and not row.gone and row.root() != root for row, root in rows):
            yield "damaged", "catalogue.db"
