"""Collections of annotations: what goes out comes in again, and whatever else comes in does no harm."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.case.notes import KINDS, Revision, fresh, heads_of, in_order
from muniment.errors import MunimentError
from muniment.publication.web_annotation import collection, read_collection, revisions_in

CASE = "abcdefghijklmnopqrst"
names = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=10, max_size=16)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
people = st.text("abcdé王ئ'", min_size=1, max_size=10)


@st.composite
def revisions(draw) -> Revision:
    kind = draw(st.sampled_from(KINDS))
    exact = draw(st.one_of(st.just(""), texts))
    start = draw(st.integers(0, 5000)) if exact else 0
    said = {
        "note": draw(texts.filter(str.strip)),
        "tag": draw(st.text("abc王 ", min_size=1).map(lambda t: " ".join(t.split())).filter(bool)),
        "translation": draw(texts.filter(str.strip)),
    }
    return fresh(
        note=draw(names),
        revision=draw(names),
        kind=kind,
        original=draw(names),
        reference=draw(st.sampled_from(["A1/0001", "A12/0003.1.2"])),
        page=draw(st.integers(1, 500)) if exact or kind == "translation" else 0,
        exact=exact,
        prefix=draw(st.text("abc", max_size=9)) if exact else "",
        start=start,
        end=start + len(exact),
        value=said.get(kind, ""),
        language=draw(st.sampled_from(["en", "zh-Hant"])) if kind == "translation" else "",
        who=draw(people),
        deleted=draw(st.booleans()),
    )


@given(st.lists(revisions(), max_size=6), st.lists(revisions(), max_size=3))
def test_what_goes_out_comes_in_again(standing, earlier):
    content = json.dumps(collection(CASE, standing, earlier, lambda _: [[0.0, 0.0, 1.0, 1.0]]))
    found = list(revisions_in(read_collection(content.encode()), CASE))
    assert not [problem for _, _, problem in found if problem]
    came = [{**one.record(), "salt": ""} for _, one, _ in found if one is not None]
    assert came == [{**one.record(), "salt": ""} for one in (*earlier, *standing)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(revisions(), anything, st.data())
def test_whatever_stands_in_a_collection_nothing_but_our_errors_come_of_it(one, junk, data):
    found = json.loads(json.dumps(collection(CASE, [one], [], lambda _: [])))
    places = list(_places(found))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = junk
    try:
        for name, revision, problem in revisions_in(found, CASE):
            assert isinstance(name, str) and (revision is None) == bool(problem)
    except MunimentError as error:
        assert error.next


def _places(value):
    """Every place in a JSON value where something else may stand."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


chains = st.lists(
    st.tuples(names, st.lists(st.integers(0, 7), max_size=3)),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[0],
)


@given(chains, st.randoms())
def test_what_stands_does_not_hang_on_the_order_in_which_it_came(made, order):
    """Also where somebody made revisions that replace each other in a ring."""
    note = [
        fresh(
            note="n" * 10,
            revision=name,
            kind="star",
            original="o" * 10,
            reference="A1/0001",
            time="2026-11-28T00:00:00Z",
            previous=tuple({made[at % len(made)][0] for at in before} - {name}),
        )
        for name, before in made
    ]
    mixed = [*note]
    order.shuffle(mixed)
    heads = heads_of(mixed)
    assert heads and heads == heads_of(note)
    assert sorted(one.revision for one in in_order(mixed)) == sorted(name for name, _ in made)
