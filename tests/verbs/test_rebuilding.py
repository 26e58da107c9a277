"""A catalogue lost everywhere, snapshots too: what journal, vault and anchors/ bring back, and what they cannot."""

from __future__ import annotations

import os
import shutil

import pytest
import sqlalchemy as sa

from muniment.case import anchor_tables as anchors
from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.custodian_tables import custodian
from muniment.case.folder import open_folder
from muniment.errors import BadUse, NotFound
from muniment.verbs.case import Case
from muniment.verbs.repair import repair_folder
from tests.authority import REJECTED, Authority
from tests.verbs.stamping import answer, attest, grow, know, requests
from tests.verbs.test_stamp_cosigning import bundle, cosign, desk, forged, keys, other

__all__ = ["desk", "other"]

OF_ANCHORS = (
    anchors.authority,
    anchors.anchor,
    anchors.anchor_file,
    anchors.witness,
    anchors.seen_log,
    anchors.contradiction,
)


def memos(folder):
    """Two files of one line."""
    folder.mkdir(exist_ok=True)
    for number in range(2):
        (folder / f"memo-{number}.txt").write_text(f"Memo {number}: the barge stays.\n")
    return folder


def rows(case, *asked) -> dict[str, list[tuple]]:
    """What stands in these tables, in no order, without the catalogue's own numbers."""
    found = {}
    with case.catalogue.read() as connection:
        for table in asked:
            columns = [column for column in table.c if column.name != "number"]
            found[table.name] = sorted(map(tuple, connection.execute(sa.select(*columns))), key=str)
    return found


def rebuilt(case, *places, snapshots=True, says=()) -> Case:
    """The same case after its catalogue was lost, and each copy's too unless `snapshots` stay.

    `says`: what is named as forgotten, among other things.
    """
    case.close()
    for root in (case.root, *(() if snapshots else places)):
        for path in root.glob("catalogue.db*"):
            path.unlink()
    report = repair_folder(case.root, places, keys=case.keys)
    assert "catalogue.db" in report["repaired"]
    anew = "which files could not be received" in report["forgotten"]
    assert anew is not bool(places and snapshots)
    assert set(says) <= set(report["forgotten"]), report["forgotten"]
    assert (report["not_repaired"], report["lost"]) == ([], [])
    again = Case(open_folder(case.root), case.keys)
    audited = again.audit()
    assert audited["ok"] is True, audited
    return again


def received(case) -> int:
    return sum(act["act"] == "received" for act in case.journal.acts())


def test_the_same_folder_is_not_received_twice(case, leak):
    memos(leak / "first")
    memos(leak / "twice")
    (leak / "strange\nname\udcff.txt").write_text("A name that is not shown as it is.")
    before = case.add([leak], channel="post")
    with rebuilt(case) as again:
        acts = received(again)
        after = again.add([leak])
        assert after == before and received(again) == acts
        assert again.add([leak]) == before and received(again) == acts, "now the places are known"
        with again.catalogue.read() as connection:
            places = set(connection.execute(sa.select(tables.original.c.source)).scalars())
        assert places == {os.fsencode(p) for p in leak.rglob("*") if p.is_file()}
        assert again.add([leak], articles=True)["accession"] == "A2", "articles are another thing"


def test_another_folder_that_looks_the_same_is_received(case, leak, tmp_path):
    case.add([memos(leak)])
    with rebuilt(case) as again:
        for number, change in enumerate((a_byte, a_time, a_file_more, a_file_less, a_name), 2):
            folder = tmp_path / change.__name__ / leak.name
            shutil.copytree(leak, folder)
            change(folder / "memo-1.txt")
            acts = received(again)
            assert again.add([folder])["accession"] == f"A{number}", change
            assert received(again) == acts + 1
        assert again.add([leak])["accession"] == "A1"


def a_byte(path):
    status = path.stat()
    path.write_bytes(path.read_bytes()[:-2] + b"!\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def a_time(path):
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 10**9))


def a_file_more(path):
    path.with_name("more.txt").write_text("more")


def a_file_less(path):
    path.unlink()


def a_name(path):
    path.rename(path.with_name("memo-9.txt"))


