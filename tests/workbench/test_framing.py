"""Frames around words: one for what stands together, one a line for what does not."""

from __future__ import annotations

from muniment.workbench.framing import framed


def test_a_comma_does_not_cut_a_number_in_two():
    number = [
        [465.95, 156.88, 471.31, 165.0],
        [472.27, 163.77, 473.95, 166.68],
        [474.83, 156.88, 492.32, 165.16],
    ]
    assert framed(number) == [[465.95, 156.88, 492.32, 166.68]]


def test_words_on_two_lines_have_two_frames():
    assert len(framed([[400, 100, 450, 110], [50, 114, 90, 124]])) == 2


def test_words_apart_on_one_line_have_two_frames():
    assert len(framed([[50, 100, 90, 110], [300, 100, 350, 110]])) == 2


def test_right_to_left_words_are_joined_too():
    assert framed([[300, 100, 350, 112], [260, 101, 296, 112]]) == [[260, 100, 350, 112]]
