"""Names through the verbs: found behind `add`, by the alphabet, judged by persons, gone with their document."""

from __future__ import annotations

import pytest

from muniment.errors import BadUse, NotFound
from muniment.verbs.case import Case
from tests.verbs.leftovers import left, zipped
from tests.verbs.test_rebuilding import rebuilt

MEMO = (
    "Signed by Wu Tingrong, deputy director, for the Dorvane Port Authority.\n"
    "邬廷榕在喀什说，苗启橡没有签字。\n"
    "ئابدۇرېھىم تۇرسۇن قەشقەردە.\nMr Haldevar saw Wu Tingrong again near Kashgar.\n"
)
LETTER = "Dear Ms Quillfeather, Teodor Valmire left Kashgar."


@pytest.fixture
def papers(case, leak):
    """A memo in three scripts, and a letter inside an archive."""
    (leak / "memo.txt").write_text(MEMO)
    zipped(leak / "letters.zip", one_txt=LETTER.encode())
    case.add([leak])
    return case


def listed(case, **asked) -> dict[str, dict]:
    return {one["name"]: one for one in case.names(**asked)["names"]}


def item(case, name: str) -> str:
    return listed(case, everything=True)[name]["item"]


def reference(case, ending: str) -> str:
    [row] = [row for row in case.documents()["documents"] if row["path"].endswith(ending)]
    return row["reference"]


def test_names_are_listed_by_the_alphabet_and_counted_by_passages(papers):
    report = papers.names()
    assert report["waiting"] == 0
    assert [one["name"] for one in report["names"]] == [
        "Dorvane Port Authority", "Haldevar", "Kashgar", "Quillfeather", "Teodor Valmire", "Wu Tingrong",
        "ئابدۇرېھىم تۇرسۇن", "قەشقەر", "喀什", "苗启橡", "邬廷榕",
    ]  # fmt: skip
    names = listed(papers)
    assert [(names[n]["passages"], names[n]["documents"]) for n in ("Wu Tingrong", "Kashgar")] == [
        (2, 1), (2, 2),
    ]  # fmt: skip
    assert {one["judgement"] for one in report["names"]} == {"proposed"}
    assert [one["initial"] for one in report["names"]][-3:] == ["汉 K", "汉 M", "汉 W"]
    assert set(listed(papers, kind="place")) == {"Kashgar", "قەشقەر", "喀什"}
    with pytest.raises(BadUse):
        papers.names(kind="ethnicity")


def test_every_mention_is_cut_from_the_text_of_its_page(papers):
    for name in listed(papers):
        for mention in papers.names(name)["mentions"]:
            text = papers.show(mention["document"], page=mention["page"])["text"]
            assert text[mention["start"] : mention["end"]] == mention["exact"]
            assert mention["boxes"] == []


def test_a_name_is_asked_for_in_any_spelling(papers):
    by_name = papers.names("wu TINGRONG")
    assert [m["exact"] for m in by_name["mentions"]] == ["Wu Tingrong", "Wu Tingrong"]
    assert papers.names(item(papers, "Wu Tingrong"))["mentions"] == by_name["mentions"]
    with pytest.raises(NotFound):
        papers.names("Nobody At All")


def test_what_may_be_one_is_proposed_and_never_merged_by_itself(papers):
    names = listed(papers)
    [other] = names["Wu Tingrong"]["proposed"]
    assert (other["name"], other["rule"], other["judgement"]) == ("邬廷榕", "pinyin", "proposed")
    assert {o["name"] for o in names["Kashgar"]["proposed"]} == {"喀什", "قەشقەر"}
    assert all(one["merged"] == [] for one in names.values())


def test_a_pair_is_one_when_a_person_says_so_and_two_when_it_is_undone(papers):
    pair = listed(papers)["Wu Tingrong"]["proposed"][0]["item"]
    assert papers.judge(pair, "accepted", by="anna") == {"item": pair, "judgement": "accepted"}
    names = listed(papers)
    assert "邬廷榕" not in names
    one = names["Wu Tingrong"]
    assert (one["variants"], one["passages"], one["proposed"]) == (["邬廷榕"], 3, [])
    assert len(papers.names("邬廷榕")["mentions"]) == 3
    [decided] = papers.names("邬廷榕")["history"]
    assert (decided["action"], decided["who"], decided["undone"]) == ("accepted", "anna", False)
    papers.names_change("undo", ["邬廷榕"])
    assert listed(papers)["邬廷榕"]["passages"] == 1
    papers.judge(pair, "rejected")
    assert listed(papers)["Wu Tingrong"]["proposed"][0]["judgement"] == "rejected"


