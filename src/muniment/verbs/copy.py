"""copy: bring a custodian's copy up to this case."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import printable
from muniment.case.labels import choose_label
from muniment.errors import BadUse, Damaged, MunimentError, Refused
from muniment.verbs import custodians
from muniment.verbs.anchoring import settle_anchors
from muniment.verbs.committing import checkpoint_to_leave, pad_log
from muniment.verbs.erasing import clear_quarantine_of_copy
from muniment.verbs.jurisdictions import jurisdiction_of
from muniment.verbs.key import passphrase_is_weak
from muniment.verbs.progress import Progress
from muniment.verbs.put_back import catch_up
from muniment.verbs.seal_batches import batch_sealed
from muniment.verbs.sealing import finish_sealing, seal_waiting
from muniment.verbs.withdraw import finish_earlier

if TYPE_CHECKING:
    from muniment.evidence.custodians.copying import Carried, Consent
    from muniment.evidence.custodians.place import Place
    from muniment.verbs.case import Case, Report, Watch

# An act of this name says that keys/ was changed: only then may a copy's keys be replaced.
KEYED = "keyed"


def copy(
    case: Case,
    custodian: str | os.PathLike[str],
    *,
    jurisdiction: str | None = None,
    name: str | None = None,
    anew: bool = False,
    watch: Watch | None = None,
) -> Report:
    """Copy what the custodian lacks; returns the shape of `copy`. `custodian` is a folder or a known name.

    Raises Refused for a weak passphrase, for a copy that knows more than the case or tells another story, and where
    a known copy is gone (unless `anew`); BadUse for a place in a case; Damaged where a log cannot be read.
    """
    from muniment.verbs.add import one_at_a_time

    refuse_a_weak_passphrase(case)
    label = None if jurisdiction is None else jurisdiction_of(jurisdiction)
    known, place = _place(case, custodian, name)
    _refuse_an_empty_mount(known, place, anew=anew)
    chosen = known.name if known is not None else _fresh_name(case, name)
    if label is None:
        label = known.jurisdiction if known is not None else ""
    with one_at_a_time(case):
        carried = bring(case, chosen, place.root, jurisdiction=label, watch=watch)
    return {
        "custodian": chosen,
        "kind": custodians.FOLDER,
        "jurisdiction": label,
        "location": printable(place.root),
        "same_disk": place.same_disk,
        "objects": carried.objects,
        "bytes": carried.bytes,
        "state": "behind" if carried.problems else "current",
        "problems": [{"path": path, "reason": why} for path, why in carried.problems],
    }


def copy_again(case: Case, row: Any) -> None:
    """Bring the copy of a known custodian up to the case. Raises NotFound where it is not there, else as `copy`."""
    from muniment.evidence.custodians.place import is_copy, place_for
    from muniment.verbs.add import one_at_a_time

    refuse_a_weak_passphrase(case)
    if not is_copy(row.location):
        raise custodians.unknown_custodian(row.location)
    place = place_for(case.folder, row.location)
    with one_at_a_time(case):
        bring(case, row.name, place.root, jurisdiction=row.jurisdiction)


def refuse_a_weak_passphrase(case: Case) -> None:
    """Who finds a copy can try passphrases for ever. Raises Refused where the case's is weak, or nobody knows."""
    if passphrase_is_weak(case):
        raise Refused(
            "No copy leaves this machine while the case's passphrase is weak, or of unknown strength: who finds "
            "a copy can try passphrases for ever.",
            next="Make it stronger first: muniment key CASE rotate. Nothing was copied.",
        )


def _place(
    case: Case, custodian: str | os.PathLike[str], name: str | None
) -> tuple[Any | None, Place]:
    from muniment.evidence.custodians.place import place_for

    known = custodians.find_custodian(case, custodian)
    if known is not None and known.name == os.fspath(custodian):
        return known, place_for(case.folder, known.location)
    place = place_for(case.folder, custodian)
    known = custodians.find_custodian(case, place.root)
    if known is None and name is not None:
        known = custodians.find_custodian(case, name)
        if known is not None and known.location and not (place.root / "COPY.json").exists():
            raise BadUse(
                f"A custodian {printable(name)} is known already, at {printable(known.location)}.",
                next="Choose another name, or name the folder that holds this custodian's copy.",
            )
    return known, place


def _refuse_an_empty_mount(known: Any | None, place: Place, *, anew: bool) -> None:
    """A disk that is not mounted leaves an empty folder: a copy into it would lie on the wrong disk."""
    from muniment.evidence.custodians.place import is_copy

    if known is not None and known.copied and not anew and not is_copy(place.root):
        raise Refused(
            f"The copy of {printable(known.name)} is not at {printable(place.root)} any more.",
            next="Is its disk there and mounted? If the copy is lost, begin again with --anew.",
        )


def _fresh_name(case: Case, name: str | None) -> str:
    """What was typed, else a plain word: the name stands in the journal for ever, so none is taken from a path."""
    taken = {row.name for row in custodians.all_custodians(case)}
    if name is not None:
        if not 1 <= len(name) <= 60 or not name.isprintable() or "/" in name:
            raise BadUse(
                "This name cannot be kept.", next="Give 1 to 60 characters on one line, without /."
            )
        return name
    return choose_label(taken)


