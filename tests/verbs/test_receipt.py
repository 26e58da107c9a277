"""Receipts: what a stranger is given, what it proves, and that no change to it goes unseen."""

from __future__ import annotations

import hashlib
import json
import random
import re
import secrets
import shutil
import subprocess

import pytest

from muniment.errors import BadUse
from muniment.evidence.anchors.certificates import read_certificates
from muniment.evidence.commitment import Disclosure, Tree, tree_context
from muniment.evidence.layers import layer_tree
from muniment.evidence.log.note import Signer
from muniment.evidence.log.policy import Policy
from muniment.evidence.receipt import Chain, Link
from muniment.evidence.receipt_check import check_receipt
from muniment.evidence.refusals import Malformed, Unproved
from tests.authority import Authority
from tests.verbs.stamping import attest, grow

MEMO = b"One container stays closed.\n"


@pytest.fixture
def attested(sealed, clock, stick):
    attest(sealed, clock, stick)
    return sealed


@pytest.fixture
def receipt(attested, tmp_path):
    attested.receipt("A1/0001", str(tmp_path / "receipt"))
    return tmp_path / "receipt"


def policy_of(case) -> Policy:
    return Policy.of_log(case.log.key.vkey)


def test_it_holds_by_files_alone(attested, receipt, clock, tmp_path):
    original = tmp_path / "memo.txt"
    original.write_bytes(MEMO)
    roots = tuple(read_certificates(clock.roots.read_bytes()))
    checked = check_receipt(receipt, policy_of(attested), roots=roots, original=original)
    assert checked.failures == [] and checked.signer == "known"
    assert checked.layers == [("file", [0]), ("batch", [0])]
    assert (checked.index, checked.size) == (0, 256)
    assert checked.file["sha256"] == hashlib.sha256(MEMO).hexdigest()
    assert checked.file["size"] == str(len(MEMO))
    assert checked.since == attested.stamp()["anchors"][0]["time"]
    (stamp,) = checked.stamps
    assert stamp.authority == "clock" and stamp.known
    original.write_bytes(MEMO + b".")
    failed = check_receipt(receipt, policy_of(attested), original=original).failures
    assert failed == [("the original", "it is not the file that was sealed")]


def test_without_the_key_the_signer_is_unknown(receipt, attested, tmp_path):
    checked = check_receipt(receipt)
    assert checked.ok and checked.signer == "unknown" and not checked.stamps[0].known
    stranger = Signer.from_private_bytes(attested.keys.log_name, b"s" * 32)
    assert not check_receipt(receipt, Policy.of_log(stranger.vkey)).ok
    other = Authority(tmp_path / "other")
    assert not check_receipt(receipt, policy_of(attested), roots=(other.root,)).ok


def test_no_name_is_told(attested, receipt):
    everything = b"".join(path.read_bytes() for path in receipt.rglob("*") if path.is_file())
    for word in (b"memo", b"A1/0001", b"harbour", MEMO.strip()):
        assert word not in everything
    assert check_receipt(receipt).properties == {}
    assert all(path.stat().st_mode & 0o077 == 0 for path in receipt.rglob("*") if path.is_file())


def test_names_where_they_are_asked_for(attested, tmp_path):
    attested.receipt("A1/0001", str(tmp_path / "named"), properties=True)
    checked = check_receipt(tmp_path / "named", policy_of(attested))
    assert checked.ok and checked.properties["path"] == "memo.txt"


def test_every_flipped_bit_is_found(attested, receipt):
    chance = random.Random(1)
    policy = policy_of(attested)
    for path in sorted(receipt.rglob("*")):
        if path.is_dir():
            continue
        good = path.read_bytes()
        for at in sorted(chance.sample(range(len(good)), min(len(good), 25))):
            bad = bytearray(good)
            bad[at] ^= 1 << chance.randrange(8)
            path.write_bytes(bad)
            assert not check_receipt(receipt, policy).ok, (path.name, at)
        path.write_bytes(good)
    assert check_receipt(receipt, policy).ok
    (receipt / "anchors" / "more.txt").write_text("more")
    assert not check_receipt(receipt, policy).ok


