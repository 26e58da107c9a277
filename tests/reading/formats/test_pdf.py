"""PDFs through the real sandbox: text, boxes checked against the ink on the page, notes, forms, attachments."""

from __future__ import annotations

import io
import struct

import handmade_pdf as pdf
import pytest
from bench.add import make_pdf
from tests.hostile_files import loop_pdf

from muniment.reading.pages import (
    ENCRYPTED,
    EXTRACTED,
    FAILED,
    OVER_LIMIT,
    PARTLY,
    Budget,
    Page,
    Pixels,
)
from muniment.reading.worker import NotRead

DPI = 144


def box(page: Page, place: int) -> tuple[int, int, int, int]:
    return struct.unpack_from("<4i", page.boxes, 16 * place)


def around(page: Page, word: str) -> tuple[int, int, int, int]:
    """The box around a word, in hundredths of a point."""
    start = page.text.index(word)
    boxes = [box(page, place) for place in range(start, start + len(word))]
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def dark(pixels: Pixels, area: tuple[int, int, int, int]) -> int:
    """How many dark pixels stand in an area given in hundredths of a point."""
    scale = DPI / 7200
    x0, y0, x1, y1 = (round(side * scale) for side in area)
    x0, y0 = max(x0 - 1, 0), max(y0 - 1, 0)
    count = 0
    for y in range(y0, min(y1 + 1, pixels.height)):
        row = pixels.raw[y * pixels.width : (y + 1) * pixels.width]
        count += sum(value < 128 for value in row[x0 : x1 + 1])
    return count


LAYOUT = pdf.words(("Kashgar", 150, 600), ("Hotan", 320, 420), ("Aksu", 200, 250))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", ["", "/CropBox [100 150 520 700]"])
def test_the_ink_is_in_the_boxes(worker, turn, crop):
    data = pdf.pages([LAYOUT], page=f"/Rotate {turn} {crop}")
    page = worker.read(data, "a.pdf").pages[0]
    pixels = worker.render(data, 1, DPI)
    sides = (420, 550) if crop else (600, 800)
    assert (page.width, page.height) == (sides if turn % 180 == 0 else sides[::-1])
    assert (pixels.width, pixels.height) == (page.width * 2, page.height * 2)
    assert pixels.channels == 1
    everything = dark(pixels, (0, 0, 1 << 20, 1 << 20))
    within = [dark(pixels, around(page, word)) for word in ("Kashgar", "Hotan", "Aksu")]
    assert everything > 500
    assert sum(within) == everything
    assert all(within)


def test_words_stand_where_they_were_put(worker):
    page = worker.read(pdf.pages([LAYOUT]), "a.pdf").pages[0]
    x0, y0, x1, y1 = around(page, "Kashgar")
    assert 15000 <= x0 < 15300
    assert 20000 - 2400 < y0 < y1 <= 20000 + 700
    assert x1 > x0 + 5000


def test_spaces_and_line_ends_have_empty_boxes_and_lines_end_in_lf(worker):
    page = worker.read(pdf.pages([LAYOUT]), "a.pdf").pages[0]
    assert page.text.split("\n") == ["Kashgar", "Hotan", "Aksu"]
    for place, char in enumerate(page.text):
        assert (box(page, place) == (0, 0, 0, 0)) == (char == "\n")


