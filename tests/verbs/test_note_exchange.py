"""Two people work on copies of one case and put their work together: nothing is lost, doubled or forged."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager

import pytest

from muniment.case.folder import open_folder
from muniment.errors import BadUse, Newer
from muniment.publication.web_annotation import MOST_BYTES, read_collection
from muniment.verbs.case import Case
from muniment.verbs.lock import lock

MEMO = "The barge leaves on Thursday.\nNobody signs the register.\n"


@pytest.fixture
def people(case, leak, tmp_path, monkeypatch):
    """Opens the copy of one of two people, each on a machine of their own."""
    (leak / "memo.txt").write_text(MEMO)
    (leak / "list.txt").write_text("one crane")
    case.add([leak])
    first = case.note("A1/0002", "note", value="Who?", passage="register", by="anna")["note"]
    case.close()
    lock(case.folder)
    for name in ("anna", "bert"):
        shutil.copytree(case.root, tmp_path / name / "harbour.muniment")

    @contextmanager
    def at(name):
        monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / name / "home"))
        with Case(open_folder(tmp_path / name / "harbour.muniment"), case.keys) as opened:
            yield opened
        lock(opened.folder)

    at.first = first
    yield at
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "muniment-home"))


def exchanged(at, giver, taker):
    """What one takes in of the other's; by way of a file."""
    with at(giver) as case:
        content = json.dumps(case.note_export()).encode()
    with at(taker) as case:
        return case.note_import(read_collection(content))


def every(at, name):
    with at(name) as case:
        return {note["note"]: note for note in case.notes(deleted=True)["notes"]}


def test_work_on_two_copies_comes_together(people):
    with people("anna") as case:
        case.note("A1/0001", "tag", value="crane", by="anna")
        case.note_delete(case.note("A1/0001", "star", by="anna")["note"], by="anna")
    with people("bert") as case:
        case.note("A1/0002", "seen", by="bert")
        case.note_change(people.first, value="The clerk.", by="bert")
    taken = exchanged(people, "anna", "bert")
    assert (taken["taken"], taken["known"], taken["refused"], taken["notes"]) == (3, 1, [], [])
    taken = exchanged(people, "bert", "anna")
    assert (taken["taken"], taken["known"], taken["refused"], taken["notes"]) == (2, 4, [], [])
    for giver, taker in (("anna", "bert"), ("bert", "anna")):
        assert exchanged(people, giver, taker)["taken"] == 0, "a second time changes nothing"
    hers, his = every(people, "anna"), every(people, "bert")
    assert hers == his and len(hers) == 4
    assert hers[people.first]["value"] == "The clerk." and hers[people.first]["who"] == "bert"
    assert [version["value"] for version in hers[people.first]["history"]] == ["Who?", "The clerk."]
    with people("anna") as case:
        assert case.find("seen:bert")["documents"] == 1 and case.audit()["ok"] is True


def test_what_both_changed_stays_twice_until_somebody_settles_it(people):
    for name, value in (("anna", "Mr. A"), ("bert", "Mr. B")):
        with people(name) as case:
            case.note_change(people.first, value=value, by=name)
    [conflict] = exchanged(people, "anna", "bert")["notes"]
    [other] = conflict["conflicts"]
    assert {conflict["value"], other["value"]} == {"Mr. A", "Mr. B"}
    [conflict] = exchanged(people, "bert", "anna")["notes"]
    with people("anna") as case:
        case.note_change(people.first, value="Both of them", by="anna")
        assert case.notes()["notes"][0]["conflicts"] == []
    assert exchanged(people, "anna", "bert")["notes"] == []
    assert every(people, "bert")[people.first]["value"] == "Both of them"
    assert len(every(people, "bert")[people.first]["history"]) == 4


def test_what_one_deleted_and_the_other_changed_stands_and_is_told(people):
    with people("anna") as case:
        case.note_delete(people.first)
    with people("bert") as case:
        case.note_change(people.first, value="It matters", by="bert")
    [conflict] = exchanged(people, "anna", "bert")["notes"]
    assert conflict["value"] == "It matters" and conflict["conflicts"][0]["deleted"]
    assert len(every(people, "bert")) == 1


