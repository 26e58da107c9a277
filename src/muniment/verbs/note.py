"""note: what a person says of a passage or a document: notes, tags, stars, translations, that it was seen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import notes
from muniment.case.notes import Revision
from muniment.errors import BadUse, NotFound, Refused
from muniment.verbs.carrying_notes import keep
from muniment.verbs.documents import row_of
from muniment.verbs.hold import shuffle
from muniment.verbs.pages import page_text
from muniment.verbs.remarks import revisions, revisions_of, told

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

Kind = Literal["note", "tag", "star", "seen", "translation"]
_ONCE = ("tag", "star", "seen")
"""What is said of one thing once: saying it again changes nothing."""
WHO = "MUNIMENT_WHO"
"""The variable that says who works here; without it everybody is `local`."""


class Said(TypedDict, total=False):
    """What is said, of what, by whom. `passage` are words of `page`; `start` says which, where they stand twice."""

    value: str
    page: int | None
    passage: str
    start: int
    language: str
    by: str


def listed(case: Case, document: str | None = None, *, deleted: bool = False) -> Report:
    """Every note of the case, or of a document; `deleted` ones too where asked.

    What was said of documents that are held is told only of a document that is named; `held` counts it.
    """
    if document is not None:
        found = revisions(case, reference=row_of(case, document).reference)
        return {"note": None, "notes": told(case, found.values(), deleted=deleted), "held": 0}
    every = revisions(case).values()
    held = _held(case)
    shown = [one for one in every if one[0].reference not in held]
    lines = told(case, shown, deleted=deleted)
    return {"note": None, "notes": lines, "held": len(every) - len(shown)}


def _held(case: Case) -> set[str]:
    """The references of documents that are held."""
    document = tables.document.c
    with case.catalogue.read() as connection:
        return set(connection.execute(sa.select(document.reference).where(document.held)).scalars())


def add(case: Case, document: str, kind: Kind, said: Said) -> Report:
    """Say something of a document, a page of it, or a passage on that page. Raises NotFound, BadUse, Refused."""
    row = row_of(case, document)
    target = _target(case, row, said)
    value = said.get("value", "")
    value = notes.tag_of(value) if kind == "tag" else notes.whole(value)
    one = notes.fresh(
        kind=kind,
        value=value,
        language=said.get("language", ""),
        who=who_of(said.get("by", "")),
        **target,
    )
    known = _said_before(case, one) if kind in _ONCE else None
    if known is None:
        _keep(case, [one])
    return _report(case, (known or one).note)


def change(case: Case, note: str, said: Said) -> Report:
    """Say it otherwise; what stood before stays in its history. Settles a conflict. Raises NotFound, BadUse."""
    heads = notes.heads_of(revisions_of(case, note))
    if heads[0].kind in ("star", "seen"):
        raise BadUse("There is nothing in it to change.", next="Delete it instead.")
    value = said.get("value", "")
    value = notes.tag_of(value) if heads[0].kind == "tag" else notes.whole(value)
    language = said.get("language", "") or heads[0].language
    who = who_of(said.get("by", ""))
    _keep(case, [notes.following(heads, value=value, language=language, who=who)])
    return _report(case, heads[0].note)


def delete(case: Case, note: str, *, by: str = "") -> Report:
    """Take it back: it is shown and found no more, and stays in the history. Raises NotFound."""
    heads = notes.heads_of(revisions_of(case, note))
    if not all(head.deleted for head in heads):
        _keep(case, [notes.following(heads, deleted=True, who=who_of(by))])
    return _report(case, heads[0].note)


def who_of(by: str) -> str:
    """Who says it: the name given, else that of the environment, else `local`. Raises BadUse."""
    return notes.name_of_a_person(by or os.environ.get(WHO, "") or "local")


def _keep(case: Case, said: Sequence[Revision]) -> None:
    keep_revisions(case, said)
    shuffle(case)


def keep_revisions(case: Case, said: Sequence[Revision]) -> None:
    """Note revisions, unless their document was withdrawn meanwhile. Raises Refused."""
    document = tables.document.c

    def allowed(some: Sequence[Revision]) -> None:
        originals = {one.original for one in some}
        with case.catalogue.read() as connection:
            query = sa.select(document.document).where(document.state == "withdrawn")
            if originals.intersection(connection.execute(query).scalars()):
                raise withdrawn()

    keep(case, said, allowed)


def withdrawn() -> Refused:
    """What is said where there is nothing left to say anything of."""
    return Refused(
        "The document is withdrawn: nothing can be noted of it any more.",
        next="See why with: muniment show CASE DOCUMENT",
    )


def _target(case: Case, row: Any, said: Said) -> dict[str, Any]:
    """What it is said of, as a revision keeps it."""
    if row.state == "withdrawn":
        raise withdrawn()
    page, words = said.get("page") or 0, said.get("passage", "")
    top = row_of(case, row.reference.partition(".")[0])
    target = {"original": top.document, "reference": row.reference, "page": page}
    if page and not 1 <= page <= (row.pages or 0):
        raise NotFound(
            f"The document has no page {page}.",
            next=f"Pages run from 1 to {row.pages}." if row.pages else "It has none.",
            document=row.document,
        )
    if not words.strip():
        return target
    return {**target, **_passage(case, row, page, words, said.get("start", 0))}


def _passage(case: Case, row: Any, page: int, words: str, near: int) -> dict[str, Any]:
    """The place of words on a page, or on the first page that has them."""
    from muniment.finding.locating import find_words, quote

    for number in [page] if page else range(1, (row.pages or 0) + 1):
        text = page_text(case, row.number, number)
        span = find_words(text, words, near)
        if span is not None:
            found = quote(text, *span)
            return {
                "page": number,
                **{name: getattr(found, name) for name in found.__slots__},
            }
    where = f"on page {page}" if page else "in the document"
    raise NotFound(
        f"Those words do not stand {where}.",
        next="Give them as they stand there (muniment show CASE DOCUMENT --text), or leave the passage away.",
        document=row.document,
    )


def _said_before(case: Case, one: Revision) -> Revision | None:
    """The same person's same mark on the same thing, where it stands."""
    for every in revisions(case, reference=one.reference).values():
        head = notes.heads_of(every)[0]
        same = (head.kind, head.value.lower(), head.who) == (one.kind, one.value.lower(), one.who)
        place = (head.page, head.start, head.end) == (one.page, one.start, one.end)
        if same and place and not head.deleted:
            return head
    return None


def _report(case: Case, note: str) -> Report:
    every = revisions_of(case, note)
    return {"note": note, "notes": told(case, [every], deleted=True)}
