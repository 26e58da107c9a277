"""names: who and what is named, in which passages; what persons merged, split, renamed or deleted is heeded.

Counts are passages, never importance; the order is that of the alphabet. Who stands beside whom is told only for
names that are asked for together, as the passages that name them on one page.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.name_tables import mention, name
from muniment.errors import BadUse, NotFound
from muniment.finding import pinyin
from muniment.finding.folding import is_han
from muniment.names.judging import DECISIONS, PAIR, Judgement, Standing, standing
from muniment.names.mention import KINDS
from muniment.names.variants import Spelled, pairs
from muniment.verbs.carrying_judgements import judgements
from muniment.verbs.naming import key_of, waiting
from muniment.verbs.pages import passage_boxes, unpack_boxes

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

MOST_MENTIONS = 1000
"""Mentions told of a name that was asked for; `passages` counts all."""
HEAD = ("item", "name", "kind", "variants", "documents", "passages", "judgement")


class AskedNames(TypedDict, total=False):
    """Which names: of one kind, on pages with others; `everything` lists what was rejected or deleted too."""

    kind: str | None
    together: Sequence[str]
    everything: bool


@dataclass(slots=True)
class Entry:
    """Names that are one, as they stand: rows of the table `name` and the documents that mention each."""

    items: list[str]
    kind: str
    numbers: list[int] = field(default_factory=list)
    spelled: Counter[str] = field(default_factory=Counter)
    by_item: dict[str, str] = field(default_factory=dict)
    documents: set[int] = field(default_factory=set)
    passages: int = 0
    given: str = ""
    judgement: str = "proposed"

    @property
    def item(self) -> str:
        """The item by which the whole is known."""
        return self.items[0]

    @property
    def name(self) -> str:
        """What a person called it, else the spelling that stands most often."""
        most = sorted(self.spelled.items(), key=lambda one: (-one[1], one[0]))
        return self.given or (most[0][0] if most else "")


class Register:
    """All names of a case as they stand now, without those of documents that are held or withdrawn."""

    def __init__(self, case: Case) -> None:
        with case.catalogue.read() as connection:
            rows = connection.execute(_counted()).all()
            self.judgements = judgements(connection)
        self.standing: Standing = standing(self.judgements)
        self._keys = {row.item: (row.kind, row.key) for row in rows}
        self.entries = self._entries(rows)

    def _entries(self, rows: Sequence[Any]) -> list[Entry]:
        by_item: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_item[row.item].append(row)
        entries, seen = [], set()
        for item in by_item:
            if item in seen:
                continue
            group = [one for one in self.standing.group_of(item) if one in by_item]
            seen.update(group)
            entries.append(self._entry(group, by_item))
        return sorted(entries, key=lambda one: (letters(one.name), one.kind, one.item))

    def _entry(self, group: list[str], by_item: dict[str, list[Any]]) -> Entry:
        now = self.standing
        entry = Entry(group, by_item[group[0]][0].kind)
        for item in group:
            for row in by_item[item]:
                entry.spelled[flat(row.exact)] += row.passages
                entry.by_item.setdefault(item, flat(row.exact))
                entry.documents.add(row.document)
                entry.passages += row.passages
                if row.number not in entry.numbers:
                    entry.numbers.append(row.number)
            entry.given = entry.given or now.names.get(item, "")
        decided = [now.decided[item] for item in group if item in now.decided]
        entry.judgement = decided[0] if decided else "proposed"
        return entry

    def is_deleted(self, entry: Entry) -> bool:
        """Whether a person took it out of the list."""
        return all(item in self.standing.deleted for item in entry.items)

    def proposals(self, entries: Iterable[Entry]) -> dict[str, list[tuple[str, str, str, str]]]:
        """Entry to others that may be the same: (pair, other entry, rule, judgement)."""
        home = {item: entry.item for entry in entries for item in entry.items}
        spelled = [
            Spelled(item, kind, tuple(key.split(" ")))
            for item, (kind, key) in self._keys.items()
            if item in home
        ]
        found: dict[str, dict[str, tuple[str, str, str, str]]] = defaultdict(dict)
        for one, other, rule in pairs(spelled):
            a, b = home[one], home[other]
            said = self.standing.pairs.get(frozenset((one, other)), "proposed")
            if a != b:
                pair = f"{one}{PAIR}{other}"
                found[a].setdefault(b, (pair, b, rule, said))
                found[b].setdefault(a, (pair, a, rule, said))
        return {item: list(others.values()) for item, others in found.items()}

    def named(self, asked: str) -> list[Entry]:
        """The entries of an item, or of a name in whatever spelling. Raises NotFound."""
        key = key_of(asked)
        found = [
            entry
            for entry in self.entries
            if asked in entry.items
            or (entry.given and key_of(entry.given) == key)
            or any(self._keys[item][1] == key for item in entry.items)
        ]
        if not found:
            raise NotFound(
                "No such name stands in the case.", next="List them with: muniment names CASE"
            )
        return [entry for entry in found if asked in entry.items] or found

    def keys(self, items: Iterable[str]) -> list[tuple[str, str, str]]:
        """(item, kind, key) of items."""
        return [(item, *self._keys[item]) for item in items if item in self._keys]


def _counted() -> sa.Select[Any]:
    """Each spelling of each name in each document, with how often it stands there."""
    document = tables.document.c
    return (
        sa.select(
            name.c.item, name.c.kind, name.c.key, name.c.number, mention.c.exact, mention.c.document,
            sa.func.count().label("passages"),
        )
        .join(mention, mention.c.name == name.c.number)
        .join(tables.document, document.number == mention.c.document)
        .where(document.held.is_(False), document.state != "withdrawn")
        .group_by(name.c.number, mention.c.exact, mention.c.document)
        .order_by(name.c.number)
    )  # fmt: skip


def names(
    case: Case,
    asked: str | None = None,
    *,
    kind: str | None = None,
    together: Sequence[str] = (),
    everything: bool = False,
) -> Report:
    """The shape of `names`; with a name its mentions too, and with `together` the pages that name all of them.

    `everything`: what a person rejected or deleted as well. Raises NotFound, BadUse.
    """
    if kind is not None and kind not in KINDS:
        raise BadUse("There is no such kind of name.", next=f"Kinds are: {', '.join(KINDS)}.")
    register = Register(case)
    shown = [
        entry
        for entry in register.entries
        if everything or not (register.is_deleted(entry) or entry.judgement == "rejected")
    ]
    proposals = register.proposals(shown)
    by_item = {entry.item: entry for entry in register.entries}
    wanted = register.named(asked) if asked is not None else shown
    lines = [
        _line(register, entry, proposals, by_item) for entry in wanted if kind in (None, entry.kind)
    ]
    report: Report = {"names": lines, "waiting": len(waiting(case))}
    if asked is not None:
        report |= mentions_of(case, [n for entry in wanted for n in entry.numbers])
        report["history"] = history(register, wanted)
    if together:
        groups = [wanted, *(register.named(other) for other in together)]
        report["together"] = _together(case, groups)
    return report


def flat(text: str) -> str:
    """A name on one line, without what is not seen."""
    seen = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    between = "" if any(map(is_han, seen)) and not seen.isascii() else " "
    return between.join(part.strip() for part in seen.split("\n")) if "\n" in seen else seen


def letters(text: str) -> tuple[int, str, str]:
    """The place of a name in the alphabet: Latin, Cyrillic, Arabic letters, then Han by pinyin."""
    key = key_of(text)
    first = key[:1]
    if first and is_han(first):
        return 3, pinyin.spoken(key.replace(" ", "")), key
    script = 0 if first.isascii() else 1 if "\u0400" <= first <= "\u052f" else 2
    return script, key, text


def initial(text: str) -> str:
    """The letter a name is listed under; for Han the first of its pinyin."""
    script, key, _ = letters(text)
    return ("汉 " if script == 3 else "") + (key[:1].upper() or "?")


def _line(
    register: Register,
    entry: Entry,
    proposals: dict[str, list[tuple[str, str, str, str]]],
    by_item: dict[str, Entry],
) -> dict[str, Any]:
    others = [
        {"item": pair, "name": by_item[other].name, "with": other, "rule": rule, "judgement": said}
        for pair, other, rule, said in proposals.get(entry.item, ())
    ]
    return {
        "item": entry.item,
        "name": entry.name,
        "kind": entry.kind,
        "initial": initial(entry.name),
        "variants": sorted(set(entry.spelled) - {entry.name}, key=letters),
        "documents": len(entry.documents),
        "passages": entry.passages,
        "judgement": entry.judgement,
        "deleted": register.is_deleted(entry),
        "merged": [{"item": item, "name": entry.by_item[item]} for item in entry.items]
        if len(entry.items) > 1
        else [],
        "proposed": sorted(others, key=lambda one: letters(one["name"])),
    }


def mentions_of(
    case: Case, numbers: Sequence[int], *, pages: set[tuple[int, int]] | None = None
) -> Report:
    """The passages that mention names (row numbers), in the order of documents and pages, with their boxes."""
    document, page = tables.document.c, tables.page.c
    query = (
        sa.select(
            mention,
            document.document.label("identifier"),
            document.reference,
            document.path,
            page.boxes,
        )
        .join(tables.document, document.number == mention.c.document)
        .outerjoin(
            tables.page,
            sa.and_(page.document == mention.c.document, page.number == mention.c.page),
        )
        .where(mention.c.name.in_(numbers), document.held.is_(False), document.state != "withdrawn")
        .order_by(mention.c.document, mention.c.page, mention.c.start)
        .limit(MOST_MENTIONS + 1)
    )
    with case.catalogue.read() as connection:
        rows = connection.execute(query).all()
    rows = [row for row in rows if pages is None or (row.document, row.page) in pages]
    found = [_mention(row) for row in rows[:MOST_MENTIONS]]
    return {"mentions": found, "more": len(rows) > MOST_MENTIONS}


def _mention(row: Any) -> dict[str, Any]:
    boxes = [] if row.boxes is None else passage_boxes(unpack_boxes(row.boxes), row.start, row.end)
    names = ("reference", "path", "page", "exact", "start", "end", "rule")
    return {
        "document": row.identifier,
        **{field: getattr(row, field) for field in names},
        "boxes": boxes,
    }


def names_on(case: Case, document: str, page: int) -> list[tuple[int, int, str]]:
    """Where the names on a page stand: (start, end, kind); none of what a person rejected or deleted."""
    row = tables.document.c
    query = (
        sa.select(mention.c.start, mention.c.end, name.c.item, name.c.kind)
        .join(name, name.c.number == mention.c.name)
        .join(tables.document, row.number == mention.c.document)
        .where(row.document == document, mention.c.page == page)
        .order_by(mention.c.start)
    )
    with case.catalogue.read() as connection:
        found = connection.execute(query).all()
        now = standing(judgements(connection))
    return [
        (one.start, one.end, one.kind)
        for one in found
        if one.item not in now.deleted and now.decided.get(one.item) != "rejected"
    ]


def boxes_at(case: Case, document: str, page: int, start: int, end: int) -> list[list[float]]:
    """The boxes of a passage; none where the page has no boxes, or is not that long."""
    row = tables.document.c
    query = (
        sa.select(tables.page.c.boxes)
        .join(tables.document, row.number == tables.page.c.document)
        .where(row.document == document, tables.page.c.number == page)
    )
    with case.catalogue.read() as connection:
        boxes = connection.execute(query).scalar()
    return [] if boxes is None else passage_boxes(unpack_boxes(boxes), start, end)


def history(register: Register, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What persons decided of these names, oldest first; `undone` says what was taken back."""
    items = {item for entry in entries for item in entry.items}
    touched = [j for j in register.judgements if items & {one.item for one in j.items}]
    own = {j.judgement for j in touched}
    touched += [j for j in register.judgements if j.action == "undone" and j.value in own]
    from muniment.names.judging import in_force

    force = {j.judgement for j in in_force(register.judgements)}
    return [_told(j, taken_back=j.action != "undone" and j.judgement not in force) for j in touched]


def _told(judgement: Judgement, *, taken_back: bool) -> dict[str, Any]:
    fields = ("judgement", "action", "value", "why", "who", "time")
    pair = judgement.action in DECISIONS and len(judgement.items) == 2
    return {**{f: getattr(judgement, f) for f in fields}, "pair": pair, "undone": taken_back}


def _together(case: Case, groups: Sequence[Sequence[Entry]]) -> list[dict[str, Any]]:
    """The pages that name all of the names picked, with the passages there."""
    numbers = [[n for entry in group for n in entry.numbers] for group in groups]
    with case.catalogue.read() as connection:
        on = [
            {
                (row.document, row.page)
                for row in connection.execute(
                    sa.select(mention.c.document, mention.c.page)
                    .where(mention.c.name.in_(some))
                    .distinct()
                )
            }
            for some in numbers
        ]
    pages = set.intersection(*on)
    every = [number for some in numbers for number in some]
    found: list[dict[str, Any]] = mentions_of(case, every, pages=pages)["mentions"]
    return found
