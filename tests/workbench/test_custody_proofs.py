"""The Custody screen of a case with timestamps in every state, a log that told two stories, and receipts."""

from __future__ import annotations

import re

import pytest

from muniment.evidence.log.bundle import Bundle
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.cosignature import Cosigner
from muniment.evidence.log.note import Note, Signer
from tests.authority import REJECTED, Authority
from tests.workbench.bench import muniment, workbench
from tests.workbench.test_receipts import take

ELSEWHERE = Signer.from_private_bytes("muniment/elsewhere", b"e" * 32)
NORTH = Cosigner.from_private_bytes("muniment/north/cosigner", b"n" * 32)


def shown(size: int, root: bytes) -> bytes:
    """What the newsroom elsewhere hands over of its log."""
    return Bundle(0, (), Checkpoint(ELSEWHERE.name, size, root).sign(ELSEWHERE)).serialise()


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    """A workbench: clock attested, tower refused, belfry is silent; north signs us; elsewhere told two stories."""
    home = tmp_path_factory.mktemp("proved-home")
    muniment(home, "new", "harbour")
    (home / "memo.txt").write_text("the quay is closed")
    muniment(home, "add", "harbour", home / "memo.txt")
    with workbench(home, "open", "harbour") as bench:
        fill(bench, home)
        yield bench
    muniment(home, "lock", "harbour")


def stamp(bench, **asked):
    status, report = bench.post("/stamp", **asked)
    assert status == 200 and report["problems"] == [], report
    return report


def fill(bench, home):
    """Bring the case into that state, by the files a person carries."""
    clocks = {name: Authority(home / name, name=name) for name in ("clock", "tower", "belfry")}
    for name, authority in clocks.items():
        stamp(bench, authority=name, roots=str(authority.roots))
    stamp(bench, request=str(home / "stick"))
    [asked] = (home / "stick").glob("clock-*.tsq")
    asked.with_suffix(".tsr").write_bytes(clocks["clock"].reply(asked.read_bytes()))
    [refused] = (home / "stick").glob("tower-*.tsq")
    refused.with_suffix(".tsr").write_bytes(REJECTED)
    replies = [str(path) for path in (home / "stick").glob("*.tsr")]
    stamp(bench, reply=replies)
    stamp(bench, witness="north", key=NORTH.vkey)
    stamp(bench, bundle=str(home / "ours"))
    note = Note.parse(Bundle.parse((home / "ours").read_bytes()).checkpoint)
    signed = note.with_signature(NORTH.sign(note.text, 1_790_000_000))
    (home / "signed").write_bytes(signed.serialise())
    stamp(bench, reply=[str(home / "signed")])
    (home / "theirs").write_bytes(shown(512, b"r" * 32))
    stamp(bench, cosign=str(home / "theirs"), output=str(home / "out"), key=ELSEWHERE.vkey)
    (home / "theirs").write_bytes(shown(512, b"s" * 32))
    status, _ = bench.post("/stamp", cosign=str(home / "theirs"), output=str(home / "out-2"))
    assert status != 200
    document = bench.post("/documents")[1]["documents"][0]["document"]
    for page in ("", "1"):
        assert take(bench, document=document, confirmed="yes", page=page)[0].status == 200


def words_of(body: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", body.decode()).split())


def test_timestamps_in_every_state(proved):
    said = words_of(proved.ask("GET", "/custody")[1])
    assert re.search(r"clock: attested, \d{4}-\d\d-\d\d \d\d:\d\d UTC 256 entries", said)
    assert re.search(r"tower: does not hold: .*rejected the request: closed.* 256 entries", said)
    assert "belfry: asked, no reply yet 256 entries" in said
    assert "None is attested yet" not in said


def test_other_newsrooms_and_the_one_that_told_two_stories(proved):
    body = proved.ask("GET", "/custody")[1]
    said = words_of(body)
    assert "north: signed our log" in said and "muniment/elsewhere: signed by us" in said
    assert "A log of another newsroom told two stories, and we did not sign" in said
    assert "it signed two different logs of one size (split-view)" in said
    banner = body[body.index(b'role="alert"') :]
    assert b"muniment/elsewhere" in banner[: banner.index(b"</section>")]
    assert b"problem alarm" in body


def test_receipts_that_were_taken(proved):
    said = words_of(proved.ask("GET", "/custody")[1])
    document = proved.post("/documents")[1]["documents"][0]["document"]
    assert f"Wrote a receipt of page 1 of {document}" in said
    assert said.count(f"Wrote a receipt of {document}") == 2, "among receipts, and among acts"


def test_each_act_has_words_and_an_event_type(proved):
    acts = proved.post("/custody")[1]["acts"]
    kinds = {act["kind"] for act in acts}
    assert {"keyed", "stamped", "attested", "refused", "cosigned", "disclosed"} <= kinds
    assert all(act["event"] and len(act["words"]) > len(act["kind"]) for act in acts)
    words = {act["words"] for act in acts}
    assert "Sealed the pages of 1 document, entry 1 of the log" in words
    assert "Did NOT sign muniment/elsewhere: it contradicts itself (split-view)" in words
    for act in acts:
        assert proved.ask("GET", f"/custody/act/{act['act']}")[0].status == 200
