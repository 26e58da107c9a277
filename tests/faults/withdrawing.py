"""`withdraw` on trial: in the end nothing of the document is left, here or at the custodian's; the rest is whole."""

from __future__ import annotations

from collections.abc import Iterable

from muniment.case.folder import Folder
from muniment.verbs.case import Case
from tests.faults.copying import STICK, audits, copied_before, never_torn, stick
from tests.faults.leaks import WORDS
from tests.faults.receiving import Acts, found, in_vault, nothing_unsaid, originals
from tests.faults.trial import Place, Scenario
from tests.verbs.leftovers import left

GOES = "A1/0003"
NAME = "papers.zip"
NEEDLES = (b"weighbridge", b"papers.zip", b"letter.eml", b"clerk@harbour")
STAY = {words: name for words, name in WORDS.items() if name != "letter.eml"}


def _withdraw(place: Place) -> list[object]:
    return ["withdraw", place.case, GOES, "--why", "source"]


def _nothing_left(place: Place) -> Iterable[str]:
    """Not a word of it on the disk, in memory, or in anything the keys open; nor in a copy that confirmed it."""
    assert place.said is not None
    pending = place.said.json()["custodians_pending"]
    roots = [place.case] if pending else [place.case, stick(place)]
    for root in roots:
        with Case(Folder(root, place.identifier), place.keys) as case:
            if there := left(case, *NEEDLES):
                yield f"left in {root.name}: {there}"


def _withdrawn(place: Place, acts: Acts) -> Iterable[str]:
    assert place.said is not None
    yield from _nothing_left(place)
    if place.said.json()["custodians_pending"]:
        yield "the custodian, who is within reach, has not confirmed"
    yield from nothing_unsaid(place, acts)
    yield from in_vault(place, place.journal())
    stay = [path.read_bytes() for path in (place.folder / "leak").iterdir() if path.name != NAME]
    yield from originals(place, stay)
    ended, _ = place.run("documents", place.case)
    states = sorted((row["reference"], row["state"]) for row in ended.json()["documents"])
    gone = [reference for reference, state in states if state == "withdrawn"]
    if gone != [GOES, f"{GOES}.1"] or len(states) != 5:
        yield f"documents: {states}"
    yield from found(place, STAY)


WITHDRAW = Scenario(
    name="withdraw",
    prepare=copied_before,
    command=_withdraw,
    check=_withdrawn,
    beside=(STICK,),
    audits=audits,
    torn=never_torn,
    done=_nothing_left,
)
