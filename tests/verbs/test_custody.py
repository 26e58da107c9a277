"""Acts stand in the log once each, whatever stops the work, and each can be proved without the others."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from muniment.case import acts as acts_of_custody
from muniment.case import catalogue
from muniment.case import custody_tables as tables
from muniment.case.folder import open_folder
from muniment.errors import BadUse, MunimentError, NotFound, Refused
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log
from muniment.verbs.case import Case
from muniment.verbs.committing import commit_custody, pad_log, padding, signer_of
from muniment.verbs.custody import continues, receipt_files, verify_receipt
from muniment.verbs.explaining import EXPLAINED

SCRIPT = Path(__file__).with_name("killed_keeper.py")


def kinds(case):
    return [act["kind"] for act in case.custody()["acts"]]


# What stands in the journal of a case with one file: two acts of keys come first.
RECEIVED, EXTRACTED, COMMITTED, NEXT = 3, 6, 7, 8


def spans(case):
    with case.catalogue.read() as connection:
        return connection.execute(
            sa.select(tables.commitment).order_by(tables.commitment.c.first)
        ).all()


@pytest.fixture
def sealed(case, leak):
    (leak / "memo.txt").write_text("The barge ledger.")
    case.add([leak], channel="post")
    return case


def test_add_leaves_every_act_in_the_log(sealed):
    report = sealed.custody()
    assert kinds(sealed) == [
        "keyed",
        "keyed",
        "received",
        "sealed",
        "sealed",
        "extracted",
        "committed",
    ]
    assert [act["event"] for act in report["acts"]][1:6] == [
        "policy assignment",
        "ingestion",
        "information package creation",
        "information package creation",
        "extraction",
    ]
    words = [act["words"] for act in report["acts"]]
    assert words[RECEIVED - 1 : EXTRACTED] == [
        "Received 1 file, by post",
        "Sealed what was received, entry 0 of the log",
        "Sealed the pages of 1 document, entry 1 of the log",
        "Read accession A1: 1 extracted",
    ]
    assert [act["entry"] for act in report["acts"]] == [2] * 6 + [None]
    assert report["uncommitted"] == 0 and report["watched"] is True
    assert commit_custody(sealed) == [], "nothing waits, and nothing is committed for its own sake"


def test_a_resumed_add_does_not_say_twice_what_it_read(sealed):
    """Killed between the act and the end of the accession."""
    sealed.journal.append("extracted", sealed.journal.noted(EXTRACTED).entry["details"])
    before = kinds(sealed).count("extracted")
    with sealed.catalogue.write() as connection:
        connection.execute(sa.update(catalogue.accession).values(stage="reading"))
    sealed.add([])
    assert kinds(sealed).count("extracted") == before
    assert sealed.status()["accessions"][0]["stage"] == "done"


def test_a_name_is_no_channel(case, leak):
    with pytest.raises(BadUse, match="never by a name"):
        case.add([leak], channel="Deep Throat")
    assert "received" not in kinds(case)


def test_an_audit_is_an_act_and_tells_no_path(sealed):
    assert sealed.audit()["act"] == NEXT
    (sealed.folder.staging / "stray").write_text("x")
    for path in sealed.folder.vault.rglob("manifest.age"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert sealed.audit()["ok"] is False
    last = sealed.journal.last()
    assert last["act"] == "audited" and last["details"]["ok"] is False
    assert last["details"]["damaged"] == 2 and "manifest" not in json.dumps(last)


def test_acts_of_an_earlier_day_are_committed_with_the_next_act(sealed):
    sealed.record("copied", {})
    with sealed.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.act).where(tables.act.c.number == NEXT).values(day="2020-01-01")
        )
    sealed.record("copied", {})
    first, *more = spans(sealed)
    assert (first.first, first.last) == (1, EXTRACTED)
    assert more and sealed.custody()["uncommitted"] == 0
    assert sealed.audit()["ok"] is True


def test_each_day_has_a_tree_of_its_own(sealed):
    sealed.record("copied", {})
    sealed.record("copied", {})
    with sealed.catalogue.write() as connection:
        connection.execute(
            sa.update(tables.act).where(tables.act.c.number <= NEXT).values(day="2020-01-01")
        )
    commit_custody(sealed)
    assert [(span.first, span.last) for span in spans(sealed)] == [
        (1, EXTRACTED),
        (COMMITTED, NEXT),
        (NEXT + 1, NEXT + 2),
    ]


def test_padding_is_random_explained_and_ends_at_256(sealed):
    note = pad_log(sealed)
    assert sealed.log.size == 256 and sealed.log.checkpoint() == note
    assert len(set(sealed.log.entries())) == 256
    assert pad_log(sealed) == note, "what is full is not filled up again"
    assert sealed.audit()["ok"] is True
    assert padding(bytes(32), 2) != padding(bytes(31) + b"\1", 2)
    assert padding(bytes(32), 3)[:2] == padding(bytes(32), 2)


def test_an_entry_nobody_knows_is_named(sealed):
    sealed.log.append([b"\7" * 32])
    sealed.log.publish(signer_of(sealed.keys))
    report = sealed.audit()
    assert report["ok"] is False and report["unexpected"] == ["log/entry 3"]
    assert len(EXPLAINED) >= 3


@pytest.mark.parametrize("number", [1, RECEIVED, RECEIVED + 2, EXTRACTED])
def test_a_receipt_proves_one_act_and_shows_nothing_of_the_others(sealed, tmp_path, number):
    report = sealed.custody(number, receipt=tmp_path / "proof")
    assert sorted(report["receipt"]) == sorted(str(p) for p in (tmp_path / "proof").iterdir())
    found = verify_receipt(tmp_path / "proof", signer_of(sealed.keys).vkey)
    assert found["act"]["sequence"] == number and found["act"]["act"] == report["kind"]
    assert (found["index"], found["size"]) == (report["entry"], 256)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "proof").iterdir())
    assert (
        b"memo" not in everything
        and hashlib.sha256(b"The barge ledger.").hexdigest().encode() not in everything
    )
    received = sealed.journal.noted(RECEIVED).entry["details"]["files"][0]
    for name in ("document", "root"):
        assert received[name].encode() not in everything


def test_the_rest_of_an_act_can_be_shown_later(sealed):
    told = json.loads(receipt_files(sealed, RECEIVED)["act.json"])
    assert told["whole"] == hashlib.sha256(sealed.journal.noted(RECEIVED).plain).hexdigest()
    assert told["details"] == {"channel": "post", "files": "1"} and "salt" not in told
    extracted = sealed.journal.noted(EXTRACTED).entry
    assert json.loads(receipt_files(sealed, EXTRACTED)["act.json"]) == extracted


def test_every_flipped_bit_of_a_receipt_is_noticed(sealed, tmp_path):
    folder = tmp_path / "proof"
    sealed.custody(1, receipt=folder)
    vkey = signer_of(sealed.keys).vkey
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        if path.name == "README.txt":
            continue
        for at in range(0, len(whole), 7):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            with pytest.raises(MunimentError):
                verify_receipt(folder, vkey)
        path.write_bytes(whole)
    assert verify_receipt(folder, vkey)["act"]["sequence"] == 1
    other = Signer.generate("muniment/other").vkey
    with pytest.raises(MunimentError):
        verify_receipt(folder, other)


def test_the_body_of_another_act_or_layer_is_no_act(sealed, tmp_path):
    """The leaf before the acts is the journal's head: it must not pass for an act."""
    from muniment.evidence.act_receipt import ActReceipt
    from muniment.evidence.log.policy import Policy
    from muniment.verbs.committing import custody_tree, leaves_of

    files = receipt_files(sealed, 1)
    receipt = ActReceipt.parse(files)
    [span] = spans(sealed)[:1]
    details = sealed.journal.noted(span.act).entry["details"]
    tree = custody_tree(details, leaves_of(sealed, span.first, span.last))
    head = ActReceipt.of(tree, 0, bytes.fromhex(details["head"]), receipt.proof, is_token=True)
    with pytest.raises(MunimentError):
        head.verify(Policy.of_log(signer_of(sealed.keys).vkey))


