"""keys/: its listing finds every change, and a change that is killed leaves keys that open."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess

import pyrage
import pytest
import sqlalchemy as sa
from pyrage import x25519

from muniment.case import custody_tables, keyring
from muniment.case.catalogue import open_catalogue
from muniment.case.folder import open_folder
from muniment.case.keys import CaseKeys, open_keys, recipients_of
from muniment.case.labels import WORDS
from muniment.case.listing import LISTING, decode_listing, encode_listing, problems
from muniment.case.rekeying import open_rekeyed, rekey
from muniment.case.seen import mark_path
from muniment.errors import BadUse, NoKey, NotFound, Refused
from muniment.verbs.case import Case, audit_folder
from muniment.verbs.key import passphrase_is_weak

PASSPHRASE = "bakoti rumesa dilovu gedani pozuti"
NEW = "ribena tolofa pekuda zomiva larune"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A case, its recovery identity, and a second identity that opens it."""
    root = tmp_path_factory.mktemp("made")
    case, recovery = Case.new(root / "harbour", PASSPHRASE)
    second = x25519.Identity.generate()
    with case:
        case.key_add(str(second.to_public()), label="lantern")
    return case.folder, recovery, str(second)


@pytest.fixture
def copy(made, tmp_path):
    """A copy of that case, to change."""
    folder, recovery, second = made
    shutil.copytree(folder.root, tmp_path / "harbour.muniment")
    return open_folder(tmp_path / "harbour.muniment"), recovery, second


def _named(folder):
    return {(what, path) for what, path in problems(folder.keys)}


def test_the_listing_is_what_sha512sum_reads(made):
    folder, _, _ = made
    done = subprocess.run(["sha512sum", "--strict", "-c", LISTING], cwd=folder.keys)
    assert done.returncode == 0 and not _named(folder)
    assert audit_folder(folder)["ok"] is True


def test_every_flipped_bit_of_keys_and_case_toml_is_found(copy):
    """Each bit of case.toml, one of each byte of the listing, one of each seventh byte of what has a digest there."""
    folder, _, _ = copy
    chance = random.Random(20260311)
    for path in [folder.root / "case.toml", *sorted(folder.keys.iterdir())]:
        content = path.read_bytes()
        step = 1 if path.name in (LISTING, "case.toml") else 7
        for place in range(0, len(content), step):
            for bit in range(8) if path.name == "case.toml" else [chance.randrange(8)]:
                flipped = bytearray(content)
                flipped[place] ^= 1 << bit
                path.write_bytes(flipped)
                assert _named(folder), f"{path.name}, byte {place}, bit {bit}"
        path.write_bytes(content)
    assert not _named(folder)


def test_a_file_taken_away_or_added_is_named(copy):
    folder, _, _ = copy
    for path in sorted(folder.keys.iterdir()):
        aside = folder.root / "aside"
        path.rename(aside)
        assert ("missing", f"keys/{path.name}") in _named(folder)
        path.symlink_to(aside)
        assert ("damaged", f"keys/{path.name}") in _named(folder)
        path.unlink()
        aside.rename(path)
    (folder.keys / "window.age").write_bytes(b"x")
    (folder.keys / "folder").mkdir()
    assert _named(folder) == {("unexpected", "keys/window.age"), ("unexpected", "keys/folder")}


def test_a_listing_has_one_form():
    files = dict.fromkeys(("daily.json", "passphrase.age", "recovery.age"), b"x")
    files |= {"recipients.age": b"y", "../case.toml": b"z"}
    whole = encode_listing(files)
    assert set(decode_listing(whole)) == set(files)
    lines = whole.splitlines(keepends=True)
    for other in (whole[:-1], whole + b"\n", whole.upper(), b"".join(lines[::-1]), lines[0], b""):
        with pytest.raises(ValueError):
            decode_listing(other)
    with pytest.raises(ValueError):
        decode_listing(whole + whole)