def settle_case(case: Case) -> None:
    """Bring everything acknowledged into vault and log, and what was withdrawn out of them; fill the log up.

    Acts are committed and the checkpoint signed before anything leaves.
    """
    catch_up(case)
    finish_earlier(case)
    finish_sealing(case)
    waiting = (
        sa.select(tables.document.c.accession)
        .join(tables.original, tables.original.c.number == tables.document.c.number)
        .where(tables.original.c.batch.is_(None))
        .distinct()
    )
    with case.catalogue.read() as connection:
        accessions = list(connection.execute(waiting).scalars())
    for accession in accessions:
        seal_waiting(case, accession)
    batch_sealed(case)
    settle_anchors(case)
    checkpoint_to_leave(case)


def bring(
    case: Case,
    name: str,
    root: Path,
    *,
    jurisdiction: str,
    watch: Watch | None = None,
    mended: list[str] | None = None,
) -> Carried:
    """Settle the case, bring the copy at `root` up to it and note that. Call with nobody adding.

    The act is written when every object is there and before the journal goes, so that the copy holds the act of
    its own making: nothing of the case is newer than it. With `mended` all is read there and mended.
    """
    settle_case(case)
    consent = begin(case, root, mended=mended is not None)

    def note(objects: int) -> None:
        size, head = case.log.size, case.log.root().hex()
        details = {
            "custodian": name,
            "kind": custodians.FOLDER,
            "jurisdiction": jurisdiction,
            "objects": str(objects),
            "log": {"size": str(size), "root": head},
        }
        case.record("copied" if mended is None else "repaired", details)

    if (
        consent.withdrawn
    ):  # before the copy says that it holds that act: a kill leaves it to be done again
        clear_quarantine_of_copy(root)
    carried = carry(case, root, replace(consent, note=note), watch, mended=mended)
    _keep(case, name, root, carried, jurisdiction=jurisdiction)
    return carried


def begin(case: Case, root: Path, *, mended: bool) -> Consent:
    """Make the place, or look at what is there. Raises Refused, Damaged."""
    from muniment.evidence.custodians import story
    from muniment.evidence.custodians.copying import begin_place

    description = begin_place(case.folder, root)
    told = story.compare(case.folder, root, description)
    if told.state in (story.AHEAD, story.OTHER):
        raise Refused(told.says, next="Nothing was copied. See docs/how-to/keep-copies.md.")
    if told.state == story.DAMAGED and not mended:
        raise Damaged(told.says, next="Audit both; then `muniment repair`.")
    return consent_of(case, description.acts)


def carry(
    case: Case,
    root: Path,
    consent: Consent,
    watch: Watch | None = None,
    *,
    mended: list[str] | None = None,
) -> Carried:
    """Bring everything the copy at `root` lacks."""
    from muniment.evidence.custodians.copying import Carrying

    came, total = 0, 0

    def tell(size: int) -> None:
        nonlocal came
        came += size
        if watch is not None:
            watch(Progress("copying", min(came, total) // 1024, total // 1024))

    carrying = Carrying(case.folder, root, consent, tell, distrust=mended is not None)
    total = carrying.lacking()
    carried = carrying.run()
    if mended is not None:
        mended += carrying.mended
    return carried


def consent_of(case: Case, since: int) -> Consent:
    """What only the keys can tell of this case, for a copy that holds the first `since` acts."""
    from muniment.evidence.custodians.copying import Consent

    later = {act["act"] for act in case.journal.acts() if act["sequence"] > since}
    return Consent(
        snapshot=lambda path: snapshot(case, path),
        replaces=lambda name: vouched(case, name),
        keys_changed=KEYED in later,
        withdrawn="withdrawn" in later,
        turn=lambda: _settled(case),
    )


@contextmanager
def _settled(case: Case) -> Iterator[None]:
    """The journal's turn, with the log signed and filled up: another process may have put entries there meanwhile."""
    with case.journal.turn():
        pad_log(case)
        yield


def snapshot(case: Case, path: Path) -> None:
    """A consistent copy of the encrypted catalogue, also while others write to it; read back and checked.

    Raises OSError, Interrupted where the disk is full, Damaged where the copy cannot be read.
    """
    from muniment.case.catalogue import check_catalogue

    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with case.catalogue.read() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
    check_catalogue(path, case.keys.catalogue)


def vouched(case: Case, name: str) -> bool:
    """Whether an object here is what was sealed: every byte as its inventory says, its root an entry of the log.

    And without anything that the journal says was withdrawn.
    """
    import json

    from muniment.evidence.custodians.files import digest_of
    from muniment.evidence.vault import ocfl
    from muniment.verbs.vouching import vouch_for, withdrawn_documents

    try:
        contents = case.vault.contents(name)
        manifest = json.loads(case.vault.read_manifest(name, case.keys.identity))
        found = vouch_for(case, manifest, withdrawn_documents(case))
    except (MunimentError, ValueError, KeyError, TypeError, AttributeError):
        return False
    content = case.folder.vault / name / ocfl.CONTENT
    sealed = found.sealed and not found.leaving
    return sealed and all(digest_of(content / file) == contents[file] for file in contents)


def _keep(case: Case, name: str, root: Path, carried: Carried, *, jurisdiction: str) -> None:
    """Keep in the catalogue what the custodian holds now."""
    described = carried.description
    if described is None:
        return
    custodians.keep_custodian(
        case,
        name,
        kind=custodians.FOLDER,
        location=os.path.realpath(root),
        jurisdiction=jurisdiction,
        log_size=described.log_size,
        log_root=described.log_root,
        acts=described.acts,
        head=case.journal.noted(described.acts).digest if described.acts else "",
        description=custodians.description_digest(root),
        copied=custodians.today(),
        outcome="",
    )
