"""Padmé: little is told, little is wasted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.evidence.vault import padded_size


@given(st.integers(min_value=1, max_value=1 << 60))
def test_padding_is_at_most_twelve_per_cent(size: int):
    assert size <= padded_size(size) <= size * 1.12


@given(st.integers(min_value=1, max_value=1 << 60))
def test_a_padded_size_pads_to_itself(size: int):
    assert padded_size(padded_size(size)) == padded_size(size)


@given(st.integers(min_value=0, max_value=1 << 50), st.integers(min_value=0, max_value=1 << 20))
def test_a_larger_file_never_looks_smaller(size: int, more: int):
    assert padded_size(size) <= padded_size(size + more)


@given(st.integers(min_value=2, max_value=1 << 60))
def test_few_bits_of_the_size_are_told(size: int):
    """The published bound: no more significant bits than the exponent itself has, plus the leading one."""
    padded = padded_size(size)
    significant = padded.bit_length() - (padded & -padded).bit_length() + 1
    assert significant <= (padded.bit_length() - 1).bit_length() + 1


@pytest.mark.parametrize(
    ("size", "padded"),
    [(0, 0), (1, 1), (8, 8), (9, 10), (200, 208), (10_000, 10_240), (1_000_000, 1_015_808)],
)
def test_known_answers(size: int, padded: int):
    # Worked by hand from the paper's definition: E = floor(log2 L), S = floor(log2 E) + 1, E - S bits are zero.
    assert padded_size(size) == padded


def test_a_negative_size_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        padded_size(-1)
