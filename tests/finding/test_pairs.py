"""Each query of the table answers exactly the texts it should."""

from __future__ import annotations

import pytest

from tests.finding.conftest import Shelf, Shelve
from tests.finding.pairs import MATCH, NO_MATCH

_PAIRS = MATCH + NO_MATCH
_WIDENED = ("spelling", "singular", "written as one", "other letters", "pinyin")


@pytest.fixture(scope="module")
def shelf(shelve: Shelve) -> Shelf:
    return shelve({number: [text] for number, (_, text) in enumerate(_PAIRS)})


@pytest.mark.parametrize(
    "number", range(len(_PAIRS)), ids=lambda n: f"{_PAIRS[n][0]}|{_PAIRS[n][1]!r}"
)
def test_query_answers_text(shelf: Shelf, number: int) -> None:
    query, text = _PAIRS[number]
    wanted = number < len(MATCH)
    assert (number in shelf.numbers(query)) is wanted, (query, text)


def test_table_is_wide_and_even() -> None:
    assert len(_PAIRS) >= 320
    assert 0.8 <= len(MATCH) / len(NO_MATCH) <= 1.25
    assert len(set(_PAIRS)) == len(_PAIRS)


def test_every_highlight_folds_to_what_was_asked(shelf: Shelf) -> None:
    """A mark cut out of the raw page and folded is the query folded, where nothing was widened."""
    from muniment.finding.folding import words

    seen = 0
    for query, _ in MATCH:
        if (
            any(sign in query for sign in "*~=:()")
            or " AND " in query
            or "NOT" in query
            or "OR" in query
        ):
            continue
        for hit in shelf.ask(query).hits:
            if hit.span is None or hit.why.startswith(_WIDENED):
                continue
            raw = shelf.texts[hit.number][hit.page - 1]
            marked = words(raw[slice(*hit.span)])
            asked = words(query)
            assert marked == asked or " " in query.strip('"'), (query, raw, hit)
            seen += 1
    assert seen > 60
