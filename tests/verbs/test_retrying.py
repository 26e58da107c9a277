"""What retry keeps of a new reading, and what it leaves as it was."""

from __future__ import annotations

import io
import zipfile

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal
from muniment.errors import BadUse
from muniment.reading import ocr, second_reader
from muniment.verbs.pages import pack
from muniment.verbs.retrying import OTHER_ORDER
from tests.reading.drawn_pages import page


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


def _failed(case, reference, **more):
    """As if our own reader had failed on it, and given nothing."""
    values = {
        "state": "failed", "reason": "the plain reader stopped: ValueError", "pages": 0,
        "read_state": "failed", "read_reason": "the plain reader stopped: ValueError",
    }  # fmt: skip
    number = _set(case, reference, **values | more)
    with case.catalogue.write() as connection:
        connection.execute(sa.delete(tables.page).where(tables.page.c.document == number))
    return number


@pytest.mark.parametrize("reader", ["tika", "kreuzberg"])
def test_another_reader_gives_what_ours_did_not(case, reader):
    _failed(case, "A1/0002")
    memo = _of(case.retry("A1/0002", reader=reader), "A1/0002")
    assert (memo["before"], memo["state"], memo["changed"]) == ("failed", "partly-extracted", True)
    assert memo["reason"] == f"its text was read by {reader}; the plain reader stopped: ValueError"
    assert case.show("A1/0002")["properties"]["reader"] == reader
    assert case.find("barge")["documents"] == 1
    act = next(act for act in reversed(case.custody()["acts"]) if act["kind"] == "retried")
    assert act["words"] == f"Tried 1 document again, by {reader}"
    details = case.custody(act["act"])["details"]
    assert details["states"] == {"failed": 1} and details["reader"] == reader
    again = _of(case.retry("A1/0002"), "A1/0002")
    assert (again["state"], again["changed"]) == ("partly-extracted", False)
    assert "found no more text" in again["reason"] and case.find("barge")["documents"] == 1


def test_another_reader_takes_nothing_away(case):
    number = _set(case, "A1/0002", state="partly-extracted", reason="x", read_reason="x")
    with case.catalogue.write() as connection:
        where = tables.page.c.document == number
        more = b"the barge leaves on Thursday, and the tugboat follows it"
        connection.execute(sa.update(tables.page).where(where).values(text=pack(more)))
    before = _seals(case)
    memo = _of(case.retry("A1/0002", reader="tika"), "A1/0002")
    assert (memo["changed"], memo["state"]) == (False, "partly-extracted")
    assert memo["reason"] == "tika found no more text than there is"
    assert "tugboat" in case.show("A1/0002", text=True)["text"] and _seals(case) == before


def test_another_reader_that_finds_nothing_says_so(case):
    lost = _of(case.retry("A1/0003", reader="tika"), "A1/0003")
    assert (lost["state"], lost["changed"]) == ("failed", False)
    assert lost["reason"].startswith("tika found no text in it")


def _zipped(name, content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


def test_what_is_over_a_limit_is_read_under_a_higher_one(case, tmp_path):
    (tmp_path / "swollen.zip").write_bytes(_zipped("log.txt", b"tide table\n" * 3_000_000))
    nested = b"the bosun's own words"
    for depth in range(14):
        nested = _zipped(f"{14 - depth}.zip" if depth else "words.txt", nested)
    (tmp_path / "nested.zip").write_bytes(nested)
    case.add([tmp_path / "swollen.zip"])
    case.add([tmp_path / "nested.zip"])
    [deepest] = case.documents(state="over-limit")["documents"][1:]
    assert deepest["reference"] == "A3/0001" + 13 * ".1"
    assert case.find("bosun")["documents"] == 0

    report = case.retry("A2/0001")
    assert (report["changed"], report["states"]) == (0, {"over-limit": 1})
    report = case.retry(limits={"ratio": 5_000, "depth": 20})
    assert _of(report, "A2/0001")["state"] == "extracted" and report["found"] == 2
    assert case.find("bosun")["documents"] == 1
    assert case.documents(state="over-limit")["documents"] == []
    log = case.show("A2/0001.1")
    assert log["state"] == "extracted" and log["properties"]["size"] == 33_000_000
    words = [act["words"] for act in case.custody()["acts"] if act["kind"] == "retried"]
    assert words[-1].endswith(
        "with up to 20 for the limit depth, with up to 5000 for the limit ratio"
    )
    assert case.audit()["ok"] is True


@pytest.mark.parametrize(
    ("reader", "limits"),
    [("pdfbox", {}), ("", {"patience": 9}), ("", {"depth": 41}), ("", {"pages": 10})],
)
def test_means_that_are_none_are_refused_and_nothing_is_tried(case, reader, limits):
    acts = len(case.custody()["acts"])
    with pytest.raises(BadUse):
        case.retry(reader=reader, limits=limits)
    assert len(case.custody()["acts"]) == acts


def test_a_chinese_scan_is_read_by_a_second_reader_and_says_each_thing_once(case, tmp_path):
    if not second_reader.installed():
        with pytest.raises(BadUse):
            case.retry(reader="rapidocr")
        pytest.skip("RapidOCR is not installed: make setup-rapidocr")
    if "chi_sim" not in ocr.languages():
        pytest.skip("Tesseract is not here, or without chi_sim")
    page("chi_sim").picture.save(tmp_path / "scan.png", dpi=(200, 200))
    case.add([tmp_path / "scan.png"])
    assert case.find("港务局长")["passages"] == 1
    report = case.retry(reader="rapidocr")
    assert (report["tried"], report["states"]) == (1, {"extracted": 1})
    found = case.find("港务局长")
    assert found["passages"] == 1 and found["hits"][0]["boxes"]
    shown = case.show("A2/0001", page=1)
    assert shown["text"].count("港务局长") == 1
    for other in shown["other_readings"]:
        assert shown["text"][other["begin"] : other["end"]] != other["text"]
        assert other["reader"] in ("tesseract", "rapidocr")
    assert case.audit()["ok"] is True
