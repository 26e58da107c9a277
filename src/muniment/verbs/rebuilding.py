"""Making the catalogue good from the journal and the manifests in the vault.

What those say was received, sealed or withdrawn and the catalogue does not have is put into it. What it has stays.
So an older snapshot is brought up to the vault beside it, and an empty catalogue is filled. Documents come as
`waiting`: the next `add` reads them. What nothing but the catalogue knew is lost: where files lay when they were
received (`add` of the same files finds that again: received_before.py), files that could not be received, and the
names of those whose bytes nobody has any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.seal_tables import seal
from muniment.errors import MunimentError
from muniment.verbs.custodians import today
from muniment.verbs.erasing import withdrawn_rows
from muniment.verbs.manifests import Sealed, sealed_objects
from muniment.verbs.noting import Row, files_of, insert, row_of
from muniment.verbs.put_back import carry_out_all
from muniment.verbs.rebuilding_seals import page_seals_again
from muniment.verbs.withdraw import WHY, withdraw_again

if TYPE_CHECKING:
    from muniment.verbs.case import Case

LOST = "was received and sealed, and its bytes are lost: no copy that was asked has them"


@dataclass(frozen=True, slots=True)
class Received:
    """A received file as the journal keeps it for ever; `file` is all the catalogue wants of it, where that is known.

    `reason` is a word of WHY where it was withdrawn, else "".
    """

    document: str
    reference: str
    root: str
    day: str
    kind: str = "documents"
    channel: str = ""
    file: Mapping[str, Any] | None = None
    reason: str = ""

    @property
    def accession(self) -> int:
        """The number of its accession."""
        return int(self.reference.split("/")[0].removeprefix("A"))

    @property
    def order(self) -> tuple[int, int]:
        """Its place among all."""
        return self.accession, int(self.reference.split("/")[1])


def make_good(case: Case) -> int:
    """Put into the catalogue what journal and vault know beyond it; returns how many originals came."""
    objects = list(sealed_objects(case))
    originals = [one for one in objects if not one.pages]
    received = list(_received(case, originals))
    with case.catalogue.write() as connection:
        known = set(connection.execute(sa.select(tables.document.c.document)).scalars())
        fresh = sorted((r for r in received if r.document not in known), key=lambda r: r.order)
        _accessions(connection, fresh)
        _insert(connection, fresh)
        _found_again(connection, [one for one in received if one.document in known])
        for one in originals:
            _batch(case, connection, one)
    page_seals_again(case, [one for one in objects if one.pages])
    carry_out_all(case)
    _places_in_the_log(case)
    _withdraw_again(case, received, objects)
    return len(fresh)


def _received(case: Case, originals: list[Sealed]) -> Iterator[Received]:
    """Every file that an act or a manifest says was received."""
    sealed = {file["root"]: file for one in originals for file in one.files()}
    gone = {file["root"]: file["reason"] for one in originals for file in one.withdrawn()}
    acts = list(_acts(case))
    for act in acts:
        if act["act"] == "withdrawn":
            gone[act["details"]["root"]] = act["details"]["reason"]
    told = set()
    for act in acts:
        if act["act"] != "received" or not act["details"]["files"]:
            continue
        enclosed = _enclosed(case, act)
        for file in act["details"]["files"]:
            root = file["root"]
            told.add(root)
            yield Received(
                document=file["document"],
                reference=file["reference"],
                root=root,
                day=act["day"],
                kind=act["details"].get("kind", "documents"),
                channel=act["details"].get("channel", ""),
                file=_joined(enclosed.get(root), sealed.get(root)),
                reason=gone.get(root, ""),
            )
    for root, file in sealed.items():
        if root not in told:
            yield Received(file["document"], file["reference"], root, today(), file=file)


def _acts(case: Case) -> Iterator[dict[str, Any]]:
    """Every act up to where the journal breaks."""
    try:
        yield from case.journal.acts()
    except MunimentError:
        return


def _enclosed(case: Case, act: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What is enclosed with an act, by root, where its ciphertext still waits in staging."""
    try:
        files = files_of(act, case.journal.enclosure(int(act["sequence"])))
    except MunimentError:
        return {}
    return {file["root"]: file for file in files}