def test_characters_beyond_the_basic_plane_are_one_code_point(worker):
    """The document maps A to U+20BB7 (𠮷, a character of Chinese and Japanese names) and B to two letters."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"3 beginbfchar <41> <D842DFB7> <42> <00660066> <43> <738B> endbfchar\n"
        b"endcmap end end"
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 100 0 R >>"
    data = pdf.pages([pdf.words(("ACAB", 100, 500))], more={3: font, 100: pdf.stream(cmap)})
    page = worker.read(data, "a.pdf").pages[0]
    assert page.text == "𠮷王𠮷ff"
    assert len(page.boxes) == 16 * len(page.text)
    lefts = [box(page, place)[0] for place in range(3)]
    assert lefts == sorted(set(lefts))


FORM = {
    100: b"<< /FT /Tx /T (name) /V (Memet Tohti) /Type /Annot /Subtype /Widget /Rect [100 700 300 720] /P 10 0 R >>",
    101: b"<< /Type /Annot /Subtype /Text /Contents (ask the prefect) /T (Abdurehim) /Rect [400 600 420 620] >>",
    102: b"<< /Type /Annot /Subtype /Text /Contents (not to be seen) /F 2 /Rect [10 10 20 20] >>",
    103: b"<< /FT /Btn /T (agreed) /V /Yes /AS /Yes /Type /Annot /Subtype /Widget /Rect [100 650 110 660] "
    b"/AP << /N << /Yes 104 0 R /Off 104 0 R >> >> >>",
    104: pdf.stream(b"", "/Type /XObject /Subtype /Form /BBox [0 0 10 10]"),
}


def test_notes_and_form_values_are_read_with_their_rectangles(worker):
    data = pdf.pages(
        [pdf.words(("Form", 100, 750))],
        page="/Annots [100 0 R 101 0 R 102 0 R 103 0 R]",
        catalog="/AcroForm << /Fields [100 0 R 103 0 R] /DA (/F1 12 Tf) /DR << /Font << /F1 3 0 R >> >> >>",
        more=FORM,
    )
    page = worker.read(data, "a.pdf").pages[0]
    assert page.text.split("\n") == [
        "Form",
        "[form field name] Memet Tohti",
        "[note by Abdurehim] ask the prefect",
        "[hidden note] not to be seen",
        "[form field agreed] Yes",
    ]
    assert box(page, page.text.index("Memet")) == (10000, 8000, 30000, 10000)
    assert box(page, page.text.index("[form")) == (0, 0, 0, 0)
    assert len(page.boxes) == 16 * len(page.text)


def test_attachments_become_parts(worker):
    files = "/Names << /EmbeddedFiles << /Names [(a.txt) 100 0 R] >> >>"
    more = {
        100: b"<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F 101 0 R >> >>",
        101: pdf.stream(b"hidden list", "/Type /EmbeddedFile"),
        102: b"<< /Type /Filespec /F (pinned.bin) /EF << /F 103 0 R >> >>",
        103: pdf.stream(b"\0\1\2", "/Type /EmbeddedFile"),
        104: b"<< /Type /Annot /Subtype /FileAttachment /FS 102 0 R /Rect [0 0 9 9] >>",
    }
    data = pdf.pages(["", ""], catalog=files, page="/Annots [104 0 R]", more=more)
    reading = worker.read(data, "a.pdf")
    assert [(part.number, part.name, part.data) for part in reading.parts] == [
        (1, "a.txt", b"hidden list"),
        (2, "pinned.bin", b"\0\1\2"),
    ]
    assert worker.part(data, 2) == b"\0\1\2"
    with pytest.raises(NotRead):
        worker.part(data, 3)


def test_title_and_properties(worker):
    info = b"<< /Title (Directive 17) /Author (Zhu) /CreationDate (D:20170615093000+08'00') /ModDate (noon) >>"
    reading = worker.read(pdf.pages([""], more={100: info}, extra="/Info 100 0 R"), "a.pdf")
    assert reading.title == "Directive 17"
    assert reading.properties == {
        "author": "Zhu",
        "created": "2017-06-15T09:30:00+08:00",
        "modified": "noon",
        "pdf version": "1.7",
    }


def encrypted(password: str) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf.pages([LAYOUT]))) as document:
        document.save(out, encryption=pikepdf.Encryption(user=password, owner="owner"))
    return out.getvalue()


def test_a_password_is_asked_for_and_tried(worker):
    data = encrypted("sesame")
    reading = worker.read(data, "a.pdf")
    assert (reading.state, reading.reason) == (ENCRYPTED, "this PDF needs a password to open it")
    assert worker.read(data, "a.pdf", passwords=["wrong"]).state == ENCRYPTED
    opened = worker.read(data, "a.pdf", passwords=["wrong", "sesame"])
    assert opened.state == EXTRACTED
    assert "Kashgar" in opened.pages[0].text
    assert worker.render(data, 1, 36, passwords=["sesame"]).width == 300


def test_a_broken_file_fails_with_a_code(worker):
    reading = worker.read(b"%PDF-1.7\nnothing of it is left", "a.pdf")
    assert reading.state == FAILED
    assert reading.reason == "the PDF is damaged and cannot be opened (PDFium error 3)"


def test_a_page_that_cannot_be_read_is_named(worker):
    data = pdf.pages([pdf.words((word, 100, 500)) for word in ("one", "two", "three")])
    reading = worker.read(data.replace(b"12 0 R", b"99 0 R"), "a.pdf")
    assert reading.state == PARTLY
    assert reading.reason == "1 of 3 pages cannot be read: page 2"
    assert [page.text for page in reading.pages] == ["one", "", "three"]
    assert reading.expected_pages == 3


SCAN = {
    100: pdf.stream(
        b"\x80", "/Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    )
}


def test_pages_that_need_ocr_are_marked(worker):
    image = "q 600 0 0 800 0 0 cm /I1 Do Q"
    more = {
        **SCAN,
        101: b"<< /XObject << /I1 100 0 R >> /Font << /F1 3 0 R >> >>",
    }
    contents = [
        "",
        image,
        image + pdf.words(("Scanned 2017", 20, 20)),
        pdf.words(("Only text", 9, 9)),
    ]
    data = pdf.pages(contents, more=more).replace(b"<< /Font << /F1 3 0 R >> >>  >>", b"101 0 R >>")
    reading = worker.read(data, "a.pdf")
    assert [page.needs_ocr for page in reading.pages] == [False, True, True, False]
    assert [page.source for page in reading.pages] == ["", "", "text layer", "text layer"]


def test_colour_takes_three_channels(worker):
    pixels = worker.render(pdf.pages(["1 0 0 rg 0 0 600 400 re f"]), 1, 36)
    assert (pixels.width, pixels.height, pixels.channels) == (300, 400, 3)
    assert pixels.raw[:3] == b"\xff\xff\xff"
    assert pixels.raw[-3:] == b"\xff\x00\x00"


def test_limits_of_page_images(worker):
    data = pdf.pages([""])
    with pytest.raises(NotRead) as refused:
        worker.render(data, 1, 600, Budget(pixels=1_000_000))
    assert refused.value.state == OVER_LIMIT
    for page, dpi in ((2, 72), (0, 72), (1, 0), (1, 100_000)):
        with pytest.raises(NotRead):
            worker.render(data, page, dpi)


def test_a_huge_page_is_only_over_its_limit(worker):
    data = pdf.pages([""], media="0 0 14400 14400")
    assert worker.read(data, "a.pdf").state == EXTRACTED
    with pytest.raises(NotRead) as refused:
        worker.render(data, 1, 300)
    assert refused.value.state == OVER_LIMIT


def test_language_is_told_page_by_page(worker):
    text = "The detention facilities were built in the spring of that year"
    german = "Die Unterlagen wurden im Sommer an mehrere Zeitungen gegeben"
    data = pdf.pages([pdf.words((t, 20, 500), size=10) for t in (text, german)])
    assert [page.language for page in worker.read(data, "a.pdf").pages] == ["en", "de"]


@pytest.mark.parametrize(
    "name", ["pdfjs-pdfs", "paperless-samples", "dangerzone-docs", "xray-redactions"]
)
def test_every_file_of_the_corpora_ends_with_a_state(worker, corpus, name):
    for path in sorted(corpus(name).rglob("*")):
        if not path.is_file():
            continue
        reading = worker.read(path.read_bytes(), path.name)
        assert "reader stopped" not in reading.reason, path.name
        assert reading.state == EXTRACTED or reading.reason, path.name
        for page in reading.pages:
            assert page.boxes is None or len(page.boxes) == 16 * len(page.text)
            assert "\r" not in page.text


def test_pages_drawn_one_after_another_are_as_if_each_were_drawn_alone(worker):
    data = pdf.pages(
        [f"{n / 10} {m} 0.5 rg {40 * n} 0 90 400 re f" for n in range(6) for m in (0, 1)]
    )
    drawn = {page: worker.render(data, page, 36) for page in (3, 1, 12, 2, 3, 7)}
    for page, pixels in drawn.items():
        worker.read(data, "another.pdf")  # what was kept open is let go
        assert worker.render(data, page, 36) == pixels
    with pytest.raises(NotRead, match="no page 13"):
        worker.render(data, 13, 36)
    assert worker.render(data, 12, 36) == drawn[12]
    assert drawn[12].channels == 3 and drawn[12].raw != drawn[2].raw


def test_a_page_tree_in_circles_gives_the_pages_there_are(read):
    reading = read(loop_pdf())
    assert (reading.state, len(reading.pages), reading.expected_pages) == ("partly-extracted", 1, 1)
    assert "declares 1000000 pages and has 1" in reading.reason


def test_a_count_that_promises_too_much_is_said(read):
    data = make_pdf(3, pages=3, rows=2, across=2)
    assert data.count(b"/Count 3") == 1
    reading = read(data.replace(b"/Count 3", b"/Count 9"))
    assert [bool(page.text) for page in reading.pages] == [True] * 3
    assert reading.state == "partly-extracted" and "declares 9 pages and has 3" in reading.reason
