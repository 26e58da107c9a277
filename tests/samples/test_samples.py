"""The sample case builds, the same each time, and every trap it promises is really in the bytes."""

from __future__ import annotations

import email
import email.policy
import io
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from samples.build import ACCESSIONS, PASSPHRASE, TOUR, Manifest, build, sources  # noqa: E402

from samples import articles, english_scans, lettering, loose, mailbox, story, traps, word  # noqa: E402


@pytest.fixture(scope="module")
def leak(tmp_path_factory) -> tuple[Path, Manifest, list[str]]:
    """The sample case, built once for all tests of this file, and the names heard while it was built."""
    out = tmp_path_factory.mktemp("leak")
    heard: list[str] = []
    return out, build(out, lambda name: heard.append(name if (out / name).is_file() else "")), heard


@pytest.fixture(scope="module")
def out(leak) -> Path:
    """Where it was built."""
    folder, manifest, _ = leak
    if manifest.skipped:
        pytest.skip(f"fonts are missing here: {manifest.skipped[0][1]}")
    return folder


def _only(trap_name: str) -> traps.Trap:
    return next(trap for trap in traps.TRAPS if trap.name == trap_name)


def _page_text(path: Path, page: int) -> str:
    return pypdfium2.PdfDocument(path)[page - 1].get_textpage().get_text_range()


