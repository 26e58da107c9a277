"""What a custodian's copy says beside our case: current, behind, ahead, another story, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from muniment.case.folder import Folder
from muniment.evidence.custodians import logs
from muniment.evidence.custodians.description import Description
from muniment.evidence.custodians.files import digest_of

CURRENT, BEHIND, AHEAD, OTHER, DAMAGED = "current", "behind", "ahead", "another story", "damaged"
MISSING, UNKNOWN, PUT_BACK = "missing", "unknown", "put back"


@dataclass(frozen=True, slots=True)
class Story:
    """`state` is one word of this file's constants, `says` a sentence for people."""

    state: str
    says: str


def compare(folder: Folder, place: Path, description: Description) -> Story:
    """Their log, journal and objects beside ours. Needs no keys; tells nothing about damage of single files."""
    if description.case != folder.identifier:
        return Story(OTHER, "This is the copy of another case.")
    if not description.begun:
        return Story(BEHIND, "The first copy to this custodian was begun and never finished.")
    related = logs.relation(folder.log, place / "log")
    if related == logs.UNREADABLE:
        return Story(DAMAGED, "One of the two logs cannot be read.")
    if related == logs.OTHER:
        return Story(
            OTHER,
            "The custodian's log and this case's log are not one history: one of them was forged, or went on "
            "from an earlier copy of the case. Compare both with a checkpoint that somebody else holds.",
        )
    if differs := _differing_act(folder, place, description):
        return Story(
            OTHER,
            f"Act {differs} of the journal is another there than here: one of the two was altered, or the case "
            "went on from an earlier copy. Audit both.",
        )
    acts = _acts(folder)
    if related == logs.AHEAD or description.acts > acts:
        return Story(
            AHEAD,
            "The custodian knows more than this case: an earlier state of the case was put back here. "
            "Bring it up to date with: muniment repair CASE --from CUSTODIAN",
        )
    if related == logs.BEHIND:
        return Story(BEHIND, "The custodian holds an earlier state of this case; copy to it again.")
    if description.coming is not None:
        return Story(
            BEHIND, "A copy to this custodian was begun and not finished; copy to it again."
        )
    return of_acts(current=True)


def of_acts(*, current: bool) -> Story:
    """For a copy that is an earlier or the present state of this case: whether anything that matters came since."""
    if current:
        return Story(CURRENT, "The custodian holds what this case holds.")
    return Story(BEHIND, "Something happened in the case since; copy to it again.")


def _differing_act(folder: Folder, place: Path, description: Description) -> str:
    """The first act that is whole there and other bytes here: acts are never written twice."""
    root = folder.root
    for path, digest in sorted(description.files.items()):
        if not path.startswith("journal/") or not (root / path).exists():
            continue
        if digest_of(root / path) != digest and digest_of(place / path) == digest:
            return Path(path).stem.lstrip("0")
    return ""


def _acts(folder: Folder) -> int:
    return sum(1 for path in folder.journal.glob("*.age") if path.stem.isdigit())
