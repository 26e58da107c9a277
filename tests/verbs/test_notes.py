"""What persons say of documents: kept, found, told, put together, and gone when the document is."""

from __future__ import annotations

import pytest

from muniment.errors import BadUse, NotFound, Refused
from muniment.verbs.case import Case
from tests.verbs.leftovers import left, zipped
from tests.verbs.test_rebuilding import rebuilt

MEMO = "The barge leaves on Thursday.\nNobody signs the register; the barge returns empty.\n"


@pytest.fixture
def papers(case, leak):
    """A memo, an archive of two letters."""
    (leak / "memo.txt").write_text(MEMO)
    zipped(leak / "letters.zip", one_txt=b"the crane is late", two_txt=b"no crane came")
    case.add([leak])
    return case


def reference(case, ending: str) -> str:
    [row] = [row for row in case.documents()["documents"] if row["path"].endswith(ending)]
    return row["reference"]


def only(answer):
    [note] = answer["notes"]
    return note


def test_a_note_stands_at_its_passage_with_who_and_when(papers):
    memo = reference(papers, "memo.txt")
    answer = papers.note(memo, "note", value="Who?", passage="the  register; the\nbarge", by="anna")
    note = only(answer)
    assert answer["note"] == note["note"]
    assert (note["kind"], note["value"], note["who"]) == ("note", "Who?", "anna")
    passage = note["passage"]
    assert MEMO[passage["start"] : passage["end"]] == passage["exact"] == "the register; the barge"
    assert passage["prefix"].endswith("Nobody signs ") and passage["suffix"].startswith(" returns")
    assert (passage["page"], passage["state"]) == (1, "found")
    assert note["time"].endswith("Z") and note["deleted"] is False and note["conflicts"] == []
    assert papers.notes(memo)["notes"] == papers.notes()["notes"] == [note]


def test_of_words_that_stand_twice_the_nearest_is_meant(papers):
    memo = reference(papers, "memo.txt")
    first = only(papers.note(memo, "star", passage="barge"))["passage"]["start"]
    second = only(papers.note(memo, "star", passage="barge", start=60))["passage"]["start"]
    assert (first, second) == (MEMO.index("barge"), MEMO.rindex("barge"))


def test_what_is_changed_or_deleted_keeps_its_history(papers):
    memo = reference(papers, "memo.txt")
    name = papers.note(memo, "note", value="first", by="anna")["note"]
    changed = only(papers.note_change(name[:8], value="second", by="bert"))
    assert (changed["value"], changed["who"]) == ("second", "bert")
    assert [(v["value"], v["who"]) for v in changed["history"]] == [
        ("first", "anna"), ("second", "bert"),
    ]  # fmt: skip
    papers.note_delete(name)
    assert papers.notes(memo)["notes"] == []
    gone = only(papers.notes(memo, deleted=True))
    assert gone["deleted"] and [v["deleted"] for v in gone["history"]] == [False, False, True]
    assert papers.find("noted:yes")["documents"] == 0


def test_marks_are_said_once_by_each_person(papers):
    memo = reference(papers, "memo.txt")
    for _ in range(2):
        papers.note(memo, "seen", by="anna")
        papers.note(memo, "tag", value="  to   ask ", by="anna")
    papers.note(memo, "tag", value="To Ask", by="anna")
    papers.note(memo, "seen", by="bert")
    assert len(papers.notes(memo)["notes"]) == 3
    [row] = [row for row in papers.documents()["documents"] if row["reference"] == memo]
    assert (row["seen_by"], row["tags"], row["starred"]) == (["anna", "bert"], ["to ask"], False)