def _sum_up(receipt) -> None:
    """Forge SHA256SUMS too, as one would who changes a receipt on purpose."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(receipt).as_posix()}\n"
        for path in sorted(receipt.rglob("*"))
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    (receipt / "SHA256SUMS").write_text("".join(lines))


@pytest.mark.parametrize(
    "forgery", ["header", "entry", "token", "checkpoint", "another log", "another leaf", "no token"]
)
def test_a_forger_who_makes_the_sums_anew(attested, receipt, forgery, tmp_path):
    policy = policy_of(attested)
    content = json.loads((receipt / "receipt.json").read_bytes())
    (token,) = (receipt / "anchors").glob("*.tsr")
    if forgery == "header":
        content["links"][0]["leaves"][0]["body"] = "A" * 139 + "="
    elif forgery == "entry":
        content["entry"] = secrets.token_hex(32)
    elif forgery == "another leaf":
        content["links"][0]["at"] = 1
    elif forgery == "token":
        token.write_bytes(token.read_bytes()[:-1] + b"x")
    elif forgery == "checkpoint":
        note = receipt / "checkpoint.note"
        note.write_bytes(note.read_bytes().replace(b"\n256\n", b"\n512\n"))
    elif forgery == "another log":
        _of_another_log(receipt)
    else:
        token.unlink()
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    (receipt / "receipt.json").write_text(text)
    _sum_up(receipt)
    checked = check_receipt(receipt, policy)
    if forgery == "no token":
        assert checked.ok and checked.since == "", "it then proves no time"
    else:
        assert not checked.ok


def _of_another_log(receipt) -> None:
    from muniment.evidence.log.checkpoint import Checkpoint
    from muniment.evidence.log.note import Note
    from muniment.evidence.log.proof import TlogProof

    note = receipt / "checkpoint.note"
    old = Checkpoint.parse(Note.parse(note.read_bytes()).text)
    signed = old.sign(Signer.from_private_bytes(old.origin, b"f" * 32))
    note.write_bytes(signed)
    proof = TlogProof.parse((receipt / "receipt.tlog-proof").read_bytes())
    made = TlogProof(proof.index, proof.path, signed)
    (receipt / "receipt.tlog-proof").write_bytes(made.serialise())


def test_its_readme_is_right(receipt, tmp_path):
    """Each command of README.txt, in the folder, with the system's own programs."""
    text = (receipt / "README.txt").read_text()
    commands = re.findall(r"^    ([a-zT].*)$", text, re.M)
    commands = [one for one in commands if not one.startswith(("size", "SHA"))]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=receipt,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Signature Verified Successfully" in done.stdout
    assert "Verification: OK" in done.stdout + done.stderr
    assert done.stdout.count(": OK") >= 6
    assert hashlib.sha512(MEMO).hexdigest() in text
    assert len(commands) >= 9, commands


def test_before_any_timestamp(sealed, tmp_path):
    """The log is padded, and the receipt says that no time is proved yet."""
    answer = sealed.receipt("A1/0001", str(tmp_path / "receipt"))
    assert (answer["size"], answer["anchors"]) == (256, 0)
    checked = check_receipt(tmp_path / "receipt", policy_of(sealed))
    assert checked.ok and checked.since == "" and checked.size == 256
    assert "ask for a later receipt" in (tmp_path / "receipt" / "README.txt").read_text()
    report = sealed.audit()
    assert report["ok"] is True, report


def test_the_earliest_timestamp_that_covers_it(attested, clock, stick, tmp_path):
    grow(attested)
    shutil.rmtree(stick)
    attested.stamp(request=str(stick))
    (request,) = stick.glob("*.tsq")
    reply = request.with_suffix(".tsr")
    reply.write_bytes(clock.reply(request.read_bytes()))
    attested.stamp(reply=[str(reply)])
    assert [one["size"] for one in attested.stamp()["anchors"]] == [256, 512]
    assert attested.receipt("A1/0001", str(tmp_path / "receipt"))["size"] == 256


