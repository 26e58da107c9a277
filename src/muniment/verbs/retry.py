"""retry: what was not read, or not wholly, is tried again: with passwords, another reader or higher limits.

Passwords live in this process and in those it starts, and are written nowhere. Each document is one small task: what
comes of it takes the place of what was there only where it is no worse, in one transaction. Cut off, the same
command goes on: what was opened stays open, what was found in it waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.acts import details_of
from muniment.errors import BadUse
from muniment.reading import second_reader
from muniment.reading.limits import OWN, SECOND_OCR, Means, means
from muniment.verbs.add import extraction_of, note_extraction, one_at_a_time, read_waiting
from muniment.verbs.committing import commit_custody
from muniment.verbs.documents import family_of, row_of
from muniment.verbs.indexing import searchable
from muniment.verbs.put_back import catch_up
from muniment.verbs.retrying import Again, recognise_again
from muniment.verbs.sealing import finish_sealing

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch

TRIED = ("encrypted", "failed", "unsupported", "over-limit", "partly-extracted")
MOST_PASSWORDS = 10_000
_LONGEST = 1_000
_TOGETHER = 500


def retry(
    case: Case,
    document: str | None = None,
    *,
    passwords: Sequence[str] = (),
    reader: str = OWN,
    limits: Mapping[str, int] | None = None,
    watch: Watch | None = None,
) -> Report:
    """Try again all that was not wholly read, or one document and what is in it; returns the shape of `retry`.

    `reader` reads what was chosen, not what comes out of it; `limits` hold for both. Raises NotFound where there is
    no such document, BadUse where it was withdrawn, the list is too long, or there is no such reader or limit.
    """
    _check(passwords)
    asked = means(reader, limits)
    second = reader == SECOND_OCR
    if second:
        _need_second_ocr()
    with one_at_a_time(case):
        catch_up(case)
        finish_sealing(case)
        chosen = _Chosen(_in_chinese(case, document), []) if second else _chosen(case, document)
        before = _standing(case, chosen.tried)
        case.journal.append("retried", _told(before, asked, given=bool(passwords)))
        case.passwords, case.means = tuple(passwords), asked
        try:
            index = searchable(case, watch, own=True)
            again = Again(case, index, watch)
            again.choose(chosen.read)
            again.run()
            recognise_again(case, chosen.tried, wordless=document is not None, chinese=second)
            read_waiting(case, watch, index)
        finally:
            case.passwords, case.means = (), Means()
        for accession in _told_otherwise(case):
            note_extraction(case, accession)
        commit_custody(case)
    return _report(case, before, again.said)


def _told(before: Mapping[int, Any], asked: Means, *, given: bool) -> dict[str, Any]:
    """The act: how many are tried, how they stood until now, and by which means."""
    told: dict[str, Any] = {"documents": len(before), "passwords": "given" if given else "none"}
    told["states"] = dict(sorted(Counter(row.state for row in before.values()).items()))
    if asked.reader:
        told["reader"] = asked.reader
    if asked.raised:
        told["limits"] = dict(sorted(asked.raised.items()))
    return told


def passwords_of(content: bytes) -> list[str]:
    """The passwords in a list, one a line in UTF-8; none twice. Raises BadUse."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadUse(
            "The list of passwords is not UTF-8.",
            next="Save it as UTF-8 text, one password a line.",
        ) from None
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    found = list(dict.fromkeys(line for line in lines if line))
    _check(found)
    return found


