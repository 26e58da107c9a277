"""audit of a custodian's copy: without keys against itself, with the case at hand beside the case's own story."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.case.folder import printable
from muniment.evidence.custodians import story
from muniment.evidence.custodians.examination import Examined, examine_copy
from muniment.verbs import custodians
from muniment.verbs.audit import report_of
from muniment.verbs.put_back import seen_newer

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report

# States in which something is wrong with the copy, or with the case.
_ALARMING = (story.AHEAD, story.OTHER, story.PUT_BACK, story.DAMAGED)


def audit_copy(path: str | os.PathLike[str], *, sample: int | None = None) -> Report:
    """The shape of `audit` for a copy, by one who has no keys and no case. Raises NotFound, Newer."""
    from muniment.evidence.custodians.place import find_copy

    return _report(examine_copy(find_copy(path), sample))


def _report(found: Examined) -> Report:
    report = report_of(found)
    described = found.description
    whole = "The copy is as it was written."
    if described is not None and not described.begun:
        report["ok"] = False
        told = story.Story(story.BEHIND, "The first copy here was begun and never finished.")
    elif not found.sound:
        told = story.Story(
            story.DAMAGED, "The copy is damaged: mend it from the case, or from another copy."
        )
    elif described is not None and described.coming is not None:
        told = story.Story(
            story.BEHIND, "A copy was begun here and not finished. What is there is whole."
        )
    elif found.chunks is not None:
        told = story.Story(story.UNKNOWN, "A sample was read, and nothing was found in it.")
    else:
        told = story.Story(story.UNKNOWN, whole)
    report["state"], report["says"] = told.state, told.says
    report["log"] = {
        "size": described.log_size if described else None,
        "root": described.log_root if described else None,
    }
    return report


def audit_custodian(
    case: Case, named: str | os.PathLike[str], *, sample: int | None = None
) -> Report:
    """Audit a custodian's copy, compare it with this case and with what was last copied, and note the outcome.

    `ok` is false too where the copy is whole and tells another story, knows more than the case, or is an earlier
    state than what was last copied. Raises NotFound where no copy can be reached; that is noted as well.
    """
    from muniment.verbs.audit import look

    fresh = "catalogue" not in case.__dict__
    look(case)  # also a case that was put back, which is what its custodians know
    try:
        return _audited(case, named, sample)
    finally:
        if fresh:
            case.close()


def _audited(case: Case, named: str | os.PathLike[str], sample: int | None) -> Report:
    from muniment.errors import NotFound

    try:
        row, place = custodians.copy_of(case, named)
    except NotFound:
        known = custodians.find_custodian(case, named)
        if known is None:
            raise custodians.unknown_custodian(named) from None
        _note(case, known, story.MISSING, None)
        raise
    report = _report(examine_copy(place, sample))
    told = _beside_the_case(case, row, place, report)
    report["custodian"] = row.name if row is not None else printable(place)
    report["with_keys"] = True
    report["state"], report["says"] = told.state, told.says
    if told.state in _ALARMING:
        report["ok"] = False
    if row is not None:
        _note(case, row, told.state, report)
    return report


def _beside_the_case(case: Case, row: Any | None, place: Path, report: Report) -> story.Story:
    from muniment.errors import MunimentError
    from muniment.evidence.custodians.description import read_description

    if report["damaged"] or report["missing"] or not report["log_ok"]:
        return story.Story(story.DAMAGED, report["says"])
    try:
        description = read_description(place)
    except MunimentError as error:
        return story.Story(story.DAMAGED, error.message)
    told = story.compare(case.folder, place, description)
    if told.state in (story.AHEAD, story.OTHER, story.DAMAGED) or row is None:
        return told
    earlier = description.acts < row.acts or description.log_size < row.log_size
    if row.copied and earlier:
        return story.Story(
            story.PUT_BACK,
            "An earlier copy was put back in the place of the last one: it ends at entry "
            f"{description.log_size} of the log and act {description.acts}, where {row.log_size} and {row.acts} "
            "had been copied. Ask the custodian why, then copy again.",
        )
    if (
        description.begun
        and description.coming is None
        and told.state in (story.CURRENT, story.BEHIND)
    ):
        told = story.of_acts(current=custodians.is_current(case, description.acts))
    if report["unexpected"]:
        return story.Story(story.DAMAGED, "Something lies in the copy that nobody put there.")
    return told


def _note(case: Case, row: Any, state: str, report: Report | None) -> None:
    """In the catalogue always; in the journal only where it is the newest and one story with the copy's."""
    custodians.keep_custodian(case, row.name, audited=custodians.today(), outcome=state)
    if state in (story.AHEAD, story.OTHER) or seen_newer(case) is not None:
        return
    details: dict[str, Any] = {"custodian": row.name, "outcome": state}
    if report is not None:
        sampled = report["sampled"]
        details["sampled"] = str(sampled["chunks"]) if sampled else ""
        details["found"] = str(sum(len(report[w]) for w in ("damaged", "missing", "unexpected")))
    case.record("audited", details)
