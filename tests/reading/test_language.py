"""Which languages stand on a page, and where each begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.reading.language import SPOKEN, at, codes, main, passages_of, spoken

ZH = """北港区自三月三日起关闭。任何人不得向新闻界透露漏油事件。
三百一十二名工人被转移到七号驳船。登记册已于三月四日销毁。
"""
EN = "The northern basin is closed until further notice,\nand nobody says why the register was destroyed.\n"
UG = "شىمالىي پورت 3-مارتتىن باشلاپ تاقىلىدۇ. ھېچكىم ماي ئېقىپ كەتكەنلىكىنى مۇخبىرلارغا ئېيتماسلىقى كېرەك.\n"
AR = "يجب أن نسأل السيد قبل النشر في الصحيفة غدا صباحا إن شاء الله، فإن الميناء مغلق منذ الثالث من مارس.\n"
RU = "Северный бассейн закрыт с третьего марта, и никто не говорит почему.\n"


@pytest.mark.parametrize("text", [ZH * 3, EN * 3, UG * 3, AR * 3, RU * 3])
def test_a_page_in_one_language_says_that_and_no_more(text):
    said = spoken(text)
    assert said is not None and "|" not in said and codes(said) == [said]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ZH * 4 + EN, ["zh", "en"]),
        (ZH + EN + ZH, ["zh", "en", "zh"]),
        (EN + "\n" + UG, ["en", "ug"]),
        (UG + "\n" + AR + "\n" + EN, ["ug", "ar", "en"]),
        (EN + RU + ZH, ["en", "ru", "zh"]),
        (UG * 2 + AR + UG, ["ug", "ar", "ug"]),
        (AR + UG + EN, ["ar", "ug", "en"]),
    ],
)
def test_each_passage_has_its_language(text, expected):
    said = spoken(text)
    assert [code for _, code in passages_of(said)] == expected
    assert set(codes(said)) == set(expected) and main(said) in expected
    for piece, code in ((ZH, "zh"), (EN, "en"), (UG, "ug"), (AR, "ar"), (RU, "ru")):
        if code in expected:
            start = text.index(piece)
            assert at(said, start) == at(said, start + len(piece) - 2) == code


def test_far_down_a_long_text_too():
    said = spoken(EN * 400 + UG * 3 + EN * 10)
    assert codes(said) == ["en", "ug"] and at(said, len(EN) * 400 + 5) == "ug"


@pytest.mark.parametrize("text", ["", "12 34", "\n\n", "a", "\0\ufdd0\ud800"])
def test_where_nothing_is_sure_nothing_is_said(text):
    assert spoken(text) is None and codes(spoken(text)) == [] and at(spoken(text), 0) == ""


@given(
    st.lists(
        st.sampled_from([ZH, EN, UG, AR, RU, "\n", "312\n", "Okafor 林若水\n", "\ufdd0\r\x0b"]),
        max_size=12,
    )
)
def test_what_is_said_is_in_the_form_the_host_takes(pieces):
    said = spoken("".join(pieces))
    assert said is None or SPOKEN.fullmatch(said)
    starts = [start for start, _ in passages_of(said)]
    assert starts == sorted(set(starts)) and (not starts or starts[0] == 0)
