"""The screen Names and the verbs for programs: the alphabet, a name, what a person decides; no name in an address."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.workbench.bench import muniment, workbench

MEMO = (
    "<b>Then</b> Mr Haldevar met Wu Tingrong in Kashgar.\n"
    "邬廷榕在喀什说，苗启橡没有签字。\nئابدۇرېھىم تۇرسۇن قەشقەردە.\n"
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    home = tmp_path_factory.mktemp("naming-home")
    (home / "leak").mkdir()
    (home / "leak" / "memo.txt").write_text(MEMO)
    muniment(home, "new", "harbour")
    with workbench(home, "open", "harbour") as opened:
        opened.enter()
        assert "No names" in page_of(opened, "/names")
        muniment(home, "add", "harbour", "leak")
        yield opened
    muniment(home, "lock", "harbour")


def form(bench, path, /, **fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer, body = bench.ask("POST", path, urlencode(fields), headers)
    return answer, body.decode()


def page_of(bench, path):
    answer, body = bench.ask("GET", path)
    assert answer.status == 200, body
    return body.decode()


def item(bench, name):
    return bench.post("/names", name=name)[1]["names"][0]["item"]


def test_the_list_goes_by_the_alphabet_with_letters_of_all_scripts(bench):
    html = page_of(bench, "/names")
    wanted = ("Kashgar", "Wu Tingrong", "قەشقەر", "喀什", "邬廷榕")
    order = [html.index(f'data-row><bdi dir="auto">{name}<') for name in wanted]
    assert order == sorted(order)
    for letter in ("K", "W", "ق", "汉 W"):
        assert f"<bdi>{letter}</bdi></a>" in html
    assert "Wu Tingrong" not in page_of(bench, "/names?kind=place")
    assert "pinyin" in html, "what may be one is told with its rule"
    csv = page_of(bench, "/names.csv?kind=place")
    assert "Kashgar" in csv and "Tingrong" not in csv
    assert bench.ask("GET", "/names?kind=ethnicity")[0].status == 400


def test_a_mention_opens_in_the_reader_at_its_words(bench):
    html = page_of(bench, f"/names/{item(bench, '邬廷榕')}")
    at = MEMO.index("邬廷榕")
    assert f"page=1&amp;mention={at}-{at + 3}#hit" in html
    document = bench.post("/documents")[1]["documents"][0]["document"]
    reader = page_of(bench, f"/document/{document}?page=1&mention={at}-{at + 3}")
    assert '<mark class="here" id="hit">邬廷榕</mark>' in reader
    assert '<span class="named">Wu Tingrong</span>' in reader
    assert page_of(bench, f"/document/{document}?page=1&mention=9-2")


def test_what_a_form_decides_stands_with_who_and_is_undone(bench):
    one, other = item(bench, "Wu Tingrong"), item(bench, "邬廷榕")
    form(bench, f"/names/{one}", what="who", by="anna")
    answer, _ = form(bench, f"/names/{one}", what="merge", other="邬廷榕")
    assert answer.status == 303 and answer.getheader("location") == f"/names/{one}"
    html = page_of(bench, f"/names/{one}")
    assert "merged" in html and "anna" in html and "邬廷榕" in html
    form(bench, f"/names/{one}", what="split", part=other)
    assert bench.post("/names", name="邬廷榕")[1]["names"][0]["item"] == other
    form(bench, f"/names/{one}", what="rename", value="Deputy <i>Wu</i>")
    html = page_of(bench, f"/names/{one}")
    assert "Deputy &lt;i&gt;Wu" in html and "<i>Wu" not in html
    history = bench.post("/names", name=one)[1]["history"]
    form(bench, f"/names/{one}", what="undo", judgement=history[-1]["judgement"])
    assert "Deputy &lt;i&gt;Wu</bdi></h1>" not in page_of(bench, f"/names/{one}")
    answer, _ = form(bench, f"/names/{item(bench, 'Haldevar')}", what="delete")
    assert answer.getheader("location") == "/names"
    assert "Haldevar" not in page_of(bench, "/names")
    assert "Haldevar" in page_of(bench, "/names?everything=true")


def test_a_pair_is_judged_and_the_pages_of_picked_names_are_shown(bench):
    place = bench.post("/names", name="Kashgar")[1]["names"][0]
    pair = next(one["item"] for one in place["proposed"] if one["name"] == "قەشقەر")
    form(bench, f"/names/{place['item']}", what="rejected", pair=pair)
    again = bench.post("/names", name="Kashgar")[1]["names"][0]
    assert {one["name"]: one["judgement"] for one in again["proposed"]}["قەشقەر"] == "rejected"
    answer, _ = form(bench, f"/names/{place['item']}", what="beside", other="苗启橡")
    where = answer.getheader("location")
    assert where == f"/names/{place['item']}?beside={item(bench, '苗启橡')}"
    assert "Passages on pages that name" in page_of(bench, where)


def test_a_program_lists_judges_and_changes(bench):
    status, answer = bench.post("/names", kind="person")
    assert status == 200 and {one["kind"] for one in answer["names"]} == {"person"}
    name = item(bench, "苗启橡")
    assert bench.post("/judge", item=name, judgement="accepted")[1]["judgement"] == "accepted"
    assert bench.post("/judge", item=name, judgement="likely")[0] == 400
    answer = bench.post("/names", action="rename", names=[name], value="Miao Qixiang")[1]
    assert answer["names"][0]["name"] == "Miao Qixiang"
    assert bench.post("/names", action="undo", names=[name])[1]["names"][0]["name"] == "苗启橡"
    assert bench.post("/names", name="nobody at all")[0] == 404
    assert form(bench, f"/names/{name}", what="rank")[0].status == 400
    assert bench.ask("GET", "/names/Wu%20Tingrong")[0].status == 400
