"""Boxes keep through the catalogue, and the boxes of a passage are one to a line."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from muniment.verbs.pages import pack_boxes, passage_boxes, unpack_boxes

_numbers = st.integers(-(2**31), 2**31 - 1)


@given(st.lists(st.tuples(_numbers, _numbers, _numbers, _numbers), max_size=60))
def test_boxes_come_back_as_they_were(boxes):
    raw = b"".join(struct.pack("<4i", *box) for box in boxes)
    assert unpack_boxes(pack_boxes(raw)) == raw


def _line(x, y, count, width=600, height=1000):
    return [(x + i * width, y, x + (i + 1) * width, y + height) for i in range(count)]


def _raw(boxes):
    return b"".join(struct.pack("<4i", *box) for box in boxes)


def test_a_passage_on_one_line_has_one_box():
    assert passage_boxes(_raw(_line(7200, 7200, 10)), 2, 5) == [[84.0, 72.0, 102.0, 82.0]]


def test_a_passage_over_a_line_end_has_a_box_for_each_line():
    boxes = [*_line(7200, 7200, 5), (0, 0, 0, 0), *_line(7200, 9000, 5)]
    assert passage_boxes(_raw(boxes), 3, 8) == [
        [90.0, 72.0, 102.0, 82.0],
        [72.0, 90.0, 84.0, 100.0],
    ]


def test_columns_side_by_side_are_not_joined():
    boxes = _line(7200, 7200, 4) + _line(40000, 7200, 4)
    assert len(passage_boxes(_raw(boxes), 0, 8)) == 2


def test_a_line_from_right_to_left_is_one_box():
    boxes = list(reversed(_line(7200, 7200, 6)))
    assert passage_boxes(_raw(boxes), 0, 6) == [[72.0, 72.0, 108.0, 82.0]]


def test_low_and_raised_signs_do_not_cut_a_line_in_two():
    for low, high in [(8000, 8360), (7100, 7350), (7550, 7620), (8200, 8260), (7000, 7500)]:
        sign = (9000, low, 9200, high)
        boxes = [*_line(7200, 7200, 3), sign, *_line(9220, 7200, 3)]
        assert len(passage_boxes(_raw(boxes), 0, 7)) == 1, (low, high)


def test_signs_over_small_letters_stay_on_their_line():
    boxes = [(7200, 7600, 7700, 8100), (7720, 7380, 7800, 7620), (7820, 7600, 8300, 8100)]
    assert passage_boxes(_raw(boxes), 0, 3) == [[72.0, 73.8, 83.0, 81.0]]


def test_the_next_line_of_a_narrow_column_is_apart():
    boxes = _line(7200, 7200, 3, height=900) + _line(7200, 8300, 3, height=900)
    assert len(passage_boxes(_raw(boxes), 0, 6)) == 2


def test_characters_without_a_place_have_no_box():
    assert passage_boxes(_raw([(0, 0, 0, 0)] * 4), 0, 4) == []
