"""Two readers of one page in Chinese: which line is kept, and what the other made of it."""

from __future__ import annotations

import pytest
from tests.reading.drawn_pages import page

from muniment.reading import ocr, second_reader
from muniment.reading.second_reader import Line, with_second
from muniment.reading.tesseract import Attempt, Word


def words(line, *texts, sure=90.0):
    """Words of one line of Tesseract's, each forty pixels wide."""
    return [
        Word((1, 1, line), text, 40 * at, 100 * line, 40 * at + 38, 100 * line + 40, sure)
        for at, text in enumerate(texts)
    ]


def seen(line, text, sure=97.0, wide=400):
    return Line(text, 0, 100 * line - 4, wide, 100 * line + 44, sure)


def text_of(attempt):
    return "".join(word.text for word in attempt.words)


def test_where_both_agree_nothing_changes():
    first = Attempt("chi_sim", words(1, "港务", "局长", "ＡＢ") + words(2, "夜间"))
    merged, beside = with_second(first, [seen(1, "港务局长 AB"), seen(2, "夜间")])
    assert merged == first and beside == []


def test_the_surer_line_is_kept_and_the_other_stays_beside_it():
    first = Attempt("chi_sim", words(1, "港务", "局氏") + words(2, "夜", "闻"))
    merged, beside = with_second(first, [seen(1, "港务局长"), seen(2, "夜问", sure=61)])
    assert text_of(merged) == "港务局长夜闻"
    one, two = beside
    assert (one.text, one.reader, one.confidence, one.first.text) == (
        "港务局氏", "tesseract", 90, "港务局长",
    )  # fmt: skip
    assert (two.text, two.reader, two.confidence) == ("夜问", "rapidocr", 61)
    assert (two.first.text, two.last.text) == ("夜", "闻")


def test_a_line_that_one_passed_over_is_put_where_it_stands():
    first = Attempt("chi_sim", words(1, "港务局长") + words(3, "夜间") + words(4, "北门"))
    merged, beside = with_second(
        first, [seen(1, "港务局长"), seen(2, "签收木箱"), seen(3, "夜间"), seen(5, "~", sure=99)]
    )
    assert [word.text for word in merged.words] == ["港务局长", "签收木箱", "夜间", "北门"]
    assert beside == []


def test_words_of_two_columns_stay_apart():
    left, right = words(1, "港务"), words(1, "局长")
    right = [Word(right[0].line, "局氏", 800, 100, 880, 140, 90.0)]
    merged, [told] = with_second(
        Attempt("chi_sim", left + right), [seen(1, "港务"), Line("局长", 790, 96, 890, 144, 96.0)]
    )
    assert [word.text for word in merged.words] == ["港务", "局长"] and told.text == "局氏"
    assert merged.words[1].left >= 790


@pytest.fixture
def installed():
    if not second_reader.installed():
        pytest.skip("RapidOCR is not installed: make setup-rapidocr")
    if not {"eng", "chi_sim"} <= set(ocr.languages()):
        pytest.skip("Tesseract is not here, or without eng and chi_sim")


@pytest.mark.usefixtures("installed")
def test_it_reads_in_the_sandbox_without_a_network():
    drawn = page("chi_sim")
    recogniser = ocr.Recogniser()
    try:
        result = recogniser.read(drawn.pixels, 200, likely=("chi_sim",))
    finally:
        recogniser.close()
    assert "港务局长于三月三日夜间收到七只木箱" in result.text
    assert len(result.boxes) == 16 * len(result.text)
    assert len(result.word_confidence) == len(result.text)
    for other in result.others:
        assert result.text[other.begin : other.end] != other.text