def test_an_older_keys_folder_put_back_is_found_with_the_keys(copy, tmp_path):
    folder, _, second = copy
    shutil.copytree(folder.keys, tmp_path / "older")
    with Case.open(folder.root, second) as case:
        case.key_revoke("lantern")
        assert case.audit()["ok"] is True
        shutil.rmtree(folder.keys)
        shutil.copytree(tmp_path / "older", folder.keys)
        assert audit_folder(folder)["ok"] is True, "whole in itself"
        report = case.audit()
    assert report["ok"] is False and f"keys/{LISTING}" in report["damaged"]


def test_a_damaged_key_file_is_no_wrong_passphrase(copy):
    from muniment.errors import Damaged

    folder, _, second = copy
    path = folder.keys / "lantern.age"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Damaged):
        open_keys(folder, second)


def test_a_second_identity_opens_the_case_and_age_opens_its_file(copy, tmp_path):
    folder, recovery, second = copy
    keys = open_keys(folder, second)
    assert open_keys(folder, f"# created: today\n# public key: age1\n{second}\n") == keys
    spaced = " ".join(recovery[at : at + 7] for at in range(0, len(recovery), 7))
    assert open_keys(folder, spaced.lower()) == keys
    (tmp_path / "id.txt").write_text(second)
    if shutil.which("age"):
        command = ["age", "-d", "-i", tmp_path / "id.txt", folder.keys / "lantern.age"]
        told = subprocess.run(command, capture_output=True, check=True).stdout
        assert CaseKeys.from_bytes(told) == keys
    everything = b"".join(path.read_bytes() for path in folder.keys.iterdir())
    recipient = str(x25519.Identity.from_str(second).to_public())
    assert recipient.encode() not in everything, "who can open it stands nowhere in clear"


def test_labels_are_plain_words(copy):
    folder, _, second = copy
    other = str(x25519.Identity.generate().to_public())
    with Case.open(folder.root, second) as case:
        for label in ("maret", "Lantern", "../x", "recovery", "passphrase", "lantern"):
            with pytest.raises(BadUse):
                case.key_add(other, label=label)
        assert case.key_add(other)["label"] in WORDS
        for wrong in ("age1x", "", "ssh-ed25519 AAAA", other):
            with pytest.raises(BadUse):
                case.key_add(wrong)
        with pytest.raises(NotFound):
            case.key_revoke("window")
        for fixed in ("recovery", "passphrase"):
            with pytest.raises(BadUse):
                case.key_revoke(fixed)


def test_revoked_is_out_and_the_others_stay(copy):
    folder, recovery, second = copy
    with Case.open(folder.root, recovery) as case:
        report = case.key_revoke("lantern")
    assert report["still_readable"] and not (folder.keys / "lantern.age").exists()
    with pytest.raises(NoKey):
        open_keys(folder, second)
    assert open_keys(folder, PASSPHRASE) == open_keys(folder, recovery)


def test_what_is_sealed_after_a_rotation_is_shut_to_the_old_keys(copy, tmp_path):
    folder, recovery, second = copy
    leak = tmp_path / "leak"
    (leak / "1").mkdir(parents=True)
    (leak / "2").mkdir()
    (leak / "1" / "memo.txt").write_text("the first memo of the quay")
    (leak / "2" / "memo.txt").write_text("the second memo of the quay")
    with Case.open(folder.root, PASSPHRASE) as case:
        case.add([leak / "1"])
        old = case.keys
        before = _sealed(folder)
        with pytest.raises(BadUse):
            case.key_rotate(PASSPHRASE)
        report = case.key_rotate(NEW)
        told = _sealed(folder) - before
        case.add([leak / "2"])
        assert case.audit()["ok"] is True
        assert case.find("quay")["documents"] == 2
        assert "first memo" in case.show("A1/0001", text=True)["text"]
    identity = [x25519.Identity.from_str(old.identity)]
    assert len(told) == 1, "the act that says so, and nothing else, is still for the old keys"
    new = _sealed(folder) - before - told | set(folder.keys.glob("*.age"))
    assert len([path for path in new if "vault" in path.parts]) >= 2
    for path in new - {folder.keys / "passphrase.age"}:
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(path.read_bytes(), identity)
    assert not _opens_catalogue(folder, old.catalogue)
    for shut in (PASSPHRASE, recovery):
        with pytest.raises(NoKey):
            open_keys(folder, shut)
    keys = open_keys(folder, NEW)
    assert keys == open_keys(folder, report["recovery_identity"]) == open_keys(folder, second)
    assert keys.log_key == old.log_key and keys.identity.splitlines()[1] == old.identity
    Case.open(folder.root, second).lock()


