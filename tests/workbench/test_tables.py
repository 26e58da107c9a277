"""CSV that a spreadsheet can open without harm, and the bar that hides no state."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from muniment.workbench.accounting import ORDER, WIDTH, segments
from muniment.workbench.documents import tree
from muniment.workbench.tables import cell, csv_answer

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
rows = st.lists(st.lists(cells, min_size=2, max_size=2), max_size=6)


@given(rows)
def test_a_table_survives_commas_quotes_and_line_ends(table):
    body = csv_answer("t", ("a", "b"), table).body
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert read[1:] == [[str(cell(value)) for value in row] for row in table]


@given(st.sampled_from("=+-@\t\r＝＋"), st.text())
def test_no_cell_is_a_formula(first, rest):
    assert str(cell(first + rest)).startswith("'")
    assert str(cell("  " + first + rest)).startswith("'")
    assert cell(-5) == -5


@given(st.dictionaries(st.sampled_from(ORDER[:-1]), st.integers(0, 10**7)), st.integers(0, 50))
def test_the_bar_is_full_and_no_state_vanishes(states, lost):
    bar = segments(states, sum(states.values()) + lost)
    assert {s.state for s in bar} == {s for s, n in states.items() if n} | (
        {"missing"} if lost else set()
    )
    if bar:
        assert sum(s.width for s in bar) == WIDTH and all(s.width > 0 for s in bar)
        assert [s.x for s in bar] == [sum(t.width for t in bar[:i]) for i in range(len(bar))]


def listed(reference, path, parent=None):
    return {"document": reference, "reference": reference, "path": path, "parent": parent}


def test_the_tree_keeps_folders_together_and_parts_in_their_container():
    rows = tree(
        [
            listed("A1/0001", "in/z.txt"),
            listed("A1/0002", "in/box/mail.eml"),
            listed("A1/0003", "in/a.txt"),
            listed("A2/0001", "b.zip"),
            listed("A1/0002.1", "in/box/mail.eml/plan.pdf", "A1/0002"),
            listed("A2/0001.1", "b.zip/x/y.txt", "A2/0001"),
        ]
    )
    assert [(row.depth, row.kind, row.name) for row in rows] == [
        (0, "accession", "A1"), (1, "folder", "in"), (2, "folder", "box"), (3, "document", "mail.eml"),
        (4, "document", "plan.pdf"), (2, "document", "a.txt"), (2, "document", "z.txt"),
        (0, "accession", "A2"), (1, "document", "b.zip"), (2, "document", "x/y.txt"),
    ]  # fmt: skip
