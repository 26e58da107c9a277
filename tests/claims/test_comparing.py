"""How two figures stand to each other, read from the first to the second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.claims.comparing import relation_of_texts

PAIRS = [
    ("403 pages", "400 pages", "rounds to"),
    ("400 pages", "403 pages", "rounds to"),
    ("four hundred pages", "about 400 pages", "rounds to"),
    ("about 400 drums", "403 drums", "rounds to"),
    ("7,000 people", "more than 7,000 people", "rounds to"),
    ("nearly a million people", "one million people", "rounds to"),
    ("one million Uighurs", "1,000,000 people", "same"),
    ("one million people", "100万人", "same"),
    ("at least one million people", "no fewer than 1m people", "same"),
    ("over 400 pages", "403 pages", "weaker than"),
    ("at least one million were held", "one million Uighurs", "weaker than"),
    ("at least one million people", "more than one million Uighurs", "weaker than"),
    ("up to two million people", "1.2 million people", "weaker than"),
    ("thousands of people", "5,000 people", "weaker than"),
    ("between 10 and 15 drums", "12 drums", "weaker than"),
    ("up to one million people", "two million people", "conflicts"),
    ("11 million people", "one million people", "conflicts"),
    ("403 pages", "404 pages", "conflicts"),
    ("fewer than 100 drums", "at least 150 drums", "conflicts"),
    ("more than 100 drums", "up to 100 drums", "conflicts"),
    ("10万人", "one million people", "conflicts"),
    ("400 pages", "one million people", "not comparable"),
    ("300 people in Harrow", "300 people in Tarn", "not comparable"),
    ("12 drums in March 2018", "14 drums in May 2018", "not comparable"),
    ("At least one million have been detained", "more than 7,000 were released", "not comparable"),
    ("as many as one million people", "at least one million people", "not comparable"),
    ("no number", "12 drums", "not comparable"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "expected"), PAIRS)
def test_relations(a, b, expected):
    assert relation_of_texts(a, b).relation == expected


@pytest.mark.parametrize(
    ("a", "b"), [(a, b) for a, b, expected in PAIRS if expected == "weaker than"]
)
def test_the_weaker_one_is_named_whichever_way_it_is_read(a, b):
    there, back = relation_of_texts(a, b), relation_of_texts(b, a)
    assert (there.relation, there.weaker) == ("weaker than", "a")
    assert (back.relation, back.weaker) == ("weaker than", "b")


@given(
    st.integers(1, 10**9),
    st.integers(1, 10**9),
    st.sampled_from(["at least", "up to", "exactly", ""]),
)
def test_all_but_weaker_than_read_the_same_both_ways(one, other, modifier):
    a, b = f"{modifier} {one:,} drums", f"{modifier} {other:,} drums"
    there, back = relation_of_texts(a, b), relation_of_texts(b, a)
    assert there.relation == back.relation
    if one == other:
        assert there.relation == "same"


@given(st.integers(1, 10**4).map(lambda number: number * 10**4))
def test_ten_times_as_much_in_the_other_script_is_flagged(number):
    assert relation_of_texts(f"{number // 10**4}万人", f"{number * 10:,} people").slip
    assert not relation_of_texts(f"{number:,} people", f"{number * 10:,} people").slip
