"""`key rotate` on trial: after the fault the old passphrase opens the case or the new one, never neither."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from muniment.case.keys import opens
from muniment.verbs.case import Case
from tests.faults.copying import received_before
from tests.faults.leaks import DOCUMENTS, WORDS
from tests.faults.receiving import Acts, documents, found, in_vault, nothing_unsaid, originals
from tests.faults.trial import PASSPHRASE, PASSPHRASE_FROM, Ended, Place, Scenario

NEW = "tuvaro kesimi bodela nagoru fitepa"
NO_KEY = 3


def _prepared(place: Place) -> None:
    received_before(place)
    (place.folder / "new-passphrase").write_text(NEW)


def _given(place: Place, file: str) -> tuple[str, Path]:
    return PASSPHRASE_FROM, place.folder / file


def _rotate(place: Place) -> list[object]:
    given = ("--new-passphrase-file", place.folder / "new-passphrase")
    return ["key", place.case, "rotate", *given, *_given(place, "passphrase")]


def _again(place: Place) -> list[object]:
    """What the person does who reads that the change came to its end: the new recovery identity was not shown."""
    if opens(place.opened, NEW):
        return ["key", place.case, "rotate", "--only", "recovery", *_given(place, "new-passphrase")]
    return _rotate(place)


def _untold(place: Place) -> Iterable[str]:
    """Where the new passphrase is in force already, whoever was told of the fault was told that too."""
    assert place.met is not None
    if place.met.err and opens(place.opened, NEW) and "new passphrase" not in place.met.err:
        yield f"it does not say that the new passphrase is in force: {place.met.err}"


def _audits(place: Place) -> Iterable[Ended]:
    """With the old recovery identity; where that opens the case no more, with the new passphrase.

    Once the verb is through, with the new identity, which it has printed.
    """
    if place.said is not None:
        identity = place.said.json()["recovery_identity"]
        (place.folder / "new-recovery").write_text(identity)
        yield place.run("audit", place.case, *_given(place, "new-recovery"))[0]
        return
    ended, _ = place.run("audit", place.case, *_given(place, "recovery"))
    if ended.status == NO_KEY:
        ended, _ = place.run("audit", place.case, *_given(place, "new-passphrase"))
    elif not opens(place.opened, PASSPHRASE):
        yield Ended(
            NO_KEY, "", "the old recovery identity opens the case, the old passphrase does not"
        )
    yield ended


def _done(place: Place) -> Iterable[str]:
    """A change that was said to be made is made: the new one opens the case, the old ones do not."""
    if not opens(place.opened, NEW) or opens(place.opened, PASSPHRASE):
        yield "the passphrase was not replaced"
    ended, _ = place.run("key", place.case, "list", *_given(place, "recovery"))
    if ended.status != NO_KEY:
        yield f"the old recovery identity: {ended.status} {ended.out}{ended.err}"


def _rotated(place: Place, acts: Acts) -> Iterable[str]:
    """Passphrase and recovery identity open the case, and everything in it can be read and found."""
    yield from _done(place)
    new = _given(place, "new-recovery")
    with Case.open(place.case, new[1].read_text()) as case:
        keys = case.keys
    sources = [path.read_bytes() for path in (place.folder / "leak").iterdir()]
    yield from nothing_unsaid(place, acts, keys)
    yield from in_vault(place, acts, keys)
    yield from originals(place, sources, keys)
    yield from documents(place, DOCUMENTS, *new)
    yield from found(place, WORDS, *new)


ROTATE = Scenario(
    name="key-rotate",
    prepare=_prepared,
    command=_rotate,
    check=_rotated,
    audits=_audits,
    again=_again,
    torn=_untold,
    done=_done,
)
