"""repair: whatever is damaged or gone comes back from a copy, only as it was sealed, and nothing is deleted."""

import json
import random
import shutil

import pytest
from pyrage import x25519

from muniment.case.folder import open_folder
from muniment.errors import Damaged, NoKey, Older, Refused
from muniment.verbs.case import Case, audit_copy_at, audit_folder, repair_lost
from tests.verbs.copies import contents, files_below, flip, originals, papers

PASSPHRASE = "bakoti rumesa dilovu hasita goluve"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A case with two objects and a copy of it, made once; and the recovery identity."""
    desk = tmp_path_factory.mktemp("desk")
    case, recovery = Case.new(desk / "harbour", PASSPHRASE)
    with case:
        case.add([papers(desk / "leak")])
        case.add([papers(desk / "more", seed=11)])
        case.copy(desk / "stick", jurisdiction="IS", name="stick")
    case.lock()
    return desk, recovery


@pytest.fixture
def desk(made, tmp_path):
    """A folder with harbour.muniment and stick/ as they were."""
    for name in ("harbour.muniment", "stick"):
        shutil.copytree(made[0] / name, tmp_path / name)
    yield tmp_path
    with Case.open(tmp_path / "harbour", PASSPHRASE) as case:
        case.lock()


def _repaired(desk, *sources, passphrase=PASSPHRASE):
    return repair_lost(
        desk / "harbour", [desk / s for s in sources or ("stick",)], passphrase=passphrase
    )


def _all_well(desk):
    assert audit_folder(open_folder(desk / "harbour"))["ok"] is True
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        report = case.audit()
        assert report["ok"] is True, report
        assert case.status()["accounting"]["expected"] == 10
        assert "ledger" in case.show("A1/0002", text=True)["text"]


def test_nothing_to_repair_changes_nothing(desk):
    before = contents(desk / "harbour.muniment")
    report = _repaired(desk)
    assert (report["repaired"], report["not_repaired"], report["lost"]) == ([], [], [])
    after = contents(desk / "harbour.muniment")
    assert {p: c for p, c in after.items() if not p.startswith("catalogue")} == {
        p: c for p, c in before.items() if not p.startswith("catalogue")
    }


def test_any_handful_of_files_flipped_or_gone_comes_back(desk):
    """With the passphrase: every file of the case is damaged or deleted in one of the rounds."""
    root = desk / "harbour.muniment"
    last = max(path for path in files_below(root) if path.startswith("journal/"))  # says "copied"
    apart = ("catalogue.db-", "quarantine", last)
    paths = [path for path in files_below(root) if not path.startswith(apart)]
    good = {p: c for p, c in contents(root).items() if not p.startswith("catalogue")}
    chance = random.Random(20261104)
    chance.shuffle(paths)
    rounds = [paths[start::4] for start in range(4)]
    assert sum(len(part) for part in rounds) > 40
    for number, part in enumerate(rounds):
        for place, path in enumerate(part):
            if (place + number) % 2:
                (root / path).unlink()
            else:
                flip(root / path)
        report = _repaired(desk)
        assert report["not_repaired"] == [] and report["lost"] == [], (part, report)
        _all_well(desk)
        now = contents(root)
        assert {p: now.get(p) for p in good} == good, part


def test_a_torn_last_act_that_nobody_has_does_not_end_the_journal(desk):
    root = desk / "harbour.muniment"
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        case.audit()
    last = max((root / "journal").iterdir())
    last.write_bytes(last.read_bytes()[:-9])
    report = _repaired(desk)
    assert [one["path"] for one in report["not_repaired"]] == [f"journal/{last.name}"]
    assert [one["path"] for one in report["aside"]] == [f"journal/{last.name}"]
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        with pytest.raises(Older):
            case.status()
        assert case.accept_older()["act"] == int(last.stem)
    _all_well(desk)


def test_without_keys_what_proves_itself_is_repaired_and_the_rest_is_named(desk):
    root = desk / "harbour.muniment"
    names = sorted(p.name for p in (root / "vault").iterdir() if p.is_dir())
    shutil.rmtree(root / "vault" / names[0])
    content = root / "vault" / names[1] / "v1" / "content"
    for path in content.iterdir():
        flip(path)
    shutil.rmtree(root / "log")
    (root / "case.toml").unlink()
    (root / "keys" / "daily.json").write_text("{}")
    (root / "journal" / "00000002.age").unlink()
    flip(root / "journal" / "00000001.age")
    shutil.rmtree(root / "staging")
    report = _repaired(desk, passphrase=None)
    assert report["with_keys"] is False and report["lost"] is None
    assert [one["path"] for one in report["not_repaired"]] == ["journal/00000001.age"]
    audited = audit_folder(open_folder(root))
    assert audited["ok"] is True, (audited, report)
    assert _repaired(desk)["not_repaired"] == []
    _all_well(desk)


def test_what_nobody_put_there_goes_aside_with_a_note(desk):
    root = desk / "harbour.muniment"
    (root / "vault" / "letter to the editor.txt").write_text("do not lose me")
    (root / "log" / "tile" / "extra").mkdir()
    (root / "log" / "tile" / "extra" / "x").write_text("y")
    report = _repaired(desk)
    assert {one["path"] for one in report["aside"]} >= {"vault/letter to the editor.txt"}
    kept = contents(root / "quarantine")
    assert b"do not lose me" in kept.values()
    [note] = [c for p, c in kept.items() if p.endswith("note.txt")]
    assert b"letter to the editor.txt: nobody put it into the vault" in note
    _all_well(desk)


def test_two_damaged_copies_make_one_whole(desk):
    """No copy has the file right; each has the chunks the other lacks."""
    shutil.copytree(desk / "stick", desk / "second")
    [path] = [
        p
        for p in files_below(desk / "stick" / "vault")
        if (desk / "stick" / "vault" / p).stat().st_size > 4 * 65536
    ][:1]
    flip(desk / "harbour.muniment" / "vault" / path, 10)
    flip(desk / "stick" / "vault" / path, 65536 + 10)
    flip(desk / "second" / "vault" / path, 2 * 65536 + 10)
    (desk / "harbour.muniment" / "vault" / path).write_bytes(
        (desk / "harbour.muniment" / "vault" / path).read_bytes()[: 65536 + 5]
    )
    report = _repaired(desk, "stick", "second")
    assert report["repaired"] == [f"vault/{path}"] and report["not_repaired"] == []
    _all_well(desk)


def test_bytes_that_do_not_match_are_never_taken(desk):
    [path, *_] = [p for p in files_below(desk / "stick" / "vault") if p.endswith("manifest.age")]
    root = desk / "harbour.muniment"
    flip(root / "vault" / path)
    flip(desk / "stick" / "vault" / path, 100)
    before = (root / "vault" / path).read_bytes()
    report = _repaired(desk)
    assert [one["path"] for one in report["not_repaired"]] == [f"vault/{path}"]
    assert (root / "vault" / path).read_bytes() == before
    shutil.copyfile(desk / "stick" / "keys" / "recovery.age", desk / "aside")
    flip(desk / "stick" / "keys" / "recovery.age")
    (root / "keys" / "recovery.age").unlink()
    assert "keys/recovery.age" in [one["path"] for one in _repaired(desk)["not_repaired"]]
    shutil.copyfile(desk / "aside", root / "keys" / "recovery.age")


def test_an_object_forged_whole_is_put_aside_with_the_keys(desk):
    from muniment.evidence.vault import Vault

    root = desk / "harbour.muniment"
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        name = case.vault.objects()[0]
        shutil.rmtree(root / "vault" / name)
        (desk / "forging").mkdir()
        Vault(root / "vault").seal(name, desk / "forging", [], b"{}", case.keys.recipient)
    report = _repaired(desk)
    assert f"vault/{name}" in report["repaired"]
    assert [one["path"] for one in report["aside"]] == [f"vault/{name}"]
    _all_well(desk)


def test_a_passphrase_that_opens_only_the_copy_shows_which_keys_are_damaged(desk):
    root = desk / "harbour.muniment"
    raw = (root / "keys" / "daily.json").read_text()
    at = raw.index('"box": "') + 40
    (root / "keys" / "daily.json").write_text(
        raw[:at] + ("A" if raw[at] != "A" else "B") + raw[at + 1 :]
    )
    with pytest.raises(Damaged):
        Case.open(desk / "harbour", PASSPHRASE)
    assert "keys/daily.json" in _repaired(desk)["repaired"]
    _all_well(desk)
    with pytest.raises(NoKey):
        _repaired(desk, passphrase="not the one")


def test_the_copy_of_another_case_is_refused(desk, tmp_path):
    other, _ = Case.new(tmp_path / "other", PASSPHRASE)
    with other:
        other.copy(tmp_path / "other-stick")
    before = contents(desk / "harbour.muniment")
    with pytest.raises(Refused):
        _repaired(desk, "other-stick")
    assert contents(desk / "harbour.muniment") == before


def test_a_catalogue_lost_everywhere_is_made_anew_from_journal_and_vault(desk):
    root = desk / "harbour.muniment"
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        before = case.documents()["documents"]
    for path in root.glob("catalogue.db*"):
        path.unlink()
    report = repair_lost(desk / "harbour", [], passphrase=PASSPHRASE)
    assert report["not_repaired"] == [] and report["lost"] == []
    shutil.copytree(desk.parent / desk.name / "harbour.muniment", desk / "kept")
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        assert case.audit()["ok"] is True
        after = case.documents()["documents"]
        same = ("document", "reference", "path", "size", "parent")
        assert [[d[f] for f in same] for d in after] == [[d[f] for f in same] for d in before]
        assert {d["state"] for d in after} == {"waiting"}


def test_what_was_withdrawn_never_comes_back(desk, tmp_path, monkeypatch):
    """Neither from a copy that still has it, nor where the case's own newer object is lost."""
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        case.copy(desk / "stick", name="stick")  # it has moved
        name = originals(case)
        manifest = json.loads(case.vault.read_manifest(name, case.keys.identity))
        (desk / "stick").rename(tmp_path / "away")
        assert case.withdraw("A1/0002", "source")["custodians_pending"]
        case.lock()
    (tmp_path / "away").rename(desk / "stick")
    stored = next(f["content"] for f in manifest["files"] if f["reference"] == "A1/0002")
    root = desk / "harbour.muniment"
    assert (desk / "stick" / "vault" / name / "v1" / "content" / stored).exists()
    shutil.copytree(root, tmp_path / "kept")
    shutil.copytree(desk / "stick", tmp_path / "old copy")
    for harm in ("a file", "the manifest", "the object", "the catalogue", "object and catalogue"):
        monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / harm))  # each time it is the newest
        shutil.rmtree(root)
        shutil.copytree(tmp_path / "kept", root)
        content = root / "vault" / name / "v1" / "content"
        if harm == "a file":
            flip(next(path for path in content.iterdir() if len(path.name) == 26))
        if harm == "the manifest":
            (content / "manifest.age").unlink()
        if "object" in harm:
            shutil.rmtree(root / "vault" / name)
        if "catalogue" in harm:
            (root / "catalogue.db").unlink()
        unaided = _repaired(desk, passphrase=None)
        assert _nowhere(root, stored), harm
        assert "object" not in harm or f"vault/{name}" in [
            one["path"] for one in unaided["not_repaired"]
        ]
        report = _repaired(desk)
        assert _nowhere(root, stored), harm
        assert report["not_repaired"] == [] and report["lost"] == [], (harm, report)
        with Case.open(desk / "harbour", PASSPHRASE) as case:
            audited = case.audit()
            named = audited["damaged"], audited["missing"], audited["unexpected"]
            assert named == ([], [], []) and audited["ok"] is True, harm
            shown = case.show("A1/0002")
            assert (shown["state"], shown["path"]) == ("withdrawn", "A1/0002"), harm
            assert case.copy(desk / "stick")["problems"] == []
            case.lock()
        assert _nowhere(desk / "stick", stored)
        shutil.rmtree(desk / "stick")
        shutil.copytree(tmp_path / "old copy", desk / "stick")