def test_names_are_merged_split_renamed_and_deleted_and_each_is_undone(papers):
    papers.names_change("merge", ["Kashgar", "喀什", "قەشقەر"])
    assert listed(papers)["Kashgar"]["passages"] == 4
    papers.names_change("split", ["喀什"])
    assert (listed(papers)["Kashgar"]["passages"], listed(papers)["喀什"]["passages"]) == (3, 1)
    papers.names_change("undo", ["Kashgar"])
    assert listed(papers)["Kashgar"]["passages"] == 4
    papers.names_change("rename", ["Kashgar"], value="Kashgar (قەشقەر)", by="bert")
    assert "Kashgar (قەشقەر)" in listed(papers)
    papers.names_change("delete", ["Haldevar"])
    assert "Haldevar" not in listed(papers)
    assert listed(papers, everything=True)["Haldevar"]["deleted"]
    papers.names_change("undo", ["Haldevar"])
    assert "Haldevar" in listed(papers)
    papers.judge(item(papers, "Haldevar"), "rejected", why="a firm")
    assert "Haldevar" not in listed(papers)
    papers.judge(item(papers, "Haldevar"), "accepted")
    assert listed(papers)["Haldevar"]["judgement"] == "accepted"


@pytest.mark.parametrize(
    ("what", "names", "value"),
    [
        ("merge", ["Kashgar"], ""),
        ("merge", ["Kashgar", "kashgar"], ""),
        ("split", ["Kashgar"], ""),
        ("rename", ["Kashgar"], "  "),
        ("rename", ["Kashgar"], "x" * 201),
        ("rename", ["Kashgar", "Haldevar"], "x"),
        ("undo", ["Kashgar"], ""),
        ("rank", ["Kashgar"], ""),
    ],
)
def test_what_cannot_be_done_with_names_is_refused(papers, what, names, value):
    before = papers.journal.head()
    with pytest.raises(BadUse):
        papers.names_change(what, names, value=value)
    assert papers.journal.head() == before
    with pytest.raises(BadUse):
        papers.judge(item(papers, "Kashgar"), "probably")
    with pytest.raises(NotFound):
        papers.judge("zzzzzzzzzz", "accepted")


def test_who_stands_beside_whom_is_told_only_of_names_that_are_picked(papers):
    report = papers.names("Wu Tingrong", together=["Kashgar"])
    assert {m["exact"] for m in report["together"]} == {"Wu Tingrong", "Kashgar"}
    assert {m["path"] for m in report["together"]} == {"leak/memo.txt"}
    assert papers.names("Wu Tingrong", together=["Teodor Valmire"])["together"] == []
    for one in papers.names()["names"]:
        assert not {"score", "rank", "links", "network"} & set(one)


def test_names_of_a_held_document_are_in_no_list_until_it_is_released(papers):
    memo = reference(papers, "memo.txt")
    papers.hold(memo)
    assert set(listed(papers)) == {"Kashgar", "Quillfeather", "Teodor Valmire"}
    assert listed(papers)["Kashgar"]["passages"] == 1
    papers.hold(memo, release=True)
    assert listed(papers)["Kashgar"]["passages"] == 2


def test_no_act_tells_a_name(papers):
    papers.names_change(
        "rename", ["Quillfeather"], value="Ladderback", by="Ayşe", why="she says so"
    )
    act = list(papers.journal.acts())[-1]
    assert act["act"] == "judged" and act["who"] == "local"
    assert set(act["details"]["items"][0]) == {"item", "root"}
    told = str(papers.custody(act["sequence"]))
    for word in ("Quillfeather", "Ladderback", "Ayşe", "says so"):
        assert word not in told


