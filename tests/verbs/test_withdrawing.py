"""What is withdrawn is gone, to the last page of the database; what is not withdrawn verifies as before."""

from __future__ import annotations

import hashlib
import json
import shutil

import pyrage
import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.journal import Journal
from muniment.case.seen import mark_path
from muniment.errors import BadUse, Damaged, Interrupted, NotFound, Refused
from muniment.evidence.layers import batch_bodies, layer_tree
from muniment.verbs import withdraw
from tests.verbs.leftovers import database_pages, left, zipped

TEXT = b"Zubrowka pays Kestrelmann at the ferry gate. " * 40
INNER = b"Wolkenkuckuck counted the drums twice. " * 40
SECRETS = (b"zubrowka", b"kestrelmann", b"wolkenkuckuck", b"quillfeather", b"ladderback")


@pytest.fixture
def received(case, leak):
    """A case of thirty letters and one archive whose name, members and words are known."""
    zipped(leak / "letter by Quillfeather.zip", ladderback_txt=TEXT, other_txt=INNER)
    for number in range(30):
        (leak / f"note-{number:02d}.txt").write_text(f"note {number} of the quay " * 200)
    case.add([leak])
    return case


def _container(case):
    [row] = [r for r in case.documents()["documents"] if r["path"].endswith(".zip")]
    return row


def _parts():
    return [hashlib.sha256(content).digest() for content in (TEXT, INNER)]


def _keys(case, reference):
    """What is secret or telling of an original: key, tree, digests, place and time."""
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(tables.original)
            .join(tables.document, tables.document.c.number == tables.original.c.number)
            .where(tables.document.c.reference == reference)
        ).one()
    secret = [bytes(getattr(row, n)) for n in ("key", "tree", "sha256", "sha512", "source")]
    return [*secret, row.stored.encode(), row.cipher_sha512.encode()]


def _write_and_delete(case, text):
    """Leaves its pages free and as they were, as a build of SQLite that does not clear them would."""
    case.catalogue.keep_setting("passing", text)
    with case.catalogue.write() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        connection.execute(sa.delete(tables.setting).where(tables.setting.c.name == "passing"))


def test_nothing_is_left_but_reference_commitment_state_and_reason(received, leak):
    case, archive = received, _container(received)
    assert case.find("zubrowka")["documents"] == 1
    _write_and_delete(case, "what an earlier act left in a page: Ladderback " * 300)
    needles = [*SECRETS, *_keys(case, archive["reference"]), *_parts()]
    before = left(case, *needles)
    assert set(before) == set(needles), "what was never there cannot go"
    assert b"an earlier act left" in database_pages(case)
    answer = case.withdraw(archive["reference"], "source")
    assert answer["custodians_pending"] == [] and answer["document"] == archive["document"]
    assert left(case, *needles) == {}
    assert b"an earlier act left" not in database_pages(case)
    shown = case.show(archive["document"], text=True)
    assert (shown["state"], shown["reason"]) == ("withdrawn", "withdrawn: the source's wish")
    assert shown["properties"] == {} and not shown["title"] and not shown["type"]
    assert shown["path"] == shown["reference"] == archive["reference"] and shown["text"] == ""
    assert [case.show(part)["state"] for part in shown["parts"]] == ["withdrawn", "withdrawn"]
    assert case.find("zubrowka OR kestrelmann OR quillfeather")["documents"] == 0
    assert case.find("quay")["documents"] == 30
    assert case.status()["accounting"]["states"] == {"extracted": 30, "withdrawn": 3}
    assert case.audit()["ok"]


def test_every_other_seal_verifies_and_the_commitment_is_still_in_the_batch(received):
    case, archive = received, _container(received)
    others = [row for row in case.documents()["documents"] if row["type"] == "text/plain"]
    before = {row["document"]: case.show(row["document"])["receipts"] for row in others}
    receipt, sealed_later = case.show(archive["document"])["receipts"]
    root = _root(case, archive["reference"])
    case.withdraw(archive["document"], "privacy")
    assert case.show(archive["document"])["receipts"] == [receipt, sealed_later]
    assert {name: case.show(name)["receipts"] for name in before} == before
    name = _object_of_originals(case)
    manifest = json.loads(case.vault.read_manifest(name, case.keys.identity))
    entry = manifest["files"][receipt["leaf"]]
    assert entry == {"root": root.hex(), "state": "withdrawn", "reason": "privacy"}
    key, tree = (bytes.fromhex(manifest[field]) for field in ("key", "tree"))
    roots = [bytes.fromhex(file["root"]) for file in manifest["files"]]
    batch = layer_tree("batch", key, tree, batch_bodies(roots)).root
    assert batch == case.log.entry(receipt["index"]) and root in roots
    assert {"act": "withdrawn", "reason": "privacy", "root": root.hex()}.items() <= {
        "act": "withdrawn",
        **_acts(case, "withdrawn")[0],
    }.items()
    assert case.audit()["ok"]


def _root(case, reference):
    with case.catalogue.read() as connection:
        return bytes(
            connection.execute(
                sa.select(tables.original.c.root)
                .join(tables.document, tables.document.c.number == tables.original.c.number)
                .where(tables.document.c.reference == reference)
            ).scalar_one()
        )


