"""An old copy of any part of a case, put back beside newer ones, is noticed on opening it and by `audit`."""

import itertools
import shutil

import pytest

from muniment.case.folder import describe, open_folder, random_name
from muniment.case.seen import mark_path, read_mark
from muniment.errors import Damaged, MunimentError, Older, Refused
from muniment.verbs.case import Case
from muniment.verbs.committing import commit_custody, pad_log

PARTS = ("catalogue.db", "journal", "log")
SOME = [c for n in (1, 2, 3) for c in itertools.combinations(PARTS, n)]


def put(source, target):
    for place in (target.parent / f"{target.name}{ending}" for ending in ("", "-wal", "-shm")):
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def again(case):
    return Case(open_folder(case.root), case.keys)


@pytest.fixture(scope="module")
def _twice_once(_made_once, tmp_path_factory):
    """A folder with the case after two deliveries, the case after the first, and MUNIMENT_HOME."""
    place = tmp_path_factory.mktemp("twice")
    folder, keys = _made_once
    shutil.copytree(folder.root, place / "harbour.muniment")
    describe(type(folder)(root=place / "harbour.muniment", identifier=random_name(20)))
    with (
        pytest.MonkeyPatch.context() as patch,
        Case(open_folder(place / "harbour"), keys) as opened,
    ):
        patch.setenv("MUNIMENT_HOME", str(place / "home"))
        opened.key_rotate(only="recovery")  # lists keys/ again, with the new case.toml
    leak = place / "leak"
    leak.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUNIMENT_HOME", str(place / "home"))
        for name in ("earlier", "later"):
            (leak / f"{name}.txt").write_text("The barge ledger.")
            with Case(open_folder(place / "harbour"), keys) as opened:
                opened.add([leak])
            opened.lock()
            if name == "earlier":
                shutil.copytree(place / "harbour.muniment", place / name)
    return place, keys


@pytest.fixture
def twice(_twice_once, tmp_path):
    """A case to which two deliveries came, closed; beside it, as it was after the first."""
    place, keys = _twice_once
    for name in ("harbour.muniment", "earlier"):
        shutil.copytree(place / name, tmp_path / name)
    shutil.copytree(place / "home", tmp_path / "muniment-home")
    case = Case(open_folder(tmp_path / "harbour"), keys)
    yield case, tmp_path / "earlier"
    case.lock()


@pytest.mark.parametrize(
    "seen", [True, False], ids=["this account's case", "a case from elsewhere"]
)
@pytest.mark.parametrize("parts", SOME, ids=" and ".join)
def test_old_parts_are_noticed(twice, parts, seen):
    case, earlier = twice
    if not seen:
        mark_path(case.folder).unlink()
    for part in parts:
        put(earlier / part, case.root / part)
    if parts == PARTS and not seen:
        # Only the vault is newer now; without it nothing on this machine knows of the second delivery.
        assert again(case).audit()["unexpected"]
        return
    with again(case) as opened:
        report = opened.audit()
    assert report["ok"] is False and report["act"] is None
    named = {
        path.split("/")[0] for what in ("damaged", "missing", "unexpected") for path in report[what]
    }
    assert named & set(parts) or "vault" in named
    before = sorted(path.name for path in case.folder.journal.iterdir())
    # Where log and vault alone are newer, only the audit compares all they hold with the rest.
    if seen or parts != ("catalogue.db", "journal"):
        with pytest.raises(Older) as told, again(case) as opened:
            opened.status()
        assert "put back" in told.value.message or "journal" in told.value.message
        assert "Restore" in told.value.next or "newest copy" in told.value.next
    assert sorted(path.name for path in case.folder.journal.iterdir()) == before, (
        "nothing was written"
    )


def test_the_whole_case_put_back_can_be_accepted_on_the_record(twice):
    case, earlier = twice
    for part in (*PARTS, "vault"):
        put(earlier / part, case.root / part)
    with pytest.raises(Older, match="put back") as told, again(case) as opened:
        opened.status()
    assert "--accept-older" in told.value.next
    with again(case) as opened:
        seen = read_mark(case.folder, case.keys)
        shown = opened.accept_older()
        assert shown["kind"] == "put-back" and shown["details"]["acts_seen"] == seen.acts
        assert shown["details"]["root_seen"] == seen.root
    with again(case) as opened:
        assert opened.status()["log"]["size"] and opened.audit()["ok"] is True
        with pytest.raises(Refused):
            opened.accept_older()


def test_what_does_not_belong_together_is_not_accepted(twice):
    case, earlier = twice
    put(earlier / "log", case.root / "log")
    with pytest.raises(Refused), again(case) as opened:
        opened.accept_older()


