"""After a withdrawal: copies within reach are brought up to the case, so that what was withdrawn is gone there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.errors import MunimentError

if TYPE_CHECKING:
    from muniment.verbs.case import Case


def bring_to_custodians(case: Case, objects: Sequence[str]) -> list[str]:
    """The names of custodians that have not confirmed that these objects are there as they are here.

    Those within reach are copied to. Who is not reached stays pending until `copy` or another call reaches them.
    """
    from muniment.verbs import custodians

    if not objects:
        return []
    return [
        str(row.name)
        for row in custodians.all_custodians(case)
        if not _holds(case, row, objects) and not _brought(case, row, objects)
    ]


def _holds(case: Case, row: Any, objects: Sequence[str]) -> bool:
    """Whether a copy is later than the last withdrawal and has the objects as they are here."""
    from muniment.evidence.custodians.description import read_description
    from muniment.evidence.custodians.objects import inventory_digest
    from muniment.evidence.vault import Vault

    if not row.location:
        return False
    place = Path(row.location)
    try:
        described = read_description(place)
        if described.coming is not None or described.acts < _last_withdrawal(case):
            return False
        theirs = Vault(place / "vault")
        return all(
            described.objects.get(name)
            == inventory_digest(name, theirs.contents(name))
            == inventory_digest(name, case.vault.contents(name))
            for name in objects
        )
    except (MunimentError, OSError):
        return False


def _last_withdrawal(case: Case) -> int:
    return max(
        (int(act["sequence"]) for act in case.journal.acts() if act["act"] == "withdrawn"),
        default=0,
    )


def _brought(case: Case, row: Any, objects: Sequence[str]) -> bool:
    from muniment.verbs.copy import copy_again

    try:
        copy_again(case, row)
    except (MunimentError, OSError):
        return False
    return _holds(case, row, objects)