def test_a_withdrawn_document_takes_its_names_and_what_was_judged_of_them_along(papers):
    papers.names_change("rename", ["Quillfeather"], value="Ladderback")
    papers.names_change("merge", ["Kashgar", "Quillfeather"])
    papers.names_change("split", ["Quillfeather"])
    papers.names_change("rename", ["Wu Tingrong"], value="Deputy Wu")
    papers.withdraw(reference(papers, "letters.zip"), "source")
    assert "Deputy Wu" in listed(papers)
    assert listed(papers)["Kashgar"]["passages"] == 1
    assert left(papers, b"quillfeather", b"ladderback", b"valmire") == {}
    assert papers.audit()["ok"] is True


def test_a_catalogue_made_anew_has_every_judgement_of_before(papers):
    pair = listed(papers)["Wu Tingrong"]["proposed"][0]["item"]
    papers.judge(pair, "accepted", by="anna", why="the same signature")
    papers.names_change("rename", ["Haldevar"], value="Corin Haldevar")
    papers.names_change("delete", ["苗启橡"])
    papers.names_change("merge", ["Kashgar", "喀什"])
    papers.names_change("undo", ["Kashgar"])
    before = {
        n: (o["item"], o["passages"], o["judgement"], o["merged"])
        for n, o in listed(papers).items()
    }
    told = papers.names("Wu Tingrong")["history"]
    again = rebuilt(papers)
    again.add([])
    judged = ("Wu Tingrong", "Corin Haldevar", "Kashgar", "喀什")
    after = {
        n: (o["item"], o["passages"], o["judgement"], o["merged"]) for n, o in listed(again).items()
    }
    assert {n: after[n] for n in judged} == {n: before[n] for n in judged}
    assert set(after) == set(before) and "苗启橡" not in after
    assert again.names("Wu Tingrong")["history"] == told
    assert again.audit()["ok"] is True


def test_a_case_restored_from_a_copy_has_the_judgements_and_encloses_them_again(papers, tmp_path):
    papers.names_change("rename", ["Haldevar"], value="Corin Haldevar")
    papers.copy(tmp_path / "stick")
    assert not list((tmp_path / "stick").rglob("*.kept.age"))
    from tests.conftest import PASSPHRASE

    restored, report = Case.restore(tmp_path / "again", tmp_path / "stick", PASSPHRASE)
    with restored:
        assert report["lost"] == []
        assert restored.names()["names"] == papers.names()["names"]
        assert restored.audit()["ok"] is True
    assert list((tmp_path / "again.muniment" / "journal").glob("*.kept.age"))
    restored.lock()


def test_a_judgement_that_was_altered_is_named_by_audit(papers):
    papers.names_change("rename", ["Haldevar"], value="Corin Haldevar")
    [kept] = papers.folder.journal.glob("*.kept.age")
    number = int(kept.name.split(".")[0])
    said = papers.journal.enclosure(number)
    said["items"][0]["value"] = "Somebody Else"
    papers.journal.keep_instead(number, said)
    assert f"journal/{kept.name}" in papers.audit()["damaged"]
    kept.unlink()
    assert f"journal/{kept.name}" in papers.audit()["missing"]


def test_looking_for_names_goes_on_where_it_was_cut_off(case, leak):
    for number in range(90):
        (leak / f"{number:02d}.txt").write_text(f"Mr Haldevar saw page {number} in Kashgar.")

    class Killed(Exception):
        pass

    def kill(progress):
        if progress.stage == "names":
            raise Killed

    with pytest.raises(Killed):
        case.add([leak], watch=kill)
    assert case.find("haldevar")["documents"] == 90, "search does not wait for names"
    report = case.names()
    assert 0 < report["waiting"] < 90
    case.add([])
    assert case.names()["waiting"] == 0
    assert listed(case)["Haldevar"]["passages"] == 90


def test_what_is_read_again_is_looked_at_again(case, leak):
    from muniment.verbs.naming import name_documents

    (leak / "memo.txt").write_text("Mr Haldevar spoke.")
    case.add([leak])
    before = case.names("Haldevar")["mentions"]
    case.retry("A1/0001")
    assert case.names("Haldevar")["mentions"] == before
    assert name_documents(case) == 0
