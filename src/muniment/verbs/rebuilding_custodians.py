"""Custodians whom the catalogue has forgotten: they come again from the journal, and from the copies at hand.

Who holds a copy must be known, or a withdrawal would not be brought there. An act says who it was and under which
law, never where: of a copy that is not at hand the place stays unknown until somebody names it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.case.journal import read_act
from muniment.errors import MunimentError
from muniment.evidence.custodians.description import read_description
from muniment.evidence.custodians.place import is_copy
from muniment.verbs import custodians

if TYPE_CHECKING:
    from muniment.verbs.case import Case


def custodians_again(case: Case, places: Sequence[Path]) -> None:
    """Know who holds the copies in these places, and whoever else was copied to."""
    acts = _acts(case)
    for place in places:
        know_copy(case, place, acts)
    known = {row.name for row in custodians.all_custodians(case)}
    for act in acts:
        details = act["details"]
        name = _copied_to(act)
        if name and name not in known:
            known.add(name)
            law = str(details.get("jurisdiction", ""))
            custodians.keep_custodian(
                case, name, kind=custodians.FOLDER, location="", jurisdiction=law
            )
    _audits_again(case, acts)


def know_copy(case: Case, place: Path, acts: Sequence[dict[str, Any]] | None = None) -> bool:
    """Know the custodian whose copy lies in a place, by the act of its making; False where no act tells."""
    known = custodians.find_custodian(case, place)
    if known is not None:
        return True
    try:
        described = read_description(place)
        head = case.journal.noted(described.acts).digest
    except MunimentError:
        return False
    theirs = read_act(place / "journal" / f"{described.acts:08d}.age", case.keys.identity)
    if theirs is None or hashlib.sha256(theirs).hexdigest() != head:
        return False
    made = [act for act in (acts or _acts(case))[: described.acts] if _copied_to(act)]
    if not made:
        return False
    name, details = _copied_to(made[-1]), made[-1]["details"]
    other = custodians.find_custodian(case, name)
    if other is not None and is_copy(other.location):
        return False  # this one is a copy of that custodian's copy
    law = {} if "jurisdiction" not in details else {"jurisdiction": str(details["jurisdiction"])}
    custodians.keep_custodian(
        case,
        name,
        kind=custodians.FOLDER,
        location=os.path.realpath(place),
        **law,
        log_size=described.log_size,
        log_root=described.log_root,
        acts=described.acts,
        head=head,
        description=custodians.description_digest(place),
        copied=made[-1]["day"],
        outcome="",
    )
    return True


def _acts(case: Case) -> list[dict[str, Any]]:
    """Every act up to where the journal breaks."""
    acts: list[dict[str, Any]] = []
    try:
        acts.extend(case.journal.acts())
    except MunimentError:
        return acts
    return acts


def _copied_to(act: dict[str, Any]) -> str:
    """Whom an act says a copy was made at, or brought right; "" for any other act."""
    if act["act"] not in ("copied", "repaired"):
        return ""
    return str(act["details"].get("custodian", ""))


def _audits_again(case: Case, acts: Sequence[dict[str, Any]]) -> None:
    """When each was last audited, where that is not known, and what was found then."""
    unaudited = {row.name for row in custodians.all_custodians(case) if not row.audited}
    last = {
        str(act["details"]["custodian"]): act
        for act in acts
        if act["act"] == "audited" and "custodian" in act["details"]
    }
    for name in unaudited & last.keys():
        outcome = str(last[name]["details"].get("outcome", ""))
        custodians.keep_custodian(case, name, audited=last[name]["day"], outcome=outcome)