def _nowhere(root, stored):
    """No file of that name, and none that names it in clear."""
    return not any(stored in path for path in files_below(root)) and not any(
        stored.encode() in content for content in contents(root).values()
    )


def test_keys_of_another_time_are_replaced_by_those_the_journal_names(desk, tmp_path):
    root = desk / "harbour.muniment"
    shutil.copytree(root / "keys", tmp_path / "old")
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        case.key_add(str(x25519.Identity.generate().to_public()))
        case.copy(desk / "stick", name="stick")
        case.lock()
    good = contents(root / "keys")
    shutil.rmtree(root / "keys")
    shutil.copytree(tmp_path / "old", root / "keys")
    assert _repaired(desk, passphrase=None)["repaired"] == [], "a whole folder: only keys can tell"
    report = _repaired(desk)
    assert report["not_repaired"] == [] and contents(root / "keys") == good
    _all_well(desk)


def test_a_damaged_copy_is_repaired_from_the_case(desk):
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        assert case.copy(desk / "stick", name="stick")["objects"] == 0, "it has moved"
    chance = random.Random(5)
    paths = files_below(desk / "stick")
    for path in chance.sample(paths, 20):
        flip(desk / "stick" / path)
    (desk / "stick" / "vault" / "strange").write_text("kept")
    with Case.open(desk / "harbour", PASSPHRASE) as case:
        assert case.audit(custodian=desk / "stick")["ok"] is False
        report = case.repair(custodian="stick")
        assert report["repaired"] and report["not_repaired"] == [], report
        audited = audit_copy_at(desk / "stick")
        assert audited["ok"] is True, (audited, report)
        assert case.audit(custodian="stick")["state"] == "current"
        assert case.status()["custodians"][0]["state"] == "current"
    assert b"kept" in contents(desk / "stick" / "quarantine").values()


def test_at_the_command_line(desk, muniment):
    root = desk / "harbour.muniment"
    (root / "keys" / "daily.json").unlink()
    done = muniment.run("repair", root, "--from", desk / "stick", MUNIMENT_PASSPHRASE=None)
    assert done.returncode == 0 and "repaired    keys/daily.json" in done.stdout, done
    assert "without the case's keys" in done.stdout
    flip(root / "catalogue.db", 5000)
    report = muniment.json("repair", root, "--from", desk / "stick", MUNIMENT_PASSPHRASE=PASSPHRASE)
    assert "catalogue.db" in report["repaired"]
    error = muniment.error("repair", root, "--from", "x", "--custodian", "y", status=2)
    assert error["code"] == "bad-use"
    assert muniment.error("repair", "nothing", status=2)["code"] == "not-found"


def test_nothing_is_mended_while_another_adds(desk):
    from muniment.verbs.add import one_at_a_time

    (desk / "harbour.muniment" / "keys" / "daily.json").unlink()
    other = Case(open_folder(desk / "harbour"), None)
    with one_at_a_time(other), pytest.raises(Refused, match="Another muniment"):
        _repaired(desk)
    assert "keys/daily.json" in _repaired(desk)["repaired"]