def test_the_newer_copy_put_back_is_the_end_of_it(twice, tmp_path):
    case, earlier = twice
    shutil.copytree(case.root, tmp_path / "newer")
    for part in (*PARTS, "vault"):
        put(earlier / part, case.root / part)
    with pytest.raises(Older), again(case) as opened:
        opened.status()
    for part in (*PARTS, "vault"):
        put(tmp_path / "newer" / part, case.root / part)
    with again(case) as opened:
        assert opened.audit()["ok"] is True and opened.status()


def test_two_copies_that_went_different_ways(twice):
    """As many acts, and others."""
    case, earlier = twice
    shutil.copytree(earlier, earlier.parent / "other.muniment")
    other = Case(open_folder(earlier.parent / "other"), case.keys)
    mark = mark_path(case.folder)
    kept = mark.read_bytes()
    mark.unlink()
    with other:
        for _ in range(8):
            other.record("copied", {})
        commit_custody(other)
        pad_log(other)
    mark.write_bytes(kept)
    with pytest.raises(Older), Case(other.folder, case.keys) as opened:
        opened.status()


def test_a_crash_is_no_old_catalogue(case, leak):
    """The act is in the journal, the catalogue not: as a kill between the two leaves it."""
    (leak / "memo.txt").write_text("The barge ledger.")
    case.add([leak])
    case.close()
    kept = case.root.parent / "kept.db"
    shutil.copy2(case.folder.catalogue, kept)
    with again(case) as opened:
        number = opened.record("copied", {"custodian": "north"})
    put(kept, case.folder.catalogue)
    with again(case) as opened:
        assert opened.status() and opened.custody()["acts"][-1]["act"] == number - 1
        assert opened.audit()["ok"] is True
        assert [act["act"] for act in opened.custody()["acts"]] == list(range(1, number + 2))


def test_a_case_of_an_earlier_muniment_learns_its_acts(case, leak):
    """Before there were acts in the catalogue: the table is empty, and there is no mark."""
    import sqlalchemy as sa

    from muniment.case import custody_tables as tables

    (leak / "memo.txt").write_text("The barge ledger.")
    case.add([leak])
    with case.catalogue.write() as connection:
        connection.execute(sa.delete(tables.act))
        connection.execute(sa.delete(tables.commitment))
    case.close()
    mark_path(case.folder).unlink()
    with again(case) as opened:
        assert len(opened.custody()["acts"]) == 7
        assert opened.add([leak])["originals"] == 1
        assert opened.custody()["uncommitted"] == 0 and opened.audit()["ok"] is True


def test_a_mark_says_nothing_and_cannot_be_made_by_others(case):
    case.record("copied", {})
    path = mark_path(case.folder)
    content = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    case.record("copied", {})
    assert len(path.read_bytes()) == len(content)
    assert b"head" not in content and case.journal.head()[1].encode() not in content
    for at in range(0, len(content), 11):
        path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        assert read_mark(case.folder, case.keys) is None
    assert f"MUNIMENT_HOME/seen/{case.folder.identifier}" in case.audit()["damaged"]


def test_a_home_that_cannot_be_written_stops_nothing(case, monkeypatch, tmp_path):
    (tmp_path / "a-file").write_text("x")
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "a-file" / "home"))
    before = len(case.custody()["acts"])
    assert case.record("copied", {}) == before + 1
    assert case.custody()["watched"] is False


def test_every_flipped_byte_of_the_journal_is_named(case):
    for number in range(3):
        case.record("copied", {"number": number})
    path = case.journal.path(4)
    whole = path.read_bytes()
    for at in range(0, len(whole), 9):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            case.journal.noted(4)
    case.close()
    with again(case) as opened:
        report = opened.audit()
    assert report["damaged"] == ["journal/00000004.age"] and report["act"] is None
    path.write_bytes(whole)
    (case.folder.journal / "note").write_text("x")
    with again(case) as opened:
        assert opened.audit()["unexpected"] == ["journal/note"]


def test_an_act_taken_out_is_missed_without_keys(case):
    from muniment.verbs.case import audit_folder

    for number in range(3):
        case.record("copied", {"number": number})
    case.journal.path(2).unlink()
    assert audit_folder(case.folder)["missing"] == ["journal/00000002.age"]


def test_an_old_log_under_a_newer_journal_is_refused_before_anything_is_added(twice, leak):
    case, earlier = twice
    put(earlier / "log", case.root / "log")
    with pytest.raises(MunimentError), again(case) as opened:
        opened.add([leak], again=True)