def _zip(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_a_second_build_by_the_command_gives_the_same_bytes(leak, tmp_path):
    _, manifest, _ = leak
    done = subprocess.run(
        [sys.executable, str(PROJECT / "samples" / "build.py"), str(tmp_path / "again")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (1 if manifest.skipped else 0), done.stderr
    for file in manifest.files:
        again = tmp_path / "again" / file.path
        assert sha256(again.read_bytes()).hexdigest() == file.sha256, file.path
        assert again.stat().st_mtime == story.CLOCK.timestamp()


def test_every_file_is_named_as_it_is_written(leak):
    out, manifest, heard = leak
    assert heard == [file.path for file in manifest.files]
    seen = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert seen == {file.path for file in manifest.files}
    assert {path.split("/")[0] for path in sources()} == {folder for folder, _ in ACCESSIONS}
    assert len(sources()) == len(manifest.files) + len(manifest.skipped)


def test_a_missing_font_is_said_and_the_rest_is_built(tmp_path, monkeypatch):
    monkeypatch.setattr(lettering, "_FOLDERS", (tmp_path / "no-fonts",))
    lettering._font_files.cache_clear()
    lettering.font.cache_clear()
    try:
        manifest = build(tmp_path / "out")
    finally:
        lettering._font_files.cache_clear()
        lettering.font.cache_clear()
    left_out = dict(manifest.skipped)
    assert "fonts-ukij-uyghur" in left_out["delivery-1/scan-0003.pdf"]
    assert "fonts-noto-cjk" in left_out["delivery-1/scan-0002.pdf"]
    assert (tmp_path / "out" / "delivery-1" / "directive-2018-07.pdf").is_file()
    assert len(manifest.files) > 2 * len(manifest.skipped)


def test_one_accession_can_be_built_alone(leak, tmp_path):
    _, whole, _ = leak
    alone = build(tmp_path, folders=["articles"])
    assert alone.files == tuple(file for file in whole.files if file.path.startswith("articles/"))
    assert [path.name for path in tmp_path.iterdir()] == ["articles"]


def test_the_second_delivery_is_the_first_but_for_one_page(out):
    first = {path.name for path in (out / "delivery-1").iterdir()}
    second = {path.name for path in (out / "delivery-2").iterdir()}
    assert first == second
    differ = [
        name for name in first
        if (out / "delivery-1" / name).read_bytes() != (out / "delivery-2" / name).read_bytes()
    ]  # fmt: skip
    assert differ == ["directive-2018-07.pdf"]


def test_the_tour_leads_to_what_is_there(out):
    for station in TOUR:
        assert station["title"] and station["see"]
        assert "query" in station or (out / station["path"]).is_file()


def test_the_page_about_the_sample_holds_todays_table():
    page = (PROJECT / "docs" / "sample.md").read_text("utf-8")
    assert traps.renewed(page) == page, "run: python -m samples.traps docs/sample.md"
    assert f"`{PASSPHRASE}`" in page
    for folder, _ in ACCESSIONS:
        count = sum(name.startswith(f"{folder}/") for name in sources())
        row = next(line for line in page.splitlines() if line.startswith(f"| `{folder}` |"))
        assert row.endswith(f"| {count} |")


@pytest.mark.parametrize("trap", traps.TRAPS, ids=lambda trap: trap.name)
def test_every_trap_is_in_the_bytes(trap, out):
    for name in trap.files:
        assert (out / name).is_file(), name
    look = globals()[f"look_{trap.name.replace('-', '_')}"]
    look([out / name for name in trap.files])


def look_damaged_mailbox(paths):
    import mailbox as reader

    box = reader.mbox(paths[0])
    assert len(box) == mailbox.MESSAGES == 26
    assert len(mailbox.DAMAGE) == 14
    raw = paths[0].read_bytes()
    assert raw.count(b"\nFrom ") + 1 == 26
    sound = 0
    for number in range(1, 27):
        message = box[number - 1]
        defects = [d for part in message.walk() for d in part.defects]
        for part in message.walk():
            if not part.is_multipart():
                part.get_payload(decode=True)
                defects += part.defects
        if mailbox.DAMAGE.get(number) is None:
            assert not defects and message["Subject"], number
            sound += 1
        elif mailbox.DAMAGE[number] == "empty":
            assert not message.keys() and not message.get_payload().strip()
        else:
            assert defects or not message.keys(), number
    assert sound == 12


def look_encrypted_pdf(paths):
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(paths[0])
    opened = pypdfium2.PdfDocument(paths[0], password=story.LOCKED_PDF_PASSWORD)
    assert "Burnt in the boiler" in opened[0].get_textpage().get_text_range()


def look_encrypted_zip(paths):
    with zipfile.ZipFile(paths[0]) as archive:
        for name in archive.namelist():
            with pytest.raises(RuntimeError):
                archive.read(name)
        text = archive.read("gate-book-2019-03-10.txt", pwd=story.LOCKED_ZIP_PASSWORD.encode())
    assert b"told to wait" in text


def look_corrupt_pdf(paths):
    assert paths[0].read_bytes().startswith(b"%PDF-")
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(paths[0])


def look_empty_file(paths):
    assert paths[0].stat().st_size == 0


def look_unknown_binary(paths):
    assert b"\0" in paths[0].read_bytes()


def look_bad_utf8(paths):
    text = paths[0].read_bytes().decode("utf-8", "replace")
    assert text.count("\ufffd") == 3 and "北墙" in text


def look_gb18030(paths):
    data = paths[0].read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode()
    assert "检查表上写的是十四度" in data.decode("gb18030")


def look_odd_name(paths):
    assert {"\t", "\u202e", "“", "#", "%"} <= set(paths[0].name) and paths[0].name.startswith("-")


def look_nested_archives(paths):
    with zipfile.ZipFile(paths[0]) as outer, _zip(outer.read("2019-02/desk.zip")) as inner:
        assert "000017" in inner.read("letters/liste.txt").decode()
        with _zip(inner.read("letters/receiver.docx")) as letter:
            assert b"Your 2,740 drums" in letter.read("word/document.xml")
    with tarfile.open(paths[1]) as archive:
        assert len(archive.getnames()) == 3


def look_mail_attachments(paths):
    message = email.message_from_bytes(paths[0].read_bytes(), policy=email.policy.default)
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == ["memo-114.pdf", "标签.jpg", "from Ertal.eml"]
    assert not any(part.defects for part in message.walk())


def _image_only(path):
    document = pypdfium2.PdfDocument(path)
    assert all(not page.get_textpage().get_text_range().strip() for page in document)
    assert len(document) == 2


def look_scan_chinese(paths):
    for path in paths:
        _image_only(path)


def look_scan_uyghur(paths):
    _image_only(paths[0])


def look_scan_english(paths):
    _image_only(paths[0])


def look_form_and_notes(paths):
    with pikepdf.open(paths[0]) as pdf:
        values = [str(field.V) for field in pdf.Root.AcroForm.Fields]
        marks = [str(mark.get("/Contents", "")) for mark in pdf.pages[0].Annots]
    assert "E. Qumush pp. Storage" in values
    assert {"NOT A VISIT", "signed by whom?"} <= set(marks) and any(
        "Nobody went in" in m for m in marks
    )
    assert "Nobody went in" not in _page_text(paths[0], 1)


def look_turned_page(paths):
    document = pypdfium2.PdfDocument(paths[0])
    assert [page.get_rotation() for page in document] == [0, 90]
    assert "Drawn from memory" in _page_text(paths[0], 2)


def look_hidden_sheet(paths):
    with zipfile.ZipFile(paths[0]) as book:
        listed = book.read("xl/workbook.xml").decode()
        assert (
            'name="Real readings" sheetId="3" state="hidden"' in listed
            and 'state="veryHidden"' in listed
        )
        assert b"at least 2,740 drums" in book.read("xl/worksheets/sheet3.xml")
        assert b'<row r="5" hidden="1">' in book.read("xl/worksheets/sheet2.xml")


def look_tracked_changes(paths):
    with zipfile.ZipFile(paths[0]) as file:
        body = file.read("word/document.xml").decode()
        notes = file.read("word/comments.xml").decode()
    assert f'<w:delText xml:space="preserve">{word.DELETED}</w:delText>' in body
    assert (
        body.count("<w:ins ") == 3
        and body.count("<w:del ") == 4
        and notes.count("<w:comment ") == 3
    )


def look_memo_two_copies(paths):
    words = [_page_text(path, 1).split() for path in paths]
    differ = [pair for pair in zip(*words, strict=True) if pair[0] != pair[1]]
    assert [a.strip(".,") for a, _ in differ] == ["promptly", "stores", "shortly"]
    assert [b.strip(".,") for _, b in differ] == ["quickly", "goods", "soon"]


def look_second_delivery(paths):
    pages = range(1, 15)
    assert [len(pypdfium2.PdfDocument(path)) for path in paths] == [14, 14]
    assert [n for n in pages if _page_text(paths[0], n) != _page_text(paths[1], n)] == [
        _only("second-delivery").page
    ]


def look_failed_redaction(paths):
    with pikepdf.open(paths[0]) as pdf:
        assert pdf.pages[0].Contents.read_bytes().count(b"q 0 g ") == 7
    text = _page_text(paths[0], 1)
    assert (
        story.INNOCENT.latin in text
        and story.INNOCENT_ADDRESS in text
        and "Hollis Venderay" in text
    )


def look_copy_number(paths):
    _image_only(paths[0])
    picture = pypdfium2.PdfDocument(paths[0])[0].render(scale=1).to_pil().convert("RGB")
    red = sum(r > 150 and g < 90 and b < 90 for r, g, b in picture.get_flattened_data())
    assert red > 1000, "the red header is not there"


def look_printer_dots(paths):
    red, _, blue = Image.open(paths[0]).convert("RGB").split()
    step, (columns, rows) = english_scans.DOTS_STEP, english_scans.DOTS_CELLS
    width, height = red.size
    near, far = red.load(), blue.load()
    dots = {
        (x, y) for y in range(height) for x in range(width)
        if near[x, y] - far[x, y] > 40 and near[x, y] > 200
    }  # fmt: skip
    tops = {(x, y) for x, y in dots if (x - 1, y) not in dots and (x, y - 1) not in dots}
    assert len(tops) > 800
    places = {
        ((x - 12) // step % columns, (y - 12) // step % rows)
        for x, y in tops
        if (x - 12) % step == 0
    }
    assert places == set(english_scans.DOTS_SET)
    grey = Image.open(paths[0]).convert("L").load()
    x, y = sorted(tops)[len(tops) // 2]
    assert grey[x, y] > 215, "a dot must not be seen without looking at blue alone"


def look_zero_width(paths):
    text = paths[0].read_text("utf-8")
    hidden = "".join({loose.ZERO: "0", loose.ONE: "1"}.get(c, "") for c in text)
    assert hidden == story.MEMO_CODE


def look_beacon_template(paths):
    with zipfile.ZipFile(paths[0]) as file:
        assert word.BEACON in file.read("word/_rels/settings.xml.rels").decode()
        assert b"attachedTemplate" in file.read("word/settings.xml")


def look_beacon_mail(paths):
    assert b'<img src="https://pixel.dorvane-port.example/open.gif' in paths[0].read_bytes()


def look_source_in_metadata(paths):
    with pikepdf.open(paths[0]) as pdf:
        assert str(pdf.docinfo["/Author"]) == "s.torghay"
        assert story.CLERK.latin.encode() in pdf.Root.Metadata.read_bytes()
    with zipfile.ZipFile(paths[1]) as file:
        assert b"<cp:lastModifiedBy>storghay<" in file.read("docProps/core.xml")
    with tarfile.open(paths[2]) as archive:
        assert archive.getmembers()[0].uname == "storghay"


def look_photo_position(paths):
    exif = Image.open(paths[0]).getexif()
    assert exif.get_ifd(0x8825)[1] == "N" and exif.get_ifd(0x8769)[0xA431] == "NP3-77120458"


def look_mail_origin(paths):
    message = email.message_from_bytes(paths[0].read_bytes())
    assert (
        message["X-Originating-IP"] == "[198.51.100.77]" and "kitchen-laptop" in message["Received"]
    )


def look_innocent_three_scripts(paths):
    # Four of the five are pictures: that the names can be read there is held by the tests of OCR.
    assert story.INNOCENT.latin in _page_text(paths[3], 1)


def look_one_wire_story(paths):
    containment, jaccard = articles.same_words()
    assert containment >= 0.4 > jaccard
    assert "(Halyard Wire)" in paths[0].read_text("utf-8")
    assert "Halyard" not in paths[1].read_text("utf-8")
    assert "Halyard Wire reported" in paths[2].read_text("utf-8")


def look_independent_article(paths):
    page = paths[0].read_text("utf-8")
    story_text = page[page.index("<article>") : page.index("</article>")]
    assert "Halyard" not in story_text and "bestloans4u" in page and 'class="ad"' in page


def look_denial(paths):
    text = paths[0].read_text("utf-8")
    assert "She denied that" in text and "did not deny" in text and "declined to answer" in text


def look_citing_cycle(paths):
    assert "Harbour Gazette has reported" in paths[0].read_text("utf-8")
    assert "according to the Ilmara Post" in paths[1].read_text("utf-8")


def look_lost_at_least(paths):
    assert "at least 2,740 drums" in " ".join(paths[1].read_text("utf-8").split())
    cited = paths[2].read_text("utf-8")
    assert "2,740 drums" in cited and "at least" not in cited


def look_figures_conflict(paths):
    assert "23 dead" in _page_text(paths[0], 1)
    assert "14 people died" in paths[1].read_text("utf-8")
    assert "lists 23 names" in paths[2].read_text("utf-8")
    assert "Fourteen." in paths[3].read_text("utf-8")


def look_wan_slip(paths):
    _image_only(paths[0])
