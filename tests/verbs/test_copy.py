"""copy: what comes to a custodian, what is refused, what is replaced, what is never taken away."""

import json
import shutil

import pytest

from muniment.case.catalogue import open_catalogue
from muniment.case.folder import Folder
from muniment.case.keys import open_keys
from muniment.case.labels import WORDS
from muniment.errors import BadUse, Damaged, MunimentError, Refused
from muniment.evidence.custodians.description import COPY, Description, read_description
from muniment.verbs.case import Case, audit_copy_at
from muniment.verbs.noting import carried_out
from tests.verbs.copies import contents, files_below, flip, originals, papers


@pytest.fixture
def sealed(case, leak):
    case.add([papers(leak / "first")])
    return case


@pytest.fixture
def stick(tmp_path):
    return tmp_path / "stick"


def test_a_copy_holds_everything_and_can_be_audited_without_keys(sealed, stick):
    report = sealed.copy(stick, jurisdiction="is", name="Reykjavik")
    assert (report["custodian"], report["jurisdiction"], report["objects"]) == (
        "Reykjavik",
        "IS",
        2,  # the originals, and what was sealed of their pages
    )
    assert report["problems"] == [] and report["same_disk"] is True
    audited = audit_copy_at(stick)
    assert audited["ok"] is True and audited["with_keys"] is False
    for folder in ("vault", "log", "keys"):
        assert contents(stick / folder) == contents(sealed.root / folder)
    [holder] = sealed.status()["custodians"]
    assert holder["state"] == "current" and holder["audited"] is None
    assert sealed.status()["copies"] == {"custodians": 1, "jurisdictions": 1}
    assert sealed.log.size % 256 == 0, "the size of a log that leaves the house tells little"


def test_the_second_copy_brings_only_what_lacks(sealed, stick, leak):
    name = sealed.copy(stick)["custodian"]
    vault = {path: (stick / "vault" / path).stat().st_ino for path in files_below(stick / "vault")}
    sealed.add([papers(leak / "second", seed=8)])
    assert sealed.status()["custodians"][0]["state"] == "behind"
    assert sealed.audit(custodian=name)["state"] == "behind"
    assert sealed.copy(name)["objects"] == 2
    assert all((stick / "vault" / path).stat().st_ino == inode for path, inode in vault.items())
    assert sealed.audit(custodian=name)["state"] == "current"
    assert sealed.copy(stick)["objects"] == 0
    assert not (stick / "incoming").exists()


def test_nothing_at_the_custodian_is_in_clear(sealed, stick):
    sealed.copy(stick)
    for path, content in contents(stick).items():
        assert b"Memo" not in content and b"ledger" not in content, path
        assert b"first" not in content, path


def test_a_snapshot_is_consistent_while_another_writes(sealed, tmp_path):
    from muniment.case.catalogue import open_catalogue, setting
    from muniment.verbs.copy import snapshot

    path = tmp_path / "snapshot.db"
    with sealed.catalogue.write() as connection:
        connection.execute(setting.insert().values(name="half", value="not committed"))
        snapshot(sealed, path)
    assert b"SQLite format" not in path.read_bytes()[:100]
    taken = open_catalogue(path, sealed.keys.catalogue)
    assert taken.setting("half", "absent") == "absent" and taken.setting("schema") != ""
    taken.close()


def test_places_that_are_refused(sealed, stick, tmp_path):
    from muniment.case.folder import describe, random_name

    for inside in (sealed.root, sealed.root / "vault", sealed.root / "new"):
        with pytest.raises(BadUse):
            sealed.copy(inside)
    with pytest.raises(BadUse):
        sealed.copy(tmp_path / "nowhere" / "deep")
    other = type(sealed.folder)(root=tmp_path / "other.muniment", identifier=random_name(20))
    shutil.copytree(sealed.root, other.root)
    describe(other)
    for place in (other.root, other.root / "vault"):
        with pytest.raises(BadUse):
            sealed.copy(place)
    sealed.copy(stick)
    with Case(other, sealed.keys) as another, pytest.raises(Refused):
        another.copy(stick)


def test_a_disk_with_other_things_on_it_gets_a_folder_of_its_own(sealed, stick):
    stick.mkdir()
    (stick / "holiday.jpg").write_bytes(b"x")
    report = sealed.copy(stick, name="disk")
    assert report["location"] == str(stick / f"muniment-{sealed.folder.identifier}")
    assert audit_copy_at(stick)["ok"] is True and (stick / "holiday.jpg").exists()
    assert sealed.copy("disk")["objects"] == 0


