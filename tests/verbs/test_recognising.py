"""The OCR stage of `add`, through the command line and the real sandbox."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pikepdf
import pytest

from muniment.case.catalogue import page as page_table
from muniment.reading import ocr
from tests.reading.drawn_pages import page

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def _tesseract():
    wanting = {"eng", "chi_sim", "uig"} - set(ocr.languages())
    if wanting:
        pytest.skip(f"Tesseract is not here, or without {', '.join(sorted(wanting))}")


@pytest.fixture
def leak(tmp_path):
    folder = tmp_path / "leak"
    folder.mkdir()
    return folder


def scan(path, *pictures):
    """A PDF of pictures without a text layer."""
    first, *more = (drawn.picture for drawn in pictures)
    first.save(path, "PDF", resolution=200, save_all=True, append_images=more)


def with_layer(data, text, to_unicode=""):
    """A PDF of a picture with an invisible text layer, its font's characters mapped as given."""
    pdf = pikepdf.open(io.BytesIO(data))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    if to_unicode:
        font.ToUnicode = pdf.make_stream(to_unicode.encode())
    sheet = pdf.pages[0]
    sheet.Resources.Font = pikepdf.Dictionary(F1=pdf.make_indirect(font))
    sheet.contents_add(pdf.make_stream(f"BT 3 Tr /F1 9 Tf 40 40 Td ({text}) Tj ET".encode()))
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


