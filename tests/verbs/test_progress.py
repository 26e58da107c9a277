"""How fast work goes and how long it will take yet: told only once it can be relied on."""

from __future__ import annotations

import pytest

from muniment.verbs.progress import Pace, Progress, left_in_words, rate_in_words


def _paced(signs, stage="receiving"):
    """A pace that has seen these signs of life: (seconds, done, total)."""
    pace = Pace()
    for now, done, total in signs:
        pace.note(Progress(stage, done, total), now)
    return pace


def test_a_steady_pace_is_told_with_the_time_left():
    pace = _paced((1000 + second, 100 * second, 10_000) for second in range(21))
    assert pace.rate == pytest.approx(100)
    assert pace.left == pytest.approx(80)
    assert pace.words() == "100 a second, about 1 minute left of this step"


def test_nothing_is_told_of_a_beginning():
    pace = _paced([(0, 0, 1000), (1, 300, 1000), (2, 600, 1000), (3, 700, 1000)])
    assert (pace.rate, pace.left, pace.words()) == (None, None, "")


def test_no_time_is_told_while_the_pace_changes():
    slower = [(second, 1000 + 10 * second, 10_000) for second in range(11, 21)]
    pace = _paced([*((second, 100 * second, 10_000) for second in range(11)), *slower])
    assert pace.rate is not None and pace.left is None
    assert pace.words() == f"{pace.rate:.0f} a second"


def test_no_time_is_told_while_more_and_more_is_found():
    """Each archive opened adds what lies in it."""
    pace = _paced((second, 50 * second, 1000 + 100 * second) for second in range(21))
    assert pace.rate == pytest.approx(50) and pace.left is None


def test_no_time_is_told_where_the_end_is_not_known():
    pace = _paced((second, 2000 * second, None) for second in range(21))
    assert pace.words() == "2,000 a second"


def test_every_step_begins_anew():
    pace = _paced((second, 100 * second, 2000) for second in range(21))
    pace.note(Progress("sealing", 0, 2000), 21)
    assert pace.words() == ""


def test_what_lies_long_back_does_not_count():
    """Ten minutes at 1 a second, then two at 100: the second is told."""
    slow = [(second, second, 100_000) for second in range(600)]
    fast = [(600 + second, 600 + 100 * second, 100_000) for second in range(120)]
    pace = _paced([*slow, *fast])
    assert pace.rate == pytest.approx(100, rel=0.05)
    assert pace.left == pytest.approx((100_000 - fast[-1][1]) / 100, rel=0.05)


def test_work_that_stands_still_has_no_time_left():
    pace = _paced((second, 500, 1000) for second in range(30))
    assert (pace.left, pace.words()) == (None, "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "less than a minute left of this step"),
        (95, "about 2 minutes left of this step"),
        (5399, "about 90 minutes left of this step"),
        (10_800, "about 3 hours left of this step"),
    ],
)
def test_time_left_in_words(seconds, words):
    assert left_in_words(seconds) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [(1234.5, "1,234 a second"), (0.5, "30 a minute"), (0.001, "less than one a minute"), (0, "")],
)
def test_rate_in_words(rate, words):
    assert rate_in_words(rate) == words