def _check(passwords: Sequence[str]) -> None:
    if len(passwords) > MOST_PASSWORDS or any(len(one) > _LONGEST for one in passwords):
        raise BadUse(
            f"A list holds at most {MOST_PASSWORDS} passwords of {_LONGEST} characters.",
            next="Give the likeliest, in several lists if need be.",
        )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Row numbers: of what is tried, and of what is read for it (its container, where it has no bytes yet)."""

    tried: list[int]
    read: list[int]


def _chosen(case: Case, name: str | None) -> _Chosen:
    document, original = tables.document.c, tables.original.c
    columns = (document.number, document.parent, document.content, document.state)
    in_vault = sa.exists().where(original.number == document.number, original.batch.is_not(None))
    query = sa.select(*columns).where(sa.or_(document.parent.is_not(None), in_vault))
    if name is None:
        query = query.where(document.state.in_(TRIED))
    else:
        row = row_of(case, name)
        if row.state == "withdrawn":
            raise BadUse(
                "This document was withdrawn: nothing of it is left to be read.",
                next="See: muniment documents CASE",
            )
        inside = set(family_of(case, row.number))
        query = query.where(sa.or_(document.number == row.number, document.state.in_(TRIED)))
    with case.catalogue.read() as connection:
        rows = connection.execute(query.order_by(document.number)).all()
    if name is not None:
        rows = [row for row in rows if row.number in inside]
    lacking = {row.parent for row in rows if row.parent is not None and row.content is None}
    with_bytes = {row.number for row in rows if row.parent is None or row.content is not None}
    return _Chosen([row.number for row in rows], sorted(with_bytes | lacking))


def _need_second_ocr() -> None:
    if not second_reader.installed():
        raise BadUse(
            "RapidOCR is not installed.",
            next="Install it (make setup-rapidocr, or pip install muniment[rapidocr]), then run this again.",
        )


def _in_chinese(case: Case, name: str | None) -> list[int]:
    """Documents with pages that OCR read as Chinese: all of them, or those in one document."""
    page = tables.page.c
    query = sa.select(page.document).where(page.source.startswith("ocr chi")).distinct()
    with case.catalogue.read() as connection:
        there = sorted(connection.execute(query).scalars())
    if name is None:
        return there
    inside = set(family_of(case, row_of(case, name).number))
    return [number for number in there if number in inside]


def _standing(case: Case, numbers: Sequence[int]) -> dict[int, Any]:
    """How these documents stand, by row number."""
    document = tables.document
    columns = (
        document.c.number, document.c.document, document.c.reference, document.c.path,
        document.c.state, document.c.reason, document.c.pages,
    )  # fmt: skip
    part = document.alias("part")
    parts = (
        sa.select(sa.func.count())
        .where(part.c.parent == document.c.number)
        .correlate(document)
        .scalar_subquery()
    )
    found: dict[int, Any] = {}
    with case.catalogue.read() as connection:
        for some in _few(numbers):
            query = sa.select(*columns, parts.label("parts")).where(document.c.number.in_(some))
            found |= {row.number: row for row in connection.execute(query)}
    return found


def _few(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[at : at + _TOGETHER] for at in range(0, len(numbers), _TOGETHER))


def _told_otherwise(case: Case) -> list[int]:
    """Accessions of which the last act says something else than what is: also where a kill came before it."""
    act, accession = custody.act.c, tables.accession.c
    with case.catalogue.read() as connection:
        query = sa.select(act.details).where(act.act == "extracted").order_by(act.number)
        told = [details_of(row.details) for row in connection.execute(query)]
        done = connection.execute(
            sa.select(accession.number, accession.accession).where(accession.stage == "done")
        ).all()
    last = {details.get("accession"): details for details in told}
    return [
        row.number for row in done if last.get(row.accession) != extraction_of(case, row.number)
    ]


def _report(case: Case, before: dict[int, Any], said: dict[int, str]) -> Report:
    """What became of each; `said` is what a reader answered that changed nothing."""
    states: dict[str, int] = {}
    lines = []
    found = 0
    for number, now in sorted(_standing(case, list(before)).items()):
        was = before[number]
        states[now.state] = states.get(now.state, 0) + 1
        found += max(0, now.parts - was.parts)
        changed = (was.state, was.reason, was.pages, was.parts) != (
            now.state, now.reason, now.pages, now.parts,
        )  # fmt: skip
        lines.append(
            {
                "document": now.document,
                "reference": now.reference,
                "path": now.path,
                "before": was.state,
                "state": now.state,
                "reason": now.reason if changed else said.get(number) or now.reason,
                "changed": changed,
                "pages": now.pages or 0,
                "parts": now.parts,
            }
        )
    altered = sum(bool(line["changed"]) for line in lines)
    return {
        "tried": len(lines),
        "changed": altered,
        "found": found,
        "states": states,
        "documents": lines,
    }