BROKEN = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange
1 beginbfrange <20> <7e> <e020> endbfrange endcmap end end"""


def document(muniment, case, name):
    rows = muniment.json("documents", case)["documents"]
    return next(row for row in rows if row["path"].endswith(name))


def text(muniment, case, name, number=1):
    row = document(muniment, case, name)
    return muniment.json("show", case, row["document"], "--page", number, "--text")["page"]


def test_a_scan_in_three_languages_is_found_and_a_wordless_page_said(muniment, leak):
    scan(leak / "three.pdf", page("eng", lines=4), page("uig"), page("chi_sim"))
    page("eng").picture.point(lambda _: 255).save(leak / "empty.png")
    muniment.json("new", "x")
    report = muniment.json("add", "x", leak)
    assert report["pages"] == 4
    assert report["states"] == {"extracted": 1, "partly-extracted": 1}
    for query in ("seven crates", "باراۋەر", "码头"):
        found = muniment.json("find", "x", query)
        assert found["passages"] >= 1, query
        assert found["hits"][0]["boxes"], query
    empty = document(muniment, "x", "empty.png")
    assert "no words were recognised on page 1" in empty["reason"]
    assert set(document(muniment, "x", "three.pdf")["languages"]) == {"en", "ug", "zh"}


def test_a_broken_text_layer_is_read_from_the_page(muniment, leak):
    target = io.BytesIO()
    scan(target, page("eng", lines=4))
    garbage = "private use letters, many more of them than sixty-four of them, " * 2
    (leak / "broken.pdf").write_bytes(with_layer(target.getvalue(), garbage, BROKEN))
    muniment.json("new", "x")
    muniment.json("add", "x", leak)
    assert muniment.json("find", "x", '"seven crates"')["passages"] == 1
    assert document(muniment, "x", "broken.pdf")["state"] == "extracted"


def test_a_sound_text_layer_is_left_alone(muniment, leak):
    target = io.BytesIO()
    scan(target, page("eng", lines=4))
    sound = "a sound layer of text that says the weather was fair and the sea was calm all day"
    (leak / "sound.pdf").write_bytes(with_layer(target.getvalue(), sound))
    muniment.json("new", "x")
    muniment.json("add", "x", leak)
    assert muniment.json("find", "x", "weather")["passages"] == 1
    assert muniment.json("find", "x", "crates")["passages"] == 0


def test_without_tesseract_scans_wait_and_the_rest_is_read(muniment, leak, tmp_path):
    scan(leak / "scan.pdf", page("eng", lines=3))
    (leak / "note.txt").write_text("The harbour is closed.")
    muniment.json("new", "x")
    programs = tmp_path / "programs"
    programs.mkdir()
    for entry in Path("/usr/bin").iterdir():
        if entry.name != "tesseract":
            (programs / entry.name).symlink_to(entry)
    path = f"{programs}:{Path(muniment.program[0]).parent}"
    report = muniment.json("add", "x", leak, PATH=path)
    assert report["states"] == {"extracted": 1, "waiting": 1}
    assert muniment.json("find", "x", "harbour")["documents"] == 1
    row = document(muniment, "x", "scan.pdf")
    assert row["reason"].startswith("1 of 1 pages wait for OCR: Tesseract is not installed")
    assert muniment.json("status", "x")["awaiting"]["pages for OCR"] == 1

    report = muniment.json("add", "x", leak)
    assert report["states"] == {"extracted": 2}
    assert muniment.json("find", "x", "harbour")["documents"] == 2


def test_a_language_that_is_not_installed_holds_up_its_own_pages_only(muniment, leak, tmp_path):
    folder = next(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), None)
    if folder is None:
        pytest.skip("Tesseract's languages are not where Debian puts them")
    few = tmp_path / "few"
    few.mkdir()
    for name in ("eng", "osd"):
        (few / f"{name}.traineddata").symlink_to(folder / f"{name}.traineddata")
    scan(leak / "two.pdf", page("eng", lines=4), page("uig"))
    muniment.json("new", "x")
    report = muniment.json("add", "x", leak, TESSDATA_PREFIX=str(few))
    assert report["states"] == {"waiting": 1}
    row = document(muniment, "x", "two.pdf")
    assert row["reason"].startswith("1 of 2 pages wait for OCR")
    assert "tesseract-ocr-uig" in row["reason"]
    assert muniment.json("find", "x", "crates")["documents"] == 1
    assert muniment.json("add", "x", leak)["states"] == {"extracted": 1}
    assert muniment.json("find", "x", "باراۋەر")["documents"] == 1


def test_killed_half_way_it_goes_on_and_reads_no_page_twice(case, muniment, leak):
    """Killed once the first pages are in the catalogue; what was read before is not touched again."""
    import sqlalchemy as sa

    scan(leak / "long.pdf", *[page("eng", lines=3)] * 5)
    shutil.copytree(case.folder.root, muniment.folder / "x.muniment")
    from muniment.case.folder import open_folder
    from muniment.verbs.case import Case

    done = sa.select(page_table.c.number, page_table.c.text).where(page_table.c.source == "ocr eng")

    def read_so_far(opened):
        with opened.catalogue.read() as connection:
            return {row.number: row.text for row in connection.execute(done)}

    running = subprocess.Popen(
        [*muniment.program, "add", "x", str(leak)],
        cwd=muniment.folder,
        env=muniment.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with Case(open_folder(muniment.folder / "x.muniment"), case.keys) as opened:
        deadline = time.monotonic() + 120
        first = {}
        while not first and running.poll() is None and time.monotonic() < deadline:
            first = read_so_far(opened)
            os.sched_yield()
        running.send_signal(signal.SIGKILL)
        running.wait()
        first = read_so_far(opened)
        assert 0 < len(first) < 5
        marked = sa.update(page_table).where(page_table.c.number.in_(list(first)))
        with opened.catalogue.write() as connection:
            connection.execute(marked.values(confidence=1))
    assert muniment.json("add", "x", leak)["states"] == {"extracted": 1}
    with Case(open_folder(muniment.folder / "x.muniment"), case.keys) as opened:
        assert len(read_so_far(opened)) == 5
        with opened.catalogue.read() as connection:
            kept = connection.execute(
                sa.select(page_table.c.number).where(page_table.c.confidence == 1)
            ).scalars()
            assert set(kept) == set(first), "what was read before the kill was read again"
    found = muniment.json("find", "x", "crates")
    assert (found["documents"], found["passages"]) == (1, 5)
