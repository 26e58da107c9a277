"""audit of copies: each flipped byte is noticed, a sample never says ok, an old copy put back is noticed."""

import math
import random
import shutil

import pytest

from muniment.errors import NotFound, Older
from muniment.evidence.custodians.sampling import chance_of_seeing
from muniment.verbs.case import Case, audit_copy_at, audit_folder
from tests.verbs.copies import files_below, flip, originals, papers


@pytest.fixture
def copied(case, leak, tmp_path):
    """A case with one custodian, `stick`."""
    case.add([papers(leak / "first")])
    case.copy(tmp_path / "stick", jurisdiction="CH", name="stick")
    return case


@pytest.fixture
def stick(tmp_path):
    return tmp_path / "stick"


def test_one_flipped_bit_in_any_file_is_noticed_without_keys(copied, stick):
    paths = files_below(stick)
    assert len(paths) > 25
    for path in paths:
        before = (stick / path).read_bytes()
        flip(stick / path)
        report = audit_copy_at(stick)
        assert report["ok"] is False and report["state"] == "damaged", path
        named = report["damaged"] + report["missing"]
        if path.startswith("vault") and "inventory" not in path and "namaste" not in path:
            assert path in named, (path, report)
        (stick / path).write_bytes(before)
    assert audit_copy_at(stick)["ok"] is True


def test_what_is_gone_and_what_was_added_is_named(copied, stick):
    for path in (
        "catalogue.db",
        "journal/00000002.age",
        "keys/daily.json",
        "log/vkey",
        "case.toml",
    ):
        aside = (stick / path).read_bytes()
        (stick / path).unlink()
        report = audit_copy_at(stick)
        assert report["ok"] is False and path in report["missing"], (path, report)
        (stick / path).write_bytes(aside)
    for path in ("keys/new.age", "vault/strange", "journal/.hidden", "letter.txt"):
        (stick / path).write_text("x")
        assert path in audit_copy_at(stick)["unexpected"]
        (stick / path).unlink()
    name = originals(copied)
    shutil.rmtree(stick / "vault" / name)
    assert f"vault/{name}" in audit_copy_at(stick)["missing"], (
        "also the last object, and without keys"
    )


def test_a_sample_never_says_ok_and_says_its_chance(copied, stick):
    for report in (
        audit_copy_at(stick, sample=3),
        copied.audit(sample=3),
        audit_folder(copied.folder, sample=3),
    ):
        assert report["ok"] is None and report["sampled"]["chunks"] == 3
        assert 0 < report["sampled"]["chance"] < 1
    everything = copied.audit(sample=10_000)
    assert (
        everything["ok"] is None and everything["sampled"]["chunks"] == everything["sampled"]["of"]
    )
    assert everything["sampled"]["chance"] == 1.0


def test_a_sample_finds_damage_as_often_as_it_says(copied):
    """One damaged chunk of many: found in as many draws as the chance says, and each draw is another one."""
    name = originals(copied)
    content = copied.root / "vault" / name / "v1" / "content"
    flip(max(content.iterdir(), key=lambda path: path.stat().st_size))
    reports = [audit_folder(copied.folder, sample=4) for _ in range(60)]
    of = reports[0]["sampled"]["of"]
    chance = 4 / of
    found = sum(report["ok"] is False for report in reports)
    assert all(report["ok"] in (False, None) for report in reports)
    spread = 5 * math.sqrt(60 * chance * (1 - chance))
    assert 60 * chance - spread < found < 60 * chance + spread
    assert copied.audit(sample=of)["ok"] is False, "all chunks drawn"


def test_a_missing_or_cut_file_is_seen_by_every_sample(copied, stick):
    name = originals(copied)
    content = stick / "vault" / name / "v1" / "content"
    first, second = sorted(path for path in content.iterdir() if len(path.name) == 26)[:2]
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    report = audit_copy_at(stick, sample=1)
    assert report["ok"] is False
    assert any(first.name in path for path in report["missing"])
    assert any(second.name in path for path in report["damaged"])


@pytest.mark.parametrize(("drawn", "of"), [(460, 10**6), (460, 10**4), (1, 1), (10, 10), (50, 400)])
def test_the_chance_is_that_of_drawing_without_putting_back(drawn, of):
    lost = max(1, round(of / 100))
    exact = 1 - math.comb(of - lost, drawn) / math.comb(of, drawn)
    assert chance_of_seeing(drawn, of) == pytest.approx(exact)
    if of >= 10**4:
        assert chance_of_seeing(drawn, of) >= 0.99


