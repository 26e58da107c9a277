"""What a reader says, by the forms of the Reader and as a program asks for it; nothing of it in an address."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.workbench.bench import muniment, workbench

MEMO = "The barge leaves on Thursday.\nNobody signs the register.\n<b>ئۇيغۇرچە</b>\n"


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    home = tmp_path_factory.mktemp("noting-home")
    (home / "leak").mkdir()
    for number in range(12):
        (home / "leak" / f"memo-{number:02d}.txt").write_text(MEMO)
    muniment(home, "new", "harbour")
    muniment(home, "add", "harbour", "leak")
    with workbench(home, "open", "harbour") as opened:
        opened.enter()
        opened.home = home
        yield opened
    muniment(home, "lock", "harbour")


@pytest.fixture
def memo(bench, request):
    """A document of each test's own."""
    taken = bench.__dict__.setdefault("taken", [])
    taken.append(request.node.name)
    return bench.post("/documents")[1]["documents"][len(taken) - 1]["document"]


def form(bench, path, /, **fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return bench.ask("POST", path, urlencode(fields), headers)


def said(bench, document):
    return bench.post("/note", document=document)[1]["notes"]


def page_of(bench, path):
    answer, body = bench.ask("GET", path)
    assert answer.status == 200, body
    return body.decode()


def test_a_program_says_changes_takes_back_and_exchanges(bench, memo):
    status, answer = bench.post(
        "/note", action="add", document=memo, value="Who?", passage="signs the", by="anna"
    )
    assert status == 200 and answer["notes"][0]["passage"]["exact"] == "signs the"
    name = answer["note"]
    assert (
        bench.post("/note", action="change", note=name, value="Who did?")[1]["notes"][0]["value"]
        == "Who did?"
    )
    exported = bench.post("/note", action="export")[1]
    assert exported["type"] == "AnnotationCollection"
    taken = bench.post("/note", action="import", collection=exported)[1]
    assert (taken["taken"], taken["refused"]) == (0, [])
    assert bench.post("/note", action="delete", note=name)[1]["notes"][0]["deleted"]
    assert said(bench, memo) == []
    assert len(bench.post("/note", document=memo, deleted=True)[1]["notes"]) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "add", "value": "of what?"},
        {"action": "import"},
        {"action": "import", "collection": {"type": "x"}},
        {"action": "shout"},
        {"action": "delete", "note": "zz"},
        {"action": "list", "more": 1},
    ],
)
def test_what_cannot_be_done_is_said_as_an_error(bench, asked):
    status, answer = bench.post("/note", **asked)
    assert status in (400, 404) and answer["error"]["next"]


def test_star_and_seen_are_pressed_and_taken_back_by_forms(bench, memo):
    for what in ("star", "seen"):
        answer, _ = form(bench, f"/document/{memo}/note", what=what, here="1")
        assert (
            answer.status == 303
            and answer.getheader("location") == f"/document/{memo}?page=1#notes"
        )
    assert {note["kind"] for note in said(bench, memo)} == {"star", "seen"}
    html = page_of(bench, f"/document/{memo}")
    assert html.count('aria-pressed="true"') == 2
    for note in said(bench, memo):
        form(bench, f"/document/{memo}/note", delete=note["note"], here="1")
    assert page_of(bench, f"/document/{memo}").count('aria-pressed="true"') == 0


def test_words_of_a_reader_are_text_and_no_markup_and_marked_where_they_stand(bench, memo):
    form(bench, f"/document/{memo}/note", what="note", here="1", value="<script>x</script>\r\nئۇ كىم؟",
         passage="Nobody\r\nsigns", by="<i>anna</i>")  # fmt: skip
    [note] = said(bench, memo)
    assert (note["value"], note["who"], note["page"]) == (
        "<script>x</script>\nئۇ كىم؟",
        "<i>anna</i>",
        1,
    )
    html = page_of(bench, f"/document/{memo}")
    assert "<script>x" not in html and "<i>anna" not in html and "&lt;script&gt;x" in html
    assert '<span class="noted">Nobody signs</span>' in html
    assert '<p dir="auto">ئۇ كىم؟</p>' in html
    assert 'value="&lt;i&gt;anna&lt;/i&gt;"' in html, "the name is kept for the next"
    form(bench, f"/document/{memo}/note", what="star", here="1", by="local")