def test_what_was_withdrawn_is_not_known_by_its_bytes(case, leak):
    """Nothing of a withdrawn original is left to know it by: the folder counts as another one."""
    case.add([memos(leak)])
    case.withdraw("A1/0001", "source")
    with rebuilt(case) as again:
        assert again.show("A1/0001")["state"] == "withdrawn"
        assert again.add([leak])["accession"] == "A2"


def test_timestamps(sealed, clock, stick, tmp_path):
    """Attested, waited for, refused; a second authority with another hash."""
    tower = Authority(tmp_path / "tower", name="Tower")
    attest(sealed, clock, stick)
    know(sealed, tower, "tower", hash="sha256")
    shutil.rmtree(stick)
    (request,) = requests(sealed, stick)
    reply = request.with_suffix(".tsr")
    reply.write_bytes(REJECTED)
    sealed.stamp(reply=[str(reply)])
    grow(sealed)
    shutil.rmtree(stick)
    requests(sealed, stick)
    assert [one["state"] for one in sealed.stamp()["anchors"]] == [
        "attested",
        "failed",
        "pending",
        "pending",
    ]
    before, said = rows(sealed, *OF_ANCHORS), sealed.stamp()["anchors"]
    with rebuilt(sealed) as again:
        assert rows(again, *OF_ANCHORS) == before
        assert again.stamp()["anchors"] == said
        waiting = sorted(stick.glob("clock-*.tsq"))
        report = again.stamp(reply=[answer(clock, waiting[0])])
        assert [one["state"] for one in report["anchors"]][2:] == ["attested", "pending"]
        assert again.audit()["ok"] is True


def test_an_authority_nobody_was_asked_of_yet_and_one_with_a_revocation_list(
    sealed, clock, stick, tmp_path
):
    know(sealed, clock, "clock", crl=str(clock.revocation_list()), url="http://clock.example/tsa")
    (request,) = requests(sealed, stick)
    sealed.stamp(reply=[answer(clock, request)])
    know(sealed, Authority(tmp_path / "tower", name="Tower"), "tower")
    said = sealed.stamp()
    assert said["anchors"][0]["revocation"]
    with rebuilt(sealed) as again:
        now = again.stamp()
        assert now["anchors"] == said["anchors"]
        assert [{**one, "url": ""} for one in said["authorities"]] == now["authorities"]


def test_who_cosigns_whom(sealed, other, desk):
    """Both newsrooms lose their catalogues, after a story that was refused."""
    log, cosigner = keys(sealed)[0], keys(other)[1]
    cosign(other, bundle(sealed, desk), desk, key=log)
    sealed.stamp(witness="desk", key=cosigner, reply=[str(desk / "ours.cosigned")])
    (desk / "forged").write_bytes(forged(sealed, 256, 0))
    with pytest.raises(Exception, match="split-view"):
        cosign(other, str(desk / "forged"), desk)
    before = [rows(one, *OF_ANCHORS) for one in (sealed, other)]
    with rebuilt(sealed) as ours, rebuilt(other) as theirs:
        assert [rows(one, *OF_ANCHORS) for one in (ours, theirs)] == before
        with pytest.raises(Exception, match="split-view"):
            cosign(theirs, str(desk / "forged"), desk)
        assert len(theirs.status()["cosigning"]["contradictions"]) == 1
        grow(ours)
        cosign(theirs, bundle(ours, desk), desk)
        report = ours.stamp(reply=[str(desk / "ours.cosigned")])
        assert report["problems"] == []
        assert report["cosigning"]["witnesses"][0]["size"] == 512