def test_an_empty_mount_point_is_not_taken_for_the_disk(sealed, stick):
    name = sealed.copy(stick)["custodian"]
    shutil.rmtree(stick)
    stick.mkdir()
    with pytest.raises(Refused, match="not at"):
        sealed.copy(name)
    assert sealed.status()["custodians"][0]["state"] == "missing"
    assert sealed.copy(name, anew=True)["objects"] == 2


@pytest.mark.parametrize("label", ["UK", "zz", "", "x" * 41, "a\nb\x07"])
def test_jurisdictions_that_are_none(sealed, stick, label):
    with pytest.raises(BadUse):
        sealed.copy(stick, jurisdiction=label)
    assert not stick.exists()


def test_a_weak_passphrase_is_refused(muniment):
    weak = {"MUNIMENT_PASSPHRASE": "bakoti rumesa dilovu"}
    muniment.json("new", "weak", **weak)
    error = muniment.error("copy", "weak", muniment.folder / "stick", status=1, **weak)
    assert error["code"] == "refused" and not (muniment.folder / "stick").exists()
    strong = {"MUNIMENT_PASSPHRASE": "bakoti rumesa dilovu hasita goluve"}
    muniment.json("new", "strong", **strong)
    assert muniment.json("copy", "strong", "stick", **strong)["state"] == "current"
    said = muniment.run("copy", "strong", "stick", **strong)
    assert "same disk" in said.stderr and "--jurisdiction" in said.stdout


def test_what_is_damaged_here_is_not_copied_and_is_named(sealed, stick, leak):
    name = originals(sealed)
    content = sealed.root / "vault" / name / "v1" / "content"
    flip(max(content.iterdir(), key=lambda path: path.stat().st_size))
    report = sealed.copy(stick)
    assert report["objects"] == 1 and report["state"] == "behind"
    assert [p["path"].startswith(f"vault/{name}/") for p in report["problems"]] == [True]
    assert not (stick / "vault" / name).exists(), "nothing of an object is seen before it is whole"


def test_damage_here_never_goes_over_what_is_good_there(sealed, stick):
    sealed.copy(stick)
    good = contents(stick / "keys") | contents(stick / "journal")
    flip(sealed.root / "keys" / "recovery.age")
    flip(sealed.root / "keys" / "passphrase.age")
    report = sealed.copy(stick)
    assert {p["path"] for p in report["problems"]} == {"keys/recovery.age", "keys/passphrase.age"}
    assert (contents(stick / "keys") | contents(stick / "journal")).items() >= good.items()
    name = originals(sealed)
    shutil.rmtree(sealed.root / "vault" / name)
    sealed.copy(stick)
    assert (stick / "vault" / name / "inventory.json").exists()
    assert audit_copy_at(stick)["ok"] is True


def test_keys_that_an_act_says_were_changed_are_replaced_there(sealed, stick):
    sealed.copy(stick)
    before = contents(stick / "keys")
    recovery = sealed.key_rotate(only="recovery")["recovery_identity"]
    assert sealed.copy(stick)["problems"] == []
    assert contents(stick / "keys") == contents(sealed.root / "keys") != before
    assert audit_copy_at(stick)["ok"] is True
    assert open_keys(Folder(stick, sealed.folder.identifier), recovery).identity


def test_what_an_act_says_of_a_copy_names_nobody(sealed, stick):
    name = sealed.copy(stick, jurisdiction="IS")["custodian"]
    last = sealed.journal.last()
    assert last["act"] == "copied" and set(last["details"]) == {
        "custodian",
        "kind",
        "jurisdiction",
        "objects",
        "log",
    }
    assert name in WORDS and str(stick) not in json.dumps(last)
    assert name in sealed.custody()["acts"][-1]["words"]


def test_the_copy_holds_the_act_of_its_own_making(sealed, stick):
    """So nothing that this account has seen is newer than the copy."""
    sealed.copy(stick)
    assert sorted(contents(stick / "journal")) == sorted(contents(sealed.root / "journal"))
    copied = open_catalogue(stick / "catalogue.db", sealed.keys.catalogue)
    with copied.read() as connection:
        assert carried_out(connection) == sealed.journal.head()
    copied.close()
    assert sealed.status()["custodians"][0]["state"] == "current"


