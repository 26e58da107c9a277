"""Figures of a case through its verb: each at its passage, the article alone, nothing of what is held."""

from __future__ import annotations

import json

import pytest

from tests.reading.formats.test_captured_article import CAPTURE


@pytest.fixture
def papers(case, leak):
    """A memo, a report saved from the web, a table."""
    (leak / "memo.txt").write_text(
        "Since March at least 2,740 drums stood in Shed 9.\n至少有一百万人被关押。\n"
    )
    (leak / "report.txt").write_text(CAPTURE.replace("well written", "well written by 12 people"))
    (leak / "table.csv").write_text("drums,men\n" + "".join(f"{n},3\n" for n in range(40)))
    case.add([leak])
    return case


def of(report, ending):
    return [one for one in report["figures"] if one["path"].endswith(ending)]


def test_figures_stand_at_their_passages(papers):
    first, second = of(papers.figures(), "memo.txt")
    text = papers.show(first["document"], text=True)["text"]
    for one in (first, second):
        passage = one["passage"]
        assert text[passage["start"] : passage["end"]] == passage["exact"] == one["text"]
        assert passage["prefix"] + passage["exact"] + passage["suffix"] in text
    assert (first["low"], first["high"], first["closed"], first["counted"]) == (
        2740,
        None,
        True,
        "drums",
    )
    assert (second["low"], second["high"], second["counted"], second["fate"]) == (
        10**6,
        None,
        "人",
        "held",
    )


def test_only_the_article_of_a_capture_is_read(papers):
    found = of(papers.figures(), "report.txt")
    assert [one["text"] for one in found] == ["at least 2,740"]


def test_a_table_is_read_when_it_is_asked_for(papers):
    assert not of(papers.figures(), "table.csv")
    [table] = [one for one in papers.documents()["documents"] if one["path"].endswith(".csv")]
    assert len(papers.figures(table["document"])["figures"]) >= 40


def test_what_is_held_gives_none(papers):
    [memo] = [one for one in papers.documents()["documents"] if one["path"].endswith("memo.txt")]
    papers.hold(memo["document"])
    assert not of(papers.figures(), "memo.txt")


def test_lines_on_the_command_line(muniment):
    lines = "\n".join(
        json.dumps(line, ensure_ascii=False)
        for line in (
            {"text": "Some 12 men and over 400 pages."},
            {"a": "over 400 pages", "b": "403 pages"},
            {"a": "10万人", "b": "one million people"},
        )
    )
    ran = muniment.run("figures", "--lines", "-", "--json", input=lines)
    rows = json.loads(ran.stdout)["rows"]
    assert [(one["low"], one["high"]) for one in rows[0]["figures"]] == [(10.8, 13.2), (400, None)]
    assert (rows[1]["relation"], rows[1]["weaker"]) == ("weaker than", "a")
    assert (rows[2]["relation"], rows[2]["slip"]) == ("conflicts", True)
    printed = muniment.run("figures", "--lines", "-", input=lines).stdout
    assert "over 400 (400, ∞)" in printed


@pytest.mark.parametrize(
    "line", ["{", '{"a": "1"}', '["text"]', '{"text": 3}', "[" * 100_000, '"text"'], ids=range(6)
)
def test_a_line_that_is_none_is_told_with_its_number(muniment, line):
    ran = muniment.run("figures", "--lines", "-", "--json", input='{"text": "3 men"}\n' + line)
    assert ran.returncode == 2
    error = json.loads(ran.stderr)["error"]
    assert "Line 2" in error["message"]
    assert error["next"]


def test_a_case_or_lines_but_not_both(muniment):
    assert muniment.run("figures").returncode == 2
    assert muniment.run("figures", "story", "--lines", "-", input="").returncode == 2
