"""Somebody is given a receipt, and asks muniment whether it holds: from its files alone, by the owner's key."""

from __future__ import annotations

import shutil

import pytest
from tests.conftest import Muniment

from muniment.evidence.log.note import Signer

STRANGER = Signer.from_private_bytes("muniment/stranger", b"s" * 32).vkey


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A memo, sealed; its receipt, and one of its page and of an act; the key of the log, from its owner."""
    place = tmp_path_factory.mktemp("verify")
    program = Muniment(place, place / "home")
    program.json("new", "story")
    (place / "memo.txt").write_text("At least one container stays closed.\n")
    program.json("add", "story", "memo.txt")
    program.json("show", "story", "A1/0001", "--receipt", "receipt")
    program.json("show", "story", "A1/0001", "--page", "1", "--receipt", "page")
    program.json("custody", "story", "2", "--receipt", "act")
    key = program.json("stamp", "story")["cosigning"]["vkey"]
    program.run("lock", "story")
    return place, key


@pytest.fixture
def given(muniment, made):
    """The receipts and the memo, with somebody who never had the case."""
    place, key = made
    for name in ("receipt", "page", "act"):
        shutil.copytree(place / name, muniment.folder / name)
    shutil.copy(place / "memo.txt", muniment.folder)
    muniment.key = key
    return muniment


def test_a_receipt_holds_by_the_owners_key(given):
    told = given.json("verify", "receipt", "--key", given.key, "--file", "memo.txt")
    assert told["matches_seal"] and told["signer"] == "known" and told["log_key"] == ""
    assert told["file"]["size"] == "37" and told["checked"]["originals"] == 1
    assert [one["layer"] for one in told["layers"]] == ["file", "batch"]
    (given.folder / "owner.vkey").write_text(given.key + "\n")
    (given.folder / "trusted.txt").write_text(f"log {given.key}\nquorum none\n")
    assert given.json("verify", "receipt", "--key", "owner.vkey")["signer"] == "known"
    assert given.json("verify", "receipt", "--policy", "trusted.txt")["signer"] == "known"
    said = given.run("verify", "receipt", "--key", given.key, "--file", "memo.txt")
    assert "The file given is the one that was sealed." in said.stdout
    assert "Since when: not proved" in said.stdout


def test_without_a_key_the_signer_is_unknown(given):
    told = given.json("verify", "receipt", status=1)
    assert told["matches_seal"] and told["signer"] == "unknown" and told["log_key"] == given.key
    assert "signer unknown" in given.run("verify", "receipt").stdout


def test_another_key_and_another_file_are_refused(given):
    told = given.json("verify", "receipt", "--key", STRANGER, status=1)
    assert not told["matches_seal"] and told["signer"] == "unknown", "it did not sign this"
    (given.folder / "memo.txt").write_text("At most one container stays closed.\n\n")
    told = given.json("verify", "receipt", "--key", given.key, "--file", "memo.txt", status=1)
    assert told["failures"] == [
        {"file": "the original", "reason": "it is not the file that was sealed"}
    ]


def test_every_changed_file_of_a_receipt_is_noticed(given):
    for name in ("receipt", "page"):
        folder = given.folder / name
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            whole = path.read_bytes()
            path.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
            assert not given.json("verify", name, "--key", given.key, status=1)["matches_seal"], (
                path
            )
            path.write_bytes(whole)
        assert given.json("verify", name, "--key", given.key)["matches_seal"]


def test_a_receipt_whose_policy_is_gone_does_not_hold(given):
    (given.folder / "receipt" / "policy.txt").unlink()
    told = given.json("verify", "receipt", status=1)
    assert not told["matches_seal"] and told["signer"] == "unknown" and told["log_key"] == ""


def test_a_page_and_an_act(given):
    told = given.json("verify", "page", "--key", given.key)
    assert told["page"]["page"] == "1" and told["file"] == {}
    told = given.json("verify", "act", "--key", given.key)
    assert told["act"]["act"] == "received" and told["layers"][0]["layer"] == "custody"
    assert "Received 1 file" in given.run("verify", "act", "--key", given.key).stdout
    assert not given.json("verify", "act", "--key", STRANGER, status=1)["matches_seal"]
    assert given.error("verify", "act", status=2)["code"] == "bad-use"


@pytest.mark.parametrize(
    "wrong",
    [
        ["nowhere"],
        ["receipt", "--key", "no+key"],
        ["receipt", "--key", "nowhere"],
        ["receipt", "--policy", "memo.txt"],
        ["receipt", "--roots", "memo.txt"],
        ["receipt", "--file", "nowhere"],
        ["receipt", "--key", STRANGER, "--policy", "memo.txt"],
    ],
)
def test_what_cannot_be_used_says_what_to_do(given, wrong):
    given.error("verify", *wrong, status=2)