def test_the_collection_is_what_readers_of_annotations_know(people):
    with people("anna") as case:
        case.note_change(people.first, value="The clerk.", by="bert")
        found = case.note_export()
        identifier = case.folder.identifier
    assert found["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert (found["type"], found["total"]) == ("AnnotationCollection", 1)
    [one] = found["first"]["items"]
    assert one["motivation"] == "commenting" and one["creator"]["name"] == "bert"
    assert one["body"] == {"type": "TextualBody", "value": "The clerk.", "format": "text/plain"}
    assert identifier in one["target"]["source"]
    selector = one["target"]["selector"]
    quote, position = selector["refinedBy"]
    assert selector["value"] == "page=1" and quote["exact"] == "register"
    assert MEMO[position["start"] : position["end"]] == "register"
    assert quote["prefix"].endswith("signs the ") and quote["suffix"].startswith(".")
    [earlier] = found["muniment:earlier"]
    assert earlier["body"]["value"] == "Who?"


def _annotation(found):
    return found["first"]["items"][0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.update(id="urn:x"), "no annotation that muniment wrote"),
        (lambda a: a.update(motivation="highlighting"), "no annotation that muniment wrote"),
        (lambda a: a["target"].update(source="urn:muniment:case:aa:original:bb"), "no annotation"),
        (lambda a: a["body"].update(value="x" * 100_001), "longer than 100,000"),
        (lambda a: a["body"].update(value="another"), "another than the one of the same name"),
        (lambda a: a["creator"].update(name="a\nb"), "who said it"),
        (lambda a: a.update({"muniment:previous": ["x"]}), "an identifier is none"),
        (lambda a: a["target"]["selector"].update(value="page=0"), "no annotation"),
        (lambda a: a["target"].update({"muniment:reference": "A1/0001"}), "not in this case"),
        (lambda a: a.update(created="yesterday"), "its time cannot be read"),
        (lambda a: a.update(body=None), "no annotation"),
    ],
)
def test_what_is_forged_or_broken_is_refused_by_itself(people, change, reason):
    with people("bert") as case:
        case.note("A1/0001", "star", by="bert")
        found = case.note_export()
    change(next(a for a in found["first"]["items"] if a["motivation"] == "commenting"))
    with people("anna") as case:
        taken = case.note_import(found)
        assert taken["taken"] == 1, "what is sound is taken in"
        [refused] = taken["refused"]
        assert reason in refused["reason"]
        assert case.audit()["ok"] is True


def test_nobodys_note_is_replaced_by_another_of_its_name(people):
    """A note of a name that is known, but of another document or kind, is not that note."""
    with people("anna") as case:
        found = case.note_export()
    one = json.loads(json.dumps(_annotation(found)).replace('"commenting"', '"bookmarking"'))
    one |= {"id": one["id"][:-4] + "aaaa", "muniment:previous": [one["id"].rsplit(":")[-1]]}
    del one["body"]
    found["first"]["items"] = [one]
    with people("bert") as case:
        assert "another document or kind" in case.note_import(found)["refused"][0]["reason"]
        assert case.notes()["notes"][0]["value"] == "Who?"


def test_notes_of_another_case_or_a_later_version_are_refused(people):
    with people("anna") as case:
        found = case.note_export()
        with pytest.raises(BadUse, match="another case"):
            case.note_import({**found, "muniment:case": "aaaaaaaaaaaaaaaaaaaa"})
        with pytest.raises(Newer):
            case.note_import({**found, "muniment:version": 2})
        for broken in ({}, {**found, "first": []}, {**found, "muniment:version": True}):
            with pytest.raises(BadUse):
                case.note_import(broken)


def test_what_was_said_of_a_withdrawn_document_does_not_come_back(people):
    with people("bert") as case:
        case.withdraw("A1/0002", "source")
    taken = exchanged(people, "anna", "bert")
    assert taken["taken"] == 0 and "withdrawn" in taken["refused"][0]["reason"]
    assert every(people, "bert") == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[1]", b'"x"', b"{" * 100_000, b"[" * 200_000, b"1" * 5000, b'{"a":NaN'],
    ids=["empty", "no text", "list", "string", "deep", "deep list", "long number", "cut off"],
)
def test_what_is_no_collection_is_refused(content):
    with pytest.raises(BadUse):
        read_collection(content)


def test_a_file_larger_than_any_of_ours_is_refused():
    with pytest.raises(BadUse):
        read_collection(b" " * (MOST_BYTES + 1))