def test_where_it_may_be_written(attested, receipt, tmp_path):
    with pytest.raises(BadUse, match="not an empty folder"):
        attested.receipt("A1/0001", str(receipt))
    with pytest.raises(BadUse, match="does not exist"):
        attested.receipt("A1/0001", str(tmp_path / "no" / "receipt"))
    acts = [act["details"] for act in attested.journal.acts() if act["act"] == "disclosed"]
    assert len(acts) == 1 and acts[0]["layer"] == "file" and acts[0]["properties"] is False


def page_chain() -> tuple[list[Link], bytes]:
    """From words on page 2 up to a batch, as page seals will make it."""
    key = bytes(range(32))
    text = layer_tree("text", key, b"t" * 16, [b"one", b"two"], page=2)
    page = layer_tree("page", key, b"p" * 16, [b"header", b"", b"", text.root, b""], page=2)
    document = layer_tree("document", key, b"d" * 16, [b"f" * 32, b"tools", b"1" * 32, page.root])
    batch = layer_tree("batch", key, b"b" * 16, [b"0" * 32, document.root])
    return [
        Link(text.disclose([1]), {1: b"two"}, 3),
        Link(page.disclose([0, 3]), {0: b"header", 3: text.root}, 3),
        Link(document.disclose([3]), {3: page.root}, 1),
        Link(batch.disclose([1]), {1: document.root}),
    ], batch.root


def test_a_chain_from_a_word_to_an_entry():
    links, entry = page_chain()
    chain = Chain(tuple(links), entry)
    chain.verify()
    assert Chain.from_json(chain.to_json()) == chain
    with pytest.raises(Unproved):
        Chain(tuple(links), bytes(32)).verify()
    Chain(tuple(links[1:]), entry).verify()  # less is shown, and that holds
    for left_out in range(1, 4):
        with pytest.raises((Unproved, Malformed)):
            Chain(tuple(links[:left_out] + links[left_out + 1 :]), entry).verify()
    moved = Link(links[2].disclosure, links[2].shown, 0)
    with pytest.raises(Unproved):
        Chain((*links[:2], moved, links[3]), entry).verify()


def test_a_tree_cannot_stand_elsewhere():
    """The same roots in places that belong to another layer or another page."""
    key = bytes(range(32))
    text = layer_tree("text", key, b"t" * 16, [b"one"], page=3)
    page = layer_tree("page", key, b"p" * 16, [b"header", b"", b"", text.root, b""], page=2)
    document = layer_tree("document", key, b"d" * 16, [b"f" * 32, b"tools", b"1" * 32, page.root])
    batch = layer_tree("batch", key, b"b" * 16, [document.root])
    links = [
        Link(text.disclose([0]), {0: b"one"}, 3),
        Link(page.disclose([3]), {3: text.root}, 3),
        Link(document.disclose([3]), {3: page.root}, 0),
        Link(batch.disclose([0]), {0: document.root}),
    ]
    Chain(tuple(links[1:]), batch.root).verify()
    with pytest.raises(Unproved, match="cannot stand there"):
        Chain(tuple(links), batch.root).verify()
    with pytest.raises(Unproved, match="cannot stand there"):
        Chain((links[1],), page.root).verify()
    named = Tree("muniment/v1/batch", tree_context(b"b" * 16, "other"), key, [document.root])
    link = Link(named.disclose([0]), {0: document.root})
    with pytest.raises(Unproved, match="name of another"):
        Chain((link,), named.root).verify()


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"entry":"","format":"muniment/receipt/v1","links":[]}', b"[" * 9999],
)
def test_what_is_no_receipt(content):
    with pytest.raises(Malformed):
        Chain.from_json(content)


def test_one_form_only(receipt):
    content = (receipt / "receipt.json").read_bytes()
    fields = json.loads(content)
    assert isinstance(Chain.from_json(content).links[0].disclosure, Disclosure)
    with pytest.raises(Malformed):
        Chain.from_json(json.dumps(fields).encode())
    with pytest.raises(Malformed):
        Chain.from_json(content + b"\n")