def test_keys_that_early_acts_do_not_hold_are_given_again_and_proved(
    sealed, other, desk, monkeypatch
):
    """Acts of earlier versions have no `vkey`."""
    log, cosigner = keys(sealed)[0], keys(other)[1]
    for case in (sealed, other):
        record = case.record

        def early(act, details, record=record, **more):
            return record(act, {n: v for n, v in details.items() if n != "vkey"}, **more)

        monkeypatch.setattr(case, "record", early)
    cosign(other, bundle(sealed, desk), desk, key=log)
    sealed.stamp(witness="desk", key=cosigner, reply=[str(desk / "ours.cosigned")])
    lost = "the key of the witness desk", f"the key of the log {sealed.keys.log_name}"
    with rebuilt(sealed, says=lost[:1]) as ours, rebuilt(other, says=lost[1:]) as theirs:
        assert ours.stamp()["cosigning"]["witnesses"][0]["size"] == 256
        grow(ours)
        new = bundle(ours, desk)
        with pytest.raises(BadUse, match="lost with the catalogue"):
            cosign(theirs, new, desk)
        with pytest.raises(Exception, match="No known key"):
            cosign(theirs, new, desk, key=_another(log))
        cosign(theirs, new, desk, key=log)
        cosign(theirs, new, desk)
        with pytest.raises(BadUse, match="another key"):
            ours.stamp(witness="desk", key=_another(cosigner, 4))
        report = ours.stamp(witness="desk", key=cosigner, reply=[str(desk / "ours.cosigned")])
        assert report["problems"] == []
        assert report["cosigning"]["witnesses"][0]["size"] == 512


def _another(vkey: str, kind: int = 1) -> str:
    """A key of the same name that is another."""
    from muniment.evidence.log.cosignature import Cosigner
    from muniment.evidence.log.note import Signer

    name = vkey.split("+")[0]
    make = Signer if kind == 1 else Cosigner
    return make.from_private_bytes(name, b"z" * 32).vkey


@pytest.mark.parametrize("snapshots", [True, False])
def test_custodians(case, leak, tmp_path, snapshots):
    """The one at hand is known as it was; of the other the name and the law, until somebody says where it lies."""
    case.add([memos(leak)])
    case.copy(tmp_path / "far", name="far", jurisdiction="CH")
    case.audit(custodian="far")
    case.copy(tmp_path / "stick", name="stick", jurisdiction="IS")
    before = rows(case, custodian)["custodian"]
    (tmp_path / "far").rename(tmp_path / "away")
    says = () if snapshots else ("where the copy of far lies",)
    with rebuilt(case, tmp_path / "stick", snapshots=snapshots, says=says) as again:
        far, near = rows(again, custodian)["custodian"]
        assert near == before[1]
        said = {one["name"]: one for one in again.status()["custodians"]}
        assert (said["far"]["state"], said["far"]["jurisdiction"]) == ("missing", "CH")
        assert said["far"]["audited"] and said["stick"]["state"] == "current"
        if snapshots:
            assert far == before[0]
            return
        for attempt in (lambda: again.copy("far"), lambda: again.audit(custodian="far")):
            with pytest.raises(NotFound, match="Nobody knows any more where"):
                attempt()
        assert again.withdraw("A1/0002", "source")["custodians_pending"] == ["far"]
        again.copy(tmp_path / "away", name="far")
        said = {one["name"]: one for one in again.status()["custodians"]}
        assert set(said) == {"far", "stick"} and said["far"]["state"] == "current"


def test_lost_acts_that_put_something_into_the_log(case, leak, tmp_path):
    """A commitment and padding nobody has any more: the log stays explained, and the case goes on."""
    case.add([memos(leak)])
    case.copy(tmp_path / "stick", name="stick")
    grow(case)
    from muniment.verbs.committing import pad_log

    pad_log(case)
    lost = {act["act"] for act in case.journal.acts() if act["sequence"] > _last_at(tmp_path)}
    assert {"committed", "padded"} <= lost
    case.close()
    for path in case.folder.journal.iterdir():
        if int(path.name.partition(".")[0]) > _last_at(tmp_path):
            path.unlink()
    report = repair_folder(case.root, [tmp_path / "stick"], keys=case.keys)
    named = {one["path"] for one in report["not_repaired"]}
    assert named and all(path.startswith("journal/") for path in named)
    with Case(open_folder(case.root), case.keys) as again:
        again.accept_older()
        audited = again.audit()
        assert audited["ok"] is True, audited
        grow(again)
        pad_log(again)
        assert again.audit()["ok"] is True and again.log.size % 256 == 0
        with again.catalogue.read() as connection:
            acts = connection.execute(sa.select(custody.commitment.c.act)).scalars().all()
        assert any(act < 0 for act in acts), "kept under numbers no act has"


def _last_at(tmp_path) -> int:
    return max(int(p.name.partition(".")[0]) for p in (tmp_path / "stick" / "journal").iterdir())
