"""Who can open a case, with muniment and without it."""

import json

import pyrage
import pytest
from pyrage import x25519

from muniment.case.folder import create_folder
from muniment.case.keys import CaseKeys, generate, open_keys, wrap
from muniment.case.passphrase import PROPOSED_BITS, propose, weakness
from muniment.errors import BadUse, Damaged, NoKey


@pytest.fixture(scope="module")
def wrapped(tmp_path_factory):
    folder = create_folder(tmp_path_factory.mktemp("keys") / "harbour")
    keys = generate(folder)
    return folder, keys, wrap(folder, keys, "correct horse")


def test_the_passphrase_opens_it(wrapped):
    folder, keys, _ = wrapped
    assert open_keys(folder, "correct horse") == keys


def test_another_passphrase_does_not(wrapped):
    folder, _, _ = wrapped
    with pytest.raises(NoKey):
        open_keys(folder, "correct horse ")


def test_the_age_files_open_it_without_muniment(wrapped):
    folder, keys, recovery = wrapped
    by_passphrase = pyrage.passphrase.decrypt(
        (folder.keys / "passphrase.age").read_bytes(), "correct horse"
    )
    identity = x25519.Identity.from_str(recovery)
    by_recovery = pyrage.decrypt((folder.keys / "recovery.age").read_bytes(), [identity])
    assert CaseKeys.from_bytes(by_passphrase) == CaseKeys.from_bytes(by_recovery) == keys


def test_no_secret_lies_in_clear(wrapped):
    folder, keys, recovery = wrapped
    everything = b"".join(path.read_bytes() for path in folder.keys.iterdir())
    for secret in (keys.identity, keys.catalogue, keys.log_key, recovery, "correct horse"):
        assert secret.encode() not in everything
        assert secret.lower().encode() not in everything.lower()


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json", b'{"salt": 1}'])
def test_a_torn_key_file_is_said_to_be_damaged(tmp_path, damage):
    folder = create_folder(tmp_path / "harbour")
    (folder.keys / "daily.json").write_bytes(damage)
    with pytest.raises(Damaged):
        open_keys(folder, "x")


def test_each_byte_of_the_key_file_matters(wrapped, tmp_path):
    folder, _, _ = wrapped
    fields = json.loads((folder.keys / "daily.json").read_bytes())
    other = create_folder(tmp_path / "other")
    fields["time"] += 1
    (other.keys / "daily.json").write_text(json.dumps(fields))
    with pytest.raises(NoKey):
        open_keys(other, "correct horse")


def test_an_empty_passphrase_is_refused(tmp_path):
    folder = create_folder(tmp_path / "harbour")
    with pytest.raises(BadUse):
        wrap(folder, generate(folder), "")


def test_a_proposed_passphrase_is_strong_and_fresh():
    proposals = {propose() for _ in range(200)}
    assert len(proposals) == 200
    assert PROPOSED_BITS >= 90
    assert all(len(words.split()) == 5 and words.isascii() for words in proposals)


def test_the_recovery_identity_opens_it_in_place_of_the_passphrase(wrapped):
    folder, keys, recovery = wrapped
    assert open_keys(folder, recovery) == keys
    assert open_keys(folder, f"  {recovery.lower()}\n") == keys
    with pytest.raises(NoKey):
        open_keys(folder, str(x25519.Identity.generate()))
    with pytest.raises(NoKey):
        open_keys(folder, recovery[:-1] + ("Q" if recovery[-1] != "Q" else "P"))


@pytest.mark.parametrize("weak", ["x", "harbour", "12345678", "correct horse", "aB3$", "p4ssw0rd"])
def test_a_weak_passphrase_is_warned_of(weak):
    assert "weak" in weakness(weak)


def test_a_strong_passphrase_is_not():
    assert weakness(propose()) == ""
    assert weakness("kQ7$wz-Lm2pX") == ""