def _joined(
    enclosed: Mapping[str, Any] | None, sealed: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """What is sealed counts; where it lay stands only in what was enclosed."""
    if sealed is None or enclosed is None:
        return sealed or enclosed
    return {**sealed, **{name: enclosed[name] for name in ("location", "modified")}}


def _accessions(connection: sa.Connection, fresh: list[Received]) -> None:
    """Accessions nobody knows any more. Where their files came from is not known; `add` reads them all the same."""
    known = set(connection.execute(sa.select(tables.accession.c.number)).scalars())
    groups: dict[int, list[Received]] = defaultdict(list)
    for one in fresh:
        if one.accession not in known:
            groups[one.accession].append(one)
    for number, members in sorted(groups.items()):
        connection.execute(
            sa.insert(tables.accession).values(
                number=number,
                accession=f"A{number}",
                kind=members[0].kind,
                sources="[]",
                day=members[0].day,
                stage="reading",
                originals=0,
            )
        )
        if members[0].channel:
            values = {"accession": number, "channel": members[0].channel}
            connection.execute(sa.insert(custody.channel).values(values))


def _insert(connection: sa.Connection, fresh: list[Received]) -> None:
    """The rows of files the catalogue does not have: to be read, withdrawn, or accounted for as lost."""
    top = connection.execute(sa.select(sa.func.max(tables.document.c.number))).scalar()
    groups: dict[int, list[Row]] = defaultdict(list)
    for number, one in enumerate(fresh, int(top or 0) + 1):
        groups[one.accession].append(_row(one, number))
    for accession, rows in groups.items():
        insert(connection, rows, accession)


def _row(one: Received, number: int) -> Row:
    if one.reason:
        root = bytes.fromhex(one.root)
        return withdrawn_rows(
            number, one.document, one.reference, one.accession, root, WHY[one.reason]
        )
    if one.file is None:
        return {
            "number": number,
            "document": one.document,
            "reference": one.reference,
            "accession": one.accession,
            "path": one.reference,
            "name": one.reference,
            "state": "failed",
            "reason": LOST,
        }, None
    return row_of(dict(one.file), one.accession, number)


def _found_again(connection: sa.Connection, known: list[Received]) -> None:
    """Files that were given up as lost and whose bytes are here after all wait to be read."""
    document, original = tables.document.c, tables.original.c
    query = (
        sa.select(document.document, document.number)
        .outerjoin(tables.original, original.number == document.number)
        .where(original.number.is_(None), document.reason == LOST)
    )
    given_up = {row.document: row.number for row in connection.execute(query)}
    for one in known:
        number = given_up.get(one.document)
        if number is None or (one.file is None and not one.reason):
            continue
        row, had = _row(one, number)
        assert had is not None
        connection.execute(sa.insert(tables.original).values(**had))
        values = {"state": "waiting", "reason": "", **row}
        connection.execute(
            sa.update(tables.document).where(document.number == number).values(**values)
        )


def _batch(case: Case, connection: sa.Connection, one: Sealed) -> None:
    """The batch an object is, and which originals are in it: each by its root, which stays when all else goes."""
    batch, original, manifest = tables.batch.c, tables.original.c, one.manifest
    known = connection.execute(sa.select(batch.number).where(batch.object == one.name)).scalar()
    if known is not None:
        return
    root = bytes.fromhex(manifest["root"])
    index = case.log.index_of(root)
    inserted = connection.execute(
        sa.insert(tables.batch).values(
            accession=int(manifest["accession"].removeprefix("A")),
            object=one.name,
            tree=bytes.fromhex(manifest["tree"]),
            key=bytes.fromhex(manifest["key"]),
            root=root,
            log_index=index,
            stage="sealing" if index is None else "sealed",
        )
    )
    assert inserted.inserted_primary_key is not None
    number = inserted.inserted_primary_key[0]
    connection.execute(
        sa.update(tables.original)
        .where(original.root == sa.bindparam("which"), original.batch.is_(None))
        .values(batch=number, leaf=sa.bindparam("place")),
        [
            {"which": bytes.fromhex(file["root"]), "place": place}
            for place, file in enumerate(manifest["files"])
        ],
    )


def _places_in_the_log(case: Case) -> None:
    """Which entries hold what custody put there; what is not there yet is brought there by the next who works."""
    from muniment.verbs.committing import padding

    with case.catalogue.write() as connection:
        for table in (custody.commitment, custody.padding):
            for row in connection.execute(
                sa.select(table).where(table.c.log_index.is_(None))
            ).all():
                first = (
                    bytes(row.root)
                    if table is custody.commitment
                    else padding(bytes(row.seed), 1)[0]
                )
                connection.execute(
                    sa.update(table)
                    .where(table.c.act == row.act)
                    .values(log_index=case.log.index_of(first))
                )


def _withdraw_again(case: Case, received: list[Received], objects: list[Sealed]) -> None:
    """What was withdrawn is withdrawn here too, also where an older catalogue or an older object was put back."""
    gone = {one.reference: one for one in received if one.reason}
    if not gone:
        return
    document, original = tables.document.c, tables.original.c
    query = (
        sa.select(document.reference)
        .outerjoin(tables.original, original.number == document.number)
        .where(sa.or_(document.state != "withdrawn", original.stored != ""))
    )
    with case.catalogue.write() as connection:
        for one in objects:
            for file in one.manifest["files"]:
                if file.get("state") != "withdrawn" and _original_of(file) in gone:
                    _still_in(connection, one, file)
        unfinished = set(connection.execute(query).scalars())
    for reference, received_one in gone.items():
        if reference in unfinished:
            withdraw_again(case, received_one.document, received_one.reason)


def _original_of(file: Mapping[str, Any]) -> str:
    return str(file["reference"]).partition(".")[0]


def _still_in(connection: sa.Connection, one: Sealed, file: Mapping[str, Any]) -> None:
    """Note by which name something withdrawn lies in an object again: by it the withdrawal finds it."""
    stored, root = file["content"], bytes.fromhex(file["root"])
    table = seal if one.pages else tables.original
    connection.execute(sa.update(table).where(table.c.root == root).values(stored=stored))
    document, original = tables.document.c, tables.original.c
    number = sa.select(document.number).where(document.reference == _original_of(file))
    connection.execute(
        sa.update(tables.original)
        .where(original.number == number.scalar_subquery(), original.stored == "")
        .values(stored=stored)
    )