def _sealed(folder):
    """Every age file outside of keys/."""
    files = (path for path in folder.root.rglob("*") if path.is_file())
    return {p for p in files if p.parent != folder.keys and b"age-encr" in p.read_bytes()[:40]}


def _opens_catalogue(folder, key):
    from muniment.errors import Damaged

    try:
        open_catalogue(folder.catalogue, key).close()
    except Damaged:
        return False
    return True


def test_a_rotation_waits_until_nobody_has_the_case_open(copy):
    folder, _, second = copy
    with Case.open(folder.root, second) as other, Case.open(folder.root, second) as case:
        other.status()
        with pytest.raises(Refused):
            case.key_rotate(NEW)
        assert _named(folder) == set() and not keyring.unsettled(folder)
        assert other.audit()["ok"] is True


def test_whoever_comes_with_the_old_passphrase_after_a_cut_off_change_is_told_of_the_new_one(copy):
    folder, _, _ = copy
    with Case.open(folder.root, PASSPHRASE) as case:
        before = shutil.copytree(folder.keys, folder.root.parent / "keys")
        case.key_rotate(NEW, only="passphrase")
    shutil.copytree(before, folder.root / ".keys-before")  # a kill left it there
    with pytest.raises(NoKey) as told:
        open_keys(folder, PASSPHRASE)
    assert "new passphrase" in told.value.next
    assert open_keys(folder, NEW) and not (folder.root / ".keys-before").exists()


def test_whether_the_passphrase_is_weak_is_known(copy):
    folder, _, second = copy
    with Case.open(folder.root, second) as case:
        assert passphrase_is_weak(case) is False
        case.key_rotate("harbour", only="passphrase")
        assert passphrase_is_weak(case) is True
    with Case.open(folder.root, second) as case:
        assert passphrase_is_weak(case) is True
    with Case.open(folder.root, "harbour") as case:
        assert passphrase_is_weak(case) is True
    assert b"weak" not in b"".join(path.read_bytes() for path in folder.keys.iterdir())


def _as_version_1(folder, recovery):
    """The folder as the first muniment made it: four files, a bundle without the later fields."""
    with Case(folder, open_keys(folder, PASSPHRASE)) as case, case.catalogue.write() as connection:
        connection.execute(sa.delete(custody_tables.act))
    mark_path(folder).unlink(missing_ok=True)
    (folder.keys / LISTING).unlink()
    (folder.keys / "recipients.age").unlink()
    (folder.keys / "lantern.age").unlink()
    recipient = str(x25519.Identity.from_str(recovery).to_public())
    (folder.keys / "recipients.txt").write_text(recipient + "\n")
    for act in folder.journal.glob("*.age"):
        act.unlink()


def test_a_case_made_before_the_listing_gets_one_at_the_next_change(copy):
    folder, recovery, second = copy
    _as_version_1(folder, recovery)
    assert audit_folder(folder)["ok"] is True
    (folder.keys / "recovery.age").rename(folder.root / "aside")
    assert audit_folder(folder)["missing"] == ["keys/recovery.age"]
    (folder.root / "aside").rename(folder.keys / "recovery.age")
    with Case.open(folder.root, PASSPHRASE) as case:
        assert case.audit()["ok"] is True
        case.key_add(str(x25519.Identity.from_str(second).to_public()))
        assert case.audit()["ok"] is True
    assert (folder.keys / LISTING).exists() and not (folder.keys / "recipients.txt").exists()
    assert open_keys(folder, recovery) == open_keys(folder, second)


def test_a_bundle_of_version_1_is_read():
    fields = b'"catalogue":"aa","identity":"I","log_key":"bb","log_name":"n","recipient":"R"'
    keys = CaseKeys.from_bytes(b"{" + fields + b',"version":1}')
    assert keys.identity == "I" and keys.earlier_catalogues == () and keys.strength == ""


