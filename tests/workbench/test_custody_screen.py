"""The Custody screen: acts, receipts that are confirmed, the audit; and copies as a picture."""

from __future__ import annotations

import csv
import html
import io
import json
import zipfile
from xml.etree import ElementTree

import pytest

from muniment.workbench import custody_picture
from muniment.workbench.rendering import _templates

NORTH = {
    "name": "north",
    "kind": "disk",
    "jurisdiction": "Iceland",
    "state": "current",
    "audited": "2026-11-28",
}
SOUTH = {
    "name": "south",
    "kind": "folder",
    "jurisdiction": "Iceland",
    "state": "behind",
    "audited": None,
}
EAST = {
    "name": "<east>",
    "kind": "disk",
    "jurisdiction": "Norway",
    "state": "damaged",
    "audited": "2026-11-02",
}
WEST = {"name": "w" * 60, "kind": "s3", "jurisdiction": "", "state": "something new", "audited": ""}


def drawn(custodians):
    picture = custody_picture.picture_of(custodians)
    text = _templates().get_template("custody_picture.html").render(picture=picture)
    return picture, ElementTree.fromstring(text[text.index("<svg") :])


@pytest.mark.parametrize(
    "many", [[], [NORTH], [NORTH, SOUTH], [NORTH, SOUTH, EAST, WEST], [NORTH, EAST] * 9]
)
def test_the_picture_holds_every_copy_and_nothing_lies_on_another(many):
    picture, svg = drawn(many)
    assert sum(len(place.copies) for place in picture.places) == len(many)
    for place in picture.places:
        assert place.y >= 0 and place.y + place.height <= picture.height
        assert all(place.y < copy.y < place.y + place.height for copy in place.copies)
        for other in picture.places:
            if other is not place and other.x == place.x:
                assert place.y + place.height <= other.y or other.y + other.height <= place.y
    words = " ".join(svg.itertext())
    assert "This machine" in words
    for one in many:
        assert one["name"][:15] in words
    assert svg.attrib["role"] == "img" and svg.attrib["aria-label"]


def test_the_picture_tells_states_in_words_and_marks():
    picture, svg = drawn([NORTH, SOUTH, EAST, WEST])
    words = " ".join(svg.itertext())
    for said in (
        "current, audited 2026-11-28",
        "behind: copy again",
        "damaged: repair",
        "not audited yet",
    ):
        assert said in words
    marks = {element.attrib.get("class") for element in svg.iter()}
    assert {"mark-current", "mark-ring", "mark-damaged", "mark-unknown", "machine"} <= marks
    assert [place.label for place in picture.places] == [
        "Iceland",
        "Norway",
        "no jurisdiction named",
    ]
    assert (
        "4 copies in 2 jurisdictions" in picture.sentence and "<east>: damaged" in picture.sentence
    )


def act_of(bench, kind):
    """The number of the first act of a kind."""
    return next(a["act"] for a in bench.post("/custody")[1]["acts"] if a["kind"] == kind)


def test_acts_on_the_page_in_json_and_as_csv(plain_bench):
    told = json.loads(plain_bench.ask("GET", "/custody.json")[1])
    answer, body = plain_bench.ask("GET", "/custody")
    # The page begins with the newest; how many there are depends on what was done with the case before.
    assert answer.status == 200
    assert told["acts"][-1]["words"] in html.unescape(body.decode())
    assert told["acts"] == plain_bench.post("/custody")[1]["acts"]
    table = csv.DictReader(
        io.StringIO(plain_bench.ask("GET", "/custody.csv")[1].decode("utf-8-sig"))
    )
    assert [row["kind"] for row in table] == [act["kind"] for act in told["acts"]]
    number = act_of(plain_bench, "received")
    assert plain_bench.post("/custody", act=number)[1]["details"]["files"]
    assert plain_bench.post("/custody", act=999)[0] == 404
    assert plain_bench.ask("GET", "/custody?before=2")[1].count(b"data-row") == 1


def test_a_receipt_leaves_only_when_that_is_confirmed(plain_bench):
    number = act_of(plain_bench, "received")
    assert plain_bench.ask("POST", f"/custody/act/{number}/receipt", "")[0].status == 400
    answer, body = plain_bench.ask("POST", f"/custody/act/{number}/receipt", "confirmed=yes")
    assert answer.getheader("content-type") == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = {name.split("/")[1] for name in archive.namelist()}
        assert json.loads(archive.read(f"act-{number}/act.json"))["act"] == "received"
    assert {
        "act.json",
        "disclosure.json",
        "entry",
        "act.tlog-proof",
        "checkpoint",
        "README.txt",
    } == names
    assert plain_bench.post("/audit")[1]["ok"] is True


def test_an_audit_from_the_screen_is_an_act(plain_bench):
    before = len(plain_bench.post("/custody")[1]["acts"])
    answer, _ = plain_bench.ask("POST", "/custody/audit")
    assert answer.status == 303
    acts = plain_bench.post("/custody")[1]["acts"]
    assert len(acts) == before + 1 and acts[-1]["kind"] == "audited"


def test_nothing_done_yet_says_what_to_do(empty):
    assert b"Nothing was received in this case yet" in empty.ask("GET", "/custody")[1]


def test_how_it_came_is_a_word_of_the_list(empty, leak):
    empty.enter()
    status, answer = empty.post("/add", paths=[str(leak / "memo.txt")], channel="Deep Throat")
    assert status == 400 and "never by a name" in answer["error"]["message"]
    assert empty.post("/add", paths=[str(leak / "memo.txt")], channel="found")[0] == 200
    number = act_of(empty, "received")
    assert empty.post("/custody", act=number)[1]["words"] == "Received 1 file, found"


def test_a_second_copy_is_asked_for_until_there_is_one(empty, leak, tmp_path):
    assert empty.post("/add", paths=[str(leak / "memo.txt")])[0] == 200
    asked = b"Make a second copy before anything else"
    assert asked in empty.ask("GET", "/custody")[1]
    status, said = empty.post("/copy", custodian=str(tmp_path / "stick"), jurisdiction="IS")
    assert status == 200, said
    body = empty.ask("GET", "/custody")[1]
    assert asked not in body
    assert b"1 copy in 1 jurisdiction" in body
