"""Statements of articles: who speaks, with which stance, where; and who is not taken for a speaker."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from bench.statements import SEEDS, Count, count_line, count_seeds, gold
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.claims.statements import statements

ARTICLE = (Path(__file__).parent / "article.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found():
    return statements(ARTICLE)


def of(found, words):
    return next(one for one in found if words in one.exact)


@pytest.mark.parametrize(
    ("words", "speaker", "stance", "via"),
    [
        ("no such list", "Karl Venn", "denies", ""),
        ("nothing more than an excuse", "Karl Venn", "denies", ""),
        ("not nearly as tidy", "Ilse Marrant", "asserts", "Halyard Wire"),
        ("a single spark", "Tom Marrant", "asserts", "Harbour Times"),
        ("did not respond", "Authority", "silent", ""),
        ("it had hidden", "Port Authority", "denies", ""),
    ],
)
def test_who_says_what(found, words, speaker, stance, via):
    one = of(found, words)
    assert (one.stance, one.via) == (stance, via)
    assert speaker in one.speaker


def test_a_speaker_is_kept_as_written_beside_the_name_it_stands_for(found):
    assert of(found, "not nearly").written == "Marrant"
    assert of(found, "not nearly").inferred
    assert not of(found, "no such list").inferred


def test_a_quotation_runs_on_over_paragraphs(found):
    first, second = of(found, "told us to burn"), of(found, "did not burn")
    assert first.start < second.start
    assert second.rule == "quotation carried on"
    assert second.speaker == first.speaker


def test_passages_stand_where_they_say(found):
    for one in found:
        assert ARTICLE[one.start : one.end] == one.exact
        assert one.content
    assert all(one.start <= other.start for one, other in pairwise(found))


def test_the_article_alone_is_read():
    comments = "\n\nComments\n\n“What a lovely port,” said my friend Bob.\n"
    spans = [[0, len(ARTICLE)]]
    assert not any("lovely" in one.exact for one in statements(ARTICLE + comments, spans))
    assert any("lovely" in one.exact for one in statements(ARTICLE + comments))


def test_the_table_of_constructions_in_english_and_chinese():
    counted, troubles = Count(), []
    lines = list(gold())
    for line in lines:
        troubles += [f"{line.sentence}: {trouble}" for trouble in count_line(line, counted)]
    assert len(lines) >= 200
    assert counted.found >= 0.95 * counted.expected, troubles
    assert counted.speaker >= 0.95 * counted.expected, troubles
    assert counted.stance >= 0.95 * counted.expected, troubles
    assert counted.wrong <= 0.03 * counted.expected, troubles


@pytest.mark.skipif(
    not (SEEDS / "seeds_quotations.json").is_file(),
    reason="the articles with marked statements are not here",
)
def test_marked_statements_of_articles():
    counted, others = count_seeds()
    assert counted.found >= 24
    assert counted.speaker >= 22
    assert counted.stance >= 22
    assert others <= 8


_PIECES = st.sampled_from(
    ["“", "”", '"', "‘", "’", "「", "」", " said ", "Quay", " the Wire reported", ", ", ". ", "\n\n", "他说：",
     "据", "报道，", "。", " according to ", " who ", " called it ", "denied ", "by ", "and ", "declined to comment"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_PIECES | st.text(max_size=12), max_size=40).map("".join))
def test_unbalanced_marks_and_any_text_are_read_without_an_error(text):
    for one in statements(text):
        assert text[one.start : one.end] == one.exact