def _object_of_originals(case):
    with case.catalogue.read() as connection:
        return connection.execute(sa.select(tables.batch.c.object)).scalar_one()


def _received(case):
    """The number of the act by which files were received, the first one."""
    return next(act["sequence"] for act in case.journal.acts() if act["act"] == "received")


def _acts(case, word):
    return [act["details"] for act in case.journal.acts() if act["act"] == word]


def test_the_vault_stays_valid_for_a_validator_we_did_not_write(received):
    storage_root = pytest.importorskip("ocfl.storage_root")
    received.withdraw(_container(received)["document"], "unlawful")
    root = storage_root.StorageRoot(root=str(received.folder.vault))
    assert root.validate() and root.good_objects == 2, root.errors


def test_no_act_holds_what_may_have_to_go(received):
    """Keys, digests, names and places are enclosed until they are sealed, and then are nowhere in the journal."""
    for files in [act["files"] for act in _acts(received, "received")]:
        assert {name for file in files for name in file} == {"document", "reference", "root"}
    assert [path.name for path in received.folder.journal.glob("*enclosure*")] == []


def test_a_second_withdrawal_changes_nothing(received):
    archive = _container(received)
    first = received.withdraw(archive["document"], "source")
    acts = len(list(received.journal.acts()))
    assert received.withdraw(archive["reference"], "privacy") == first
    assert received.show(archive["document"])["reason"] == "withdrawn: the source's wish"
    assert len(list(received.journal.acts())) == acts


def test_what_is_put_back_into_the_vault_is_noticed(received, tmp_path):
    name = _object_of_originals(received)
    shutil.copytree(received.folder.vault / name, tmp_path / "kept")
    received.withdraw(_container(received)["document"], "source")
    shutil.rmtree(received.folder.vault / name)
    shutil.copytree(tmp_path / "kept", received.folder.vault / name)
    report = received.audit()
    assert report["ok"] is False and len(report["unexpected"]) == 1


def test_a_part_alone_is_refused_and_told_what_can_be_done(received):
    part = received.show(_container(received)["document"])["parts"][0]
    with pytest.raises(Refused) as raised:
        received.withdraw(part, "privacy")
    assert "hold" in raised.value.next and "A1/00" in raised.value.next
    assert received.find("zubrowka")["documents"] == 1


def test_what_cannot_be_asked(received):
    document = _container(received)["document"]
    with pytest.raises(BadUse, match="reason"):
        received.withdraw(document, "because")
    with pytest.raises(NotFound):
        received.withdraw("A9/0001", "source")


def test_what_never_was_a_file_can_go_too(case, leak):
    (leak / "link of Quillfeather").symlink_to("nowhere")
    (leak / "memo.txt").write_text("a memo")
    case.add([leak])
    [link] = [row for row in case.documents()["documents"] if row["state"] == "unsupported"]
    case.withdraw(link["document"], "privacy")
    assert left(case, b"quillfeather") == {}
    assert case.audit()["ok"]


def test_an_accession_that_named_the_file_itself_forgets_where_it_lay(case, leak):
    for name in ("memo of Quillfeather.txt", "other.txt"):
        (leak / name).write_text(f"this is {name}")
    case.add([leak / "memo of Quillfeather.txt", leak / "other.txt"])
    case.withdraw("A1/0001", "source")
    assert left(case, b"quillfeather") == {}
    (leak / "memo of Quillfeather.txt").unlink()
    assert case.add([leak / "other.txt"])["accession"] == "A1", "what stays is still known"


def test_the_only_file_of_its_accession(case, leak):
    (leak / "memo.txt").write_text("Zubrowka")
    case.add([leak])
    location = str(leak).encode()
    assert left(case, location)
    case.withdraw("A1/0001", "source")
    assert left(case, location, b"zubrowka") == {}
    assert case.audit()["ok"]


def test_the_same_bytes_elsewhere_are_named(case, leak):
    for name in ("one.txt", "two.txt"):
        (leak / name).write_text("the very same")
    case.add([leak])
    second = case.show("A1/0002")["document"]
    assert case.withdraw("A1/0001", "source")["copies"] == [second]


def test_while_it_is_being_received_nothing_is_withdrawn(case, leak):
    for number in range(150):
        (leak / f"note-{number:03d}.txt").write_text(f"note {number}")
    with pytest.raises(Interrupted):
        case.add([leak], watch=_stopped_at("receiving", 100))
    with pytest.raises(Refused, match="being received"):
        case.withdraw("A1/0001", "source")
    number = _received(case)
    assert case.journal.enclosed() == [number] and case.journal.numbers()[-1] == number
    case.add([leak])
    assert case.withdraw("A1/0001", "source")["reference"] == "A1/0001"
    assert case.audit()["ok"]


def _stopped_at(stage, done):
    def watch(progress):
        if progress.stage == stage and progress.done >= done:
            raise Interrupted("stopped", next="again")

    return watch


