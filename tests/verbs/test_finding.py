"""find: order, copies, saved searches, lists; the same answers however they are asked for."""

from __future__ import annotations

import json

import pytest

from muniment.errors import BadUse, NotFound
from muniment.finding.mistakes import QueryError


@pytest.fixture
def papers(case, leak):
    """Texts in several scripts, two mails with dates, and three copies of one memo."""
    (leak / "b").mkdir()
    (leak / "a").mkdir()
    for place in ("b/memo.txt", "a/memo.txt", "c.txt"):
        (leak / place).write_text("the barge leaves on Thursday")
    (leak / "han.txt").write_text("学者王永智被捕。習近平同志")
    (leak / "uyghur.txt").write_text("ئىلھام توختى")
    (leak / "slip.txt").write_text("a certain Wang Yonghzi was seen")
    for day, name in (("03", "late"), ("01", "early")):
        (leak / f"{name}.eml").write_bytes(
            f"From: clerk@port.example\r\nDate: {day} Mar 2019 10:00:00 +0000\r\nSubject: {name}\r\n\r\n"
            "one barge\r\n".encode()
        )
    case.add([leak])
    return case


def paths(found) -> list[str]:
    return [hit["path"].removeprefix("leak/") for hit in found["hits"]]


def test_hits_come_in_the_order_asked_for(papers):
    by_path = papers.find("barge", sort="path")
    assert paths(by_path) == ["a/memo.txt", "b/memo.txt", "c.txt", "early.eml", "late.eml"]
    assert paths(papers.find("barge", sort="date"))[:2] == ["early.eml", "late.eml"]
    assert paths(papers.find("barge", sort="newest"))[:2] == ["late.eml", "early.eml"]
    assert sorted(paths(papers.find("barge"))) == sorted(paths(by_path))
    pages = [papers.find("barge", sort="path", limit=2, offset=at)["hits"] for at in (0, 2, 4)]
    assert [hit["path"] for page in pages for hit in page] == [h["path"] for h in by_path["hits"]]
    with pytest.raises(BadUse):
        papers.find("barge", sort="colour")


def test_copies_are_one_where_that_is_asked_and_counted_always(papers):
    each = papers.find("thursday")
    assert [hit["copies"] for hit in each["hits"]] == [3, 3, 3]
    one = papers.find("thursday", copies="grouped", sort="path")
    assert paths(one) == ["a/memo.txt"]
    assert (one["documents"], one["passages"], one["hits"][0]["copies"]) == (3, 3, 3)
    held = next(h for h in each["hits"] if h["path"].endswith("a/memo.txt"))
    papers.hold(held["document"])
    left = papers.find("thursday", copies="grouped", sort="path")
    assert paths(left) == ["b/memo.txt"] and left["hits"][0]["copies"] == 2


def test_grouped_hits_come_page_by_page(papers):
    whole = papers.find("barge", copies="grouped")
    assert len(whole["hits"]) == 3
    steps, offset = [], 0
    while offset is not None:
        found = papers.find("barge", copies="grouped", limit=1, offset=offset)
        steps += found["hits"]
        offset = found["next"]
    assert steps == whole["hits"]


def test_every_hit_at_once(papers):
    assert len(papers.find("barge", limit=None)["hits"]) == 5
    assert papers.find("barge", limit=None)["next"] is None


def test_names_are_found_in_every_spelling_and_say_why(papers):
    [hit] = papers.find("Wang Yongzhi")["hits"]
    assert hit["why"] == "pinyin: 王永智 = Wang Yongzhi"
    [[start, end]] = hit["highlights"]
    assert hit["text"][start:end] == "王永智"
    assert papers.find("Tohti")["hits"][0]["why"].startswith("spelling: توختى")
    assert papers.find("NOT (Wang Yongzhi)")["documents"] == 7


def test_a_list_keeps_zeros_and_offers_what_is_nearly_so(papers):
    content = (
        b"name\nWang Yongzhi\nbarge NOT thursday\n\nNobody\nTohti\nCertain Wang Yongzhii\n(x\n"
    )
    seen = []
    report = papers.find_list(content, watch=seen.append)
    rows = {row["line"]: row for row in report["rows"]}
    assert [rows[n]["documents"] for n in range(2, 9)] == [1, 2, 0, 0, 1, 0, 0]
    assert rows[4]["problem"] == "blank" and "never closed" in rows[8]["problem"]
    assert seen[-1].done == seen[-1].total == 7
    for row in report["rows"]:
        if row["query"]:
            assert row["documents"] == papers.find(row["query"])["documents"]
            assert row["passages"] == papers.find(row["query"])["passages"]
    [near] = papers.find_list(b"Wang Yonghzii")["rows"][0]["near"]
    assert near == {"spelling": "Wang Yonghzi", "documents": 1}
    assert papers.find_list(b"Wang Yonghzii", near=False)["rows"][0]["near"] == []
    preview = papers.find_list(content, preview=True)
    assert [row["query"] for row in preview["rows"]][:2] == ["Wang Yongzhi", "barge NOT thursday"]
    assert "documents" not in preview["rows"][0]


def test_saved_searches_are_kept_in_the_case_and_in_no_act(papers):
    papers.save_search("barges", "barge NOT thursday", sort="date")
    papers.save_search("another", "=Tohti")
    kept = papers.searches()["searches"]
    assert [search["name"] for search in kept] == ["another", "barges"]
    assert papers.saved_search("barges")["query"] == "barge NOT thursday"
    assert papers.save_search("barges", "barge")["searches"][1]["query"] == "barge"
    papers.forget_search("another")
    assert [search["name"] for search in papers.searches()["searches"]] == ["barges"]
    with pytest.raises(NotFound):
        papers.saved_search("another")
    with pytest.raises(QueryError):
        papers.save_search("broken", '"open')
    assert "barge" not in json.dumps([act["act"] for act in papers.journal.acts()])
