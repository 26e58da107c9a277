"""The quick way writes what rfc8785 writes, to the byte, and refuses what it refuses."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from muniment.case.canonical import canonical

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_VALUES)
@example({"\ue000": 1, "\U00010000": 2, "a": [True, 1, None, '\u2028\x7f\x1f\b"\\/']})
@example({"": [], "B": {}, "a": -0.0, "z": 2**53 - 1})
@example([2**53])
@example("\ud800")
@example({"\ud800": 1})
@example([float("nan")])
def test_one_form(value):
    try:
        wanted = rfc8785.dumps(value)
    except ValueError:
        with pytest.raises(ValueError):
            canonical(value)
    else:
        assert canonical(value) == wanted
