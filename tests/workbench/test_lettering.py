"""Text of documents on its way to a page: nothing is lost, moved or made active."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from muniment.workbench.lettering import lines, passage, plain

UNSEEN = "\x00\x07\x1b\u00ad\u200b\u202a\u202e\u2066\u2069\ufeff"
texts = st.text(
    st.sampled_from("ab ئۇ港 \n\r" + UNSEEN) | st.characters(codec="utf-8"), max_size=60
)


def shown(line) -> str:
    return "".join(p.text for p in line if p.kind != "unseen")


HIDDEN = set(UNSEEN) | {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2060)}
HIDDEN |= {chr(c) for c in (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029)} - {"\t"}


@given(texts, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_every_seen_character_is_shown_once_and_in_order(text, spans):
    marks = [[min(a, b), max(a, b)] for a, b in spans]
    joined = "".join(shown(line) for line in lines(text, marks, []))
    assert joined == "".join(c for c in text if c not in HIDDEN)


@given(texts)
def test_no_reordering_character_is_written(text):
    written = "".join(p.text for line in lines(text, [], []) for p in line)
    assert not set(written) & {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def test_marks_cover_exactly_their_span_and_the_opened_hit_is_first():
    text = "one two\nthree two"
    [top, below] = lines(text, [[4, 7]], [[14, 17]])
    assert [(p.text, p.kind) for p in top] == [("one ", ""), ("two", "mark")]
    assert [(p.text, p.kind, p.first) for p in below] == [
        ("three ", "", False),
        ("two", "here", True),
    ]


def test_a_mark_over_a_line_end_goes_on_below_and_is_first_once():
    pieces = [p for line in lines("ab\ncd", [], [[1, 4]]) for p in line]
    assert [(p.text, p.kind, p.first) for p in pieces if p.kind] == [
        ("b", "here", True),
        ("c", "here", False),
    ]


def test_offsets_are_code_points():
    [line] = lines("𠀀𠀁港", [[2, 3]], [])
    assert [(p.text, p.kind) for p in line] == [("𠀀𠀁", ""), ("港", "mark")]


def test_addresses_are_named_and_invisible_characters_shown():
    line = plain("see javascript:alert(1) and https://x.example/?q=1 \u202efdp.exe")
    assert [p.text for p in line if p.kind == "address"] == [
        "javascript:alert(1)",
        "https://x.example/?q=1",
    ]
    assert [p.text for p in line if p.kind == "unseen"] == ["RLO"]


def test_a_passage_is_one_line():
    assert [(p.text, p.kind) for p in passage("a\r\nb c", [[3, 4]])] == [
        ("a  ", ""),
        ("b", "mark"),
        (" c", ""),
    ]