def test_a_timestamp_is_committed_by_the_digest_of_its_token(sealed, tmp_path):
    token = b"the bytes of a token"
    digest = acts_of_custody.token_digest(token)
    number = sealed.record(
        "attested",
        {"anchor": "x", "authority": "north", "time": "", "file": "", "token_sha256": digest},
    )
    sealed.custody(number, receipt=tmp_path / "proof")
    found = verify_receipt(tmp_path / "proof", signer_of(sealed.keys).vkey)
    assert found["token_sha256"] == hashlib.sha256(token).hexdigest() and found["act"] is None


def test_receipts_have_a_folder_of_their_own_and_acts_that_are_there(sealed, tmp_path):
    with pytest.raises(BadUse):
        sealed.custody(1, receipt=tmp_path)
    with pytest.raises(BadUse):
        sealed.custody(receipt=tmp_path / "proof")
    with pytest.raises(NotFound):
        sealed.custody(99)
    with pytest.raises(Refused):
        sealed.custody(COMMITTED, receipt=tmp_path / "proof")
    assert not (tmp_path / "proof").exists()


def test_whether_the_log_continues_what_was_seen_elsewhere(sealed, tmp_path):
    import shutil

    first = sealed.log.checkpoint()
    second = pad_log(sealed)
    assert continues(sealed, first) == continues(sealed, second) == "continues"
    shutil.copytree(sealed.folder.log, tmp_path / "older")
    sealed.record("copied", {})
    commit_custody(sealed)
    third = pad_log(sealed)
    shutil.rmtree(sealed.folder.log)
    shutil.copytree(tmp_path / "older", sealed.folder.log)
    assert continues(sealed, third) == "behind"
    Log(sealed.folder.log).append([hashlib.sha256(bytes([n])).digest() for n in range(255)])
    Log(sealed.folder.log).append([b"\1" * 32])
    assert continues(sealed, third) == "forked"
    with pytest.raises(MunimentError):
        continues(sealed, Log.create(tmp_path / "x", "m/x", Signer.generate("m/x")).checkpoint())


def test_custody_killed_at_any_call_is_neither_lost_nor_doubled(sealed, tmp_path, monkeypatch):
    keys = tmp_path / "keys.json"
    keys.write_bytes(sealed.keys.as_bytes())
    sealed.close()
    copies = tmp_path / "copies"
    copies.mkdir()
    command = [sys.executable, SCRIPT, sealed.root, keys, copies, "23"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) > 5
    for call, acknowledged in told:
        copy = copies / str(call)
        monkeypatch.setenv("MUNIMENT_HOME", str(copy / "home"))
        with Case(open_folder(copy / "harbour"), sealed.keys) as case:
            report = case.audit()
            assert report["ok"] is True, (call, report)
            assert case.journal.last()["act"] in ("audited", "committed"), (
                "the log could be written"
            )
            commit_custody(case)
            pad_log(case)
            there = spans(case)
            assert [span.first for span in there[1:]] == [span.last + 1 for span in there[:-1]]
            entries = case.log.entries()
            assert [entries.count(bytes(span.root)) for span in there] == [1] * len(there)
            assert len(entries) % 256 == 0
            copied = kinds(case).count("copied")
            assert acknowledged <= copied <= acknowledged + 1, "each act once"
            assert case.custody()["uncommitted"] == 0
            assert case.audit()["ok"] is True, call
