"""What persons decided of names, and how names stand by it.

A judgement is a record that never changes: who decided what of which names, when. How names stand follows from all of
them in their order; `undone` takes one back, and can be undone itself. Nothing is merged but by a judgement.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from muniment.case.canonical import canonical
from muniment.case.folder import random_name

DECISIONS = ("accepted", "rejected", "unsure")
ACTIONS = (*DECISIONS, "merged", "split", "renamed", "deleted", "undone")
PAIR = "."
"""Stands between two items that may be one: `a.b` is judged like an item."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name as a judgement keeps it: its item, its kind, and its spelling, folded ("" where that had to go)."""

    item: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision. `originals` named the items when it was taken: when all are withdrawn, its words go too."""

    judgement: str
    action: str
    items: tuple[Named, ...]
    value: str = ""
    why: str = ""
    who: str = "local"
    time: str = ""
    originals: tuple[str, ...] = ()
    salt: str = ""
    gone: bool = False

    def record(self) -> dict[str, Any]:
        """As the journal encloses it."""
        found = asdict(self)
        return {
            **found,
            "items": [asdict(one) for one in self.items],
            "originals": list(self.originals),
        }

    def root(self) -> str:
        """Its salted commitment, which stands in the act for ever (hexadecimal)."""
        return hashlib.sha256(canonical(self.record())).hexdigest()

    def without(self, keys: Iterable[tuple[str, str]]) -> Judgement:
        """The same without these names (kind, key) and what was said of them."""
        gone = set(keys)
        items = tuple(
            Named(one.item, "", "") if (one.kind, one.key) in gone else one for one in self.items
        )
        words = any(one.key for one in items) and items[:1] == self.items[:1]
        return Judgement(
            self.judgement,
            self.action,
            items,
            self.value if words else "",
            self.why if words else "",
            self.who,
            self.time,
            (),
            self.salt,
            True,
        )


def fresh(
    action: str, items: Sequence[Named], *, originals: Sequence[str], **said: str
) -> Judgement:
    """A judgement of now."""
    return Judgement(
        random_name(10),
        action,
        tuple(items),
        said.get("value", ""),
        said.get("why", ""),
        said.get("who", "local"),
        time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        originals=tuple(originals),
        salt=secrets.token_hex(16),
    )


def from_record(record: dict[str, Any]) -> Judgement:
    """A judgement as it is enclosed. Raises KeyError, TypeError or ValueError where it is none."""
    items = tuple(Named(str(i["item"]), str(i["kind"]), str(i["key"])) for i in record["items"])
    names = ("judgement", "action", "value", "why", "who", "time", "salt")
    if record["action"] not in ACTIONS:
        raise ValueError(record["action"])
    return Judgement(
        **{name: str(record[name]) for name in names},
        items=items,
        originals=tuple(map(str, record["originals"])),
        gone=record["gone"] is True,
    )


@dataclass(slots=True)
class Standing:
    """How names stand after all judgements: which are one, what they are called, what was decided."""

    names: dict[str, str] = field(default_factory=dict)
    decided: dict[str, str] = field(default_factory=dict)
    pairs: dict[frozenset[str], str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    links: set[frozenset[str]] = field(default_factory=set)
    leaders: dict[str, int] = field(default_factory=dict)

    def group_of(self, item: str) -> list[str]:
        """The items that are one with this one, itself among them; the one that others were merged into first."""
        seen, left = {item}, [item]
        while left:
            at = left.pop()
            for link in self.links:
                if at in link:
                    (other,) = link - {at}
                    if other not in seen:
                        seen.add(other)
                        left.append(other)
        return sorted(seen, key=lambda one: (-self.leaders.get(one, 0), one))


def in_force(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Those that nobody took back, in their order."""
    back: set[str] = set()
    for one in reversed(judgements):
        if one.action == "undone" and one.judgement not in back:
            back.add(one.value)
    return [one for one in judgements if one.judgement not in back and one.action != "undone"]


def standing(judgements: Sequence[Judgement]) -> Standing:
    """How names stand."""
    now = Standing()
    for number, one in enumerate(in_force(judgements), 1):
        _take(now, one, number)
    return now


def _take(now: Standing, one: Judgement, number: int) -> None:
    items = [named.item for named in one.items]
    pair = frozenset(items)
    if one.action in DECISIONS and len(pair) == 2:
        now.pairs[pair] = one.action
        now.links.discard(pair)
        if one.action == "accepted":
            now.links.add(pair)
    elif one.action in DECISIONS:
        now.decided.update(dict.fromkeys(items, one.action))
        now.deleted.difference_update(items)
    elif one.action == "merged":
        now.links.update(frozenset((items[0], other)) for other in items[1:] if other != items[0])
        now.leaders[items[0]] = number
    elif one.action == "split":
        now.links = {link for link in now.links if items[0] not in link}
    elif one.action == "renamed":
        now.names.update(dict.fromkeys(items, one.value))
    elif one.action == "deleted":
        now.deleted.update(items)
