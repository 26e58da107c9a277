"""Folding with and without offsets is one thing, and its offsets point at what was folded."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muniment.finding.folding import BREAK, fold, tokens, words

_TRICKY = st.sampled_from(
    "aeZ-\n\r \t.,，。·'’（）字發发ａｶﾞカがㄅไำئۇيەـُ\u0301\u0307\u0654ﻻёйЙß①㎏½\u00ad\u200b\u2010"
    "\x1c\x1d\x1e\x1f\x00\ufb01\u1100\u1161\u11a8\ud800\U0001f600\U00020000\u0f0b\u0f40İ"
)
_TEXT = st.one_of(
    st.lists(_TRICKY, max_size=40).map("".join),
    st.text(max_size=40),
    st.text(st.characters(exclude_categories=()), max_size=20),
)


@given(_TEXT)
@settings(max_examples=600, deadline=None)
@example("a-\nb")
@example("字,   \n , b")
@example("字\x1d,b")
@example("a,字")
def test_both_ways_of_folding_agree(raw: str) -> None:
    assert [token.text for token in tokens(raw)] == [word for word in fold(raw).split(" ") if word]


@given(_TEXT)
@settings(max_examples=600, deadline=None)
def test_offsets_point_at_what_was_folded(raw: str) -> None:
    before = 0
    for token in tokens(raw):
        assert 0 <= token.start < token.end <= len(raw)
        assert token.start >= before or raw[token.start : token.end].strip() == ""
        if token.text == BREAK:
            assert words(raw[token.start : token.end]) == []
        else:
            assert token.text in words(raw[token.start : token.end])
        before = token.start


@given(_TEXT)
@settings(max_examples=300, deadline=None)
def test_folding_what_is_folded_changes_nothing(raw: str) -> None:
    once = " ".join(words(raw)).replace(BREAK, ",")
    assert words(once) == words(" ".join(words(once)).replace(BREAK, ","))


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("“Absolutely no mercy” — Uighurs’", ["absolutely", "no", "mercy", "uighurs"]),
        ("习近平，强調\n發展 新疆。", [*"习近平", BREAK, *"强调发展新疆"]),
        ("abc, 字 (x) 字", ["abc", BREAK, "字", BREAK, "x", BREAK, "字"]),
        ("intern-\nment Anglo-\nSaxon", ["internment", "anglo", "saxon"]),
        ("e\u0301te\u0301 Ürümqi", ["ete", "urumqi"]),
        ("كىتـــاب مُحَمَّد ﻻ", ["كىتاب", "محمد", "لا"]),
        ("мой мои", ["мой", "мои"]),
        ("２０１７年 ٣٤", ["2017", "年", "34"]),
        ("\ud800 a\x00b", ["a", "b"]),
    ],
)
def test_known_foldings(raw: str, folded: list[str]) -> None:
    assert words(raw) == folded