def test_a_translation_stands_beside_the_original_and_a_hit_opens_in_it(bench, memo):
    form(bench, f"/document/{memo}/note", what="translation", here="1", of="page", language="ug",
         value="كېمە پەيشەنبە كۈنى كېتىدۇ", by="bert")  # fmt: skip
    html = page_of(bench, f"/document/{memo}")
    assert '<div class="words" lang="ug"><p dir="auto">كېمە پەيشەنبە' in html
    assert "Translation into Uyghur by <bdi" in html and "not the document's" in html
    found = bench.post("/find", query="پەيشەنبە")[1]
    [hit] = found["hits"]
    assert hit["derived"]["language"] == "ug" and hit["document"] == memo
    answer, _ = form(bench, "/search", query="پەيشەنبە")
    address = answer.getheader("location")
    assert "a person&#39;s" in page_of(
        bench, address
    ) or "not the document&#39;s own words" in page_of(bench, address)
    html = page_of(bench, f"/document/{memo}?search={address.rsplit('/')[-1]}&hit=0")
    assert html.count('id="hit"') == 1 and "پەيشەنبە</mark>" in html


def test_documents_say_who_saw_them_and_can_be_asked_by_it(bench, memo):
    form(bench, f"/document/{memo}/note", what="seen", here="1", by="carol")
    form(bench, f"/document/{memo}/note", what="tag", value="to ask & more", here="1")
    html = page_of(bench, "/documents")
    assert "carol" in html and 'href="/documents?marked=tag%3Ato%20ask%20%26%20more"' in html
    for marked in ("seen", "tag:to ask & more"):
        listed = json.loads(page_of(bench, "/documents.json?" + urlencode({"marked": marked})))[
            "documents"
        ]
        assert memo in [row["document"] for row in listed]
    assert (
        bench.post("/documents", marked="tag:TO ASK & more")[1]["documents"][0]["document"] == memo
    )
    csv = page_of(bench, "/documents.csv?marked=seen")
    assert "carol" in csv and "seen_by" in csv
    assert memo in [
        hit["document"] for hit in bench.post("/find", query='tag:"to ask & more"')[1]["hits"]
    ]
    form(bench, f"/document/{memo}/note", what="star", here="1", by="local")


def test_all_notes_are_listed_and_leave_only_when_confirmed(bench, memo):
    form(bench, f"/document/{memo}/note", what="note", value="a remark of mine", here="1")
    html = page_of(bench, "/notes")
    assert (
        "a remark of mine" in html
        and page_of(bench, "/notes?kind=note")
        and page_of(bench, "/notes.csv")
    )
    answer, _ = form(bench, "/notes/export")
    assert answer.status == 400
    answer, body = form(bench, "/notes/export", confirmed="yes")
    assert answer.getheader("content-disposition") == 'attachment; filename="notes.jsonld"'
    (bench.home / "theirs.jsonld").write_bytes(body)
    answer, _ = form(bench, "/notes/import", path=str(bench.home / "theirs.jsonld"))
    assert "0 new" in page_of(bench, answer.getheader("location"))
    answer, body = form(bench, "/notes/import", path="theirs.jsonld")
    assert answer.status == 400


def test_what_was_said_of_a_held_document_is_not_in_the_list(bench, memo):
    form(
        bench, f"/document/{memo}/note", what="note", value="Zubrowka", here="1", passage="Thursday"
    )
    assert "Zubrowka" in page_of(bench, "/notes")
    bench.post("/hold", document=memo)
    for path in ("/notes", "/notes.csv", f"/document/{memo}"):
        assert "Zubrowka" not in page_of(bench, path)
    assert "Zubrowka" in page_of(bench, f"/document/{memo}?held=true")
    bench.post("/hold", document=memo, release=True)


def test_each_line_of_a_mixed_page_is_set_in_its_own_language(tmp_path):
    uyghur = "شىمالىي پورت 3-مارتتىن باشلاپ تاقىلىدۇ. ھېچكىم مۇخبىرلارغا ئېيتماسلىقى كېرەك.\n"
    english = "The northern basin is closed until further notice, and nobody says why.\n"
    (tmp_path / "leak").mkdir()
    (tmp_path / "leak" / "mixed.txt").write_text(english * 2 + uyghur * 2)
    muniment(tmp_path, "new", "mixed")
    muniment(tmp_path, "add", "mixed", "leak")
    with workbench(tmp_path, "open", "mixed") as bench:
        document = bench.post("/documents")[1]["documents"][0]["document"]
        html = page_of(bench, f"/document/{document}")
    muniment(tmp_path, "lock", "mixed")
    assert html.count('<p dir="auto" lang="en">The northern') == 2
    assert html.count('<p dir="auto" lang="ug">شىمالىي') == 2
    assert "its own text, Uyghur, English" in html
