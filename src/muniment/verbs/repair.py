"""repair: mend a case from custodians' copies, or a custodian's copy from the case."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.folder import Folder, locate, printable
from muniment.case.keys import CaseKeys
from muniment.case.writing import sweep_leftovers
from muniment.errors import Damaged, MunimentError, NotFound, Refused
from muniment.evidence.custodians.description import CATALOGUE
from muniment.evidence.custodians.files import INCOMING, make_folders
from muniment.evidence.custodians.mending import Mending, Source, Vouch, Vouched
from muniment.evidence.custodians.mending_anchors import mend_anchors
from muniment.verbs import carrying_judgements, carrying_notes, custodians
from muniment.verbs.anchoring import adopt_anchors, known_anchors
from muniment.verbs.audit import look
from muniment.verbs.committing import signer_of
from muniment.verbs.forgotten import forgotten
from muniment.verbs.mending_catalogue import mend_catalogue, mend_gone_catalogue
from muniment.verbs.mending_journal import mend_journal
from muniment.verbs.mending_keys import (
    identifier_of,
    mend_case_toml,
    mend_gone_keys,
    mend_other_keys,
    open_mended,
)
from muniment.verbs.progress import Progress
from muniment.verbs.put_back import remember, seen_newer
from muniment.verbs.rebuilding import LOST, make_good
from muniment.verbs.rebuilding_anchors import anchors_again
from muniment.verbs.rebuilding_custodians import custodians_again
from muniment.verbs.vouching import vouch_for, withdrawn_documents

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Report, Watch


def repair(
    case: Case, sources: Sequence[str | os.PathLike[str]] = (), *, watch: Watch | None = None
) -> Report:
    """Mend an open case from the copies named, else from every custodian that can be reached."""
    look(case)
    places = [_place_of(case, source) for source in sources]
    if not sources:
        places = reachable(case)
    case.close()  # it may be replaced; whoever goes on with it opens what is there then
    return mend(case.folder.root, places, keys=case.keys, watch=watch)


def _place_of(case: Case, source: str | os.PathLike[str]) -> Path:
    """The copy a person means; where the catalogue is lost, names are, and a path is still one."""
    from muniment.evidence.custodians.place import find_copy

    try:
        return custodians.copy_of(case, source)[1]
    except Damaged:
        return find_copy(source)


def reachable(case: Case) -> list[Path]:
    """Where the copies of known custodians lie, as far as they are there. None where the catalogue is lost."""
    from muniment.evidence.custodians.place import is_copy

    try:
        rows = custodians.all_custodians(case)
    except MunimentError:
        return []
    return [Path(row.location) for row in rows if is_copy(row.location)]


def repair_folder(
    name: str | os.PathLike[str],
    sources: Sequence[str | os.PathLike[str]] = (),
    *,
    passphrase: str | None = None,
    keys: CaseKeys | None = None,
    watch: Watch | None = None,
) -> Report:
    """Mend a case that may not open any more; `sources` are folders. Raises NotFound, NoKey, Refused."""
    from muniment.evidence.custodians.place import find_copy, is_copy

    root = locate(name)
    if not root.is_dir():
        raise NotFound(
            f"There is no case at {printable(root)}.",
            next=f"Check the path; to restore one: muniment new {printable(name)} --from CUSTODIAN",
        )
    if is_copy(root):
        raise Refused(
            f"{printable(root)} is a custodian's copy.",
            next="Mend it from the case: muniment repair CASE --custodian CUSTODIAN",
        )
    return mend(
        root,
        [find_copy(source) for source in sources],
        passphrase=passphrase,
        keys=keys,
        watch=watch,
    )


def mend(
    root: Path,
    places: Sequence[Path],
    *,
    passphrase: str | None = None,
    keys: CaseKeys | None = None,
    restoring: str = "",
    watch: Watch | None = None,
) -> Report:
    """Mend the folder of a case; returns the shape of `repair`. Raises Refused where another muniment adds to it.

    `restoring`: the identifier of a case that is being restored; case.toml is then left to the caller.
    """
    from muniment.verbs.add import alone_in

    mending = Mending(root, [Source.at(place) for place in places])
    folder = Folder(root.absolute(), restoring or identifier_of(root, mending))
    _refuse_strangers(folder, mending)
    with alone_in(folder) if (root / "case.toml").is_file() else nullcontext():
        return _mend(folder, mending, passphrase, keys, restoring=bool(restoring), watch=watch)


def _mend(
    folder: Folder,
    mending: Mending,
    passphrase: str | None,
    keys: CaseKeys | None,
    *,
    restoring: bool,
    watch: Watch | None,
) -> Report:
    root = folder.root
    for name in ("staging", "journal", "keys"):
        make_folders(root, name)
    sweep_leftovers(root)
    sweep_leftovers(folder.keys)
    sweep_leftovers(folder.journal)
    mend_gone_keys(mending)
    if not restoring:
        mend_case_toml(folder, mending)
    own = True
    if keys is None and passphrase is not None:
        keys, own = open_mended(folder, mending, passphrase)
    lost: list[dict[str, Any]] | None = None
    if keys is None:
        _without_keys(mending, watch)
    else:
        lost = _with_keys(folder, keys, mending, watch, own=own, restoring=restoring)
    shutil.rmtree(root / INCOMING, ignore_errors=True)
    return _report(mending, lost)


def _refuse_strangers(folder: Folder, mending: Mending) -> None:
    for source in mending.sources:
        if source.description is not None and source.description.case != folder.identifier:
            raise Refused(
                f"{printable(source.root)} is the copy of another case.",
                next="Name a copy of this case; nothing was changed.",
            )


def _without_keys(mending: Mending, watch: Watch | None) -> None:
    mending.log(None)
    mend_journal(mending, None)
    mending.vault(None, _teller(watch))
    mend_anchors(mending, None)
    mend_gone_catalogue(mending)


def _with_keys(
    folder: Folder,
    keys: CaseKeys,
    mending: Mending,
    watch: Watch | None,
    *,
    own: bool,
    restoring: bool,
) -> list[dict[str, Any]]:
    from muniment.verbs.case import Case

    mending.log(signer_of(keys).key)
    mend_journal(mending, keys.identity, own=own)
    mend_other_keys(folder, keys, mending)
    with Case(folder, keys) as case:
        mending.vault(_vouch(case, mending), _teller(watch))
        anew = mend_catalogue(case, mending)
        came = make_good(case)
        if came:
            mending.mended.repaired.append(f"catalogue.db: {came} originals")
        mend_anchors(mending, None if anew else known_anchors(case))
        adopt_anchors(case)
        anchors_again(case)
        custodians_again(case, [source.root for source in mending.sources])
        again = carrying_notes.enclose_again(case) + carrying_judgements.enclose_again(case)
        if again and not restoring:
            mending.mended.repaired.append(f"journal: what {again} acts enclose")
        if CATALOGUE in mending.mended.repaired:
            mending.mended.forgotten = list(forgotten(case, anew=anew))
        if seen_newer(case) is None:
            if mending.mended.repaired and not restoring:
                case.record("repaired", {"repaired": str(len(mending.mended.repaired))})
            remember(case)
        return lost_documents(case, mending)


def _teller(watch: Watch | None) -> Any:
    done = 0

    def tell(step: int) -> None:
        nonlocal done
        done += step
        if watch is not None:
            watch(Progress("mending", done, None))

    return tell


def _vouch(case: Case, mending: Mending) -> Vouch:
    """Whether an object is what was sealed: its manifest opens, its root stands in the log; what is to leave it."""
    from muniment.evidence.vault import ocfl
    from muniment.evidence.vault.manifest import decrypt_manifest

    withdrawn = withdrawn_documents(case)

    def vouch(name: str, contents: Mapping[str, str]) -> Vouched | None:
        sealed = mending.content(name, ocfl.MANIFEST, contents.get(ocfl.MANIFEST, "-"))
        if sealed is None:
            return None
        try:
            manifest = json.loads(decrypt_manifest(sealed, case.keys.identity))
            return vouch_for(case, manifest, withdrawn)
        except (MunimentError, ValueError, KeyError, TypeError, AttributeError):
            return Vouched(sealed=False)

    return vouch


def lost_documents(case: Case, mending: Mending) -> list[dict[str, Any]]:
    """Each original whose bytes are not whole in the vault after all, by reference."""
    gone = {path for path, _ in mending.mended.not_repaired}
    document, original, batch = tables.document.c, tables.original.c, tables.batch.c
    query = (
        sa.select(
            document.document, document.reference, document.path, original.stored, batch.object
        )
        .join(tables.original, original.number == document.number)
        .outerjoin(tables.batch, batch.number == original.batch)
        .where(document.state != "withdrawn")
        .order_by(document.number)
    )
    lost = []
    with case.catalogue.read() as connection:
        for row in connection.execute(query):
            where = f"vault/{row.object}"
            if row.object is None:
                whole = (case.folder.staging / row.stored).is_file()
            else:
                file = f"{where}/v1/content/{row.stored}"
                whole = file not in gone and (case.folder.root / file).is_file()
            if not whole:
                fields = ("document", "reference", "path")
                lost.append({field: getattr(row, field) for field in fields})
        given_up = sa.select(document.document, document.reference, document.path).where(
            document.reason == LOST
        )
        lost += [dict(row._mapping) for row in connection.execute(given_up)]
    return lost


def _report(mending: Mending, lost: list[dict[str, Any]] | None) -> Report:
    mended = mending.mended
    return {
        "repaired": mended.repaired,
        "not_repaired": [{"path": path, "reason": why} for path, why in mended.not_repaired],
        "aside": [{"path": path, "now": now} for path, now in mended.aside],
        "lost": lost,
        "forgotten": mended.forgotten,
        "with_keys": lost is not None,
        "bytes": mended.bytes,
    }


def repair_custodian(
    case: Case, named: str | os.PathLike[str], *, watch: Watch | None = None
) -> Report:
    """Mend a custodian's copy from the case: everything there is read, and it is brought up to the case."""
    from muniment.evidence.custodians.description import COPY, read_description
    from muniment.evidence.custodians.examination import examine_copy
    from muniment.evidence.custodians.quarantine import Quarantine
    from muniment.verbs.add import one_at_a_time
    from muniment.verbs.copy import bring, refuse_a_weak_passphrase

    refuse_a_weak_passphrase(case)
    row, place = custodians.copy_of(case, named)
    if row is None:
        raise custodians.unknown_custodian(named)
    quarantine = Quarantine(place)
    repaired: list[str] = []
    aside = []
    with one_at_a_time(case):
        try:
            read_description(place)
        except MunimentError:
            aside.append((COPY, quarantine.put(COPY, "it could not be read")))
            repaired.append(COPY)
        carried = bring(
            case, row.name, place, jurisdiction=row.jurisdiction, watch=watch, mended=repaired
        )
        for path in sorted(examine_copy(place, sample=1).unexpected):
            if os.path.lexists(place / path):
                aside.append((printable(path), quarantine.put(path, "nobody put it into the copy")))
    return {
        "custodian": row.name,
        "repaired": repaired,
        "not_repaired": [{"path": path, "reason": why} for path, why in carried.problems],
        "aside": [{"path": path, "now": now} for path, now in aside],
        "lost": None,
        "forgotten": [],
        "with_keys": True,
        "bytes": carried.bytes,
    }
