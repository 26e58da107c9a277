"""What retry keeps of a new reading, and what it leaves as it was."""

from __future__ import annotations

import io
import zipfile

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal
from muniment.verbs.pages import pack
from muniment.verbs.retrying import OTHER_ORDER


@pytest.fixture
def case(case, leak):
    """A case with an archive, a memo, and a PDF that is none."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("one.txt", "the raft is late")
    (leak / "a.zip").write_bytes(held.getvalue())
    (leak / "memo.txt").write_text("the barge leaves on Thursday")
    (leak / "minutes.pdf").write_bytes(b"%PDF-1.7\nthe rest was lost")
    case.add([leak])
    return case


def _set(case, reference, **values):
    document = tables.document
    with case.catalogue.write() as connection:
        where = document.c.reference == reference
        connection.execute(sa.update(document).where(where).values(values))
        return connection.execute(sa.select(document.c.number).where(where)).scalar_one()


def _seals(case):
    with case.catalogue.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(seal)).scalar_one()


def _of(report, reference):
    return next(one for one in report["documents"] if one["reference"] == reference)


def test_what_a_later_muniment_can_read_is_read_and_sealed(case):
    number = _set(
        case, "A1/0002", state="unsupported", reason="nothing here reads it", pages=0,
        read_state="unsupported", read_reason="nothing here reads it", indexed=0,
    )  # fmt: skip
    with case.catalogue.write() as connection:
        connection.execute(sa.delete(tables.page).where(tables.page.c.document == number))
    before, acts = _seals(case), len(case.custody()["acts"])
    report = case.retry()
    assert (report["tried"], report["changed"], report["states"]) == (
        2,
        1,
        {"extracted": 1, "failed": 1},
    )
    memo, lost = _of(report, "A1/0002"), _of(report, "A1/0003")
    assert (memo["before"], memo["state"], memo["pages"]) == ("unsupported", "extracted", 1)
    assert (lost["before"], lost["state"], lost["changed"]) == ("failed", "failed", False)
    assert case.find("barge")["documents"] == 1
    assert _seals(case) == before + 1, "the memo is sealed anew, and nothing else"
    kinds = [act["kind"] for act in case.custody()["acts"][acts:]]
    assert kinds[0] == "retried" and "sealed" in kinds


def test_a_reading_that_gives_less_is_not_kept(case):
    number = _set(
        case, "A1/0002", state="partly-extracted", reason="a page is damaged", pages=2,
        read_state="partly-extracted", read_reason="a page is damaged",
    )  # fmt: skip
    with case.catalogue.write() as connection:
        connection.execute(
            sa.insert(tables.page).values(
                document=number,
                number=2,
                text=pack(b"the tugboat follows"),
                width=0,
                height=0,
                source="text",
            )
        )
    before = _seals(case)
    memo = _of(case.retry(), "A1/0002")
    assert (memo["state"], memo["changed"], memo["pages"]) == ("partly-extracted", False, 2)
    assert "tugboat" in case.show("A1/0002", page=2)["text"]
    assert _seals(case) == before


def test_parts_that_came_out_otherwise_are_left_as_they_were(case):
    _set(case, "A1/0001.1", content=bytes(32))
    _set(
        case,
        "A1/0001",
        state="partly-extracted",
        reason="x",
        read_state="partly-extracted",
        read_reason="x",
    )
    report = case.retry("A1/0001")
    archive = _of(report, "A1/0001")
    assert (archive["state"], archive["reason"], archive["changed"]) == (
        "partly-extracted",
        OTHER_ORDER,
        False,
    )
    assert len(case.documents()["documents"]) == 4


def test_only_pages_on_which_ocr_failed_are_recognised_again(case, tmp_path):
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (1000, 300), 255)
    font = ImageFont.load_default(60)
    ImageDraw.Draw(picture).text((40, 100), "The ferry leaves at night", fill=0, font=font)
    picture.save(tmp_path / "scan.png", dpi=(150, 150))
    case.add([tmp_path / "scan.png"])
    if case.status()["awaiting"]["pages for OCR"]:
        pytest.skip("Tesseract is not installed on this machine")
    assert case.find("ferry")["documents"] == 1
    number = _set(
        case, "A2/0001", state="partly-extracted", reason="OCR failed on page 1", indexed=0
    )
    with case.catalogue.write() as connection:
        where = tables.page.c.document == number
        connection.execute(
            sa.update(tables.page)
            .where(where)
            .values(source="ocr failed", text=pack(b""), boxes=None, word_confidence=None)
        )
    scan = _of(case.retry(), "A2/0001")
    assert (scan["before"], scan["state"]) == ("partly-extracted", "extracted")
    assert case.find("ferry")["documents"] == 1
