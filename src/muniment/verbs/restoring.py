"""new --from: a case restored from a custodian's copy and the passphrase, or the printed recovery identity."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.case.folder import Folder, check_new, describe, locate, printable
from muniment.case.keys import open_keys
from muniment.case.writing import write_whole
from muniment.errors import MunimentError, Older, Refused
from muniment.verbs import custodians
from muniment.verbs.put_back import seen_newer
from muniment.verbs.rebuilding_custodians import know_copy
from muniment.verbs.repair import mend

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch

_RESTORING = "restoring"


def restore(
    name: str | os.PathLike[str],
    custodian: str | os.PathLike[str],
    passphrase: str,
    *,
    watch: Watch | None = None,
) -> tuple[Case, Report]:
    """Make the case again from one copy; returns it open, with the shape of `repair`. Interrupted, it goes on.

    Every byte is compared with what was sealed; what the copy has lost is named, and the rest is restored.
    Raises NotFound, BadUse, Refused, NoKey, Damaged where the copy's keys cannot be read.
    """
    from muniment.evidence.custodians.place import find_copy
    from muniment.verbs.case import Case

    place = find_copy(custodian)
    identifier = _identifier(place)
    keys = open_keys(Folder(place, identifier), passphrase)
    root = _begin(name, identifier)
    folder = Folder(root.absolute(), identifier)
    report = mend(root, [place], keys=keys, restoring=identifier, watch=watch)
    describe(folder)
    (root / _RESTORING).unlink()
    case = Case(folder, keys)
    _refuse_older(case)
    _know(case, place)
    return case, report


def _refuse_older(case: Case) -> None:
    """All is in its place; but where this account has seen more of the case, a person has to say that it is lost."""
    behind = seen_newer(case)
    if behind is not None:
        name = printable(case.root)
        raise Older(
            f"{name} is restored as far as this copy goes, and that is not the newest. {behind.message}",
            next="Restore from a newer copy under another name. Or, if what came later is lost for good: "
            f"muniment custody {name} --accept-older",
        )


def _identifier(place: Path) -> str:
    from muniment.evidence.custodians.mending import Mending, Source
    from muniment.verbs.mending_keys import identifier_of

    source = Source.at(place)
    if source.description is not None:
        return source.description.case
    return identifier_of(place, Mending(place, []))


def _begin(name: str | os.PathLike[str], identifier: str) -> Path:
    """Make the folder, or go on with one whose restoring was cut off."""
    root = locate(name)
    marker = root / _RESTORING
    if marker.is_file():
        if marker.read_text("ascii", "replace") != identifier:
            raise Refused(
                f"{printable(root)} is being restored from the copy of another case.",
                next="Choose another name, or delete that folder.",
            )
        return root
    root = check_new(name)
    root.mkdir(mode=0o700)
    write_whole(marker, identifier.encode())
    return root


def _know(case: Case, place: Path) -> None:
    """Know the custodian whose copy it was; where no act names it, by the name of its folder."""
    from muniment.evidence.custodians.description import read_description

    if know_copy(case, place):
        return
    try:
        described = read_description(place)
    except MunimentError:
        return
    custodians.keep_custodian(
        case,
        place.name[:60] or "disk",
        kind=custodians.FOLDER,
        location=os.path.realpath(place),
        log_size=described.log_size,
        log_root=described.log_root,
        acts=described.acts,
        description=custodians.description_digest(place),
        outcome="",
    )