def test_what_was_said_is_asked_for_in_searches_and_lists(papers):
    memo, part = reference(papers, "memo.txt"), reference(papers, "letters.zip/one.txt")
    papers.note(memo, "tag", value="To Ask")
    papers.note(part, "seen", by="Ayşe")
    papers.note(memo, "star")
    papers.note(part, "note", value="?")
    found = {
        query: [hit["reference"] for hit in papers.find(query)["hits"]]
        for query in (
            'tag:"to ask"',
            "seen:yes",
            "seen:ayşe",
            "starred:yes",
            "noted:yes",
            "crane AND NOT seen:yes",
        )
    }
    assert found == {
        'tag:"to ask"': [memo],
        "seen:yes": [part],
        "seen:ayşe": [part],
        "starred:yes": [memo],
        "noted:yes": [part],
        "crane AND NOT seen:yes": [reference(papers, "two.txt")],
    }
    listed = {
        marked: [row["reference"] for row in papers.documents(marked=marked)["documents"]]
        for marked in ("seen", "starred", "noted", "tagged", "tag:TO ASK", "translated")
    }
    assert listed == {
        "seen": [part], "starred": [memo], "noted": [part], "tagged": [memo], "tag:TO ASK": [memo], "translated": [],
    }  # fmt: skip
    assert len(papers.documents(marked="unseen")["documents"]) == 3
    with pytest.raises(BadUse):
        papers.documents(marked="liked")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("note", {"value": " "}),
        ("note", {"value": "x", "by": "two\nlines\u202e"}),
        ("tag", {"value": "x" * 101}),
        ("tag", {"value": "a\u202eb"}),
        ("translation", {"value": "x", "page": 1}),
        ("translation", {"value": "x", "language": "en"}),
        ("translation", {"value": "x", "language": "not a code", "page": 1}),
        ("shout", {"value": "x"}),
    ],
)
def test_what_no_note_can_hold_is_refused(papers, kind, said):
    memo = reference(papers, "memo.txt")
    before = papers.journal.head()
    with pytest.raises(BadUse):
        papers.note(memo, kind, **said)
    assert papers.journal.head() == before


def test_of_what_is_not_there_nothing_can_be_said(papers):
    memo = reference(papers, "memo.txt")
    for said in ({"page": 2}, {"passage": "no such words"}, {"page": 1, "passage": "nor these"}):
        with pytest.raises(NotFound):
            papers.note(memo, "star", **said)
    with pytest.raises(NotFound):
        papers.note_delete("zzzz")


def test_no_act_tells_what_was_said(papers):
    memo = reference(papers, "memo.txt")
    papers.note(memo, "note", value="Quillfeather knows", passage="barge", by="Ladderback")
    act = list(papers.journal.acts())[-1]
    assert act["act"] == "noted" and act["who"] == "local"
    [item] = act["details"]["items"]
    assert set(item) == {"item", "root"}
    told = papers.custody(act["sequence"])
    for word in ("quillfeather", "ladderback", "barge", memo.lower()):
        assert word not in str(told).lower()


def test_a_catalogue_made_anew_has_every_note_of_before(papers):
    memo, part = reference(papers, "memo.txt"), reference(papers, "letters.zip/one.txt")
    name = papers.note(memo, "note", value="first", passage="barge")["note"]
    papers.note_change(name, value="second")
    papers.note(part, "tag", value="crane")
    papers.note_delete(papers.note(memo, "star")["note"])
    before = papers.notes(deleted=True)["notes"]
    again = rebuilt(papers)
    again.add([])
    after = again.notes(deleted=True)["notes"]
    for line in (*before, *after):
        line["document"] = None  # parts have other identifiers now
    assert after == before
    assert [hit["reference"] for hit in again.find("tag:crane")["hits"]] == [part]


def test_a_case_restored_from_a_copy_encloses_them_again(papers, tmp_path):
    memo = reference(papers, "memo.txt")
    papers.note(memo, "note", value="Who?", passage="barge")
    papers.copy(tmp_path / "stick")
    assert not list((tmp_path / "stick").rglob("*.kept.age")), "nobody could be made to forget it"
    from tests.conftest import PASSPHRASE

    restored, report = Case.restore(tmp_path / "again", tmp_path / "stick", PASSPHRASE)
    with restored:
        assert report["lost"] == []
        assert restored.notes()["notes"] == papers.notes()["notes"]
        assert restored.audit()["ok"] is True
    assert list((tmp_path / "again.muniment" / "journal").glob("*.kept.age"))
    restored.lock()


def test_what_is_damaged_is_named_and_mended(papers):
    papers.note(reference(papers, "memo.txt"), "note", value="Who?")
    [kept] = papers.folder.journal.glob("*.kept.age")
    good = kept.read_bytes()
    kept.write_bytes(good[:-1])
    assert papers.audit()["damaged"] == [f"journal/{kept.name}"]
    kept.unlink()
    assert papers.audit()["missing"] == [f"journal/{kept.name}"]
    assert papers.repair()["repaired"] == ["journal: what 1 acts enclose"]
    assert papers.audit()["ok"] is True


