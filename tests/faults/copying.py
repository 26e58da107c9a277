"""`copy` on trial: the first one to a custodian, and one that brings what was added since."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.leaks import DOCUMENTS, WORDS
from tests.faults.receiving import (
    Acts,
    documents,
    found,
    held_in,
    in_vault,
    leak,
    nothing_unsaid,
    originals,
)
from tests.faults.trial import PASSPHRASE_FROM, Ended, Place, Scenario

STICK = "stick"
LATER = "later.txt"


def done(ended: Ended) -> None:
    """What is prepared has to come about."""
    assert ended.status == 0, ended.err


def received_before(place: Place) -> None:
    """A case that has received the leak."""
    leak(place)
    done(place.run("add", place.case, place.folder / "leak")[0])


def copied_before(place: Place) -> None:
    """The same with a copy at a custodian's."""
    received_before(place)
    done(place.run(*_copy(place))[0])


def _added_since(place: Place) -> None:
    copied_before(place)
    (place.folder / LATER).write_text("A later paper.\n")
    done(place.run("add", place.case, place.folder / LATER)[0])


def stick(place: Place) -> Path:
    """The custodian's folder."""
    return place.folder / STICK


def _copy(place: Place) -> list[object]:
    return ["copy", place.case, stick(place), "--jurisdiction", "IS"]


def audits(place: Place) -> Iterable[Ended]:
    """The case, with its keys, and the copy, without any."""
    yield place.run("audit", place.case)[0]
    if (stick(place) / "COPY.json").exists():
        yield place.run("audit", stick(place))[0]


def never_torn(place: Place) -> Iterable[str]:
    """Whatever is at the custodian's is whole at every moment; it may be less than what is to come."""
    if not (stick(place) / "COPY.json").exists():
        return
    ended, _ = place.run("audit", stick(place))
    report = ended.json() if ended.status in (0, 1) and ended.out else {}
    if not report or report["damaged"] or report["missing"] or not report["log_ok"]:
        yield f"the copy is torn: {ended.out}{ended.err}"


def _earlier_kept(place: Place) -> Iterable[str]:
    """What was copied before can be had from the custodian all the while, and perhaps the rest already."""
    yield from never_torn(place)
    with _elsewhere(place) as (ended, other):
        report = ended.json() if ended.status in (0, 1) and ended.out else None
        if not report or not report["audit"]["ok"] or report["not_restored"]:
            yield f"new --from the copy, after the fault: {ended.out}{ended.err}"
            return
        # Where the journal has come and the log has not, what is later than the earlier copy is named as lost.
        if strange := [one for one in report["lost"] if not one["reference"].startswith("A2/")]:
            yield f"lost of the earlier copy: {strange}"
        held = [content for _, content in held_in(other, other.keys)]
        if missing := [one for one in _sources(place, ()) if one not in held]:
            yield f"{len(missing)} originals of the earlier copy cannot be had from the custodian"
        yield from found(other, WORDS)


def whole(place: Place, acts: Acts = ()) -> Iterable[str]:
    """A copy that was said to be done is one: as it was written, current, and enough to restore the case from."""
    ended, _ = place.run("audit", place.case, "--custodian", stick(place))
    if ended.status != 0 or ended.json()["state"] != "current":
        yield f"the copy is said to be done: {ended.out}{ended.err}"
    more = (LATER,) if (place.folder / LATER).exists() else ()
    with _elsewhere(place) as (ended, other):
        if ended.status != 0:
            yield f"new --from the copy: {ended.out}{ended.err}"
            return
        yield from documents(other, DOCUMENTS + len(more))
        yield from originals(other, _sources(place, more))
        yield from nothing_unsaid(other, acts)
        yield from in_vault(other, acts)
        yield from found(other, WORDS)


def _copied(place: Place, acts: Acts) -> Iterable[str]:
    """Nothing of the case is lost, and the custodian alone gives all of it back."""
    yield from nothing_unsaid(place, acts)
    yield from whole(place, acts)


@contextmanager
def _elsewhere(place: Place) -> Iterator[tuple[Ended, Place]]:
    """The case restored on another machine, from the copy and the printed recovery identity alone."""
    other = Place(place.folder / "elsewhere", place.keys)
    shutil.rmtree(other.folder, ignore_errors=True)
    other.folder.mkdir()
    shutil.rmtree(place.memory, ignore_errors=True)
    given = (PASSPHRASE_FROM, place.folder / "recovery")
    yield other.run("new", other.case, "--from", stick(place), *given)[0], other
    shutil.rmtree(place.memory, ignore_errors=True)


def _sources(place: Place, more: tuple[str, ...]) -> list[bytes]:
    leaked = sorted((place.folder / "leak").iterdir())
    return [path.read_bytes() for path in (*leaked, *(place.folder / name for name in more))]


COPY = Scenario(
    name="copy",
    prepare=received_before,
    command=_copy,
    check=_copied,
    beside=(STICK,),
    audits=audits,
    torn=never_torn,
    done=whole,
)
COPY_AGAIN = Scenario(
    name="copy-again",
    prepare=_added_since,
    command=_copy,
    check=_copied,
    beside=(STICK,),
    audits=audits,
    torn=_earlier_kept,
    done=whole,
)
