"""judge: a person decides on what was proposed; for names also what is one, what it is called, and what goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.name_tables import mention
from muniment.errors import BadUse, NotFound
from muniment.names.judging import DECISIONS, PAIR, Named, fresh
from muniment.verbs.carrying_judgements import keep
from muniment.verbs.hold import shuffle
from muniment.verbs.names import Entry, Register, history, names
from muniment.verbs.note import who_of

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

CHANGES = ("merge", "split", "rename", "delete", "undo")
_ACTION = {"merge": "merged", "split": "split", "rename": "renamed", "delete": "deleted"}
_LONGEST = 200


def judge(case: Case, item: str, judgement: str, *, why: str = "", by: str = "") -> Report:
    """The shape of `judge`. `item` is a name's, or two with a full stop between: whether they are one.

    Raises BadUse, NotFound.
    """
    if judgement not in DECISIONS:
        raise BadUse("That is no judgement.", next=f"Judgements are: {', '.join(DECISIONS)}.")
    register = Register(case)
    items = item.split(PAIR)
    known = {one for entry in register.entries for one in entry.items}
    if len(items) > 2 or not known.issuperset(items) or len(set(items)) != len(items):
        raise NotFound(
            "Nothing that can be judged has that identifier.",
            next="`muniment names CASE --json` lists items.",
        )
    if len(items) == 1:
        items = next(entry.items for entry in register.entries if item in entry.items)
    _keep(case, register, judgement, items, why=why, by=by)
    return {"item": item, "judgement": judgement}


def change(
    case: Case, what: str, asked: Sequence[str], *, value: str = "", why: str = "", by: str = ""
) -> Report:
    """Merge names into the first, split one off, rename or delete one, or undo the last of it; the shape of `names`.

    `asked` are items or names. `undo` takes back the latest decision on a name, or the one of that identifier.
    Raises BadUse, NotFound.
    """
    register = Register(case)
    if what not in CHANGES:
        raise BadUse("That is not done with names.", next=f"There are: {', '.join(CHANGES)}.")
    if what == "undo":
        return _undo(case, register, asked, by=by)
    entries = [_one(register, one) for one in asked]
    if not entries or (what == "merge") != (len({entry.item for entry in entries}) > 1):
        raise BadUse(
            "Merging takes two names or more, anything else one.",
            next="muniment names CASE merge INTO OTHER · muniment names CASE rename NAME NEW",
        )
    if what == "rename" and not 0 < len(value.strip()) <= _LONGEST:
        raise BadUse("There is no new name, or too long a one.", next="Give it after the old one.")
    items = _touched(register, what, asked, entries)
    words = {"value": value.strip()} if what == "rename" else {}
    _keep(case, register, _ACTION[what], items, why=why, by=by, **words)
    return names(case, items[0], everything=True)


def _one(register: Register, asked: str) -> Entry:
    """The entry that is meant. Raises BadUse where two kinds bear one name."""
    found = register.named(asked)
    if len(found) > 1:
        kinds = " and ".join(f"{entry.kind} {entry.item}" for entry in found)
        raise BadUse(f"There is more than one: {kinds}.", next="Name the one you mean by its item.")
    return found[0]


def _touched(
    register: Register, what: str, asked: Sequence[str], entries: Sequence[Entry]
) -> list[str]:
    """The items a change is passed on: of a merge the first of each, of a split the one that is taken out first."""
    if what == "merge":
        return list(dict.fromkeys(entry.item for entry in entries))
    if what == "split":
        return _split_off(register, asked[0], entries[0])
    return entries[0].items


def _split_off(register: Register, asked: str, entry: Entry) -> list[str]:
    if len(entry.items) < 2:
        raise BadUse("It is one name only.", next="Nothing was merged with it.")
    from muniment.verbs.naming import key_of

    by_key = {key: item for item, _, key in register.keys(entry.items)}
    out = asked if asked in entry.items else by_key.get(key_of(asked), entry.item)
    return [out, *(item for item in entry.items if item != out)]


def _undo(case: Case, register: Register, asked: Sequence[str], *, by: str) -> Report:
    if len(asked) != 1:
        raise BadUse(
            "What is to be undone?", next="Name the name, or the decision by its identifier."
        )
    decided = next((j for j in register.judgements if j.judgement == asked[0]), None)
    if decided is None:
        entry = _one(register, asked[0])
        told = [one for one in history(register, [entry]) if one["action"] != "undone"]
        last = next((one["judgement"] for one in reversed(told) if not one["undone"]), None)
        decided = next((j for j in register.judgements if j.judgement == last), None)
    if decided is None:
        raise BadUse("Nobody decided anything of it.", next="There is nothing to undo.")
    items = [one.item for one in decided.items]
    _keep(case, register, "undone", items, value=decided.judgement, by=by)
    return names(case, items[0], everything=True)


def _keep(
    case: Case,
    register: Register,
    action: str,
    items: Sequence[str],
    *,
    value: str = "",
    why: str = "",
    by: str = "",
) -> None:
    keys = {item: (kind, key) for item, kind, key in register.keys(items)}
    named = [Named(item, *keys.get(item, ("", ""))) for item in items]
    numbers = [
        n for entry in register.entries if set(entry.items) & set(items) for n in entry.numbers
    ]
    query = (
        sa.select(tables.document.c.reference)
        .join(mention, mention.c.document == tables.document.c.number)
        .where(mention.c.name.in_(numbers))
        .distinct()
    )
    with case.catalogue.read() as connection:
        tops = {ref.partition(".")[0] for ref in connection.execute(query).scalars()}
        rows = connection.execute(
            sa.select(tables.document.c.document).where(tables.document.c.reference.in_(tops))
        )
        originals = sorted(rows.scalars())
    said = {"value": value, "why": why[:_LONGEST], "who": who_of(by)}
    keep(case, fresh(action, named, originals=originals, **said))
    shuffle(case)