def test_what_was_said_of_a_withdrawn_document_is_gone(papers, tmp_path):
    memo, archive = reference(papers, "memo.txt"), reference(papers, "letters.zip")
    part = reference(papers, "letters.zip/one.txt")
    papers.note(part, "note", value="Wolkenkuckuck said so", passage="crane", by="Ladderback")
    papers.note(part, "tag", value="Quillfeather")
    papers.note_change(papers.note(archive, "note", value="Zubrowka")["note"], value="Kestrelmann")
    papers.note(part, "translation", value="Sturmschwalbe", language="de", page=1)
    stays = papers.note(memo, "note", value="Nachtigall")["note"]
    assert papers.find("sturmschwalbe")["documents"] == 1
    needles = [
        b"wolkenkuckuck",
        b"ladderback",
        b"quillfeather",
        b"zubrowka",
        b"kestrelmann",
        b"sturmschwalbe",
    ]
    assert set(left(papers, *needles)) == set(needles)
    papers.withdraw(archive, "source")
    assert left(papers, *needles) == {}
    assert [note["note"] for note in papers.notes(deleted=True)["notes"]] == [stays]
    assert papers.audit()["ok"] is True
    with pytest.raises(Refused):
        papers.note(archive, "star")
    again = rebuilt(papers)
    assert [note["note"] for note in again.notes(deleted=True)["notes"]] == [stays]
    assert left(again, *needles) == {}


def test_a_translation_is_found_and_says_what_it_is(papers):
    memo = reference(papers, "memo.txt")
    papers.note(memo, "translation", value="Der Kahn fährt am Donnerstag.", language="de", page=1,
                passage="The barge leaves on Thursday.", by="anna")  # fmt: skip
    [hit] = papers.find("Donnerstag")["hits"]
    assert hit["derived"]["who"] == "anna" and hit["derived"]["language"] == "de"
    assert "translation into de by anna" in hit["why"]
    [(start, end)] = hit["highlights"]
    assert hit["text"][start:end] == "Donnerstag"
    assert (hit["page"], MEMO[slice(*hit["span"])]) == (1, "The barge leaves on Thursday.")
    [own] = papers.find("Thursday")["hits"]
    assert own["derived"] is None and own["why"] == ""
    papers.note_delete(hit["derived"]["note"])
    assert papers.find("Donnerstag")["documents"] == 0


def test_killed_between_act_and_catalogue_nothing_said_is_lost(papers):
    memo = reference(papers, "memo.txt")
    one = only(papers.note(memo, "star", by="anna"))
    from muniment.case.journal import Journal
    from muniment.case.notes import fresh
    from muniment.verbs.remarks import revisions_of

    said = revisions_of(papers, one["note"])[0]
    other = fresh(kind="note", value="kept", original=said.original, reference=memo, who="bert")
    alone = Journal(papers.folder.journal, papers.keys.recipient, papers.keys.identity)
    items = [{"item": other.revision, "root": other.root()}]
    alone.append("noted", {"items": items}, kept={"items": [other.record()]})
    papers.close()
    papers.note(memo, "seen", by="anna")
    assert {note["kind"] for note in papers.notes(memo)["notes"]} == {"star", "note", "seen"}
    assert papers.audit()["ok"] is True


def test_what_was_altered_behind_our_back_is_named(papers):
    import sqlalchemy as sa

    from muniment.case.note_tables import note_revision

    papers.note(reference(papers, "memo.txt"), "note", value="true")
    with papers.catalogue.write() as connection:
        connection.execute(sa.update(note_revision).values(value="false"))
    assert papers.audit()["damaged"] == ["catalogue.db"]


def test_a_passage_of_a_page_that_was_read_again_is_found_by_its_words(papers):
    import sqlalchemy as sa

    from muniment.case import catalogue as tables
    from muniment.verbs.pages import pack

    memo = reference(papers, "memo.txt")
    papers.note(memo, "note", value="?", passage="the barge returns")
    for text, state in (("\n\n" + MEMO, "moved"), (MEMO.replace("returns", "comes"), "lost")):
        number = sa.select(tables.document.c.number).where(tables.document.c.reference == memo)
        with papers.catalogue.write() as connection:
            connection.execute(
                sa.update(tables.page)
                .where(tables.page.c.document == number.scalar_subquery())
                .values(text=pack(text.encode()))
            )
        passage = only(papers.notes(memo))["passage"]
        assert passage["state"] == state
        if state == "moved":
            assert text[passage["start"] : passage["end"]] == "the barge returns"
