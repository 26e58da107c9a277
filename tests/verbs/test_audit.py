"""audit with the keys notices what an audit without them cannot."""

import shutil

import pytest

from muniment.verbs.case import audit_folder


@pytest.fixture
def sealed(case, leak):
    """A case with two accessions: each an object of files and one of sealed pages, and two entries of the log."""
    for number in (1, 2):
        folder = leak / str(number)
        folder.mkdir()
        (folder / "memo.txt").write_text(f"memo {number}")
        case.add([folder])
    return case


def _last_object(case):
    """The one that no other object names as earlier."""
    names = case.vault.objects()
    chunks = {n: (case.folder.vault / n / "v1" / "content" / "chunks.json") for n in names}
    [last] = [n for n in names if not any(n in p.read_text() for o, p in chunks.items() if o != n)]
    return last


def test_all_is_well(sealed):
    report = sealed.audit()
    assert report["ok"] is True and report["with_keys"] is True and report["objects"] == 4
    assert audit_folder(sealed.folder)["with_keys"] is False


def test_the_last_object_taken_away_whole(sealed):
    name = _last_object(sealed)
    shutil.rmtree(sealed.folder.vault / name)
    assert audit_folder(sealed.folder)["ok"] is True, "nobody in the vault misses the last one"
    report = sealed.audit()
    assert report["ok"] is False and f"vault/{name}" in report["missing"]


def test_an_object_forged_whole(sealed, tmp_path):
    """A whole object of another case in this vault, and one in the place of another."""
    from muniment.evidence.vault import Vault

    name = _last_object(sealed)
    shutil.rmtree(sealed.folder.vault / name)
    staging = tmp_path / "forgery"
    staging.mkdir()
    Vault(sealed.folder.vault).seal(name, staging, [], b"{}", sealed.keys.recipient)
    assert audit_folder(sealed.folder)["ok"] is True
    report = sealed.audit()
    assert report["ok"] is False and f"vault/{name}/v1/content/manifest.age" in report["damaged"]
    Vault(sealed.folder.vault).seal("a" * 26, staging, [], b"{}", sealed.keys.recipient)
    assert f"vault/{'a' * 26}" in sealed.audit()["unexpected"]


def test_a_log_put_back_or_forged(sealed, tmp_path):
    from muniment.evidence.log.note import Signer
    from muniment.evidence.log.store import Log

    shutil.rmtree(sealed.folder.log)
    Log.create(sealed.folder.log, "muniment/x", Signer.from_private_bytes("muniment/x", b"k" * 32))
    assert audit_folder(sealed.folder)["log_ok"] is True
    report = sealed.audit()
    assert report["ok"] is False and report["log_ok"] is False
    assert "log/vkey" in report["damaged"] and "log/entry 0" in report["missing"]


def test_a_journal_cut_short_or_altered(sealed):
    acts = sorted(sealed.folder.journal.iterdir())
    last = acts[-1].read_bytes()
    acts[-1].unlink()
    assert f"journal/{acts[-1].name}" in sealed.audit()["missing"]
    acts[-1].write_bytes(last[:-1])
    assert f"journal/{acts[-1].name}" in sealed.audit()["damaged"]


def test_a_catalogue_that_cannot_be_opened(sealed):
    sealed.close()
    for path in sealed.root.glob("catalogue.db*"):
        path.write_bytes(b"not a database" * 500)
    report = sealed.audit()
    assert report["ok"] is False and "catalogue.db" in report["damaged"]
