"""new --from: the case made again from one copy; what the copy has lost is told exactly."""

import random
import shutil

import pytest

from muniment.errors import BadUse, NoKey, NotFound
from muniment.verbs.case import Case
from tests.verbs.copies import originals, papers
from tests.verbs.test_repair import PASSPHRASE


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A case of two accessions, one of them articles, whose machine is lost; its copy and recovery identity."""
    desk = tmp_path_factory.mktemp("desk")
    case, recovery = Case.new(desk / "harbour", PASSPHRASE)
    with case:
        case.add([papers(desk / "leak")])
        case.add([papers(desk / "press", seed=12)], articles=True)
        case.copy(desk / "stick", jurisdiction="IS")
        first = originals(case)
        listed = case.documents()["documents"]
        texts = {d["reference"]: case.show(d["document"], text=True)["text"] for d in listed}
    case.lock()
    shutil.rmtree(desk / "harbour.muniment")
    return desk, recovery, texts, first


@pytest.fixture
def stick(made, tmp_path):
    shutil.copytree(made[0] / "stick", tmp_path / "stick")
    return tmp_path / "stick"


@pytest.fixture
def restored(stick, tmp_path):
    """Restore with the passphrase, or another secret; locked afterwards."""
    opened = []

    def restore(secret=PASSPHRASE, name="again"):
        case, report = Case.restore(tmp_path / name, stick, secret)
        opened.append(case)
        return case, report

    yield restore
    for case in opened:
        if case.root.exists():
            case.lock()


def _texts(case):
    listed = case.documents()["documents"]
    return {d["reference"]: case.show(d["document"], text=True)["text"] for d in listed}


@pytest.mark.parametrize("by", ["passphrase", "recovery identity"])
def test_everything_comes_back_and_the_case_goes_on(made, restored, stick, tmp_path, by):
    case, report = restored(made[1] if by == "recovery identity" else PASSPHRASE)
    assert report["not_repaired"] == [] and report["lost"] == []
    assert case.audit()["ok"] is True and _texts(case) == made[2]
    assert case.audit(custodian=stick)["state"] in ("current", "behind")
    assert [a["kind"] for a in case.status()["accessions"]] == ["documents", "articles"]
    assert case.add([made[0] / "leak"])["accession"] == "A1", "nothing is received twice"
    case.add([papers(tmp_path / "more", seed=13)])
    assert case.copy(stick)["objects"] == 2
    assert case.audit(custodian=stick)["state"] == "current"


@pytest.mark.parametrize("lost", ["catalogue", "catalogue and journal"])
def test_a_lost_snapshot_is_made_good_from_journal_and_manifests(made, restored, stick, lost):
    (stick / "catalogue.db").write_bytes(b"lost")
    if lost != "catalogue":
        shutil.rmtree(stick / "journal")
    case, report = restored()
    assert report["lost"] == []
    before = case.status()
    assert before["accounting"]["states"] == {"waiting": 10}
    if lost == "catalogue":
        assert case.audit()["ok"] is True
        assert [a["kind"] for a in before["accessions"]] == ["documents", "articles"]
        assert case.add([])["accession"] == "A2", "nothing but what waits"
        assert case.status()["accounting"]["states"] == {"extracted": 10}
        assert case.audit()["ok"] is True
        note = made[0] / "something-new.txt"
        note.write_text("a note")
        assert case.add([note])["states"] == {"extracted": 1} and case.audit()["ok"] is True
    else:
        (made[0] / "later").mkdir(exist_ok=True)
        (made[0] / "later" / "note.txt").write_text("a note")
        case.add([made[0] / "later"])
    assert _texts(case).items() >= made[2].items()


def test_an_older_snapshot_is_brought_up_to_vault_and_journal(made, restored, stick, tmp_path):
    """As after a copy that was cut off: the vault is newer than the catalogue."""
    case, _ = restored()
    old = (stick / "catalogue.db").read_bytes()
    said = (stick / "COPY.json").read_bytes()
    case.add([papers(tmp_path / "more", seed=14)])
    case.copy(stick)
    case.close()
    (stick / "catalogue.db").write_bytes(old)
    (stick / "COPY.json").write_bytes(said)
    again, report = restored(name="third")
    assert report["lost"] == []
    assert again.status()["accounting"]["expected"] == 15
    again.add([])
    assert again.audit()["ok"] is True
    assert again.status()["accounting"]["states"] == {"extracted": 15}


def test_what_a_cut_off_copy_brought_ahead_is_no_part_of_it(
    made, restored, stick, tmp_path, monkeypatch
):
    """Objects come first: what is there and not described yet is not told to be lost, and the rest is whole."""
    earlier = shutil.copytree(stick, tmp_path / "earlier")
    case, _ = restored()
    case.add([papers(tmp_path / "more", seed=15)])
    case.copy(stick)
    ahead = [
        one for one in (stick / "vault").iterdir() if not (earlier / "vault" / one.name).exists()
    ]
    for one in ahead:
        shutil.copytree(one, earlier / "vault" / one.name)
    case.lock()
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "another-machine"))
    again, report = Case.restore(tmp_path / "third", earlier, PASSPHRASE)
    with again:
        assert len(ahead) == 2 and report["not_repaired"] == [] and report["lost"] == []
        assert again.audit()["ok"] is True and _texts(again) == made[2]
    again.lock()


def test_the_last_copy_has_lost_its_description(made, restored, stick):
    (stick / "COPY.json").write_bytes(b"torn")
    case, report = restored()
    assert report["not_repaired"] == [] and report["lost"] == []
    assert case.audit()["ok"] is True and _texts(case) == made[2]


def test_one_per_cent_of_the_last_copy_is_damaged(made, restored, stick, tmp_path):
    """Two of three custodians are destroyed and the third has lost chunks: what is left is told exactly."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"paper-{number:03d}.txt").write_text(f"paper {number} " * (10 + number * 300))
    case, _ = restored()
    case.add([folder])
    for name in ("first", "second"):
        case.copy(tmp_path / name, name=name)
    case.copy(stick)
    whole = {d["reference"]: d for d in case.documents()["documents"]}
    originals = {ref: case.show(ref, text=True)["text"] for ref in whole}
    place = _places(case)
    for gone in (tmp_path / "first", tmp_path / "second", case.root):
        case.lock()
        shutil.rmtree(gone)
    chance = random.Random(20261105)
    chunks = [(path, at) for path in place for at in range(0, (stick / path).stat().st_size, 65536)]
    hit = chance.sample(chunks, max(2, len(chunks) // 100))
    for path, at in hit:
        content = bytearray((stick / path).read_bytes())
        content[min(at + chance.randrange(65536), len(content) - 1)] ^= 1
        (stick / path).write_bytes(content)
    expected = sorted({place[path] for path, _ in hit})
    left, report = restored(name="left")
    assert sorted(one["reference"] for one in report["lost"]) == expected
    assert sorted(one["path"] for one in report["not_repaired"]) == sorted(
        {path for path, _ in hit}
    )
    audited = left.audit()
    assert audited["ok"] is False and set(audited["missing"]) == {path for path, _ in hit}
    for reference, text in originals.items():
        assert left.show(reference, text=True)["text"] == text
        if reference not in expected:
            assert _bytes_are_sealed(left, reference)
    without = left.repair([stick])
    assert sorted(one["reference"] for one in without["lost"]) == expected


def _places(case):
    """Where each original lies in the vault, and its reference."""
    import sqlalchemy as sa

    from muniment.case import catalogue as tables

    document, original, batch = tables.document.c, tables.original.c, tables.batch.c
    query = (
        sa.select(batch.object, original.stored, document.reference)
        .join(tables.original, original.batch == batch.number)
        .join(tables.document, document.number == original.number)
    )
    with case.catalogue.read() as connection:
        rows = connection.execute(query).all()
    return {f"vault/{r.object}/v1/content/{r.stored}": r.reference for r in rows}


def _bytes_are_sealed(case, reference):
    import hashlib

    import sqlalchemy as sa

    from muniment.case import catalogue as tables

    document, original, batch = tables.document.c, tables.original.c, tables.batch.c
    query = (
        sa.select(batch.object, original.stored, original.sha512, document.size)
        .join(tables.original, original.batch == batch.number)
        .join(tables.document, document.number == original.number)
        .where(document.reference == reference)
    )
    with case.catalogue.read() as connection:
        row = connection.execute(query).one()
    content = case.vault.read(row.object, row.stored, row.size, case.keys.identity)
    return hashlib.sha512(content).digest() == bytes(row.sha512)


def test_an_object_whose_inventory_is_lost_is_named_and_can_come_later(
    made, restored, stick, tmp_path
):
    shutil.copytree(stick, tmp_path / "good")
    name = made[3]
    shutil.rmtree(stick / "vault" / name)
    (stick / "catalogue.db").unlink()
    case, report = restored()
    assert [one["path"] for one in report["not_repaired"]] == [f"vault/{name}"]
    assert len(report["lost"]) == 5
    states = case.status()["accounting"]["states"]
    assert states == {"waiting": 5, "failed": 5}
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "note.txt").write_text("a note")
    case.add([tmp_path / "later"])
    mended = case.repair([tmp_path / "good"])
    assert mended["lost"] == [] and mended["not_repaired"] == []
    (tmp_path / "later" / "more.txt").write_text("another note")
    case.add([tmp_path / "later"])
    assert _texts(case).items() >= made[2].items()


def test_what_cannot_be_restored_is_refused(made, restored, stick, tmp_path):
    with pytest.raises(NoKey):
        restored("not the passphrase")
    assert not (tmp_path / "again.muniment").exists()
    with pytest.raises(NotFound):
        Case.restore(tmp_path / "again", tmp_path / "nowhere", PASSPHRASE)
    restored()
    with pytest.raises(BadUse):
        restored()


def test_at_the_command_line(stick, muniment):
    secret = {"MUNIMENT_PASSPHRASE": PASSPHRASE}
    report = muniment.json("new", "again", "--from", stick, **secret)
    assert report["lost"] == [] and report["audit"]["ok"] is True and report["waiting"] == 0
    said = muniment.run("new", "other", "--from", stick, **secret)
    assert said.returncode != 0 and "--accept-older" in said.stderr, "the audit above was an act"
    muniment.error("status", "other", status=said.returncode, **secret)
    muniment.json("custody", "other", "--accept-older", **secret)
    assert muniment.json("status", "other", **secret)["accounting"]["expected"] == 10
    assert muniment.json("audit", "other", **secret)["ok"] is True