COUNTED = ("open", "write", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir")


def _killed_at(call, work, names=COUNTED):
    """Do `work` in a process of its own and kill it at that counted call; False where it came to its end."""
    child = os.fork()
    if child == 0:
        left = [call]

        def counted(real):
            def instead(*arguments, **more):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **more)

            return instead

        for name in names:
            setattr(os, name, counted(getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _sound(folder, opener):
    """What must hold after a kill, before and after somebody opens the case; returns the keys."""
    assert not list(problems(keyring.live_keys(folder))), "whole, also for one without keys"
    keys = open_keys(folder, opener)
    assert not keyring.unsettled(folder) and not _named(folder)
    with Case(folder, keys) as case:
        assert case.audit()["ok"] is True
    return keys


def test_a_new_recovery_identity_killed_at_each_call(made, tmp_path):
    folder, recovery, second = made
    kills = changed = 0
    for call in range(1, 400):
        shutil.copytree(folder.root, tmp_path / str(call) / "harbour.muniment")
        copy = open_folder(tmp_path / str(call) / "harbour.muniment")
        mark_path(copy).unlink(missing_ok=True)  # the copies go different ways

        def work(copy=copy):
            with Case(copy, open_keys(copy, second)) as case:
                case.key_rotate(only="recovery")

        if not _killed_at(call, work):
            break
        kills += 1
        _sound(copy, second)
        try:
            open_keys(copy, recovery)
        except NoKey:
            changed += 1
        shutil.rmtree(tmp_path / str(call))
    assert kills > 40 and 0 < changed < kills


def test_a_rotation_killed_before_each_change_of_name(made, tmp_path):
    """Names change for five files and the listing, then for the act and the mark, and for keys/ itself, twice."""
    folder, _, second = made
    opened = []
    for call in (7, 8, 9, 10):
        shutil.copytree(folder.root, tmp_path / str(call) / "harbour.muniment")
        copy = open_folder(tmp_path / str(call) / "harbour.muniment")
        mark_path(copy).unlink(missing_ok=True)  # the copies go different ways

        def work(copy=copy):
            with Case(copy, open_keys(copy, second)) as case:
                case.key_rotate(NEW)

        assert _killed_at(call, work, ("replace", "rename")), call
        assert not list(problems(keyring.live_keys(copy)))
        first, other = (PASSPHRASE, NEW) if call % 2 else (NEW, PASSPHRASE)
        try:
            keys = open_keys(copy, first)
        except NoKey:
            keys = open_keys(copy, other)
        opened.append(len(keys.identity.splitlines()))
        with Case(copy, keys) as case:
            assert case.audit()["ok"] is True
        assert open_keys(copy, second) == keys and not keyring.unsettled(copy)
    assert opened == sorted(opened) and set(opened) == {1, 2}, "the act decides"


def test_a_catalogue_killed_while_it_gets_its_key(made, tmp_path):
    """The journal of the transaction is on the disk and not yet gone: then the process is killed."""
    folder, _, second = made
    keys = open_keys(folder, second)
    new = "ab" * 32
    large = tmp_path / "catalogue.db"
    shutil.copy(folder.catalogue, large)
    catalogue = open_catalogue(large, keys.catalogue)
    catalogue.keep_setting("large", "x" * 30_000_000)
    catalogue.close()
    journal = large.with_name("catalogue.db-journal")
    child = os.fork()
    if child == 0:
        try:
            rekey(large, keys.catalogue, new)
        finally:
            os._exit(0)
    while not (journal.exists() and journal.stat().st_size > 1_000_000):
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it was done too soon to be killed"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert journal.exists()
    turned = CaseKeys(2, new, keys.identity, keys.recipient, "n", "00", (keys.catalogue,))
    again = open_rekeyed(large, turned)
    assert len(again.setting("large")) == 30_000_000
    again.close()
    open_catalogue(large, new).close()


def test_recipients_are_known_to_whoever_has_the_case_open(made):
    folder, recovery, second = made
    known = recipients_of(folder, open_keys(folder, second))
    assert known == {
        "recovery": str(x25519.Identity.from_str(recovery).to_public()),
        "lantern": str(x25519.Identity.from_str(second).to_public()),
    }