def test_an_old_copy_put_back_is_noticed(copied, stick, tmp_path, leak):
    old = tmp_path / "old"
    shutil.copytree(stick, old)
    copied.add([papers(leak / "second", seed=3)])
    copied.copy("stick")
    assert copied.audit(custodian="stick")["ok"] is True
    shutil.rmtree(stick)
    old.rename(stick)
    assert copied.status()["custodians"][0]["state"] == "unknown"
    report = copied.audit(custodian="stick")
    assert report["ok"] is False and report["state"] == "put back"
    assert audit_copy_at(stick)["ok"] is True, "by itself it is whole"
    assert copied.status()["custodians"][0]["state"] == "put back"
    assert copied.status()["copies"] == {"custodians": 0, "jurisdictions": 0}
    copied.copy("stick")
    assert copied.audit(custodian="stick")["state"] == "current"


def test_a_case_put_back_is_behind_its_custodian(copied, stick, tmp_path, leak):
    """The custodian knows more than the case: named, nothing is copied over it, and repair brings the case up."""
    old = tmp_path / "old.muniment"
    copied.close()
    shutil.copytree(copied.root, old)
    copied.add([papers(leak / "second", seed=3)])
    copied.copy("stick")
    copied.close()
    shutil.rmtree(copied.root)
    old.rename(copied.root)
    with Case(copied.folder, copied.keys) as case:
        for _ in range(2):
            report = case.audit(custodian=stick)
            assert report["ok"] is False and report["state"] == "ahead", report
        with pytest.raises(Older):
            case.copy(stick)
        case.repair([stick])
        assert case.audit()["ok"] is True
        assert case.status()["accounting"]["expected"] == 10
        assert case.audit(custodian=stick)["state"] in ("current", "behind")


def test_a_case_that_went_on_from_an_earlier_state_tells_another_story(
    copied, stick, tmp_path, leak, monkeypatch
):
    fork = type(copied.folder)(tmp_path / "fork.muniment", copied.folder.identifier)
    copied.close()
    shutil.copytree(copied.root, fork.root)
    copied.add([papers(leak / "second", seed=3)])
    copied.copy("stick")
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "another account"))
    with Case(fork, copied.keys) as other:
        other.add([papers(leak / "third", seed=4)])
        report = other.audit(custodian=stick)
        assert report["ok"] is False and report["state"] == "another story"
        from muniment.errors import Refused

        with pytest.raises(Refused):
            other.copy(stick)


def test_a_custodian_that_cannot_be_reached_is_missing(copied, stick):
    shutil.rmtree(stick)
    with pytest.raises(NotFound):
        copied.audit(custodian="stick")
    [holder] = copied.status()["custodians"]
    assert holder["state"] == "missing" and holder["audited"]
    with pytest.raises(NotFound):
        copied.audit(custodian="nobody")


def test_what_an_audit_found_is_in_the_journal(copied, stick):
    copied.audit(custodian="stick", sample=2)
    flip(stick / "keys" / "recovery.age")
    copied.audit(custodian="stick")
    acts = [act for act in copied.journal.acts() if act["act"] == "audited"]
    assert [act["details"]["outcome"] for act in acts] == ["current", "damaged"]
    assert acts[0]["details"]["sampled"] == "2" and acts[1]["details"]["found"] == "1"


def test_a_path_of_a_copy_is_audited_at_the_command_line(muniment, tmp_path):
    strong = {"MUNIMENT_PASSPHRASE": "bakoti rumesa dilovu hasita goluve"}
    muniment.json("new", "story", **strong)
    muniment.json("add", "story", papers(muniment.folder / "papers"), **strong)
    muniment.json("copy", "story", "stick", **strong)
    report = muniment.json("audit", "stick", MUNIMENT_PASSPHRASE=None)
    assert report["ok"] is True and report["with_keys"] is False
    assert muniment.json("audit", "story", "--custodian", "stick", **strong)["state"] == "current"
    said = muniment.run("audit", "stick", "--sample", "2", MUNIMENT_PASSPHRASE=None)
    assert (
        said.returncode == 0 and said.stdout.startswith("sampled:") and " ok" not in said.stdout[:9]
    )
    chance = random.Random(4)
    flip(muniment.folder / "stick" / chance.choice(["keys/daily.json", "catalogue.db"]))
    broken = muniment.run("audit", "stick", MUNIMENT_PASSPHRASE=None)
    assert broken.returncode == 1 and "NOT ok" in broken.stdout and "repair" in broken.stdout