def test_after_a_withdrawal_nothing_of_the_document_is_left_where_a_copy_is_reached(
    sealed, stick, tmp_path
):
    near, far = sealed.copy(stick)["custodian"], sealed.copy(tmp_path / "far")["custodian"]
    name, snapshot = originals(sealed), (stick / "catalogue.db").read_bytes()
    manifest = json.loads(sealed.vault.read_manifest(name, sealed.keys.identity))
    entry = next(f for f in manifest["files"] if f["reference"] == "A1/0001")
    ciphertext = (stick / "vault" / name / "v1" / "content" / entry["content"]).read_bytes()
    (tmp_path / "far").rename(tmp_path / "away")
    answer = sealed.withdraw("A1/0001", "source")
    assert answer["custodians_pending"] == [far] and near != far
    for path, content in contents(stick).items():
        assert entry["content"] not in path and ciphertext != content and snapshot != content
    inventory = (stick / "vault" / name / "inventory.json").read_text()
    assert entry["content"] not in inventory
    assert audit_copy_at(stick)["ok"] is True
    assert contents(stick / "vault") == contents(sealed.root / "vault")
    assert sealed.audit()["ok"] is True
    (tmp_path / "away").rename(tmp_path / "far")
    assert sealed.withdraw("A1/0001", "source")["custodians_pending"] == []
    for path in files_below(tmp_path / "far"):
        assert entry["content"] not in path
    assert sealed.audit(custodian=far)["state"] == "current"


def test_a_later_copy_confirms_a_withdrawal_too(sealed, stick, tmp_path):
    far = sealed.copy(stick)["custodian"]
    stick.rename(tmp_path / "away")
    assert sealed.withdraw("A1/0001", "source")["custodians_pending"] == [far]
    (tmp_path / "away").rename(stick)
    assert sealed.copy(far)["problems"] == []
    acts = len(sealed.journal.numbers())
    assert sealed.withdraw("A1/0001", "source")["custodians_pending"] == []
    assert len(sealed.journal.numbers()) == acts, "nothing had to be copied for that"


def test_an_object_that_was_not_sealed_replaces_nothing(sealed, stick, tmp_path):
    from muniment.evidence.vault import Vault

    sealed.copy(stick)
    name = originals(sealed)
    good = contents(stick / "vault")
    shutil.rmtree(sealed.root / "vault" / name)
    (tmp_path / "forgery").mkdir()
    Vault(sealed.root / "vault").seal(name, tmp_path / "forgery", [], b"{}", sealed.keys.recipient)
    report = sealed.copy(stick)
    assert [p["path"] for p in report["problems"]] == [f"vault/{name}"]
    assert contents(stick / "vault") == good


def test_what_was_received_and_not_sealed_yet_is_sealed_first(case, stick, leak):
    """A copy holds everything acknowledged, also while an accession is not finished."""
    import sqlalchemy as sa

    from muniment.case import catalogue as tables
    from muniment.verbs.listing import Listing
    from muniment.verbs.receiving import Receiving
    from muniment.verbs.sources import absolute

    class Cut(BaseException):
        pass

    def stop(progress):
        if progress.stage == "sealing":
            raise Cut

    papers(leak)
    with case.catalogue.write() as connection:
        connection.execute(
            sa.insert(tables.accession).values(
                number=1,
                accession="A1",
                kind="documents",
                sources="[]",
                day="2026-01-01",
                stage="receiving",
            )
        )
    Listing(case, 1).extend(absolute([leak]), None)
    with pytest.raises(Cut):
        Receiving(case, 1, stop).run()
    assert any(case.folder.staging.iterdir()) and not case.vault.objects()
    assert case.copy(stick)["objects"] == 1
    assert not list((stick / "journal").glob("*.enclosure.age"))
    assert not any(case.folder.staging.iterdir())


def test_the_description_is_read_in_its_one_form(sealed, stick):
    sealed.copy(stick)
    described = read_description(stick)
    raw = (stick / COPY).read_bytes()
    assert described.to_json() == raw and described.begun and described.coming is None
    fields = json.loads(raw)
    for changed in (
        raw[:-1],
        raw.replace(b'"version":1', b'"version": 1'),
        raw.replace(b'"size":256', b'"size":512'),
        json.dumps({**fields, "more": 1}, sort_keys=True, separators=(",", ":")).encode() + b"\n",
        json.dumps({**fields, "files": {"../x": "0" * 128}}).encode(),
        b"[]",
        b"",
    ):
        with pytest.raises(Damaged):
            Description.from_json(changed)
    with pytest.raises(MunimentError) as later:
        Description.from_json(raw.replace(b'"version":1', b'"version":2'))
    assert later.value.code == "newer-version"


def test_the_known_answer_of_the_format(project):
    page = (project / "docs" / "formats" / "copy.md").read_text("utf-8")
    raw = page.split("```answer\n")[1].split("```")[0].encode()
    described = Description.from_json(raw)
    assert described.to_json() == raw and described.acts == 1 and described.log_size == 256
