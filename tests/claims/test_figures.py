"""Numbers of a text with their bounds, what is counted, where and as of when."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.claims.figures import figures
from tests.claims.spelling import chinese, english

WHOLE = st.integers(2, 10**9) | st.builds(
    lambda digit, power: digit * 10**power, st.integers(1, 9), st.integers(1, 8)
)
FORMS = {
    "words": lambda n: english(n),
    "words without and": lambda n: english(n, joined=False),
    "digits": str,
    "digits in groups": lambda n: f"{n:,}",
}
MODIFIERS = {
    "at least {}": lambda n: (n, None, True),
    "no fewer than {}": lambda n: (n, None, True),
    "{} or more": lambda n: (n, None, True),
    "more than {}": lambda n: (n, None, False),
    "over {}": lambda n: (n, None, False),
    "well over {}": lambda n: (n, None, False),
    "up to {}": lambda n: (0, n, True),
    "as many as {}": lambda n: (0, n, True),
    "no more than {}": lambda n: (0, n, True),
    "fewer than {}": lambda n: (0, n, False),
    "nearly {}": lambda n: (Fraction(9 * n, 10), n, True),
    "almost {}": lambda n: (Fraction(9 * n, 10), n, True),
    "about {}": lambda n: (Fraction(9 * n, 10), Fraction(11 * n, 10), True),
    "some {}": lambda n: (Fraction(9 * n, 10), Fraction(11 * n, 10), True),
    "{} or so": lambda n: (Fraction(9 * n, 10), Fraction(11 * n, 10), True),
    "exactly {}": lambda n: (n, n, True),
}
HAN_MODIFIERS = {
    "至少{}": lambda n: (n, None, True),
    "不少于{}": lambda n: (n, None, True),
    "超过{}": lambda n: (n, None, False),
    "逾{}": lambda n: (n, None, False),
    "多达{}": lambda n: (0, n, True),
    "最多{}": lambda n: (0, n, True),
    "不到{}": lambda n: (0, n, False),
    "近{}": lambda n: (Fraction(9 * n, 10), n, True),
    "约{}": lambda n: (Fraction(9 * n, 10), Fraction(11 * n, 10), True),
    "大约{}": lambda n: (Fraction(9 * n, 10), Fraction(11 * n, 10), True),
    "整整{}": lambda n: (n, n, True),
}


@settings(max_examples=200)
@given(WHOLE, st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(MODIFIERS)))
def test_every_whole_number_in_english_under_every_modifier(number, form, modifier):
    written = modifier.format(FORMS[form](number))
    (figure,) = figures(f"The clerk wrote that {written} drums were counted.")
    assert figure.value == number
    assert (figure.low, figure.high, figure.closed) == MODIFIERS[modifier](number)
    assert figure.text == written
    assert figure.counted == "drums"


@settings(max_examples=200)
@given(
    WHOLE, st.sampled_from([chinese, str, "{:,}".format]), st.sampled_from(sorted(HAN_MODIFIERS))
)
def test_every_whole_number_in_chinese_under_every_modifier(number, form, modifier):
    written = modifier.format(form(number))
    (figure,) = figures(f"据说{written}人被关在那里。")
    assert figure.value == number
    assert (figure.low, figure.high, figure.closed) == HAN_MODIFIERS[modifier](number)
    assert figure.text == written
    assert figure.counted == "人"


@settings(max_examples=100)
@given(
    st.integers(1, 9999),
    st.sampled_from([("万", 10**4), ("亿", 10**8), ("million", 10**6), ("billion", 10**9)]),
)
def test_digits_with_a_scale(number, scale):
    word, factor = scale
    joint = " " if word.isascii() else ""
    (figure,) = figures(f"{number}{joint}{word}人" if not joint else f"{number} {word} people")
    assert figure.value == number * factor


@settings(max_examples=150)
@given(WHOLE)
def test_a_bare_number_stands_for_what_rounds_to_it(number):
    (figure,) = figures(f"{number:,} drums")
    unit = 10 ** (len(str(number)) - len(str(number).rstrip("0")))
    half = Fraction(unit, 2) if unit > 1 else 0
    assert (figure.low, figure.high) == (number - half, number + half)


@pytest.mark.parametrize(
    ("text", "low", "high", "counted"),
    [
        ("dozens of drums", 24, None, "drums"),
        ("Tens of thousands of people were named", 20_000, None, "people"),
        ("hundreds of thousands", 200_000, None, ""),
        ("between 10 and 15 minutes", 10, 15, "minutes"),
        ("one to two million people", 10**6, 2 * 10**6, "people"),
        ("10-15 drums", 10, 15, "drums"),
        ("three or four guards", 3, 4, "guards"),
        ("1.5m litres", 1_450_000, 1_550_000, "litres"),
        ("two and a half million litres", 2_450_000, 2_550_000, "litres"),
        ("half a million people", 450_000, 550_000, "people"),
        ("1,000+ pages", 1000, None, "pages"),
        ("20% of the drums", 15, 25, "percent"),
        ("数以万计的人", 20_000, None, None),
        ("上百人", 100, None, "人"),
        ("十几个人", 11, 19, "人"),
        ("三四百页文件", 300, 400, "页"),
        ("10至15万人", 100_000, 150_000, "人"),
        ("7000多人获释", 7000, None, "人"),
        ("逾百万人", 10**6, None, "人"),
        ("1.2亿元", 115_000_000, 125_000_000, "元"),
        ("两万三千人", 22_500, 23_500, "人"),
    ],
)  # fmt: skip
def test_open_words_ranges_and_scales(text, low, high, counted):
    (figure,) = figures(text)
    if counted is not None:
        assert figure.counted == counted
    assert (figure.low, figure.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "On 24 November 2019 the log was closed.",
        "The list of 2017 was signed in March 2018, since 2016 it had not been.",
        "In the 1990s and in the 21st century, on the 3rd of May, at 11:10.",
        "She lived in Shed 9 and read page 12, section 4.",
        "A 45-year-old clerk.",
        "One of them said so.",
        "2019年11月24日，第三次，一些人，一般说来，万一，十分重要，统一。",
    ],
)
def test_years_dates_ordinals_and_names_are_no_figures(text):
    assert figures(text) == []


def test_place_and_time_are_taken_from_the_sentence():
    text = "Nothing else. Since 2017 at least one million people have been held in Harrowgate. In May 3 left."
    figure = figures(text)[0]
    assert (figure.scope, figure.as_of, figure.fate) == ("Harrowgate", "Since 2017", "held")
    assert text[figure.start : figure.end] == figure.text == "at least one million"


@settings(max_examples=300)
@given(
    st.text(
        alphabet="0123456789,. -–万亿百千十一两三多年人%$to and million at least half an",
        max_size=60,
    )
)
def test_any_text_is_read_without_an_error_and_figures_do_not_overlap(text):
    found = figures(text)
    ends = 0
    for figure in found:
        assert ends <= figure.start < figure.end <= len(text)
        assert text[figure.start : figure.end] == figure.text
        assert figure.low is None or figure.high is None or figure.low <= figure.high
        ends = figure.end