def test_what_a_room_keeps_elsewhere_is_asked_for(received, monkeypatch):
    """The doors: objects of other rooms, their tables, and custodians."""
    document = _container(received)["document"]
    names = received.vault.objects()
    forgotten = []

    def forget(case, connection, numbers):
        forgotten.extend(numbers)

    monkeypatch.setattr(withdraw, "FORGETTING", (*withdraw.FORGETTING, forget))
    monkeypatch.setattr(
        withdraw, "CUSTODIANS", (lambda case, names: [f"has {name}" for name in names],)
    )
    answer = received.withdraw(document, "source")
    pending = [f"has {name}" for name in names]
    assert answer["custodians_pending"] == pending and len(names) == 2 and len(forgotten) == 3
    assert received.withdraw(document, "source")["custodians_pending"] == pending


def test_what_repair_put_aside_of_it_goes_too(received):
    """A stray copy of its ciphertext, and of another's, stood in the vault; repair put both aside."""
    document = _container(received)["document"]
    [batch] = [n for n in received.vault.objects() if _is_batch(received, n)]
    content = received.folder.vault / batch / "v1" / "content"
    stray = received.folder.vault / batch / "stray"
    shutil.copytree(content, stray)
    (received.folder.vault / "unrelated").write_bytes(b"nobody's")
    assert received.repair()["aside"]
    kept = [p.read_bytes() for p in (received.folder.root / "quarantine").rglob("*") if p.is_file()]
    assert b"nobody's" in kept and len(kept) > 3
    received.withdraw(document, "source")
    left = [p for p in (received.folder.root / "quarantine").rglob("*") if p.is_file()]
    assert sorted({p.name for p in left} - {"note.txt"}) and len(left) == 2
    assert b"nobody's" in [p.read_bytes() for p in left]
    assert received.audit()["ok"]


def test_what_was_put_aside_in_a_copy_goes_too(received, tmp_path):
    """A stray copy of everything, a catalogue and a key stood in a custodian's copy; repair put them aside there."""
    document = _container(received)["document"]
    stick = tmp_path / "stick"
    received.copy(stick, name="stick")
    shutil.copytree(stick / "vault", stick / "vault" / "stray")
    for name in ("unrelated", "catalogue.db-old"):
        (stick / name).write_bytes(b"nobody's")
    received.repair(custodian="stick")
    aside = stick / "quarantine"
    assert [p for p in aside.rglob("*") if p.is_file() and p.stat().st_size > 1000]
    notes = "".join(p.read_text() for p in aside.glob("*/note.txt"))
    assert "vault/stray" in notes and "catalogue.db-old" in notes and "unrelated" in notes
    assert received.withdraw(document, "source")["custodians_pending"] == []
    left = [p for p in aside.rglob("*") if p.is_file() and p.name != "note.txt"]
    assert len(left) == notes.count("unrelated") == 1


def _is_batch(case, name):
    manifest = json.loads(case.vault.read_manifest(name, case.keys.identity))
    return manifest.get("kind") != "pages"


def test_a_case_of_an_earlier_muniment_is_read_and_told_the_truth(case, leak, monkeypatch):
    """Its acts hold everything themselves: what a crash kept out is carried out, and a withdrawal is refused."""
    (leak / "memo.txt").write_text("a memo")
    with pytest.raises(Interrupted):
        case.add([leak], watch=_stopped_at("sealing", 0))
    enclosure = case.journal.enclosure(_received(case))
    keyed = _acts(case, "keyed")
    for path in case.folder.journal.iterdir():
        path.unlink()
    mark_path(case.folder).unlink()
    journal = Journal(case.folder.journal, case.keys.recipient, case.keys.identity)
    for details in keyed:
        journal.append("keyed", details)
    journal.append("received", enclosure)
    _take_out(case)
    del case.__dict__["journal"]
    assert case.status()["accounting"]["found"] == 0
    leak.rename(leak.with_name("elsewhere"))
    assert case.add([leak])["states"] == {"extracted": 1}
    with pytest.raises(Refused, match="earlier muniment"):
        case.withdraw("A1/0001", "source")
    assert case.audit()["ok"]


def _take_out(case):
    """As if the catalogue had never heard of it."""
    with case.catalogue.write() as connection:
        connection.execute(sa.delete(custody.act))
        connection.execute(sa.delete(tables.original))
        connection.execute(sa.delete(tables.document))
        connection.execute(sa.update(tables.accession).values(originals=0))


def test_an_enclosure_that_is_not_the_acts_own_is_refused(case, leak):
    (leak / "memo.txt").write_text("a memo")
    with pytest.raises(Interrupted):
        case.add([leak], watch=_stopped_at("sealing", 0))
    enclosure = case.journal.enclosure(_received(case))
    enclosure["files"][0]["properties"]["path"] = "leak/another.txt"
    forged = pyrage.encrypt(
        json.dumps(enclosure).encode(), [pyrage.x25519.Recipient.from_str(case.keys.recipient)]
    )
    next(case.folder.journal.glob("*enclosure*")).write_bytes(forged)
    _take_out(case)
    with pytest.raises(Damaged, match="enclosed"):
        case.add([leak])
