"""The query language: what parses to what, and errors that point at the character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.finding.mistakes import QueryError
from muniment.finding.query import And, Field, Not, Or, Phrase, Word, parse

_PARTS = st.sampled_from(
    ["a", "b*", "c~1", '"d e"', '"d e"~5', "=f", '="g h"', "AND", "OR", "NOT", "(", ")", "type:pdf", "date:2019",
     "date:2019..", "~", "*", "=", '"', "“", "”", ":", "from:", "习近平", "-x", "date:9", "~9", "（", "）", " ", "&",
     "state:failed", "x:y", "\n", "\x00", "𠀀", "e\u0301", "\ud800"]
)  # fmt: skip
_QUERIES = st.one_of(
    st.lists(_PARTS, max_size=14).map(" ".join),
    st.lists(_PARTS, max_size=14).map("".join),
    st.text(max_size=30),
)


@given(_QUERIES)
@settings(max_examples=800, deadline=None)
def test_any_string_parses_or_points_inside_itself(query: str) -> None:
    try:
        parse(query)
    except QueryError as error:
        assert 0 <= error.position < max(1, len(query))
        assert error.message and error.next
        shown, caret = error.drawing().split("\n")
        assert caret.endswith("^") and len(shown) <= 101
        assert error.as_json()["error"]["position"] == str(error.position)


def test_operators_bind_not_then_and_then_or() -> None:
    tree = parse("a b OR NOT c AND d")
    assert isinstance(tree, Or)
    left, right = tree.parts
    assert isinstance(left, And) and isinstance(right, And)
    assert isinstance(right.parts[0], Not)


def test_operators_in_small_letters_are_words() -> None:
    tree = parse("this and that")
    assert isinstance(tree, And)
    assert [part.text for part in tree.parts if isinstance(part, Word)] == ["this", "and", "that"]


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("uigh*", Word("uigh", 0, 5, prefix=True)),
        ("uigher~", Word("uigher", 0, 7, fuzzy=1)),
        ("uigher~2", Word("uigher", 0, 8, fuzzy=2)),
        ("=Uighur", Word("Uighur", 0, 7, exact=True)),
        ('="a b"', Phrase("a b", 0, 6, exact=True)),
        ('"a b"~5', Phrase("a b", 0, 7, near=5)),
        ("“a b”", Phrase("a b", 0, 5)),
        ("type:pdf", Field("type", "pdf", 0, 8)),
        ('from:"Zhu Hailun"', Field("from", "Zhu Hailun", 0, 17)),
        ("path:memo*", Field("path", "memo", 0, 10, prefix=True)),
        ("date:2019", Field("date", "2019", 0, 9, low=20190101, high=20191231)),
        ("date:2019-02", Field("date", "2019-02", 0, 12, low=20190201, high=20190228)),
        ("date:2019-11..2020", Field("date", "2019-11..2020", 0, 18, low=20191101, high=20201231)),
        ("date:..2019", Field("date", "..2019", 0, 11, high=20191231)),
        ("date:>=2019-11", Field("date", ">=2019-11", 0, 14, low=20191101)),
        ("date:<2019", Field("date", "<2019", 0, 10, high=20190100)),
        ("http://example.org", Word("http://example.org", 0, 18)),
        ("(a)", Word("a", 1, 2)),
        ("a & ", Word("a", 0, 1)),
    ],
)
def test_query_parses_to(query: str, tree: object) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("", 0),
        ("   ", 0),
        ("&", 0),
        ("a AND", 2),
        ("AND a", 0),
        ("a OR", 2),
        ("OR a", 0),
        ("a AND AND b", 2),
        ("a OR OR b", 2),
        ("NOT", 0),
        ("a NOT", 2),
        ("NOT )", 0),
        ("(a", 0),
        ("a (b", 2),
        ("a)", 1),
        ("()", 0),
        ('a "b', 2),
        ('""', 0),
        ("a *", 2),
        ("*a", 0),
        ("a*b", 1),
        ("a~3", 1),
        ("a~x", 2),
        ("~1", 0),
        ("习近平~1", 3),
        ("a-b~1", 3),
        ('"a b"~x', 6),
        ('"a b"~1000', 5),
        ('"a b"~', 5),
        ("-a", 0),
        ("+a", 0),
        ("= a", 0),
        ("colour:red", 0),
        ("x type:", 2),
        ("type: pdf", 0),
        ("date:yesterday", 5),
        ("date:2019-13", 5),
        ("date:2019-02-30", 5),
        ("date:2020..2019", 5),
        ("date:2019..soon", 11),
        ("state:lost", 6),
        ("(" * 60 + "a" + ")" * 60, 40),
    ],
)
def test_error_points_at_the_character(query: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.position == position, caught.value.message
    assert caught.value.exit_status == 2


def test_message_never_repeats_what_was_asked() -> None:
    with pytest.raises(QueryError) as caught:
        parse("verysecretname AND (")
    assert "verysecretname" not in caught.value.message + caught.value.next
    assert "verysecretname" in caught.value.drawing()


def test_drawing_puts_the_caret_under_wide_characters() -> None:
    with pytest.raises(QueryError) as caught:
        parse("习近平 (a")
    assert caught.value.drawing() == "习近平 (a\n       ^"
