"""Statements of a case through its verb: at their passages, from the article alone, gone with their document."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.formats.test_captured_article import CAPTURE

ARTICLE = (Path(__file__).parents[1] / "claims" / "article.txt").read_text(encoding="utf-8")


@pytest.fixture
def papers(case, leak):
    """An article, a report saved from the web with comments, a Chinese one."""
    (leak / "article.txt").write_text(ARTICLE)
    (leak / "report.txt").write_text(CAPTURE)
    (leak / "chinese.txt").write_text(
        "港务局发言人温卡尔周一表示，“没有这样的名单，纯属捏造”。\n\n公司拒绝置评。\n"
    )
    case.add([leak])
    return case


def of(report, ending):
    return [one for one in report["statements"] if one["path"].endswith(ending)]


def test_each_stands_at_its_passage_and_keeps_its_identifier(papers):
    report = papers.statements()
    for one in report["statements"]:
        text = papers.show(one["document"], page=one["page"])["text"]
        passage = one["passage"]
        assert text[passage["start"] : passage["end"]] == passage["exact"]
    first = {one["statement"] for one in report["statements"]}
    assert len(first) == len(report["statements"]) > 8
    assert {one["statement"] for one in papers.statements()["statements"]} == first


def test_one_document_is_asked_for_alone(papers):
    [chinese] = [
        one for one in papers.documents()["documents"] if one["path"].endswith("chinese.txt")
    ]
    found = papers.statements(chinese["reference"])["statements"]
    assert [(one["speaker"], one["stance"]) for one in found] == [
        ("温卡尔", "denies"),
        ("公司", "silent"),
    ]


def test_comments_below_an_article_say_nothing(papers):
    found = of(papers.statements(), "report.txt")
    assert any("Ilse Marrant" in one["speaker"] for one in found)
    assert not any("love it" in one["passage"]["exact"] for one in found)


def test_what_is_held_is_left_out_and_what_is_withdrawn_is_gone(papers):
    [article] = [
        one for one in papers.documents()["documents"] if one["path"].endswith("article.txt")
    ]
    assert of(papers.statements(), "article.txt")
    papers.hold(article["document"])
    assert not of(papers.statements(), "article.txt")
    papers.hold(article["document"], release=True)
    papers.withdraw(article["document"], "source")
    assert not of(papers.statements(), "article.txt")
    with papers.catalogue.read() as connection:
        query = (
            "SELECT count(*) FROM statement JOIN document ON document.number = statement.document "
            "WHERE state = 'withdrawn'"
        )
        assert connection.exec_driver_sql(query).scalar() == 0


def test_on_the_command_line(muniment):
    (muniment.folder / "memo.txt").write_text("“It is closed,” Ilse Marrant told Halyard Wire.\n")
    muniment.json("new", "story")
    muniment.json("add", "story", muniment.folder / "memo.txt")
    printed = muniment.run("statements", "story").stdout
    assert "Ilse Marrant asserts" in printed
    assert "“It is closed,”" in printed
