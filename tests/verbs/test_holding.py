"""What is held is in no answer and no picture, still accounted for, and found again when it is released."""

from __future__ import annotations

import pytest

from muniment.errors import BadUse, NotFound, Refused
from muniment.verbs.case import Case
from muniment.verbs.indexing import writing
from tests.verbs.leftovers import zipped

PHOTO = {"partly-extracted": 1}
"""What every answer says of the picture, in which there are no words."""


@pytest.fixture
def papers(case, leak):
    """A memo, an archive of two letters, and a picture."""
    from PIL import Image

    (leak / "memo.txt").write_text("the barge leaves on Thursday")
    zipped(leak / "letters.zip", one_txt=b"the barge is late", two_txt=b"no barge came")
    Image.new("RGB", (80, 60), "red").save(leak / "photo.png")
    case.add([leak])
    return case


def _named(case, ending):
    [row] = [row for row in case.documents()["documents"] if row["path"].endswith(ending)]
    return row


def test_what_is_held_is_in_no_answer_and_every_answer_says_so(papers):
    memo = _named(papers, "memo.txt")
    assert papers.find("barge")["documents"] == 3
    assert papers.hold(memo["reference"]) == {"document": memo["document"], "held": True}
    found = papers.find("barge")
    assert (found["documents"], found["passages"], len(found["hits"])) == (2, 2, 2)
    assert found["not_searched"] == {"held": 1, **PHOTO}
    assert sum(found["facets"]["type"].values()) == 2
    assert papers.find("thursday")["documents"] == 0
    assert papers.show(memo["document"])["held"] is True
    assert papers.status()["accounting"]["held"] == 1
    assert papers.status()["accounting"]["states"]["extracted"] == 4, "held is no state"
    [listed] = papers.documents(state="held")["documents"]
    assert listed["document"] == memo["document"] and listed["state"] == "extracted"
    assert papers.hold(memo["reference"], release=True)["held"] is False
    assert papers.find("thursday")["documents"] == 1
    assert papers.find("thursday")["not_searched"] == PHOTO
    words = [act["act"] for act in papers.journal.acts()]
    assert words[-2:] == ["held", "released"]


def test_a_container_is_held_with_its_parts_and_a_part_alone(papers):
    archive = _named(papers, ".zip")
    papers.hold(archive["document"])
    assert papers.find("barge")["documents"] == 1
    assert papers.find("barge")["not_searched"] == {"held": 3, **PHOTO}
    papers.hold(archive["document"], release=True)
    part = papers.show(archive["document"])["parts"][0]
    papers.hold(part)
    assert papers.find("barge")["documents"] == 2
    assert papers.show(archive["document"])["held"] is False


def test_held_again_changes_nothing(papers):
    memo = _named(papers, "memo.txt")["document"]
    papers.hold(memo)
    acts = len(list(papers.journal.acts()))
    assert papers.hold(memo)["held"] is True
    assert len(list(papers.journal.acts())) == acts


def test_while_another_process_writes_to_the_index_it_is_hidden_all_the_same(papers):
    """The index cannot be told at once; the question leaves it out."""
    memo = _named(papers, "memo.txt")["document"]
    papers.find("barge")
    with writing(papers), Case(papers.folder, papers.keys) as other:
        other.hold(memo)
        found = papers.find("barge")
        assert (found["documents"], len(found["hits"])) == (2, 2)
        assert papers.find("NOT zeppelin")["documents"] == 4
    assert papers.find("barge")["documents"] == 2


def test_no_picture_of_a_held_page_is_made_or_kept(papers):
    photo = _named(papers, "photo.png")["document"]
    pages = papers.folder.working if papers.folder.working.is_dir() else None
    from muniment.case.working import in_memory

    pages = (pages or in_memory(papers.folder)) / "pages"
    papers.page_image(photo, 1)
    assert len(list(pages.iterdir())) == 1
    papers.hold(photo)
    assert list(pages.iterdir()) == []
    with pytest.raises(Refused, match="held"):
        papers.page_image(photo, 1)
    assert papers.page_image(photo, 1, held=True).startswith(b"\x89PNG")
    assert list(pages.iterdir()) == []
    papers.hold(photo, release=True)
    assert papers.page_image(photo, 1).startswith(b"\x89PNG")


def test_parts_that_come_out_later_are_held_as_their_container_is(case, leak):
    zipped(leak / "letters.zip", one_txt=b"the barge is late")

    def hold_before_it_is_read(progress):
        if progress.stage == "sealing":
            with Case(case.folder, case.keys) as other:
                other.hold("A1/0001")

    case.add([leak], watch=hold_before_it_is_read)
    assert [row["held"] for row in case.documents()["documents"]] == [True, True]
    assert case.find("barge")["documents"] == 0


def test_what_cannot_be_held(papers):
    with pytest.raises(NotFound):
        papers.hold("A7/0001")
    with pytest.raises(BadUse):
        papers.documents(state="hold")
    memo = _named(papers, "memo.txt")["document"]
    papers.withdraw(memo, "source")
    with pytest.raises(Refused, match="withdrawn"):
        papers.hold(memo)
