"""Overlapping hits become one, and nothing of them is lost."""

import pytest

from muniment.verbs.adjoining import joined
from muniment.verbs.case import Case
from tests.conftest import PASSPHRASE

TEXT = (
    "The form may be carried forward. An entry carried forward is not marked. " * 3
    + "\n\n"
    + "Nothing of it stands here for a long while. " * 12
    + "At the end it was carried forward once more."
)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leak")
    (folder / "form.txt").write_text(TEXT)
    case, _ = Case.new(folder / "x", PASSPHRASE)
    with case:
        case.add([folder / "form.txt"])
        yield case.find("carried forward", limit=100)
        case.lock()


def test_each_match_stands_in_one_shown_passage(found):
    shown = joined(found["hits"])
    assert len(shown) < len(found["hits"]) == found["passages"]
    spans = [tuple(span) for hit in shown for span in hit["spans"]]
    assert sorted(spans) == sorted(tuple(hit["span"]) for hit in found["hits"])


def test_text_and_marks_are_those_of_the_page(found):
    for hit in joined(found["hits"]):
        assert hit["text"] == TEXT[hit["start"] : hit["end"]]
        for (start, end), (first, last) in zip(hit["highlights"], hit["marks"], strict=True):
            assert hit["text"][start:end] == TEXT[first:last]
            assert hit["text"][start:end].lower() in ("carried", "forward", "carried forward")


def test_what_lies_apart_stays_apart(found):
    shown = joined(found["hits"])
    assert len(shown) == 2
    assert shown[-1]["text"].endswith("once more.")


def test_no_hits_are_no_passages():
    assert joined([]) == []
