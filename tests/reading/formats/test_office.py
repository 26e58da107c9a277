"""Office files: every sheet and slide a page, nothing deleted lost in silence."""

from __future__ import annotations

import io
import zipfile

import pytest

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = (
    '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/"><dc:title>Form 41</dc:title>'
    "<dc:creator>m.qixiang</dc:creator><c:lastModifiedBy>w.tingrong</c:lastModifiedBy><t:created>2018-07-13T08:04:00Z</t:created>"
    "</c:coreProperties>"
)


def package(
    main: str, parts: dict[str, str | bytes], relations: dict[str, list[tuple[str, str]]]
) -> bytes:
    """A package whose parts point at each other: {part: [(kind, target)]}."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, targets in {"": [("officeDocument", main)], **relations}.items():
            folder, _, last = name.rpartition("/")
            inside = "".join(
                f'<Relationship Id="r{n}" Type="{R}/{kind}" Target="{target}"'
                + (' TargetMode="External"' if "://" in target else "")
                + "/>"
                for n, (kind, target) in enumerate(targets, 1)
            )
            path = f"{folder}/_rels/{last}.rels".lstrip("/")
            archive.writestr(path, f'<Relationships xmlns="{RELS}">{inside}</Relationships>')
        for name, data in parts.items():
            archive.writestr(name, data)
    return held.getvalue()


def docx(body: str, **more: str | bytes) -> bytes:
    kinds = {"comments.xml": "comments", "footnotes.xml": "footnotes", "header1.xml": "header"}
    parts = {f"word/{name.replace('_', '.')}": data for name, data in more.items()}
    relations = [
        (kinds[name.removeprefix("word/")], name.removeprefix("word/"))
        for name in parts
        if name.removeprefix("word/") in kinds
    ]
    relations.append(("attachedTemplate", "https://beacon.example/t.dotm"))
    parts["word/document.xml"] = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    parts["docProps/core.xml"] = CORE
    parts["word/media/image1.png"] = b"\x89PNG"
    return package("word/document.xml", parts, {"word/document.xml": relations})


def said(text: str) -> str:
    """A run."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def line(*runs: str) -> str:
    """A paragraph."""
    return f"<w:p>{''.join(runs)}</w:p>"


def apart(kind: str, inside: str) -> str:
    """A part of its own beside the body."""
    return f'<w:{kind} xmlns:w="{W}">{inside}</w:{kind}>'


CUT = '<w:del w:author="Miao" w:date="2018-07-13T09:00:00Z"><w:r><w:delText>at least 2,740</w:delText></w:r></w:del>'
PUT = f'<w:ins w:author="Haldevar" w:date="2018-07-14T09:00:00Z">{said("some")}</w:ins>'
ROW = f"<w:tr><w:tc>{line(said('a'))}</w:tc><w:tc>{line(said('b'))}</w:tc></w:tr>"
BODY = line(said("The shed holds "), CUT, PUT, said(" drums</w:t><w:tab/><w:t>仓库"))
BODY += f"<w:tbl>{ROW}</w:tbl>" + line("<w:r><w:lastRenderedPageBreak/></w:r>", said("second page"))


def test_a_document_with_tracked_changes_and_comments(read):
    by = '<w:comment w:author="Wu" w:date="2018-07-15">'
    comments = apart("comments", f"{by}{line(said('Who signed?'))}</w:comment>")
    notes = apart("footnotes", f"<w:footnote>{line(said('By hand.'))}</w:footnote>")
    header = apart("hdr", line(said("Draft 3")))
    reading = read(docx(BODY, comments_xml=comments, footnotes_xml=notes, header1_xml=header))
    assert (reading.state, reading.reason, reading.family, reading.title) == (
        "extracted",
        "",
        "office",
        "Form 41",
    )
    first, last = reading.pages
    assert first.text == "The shed holds some drums\t仓库\na\tb"
    assert last.text.startswith("second page\n")
    assert "[deleted by Miao, 2018-07-13T09:00:00Z] at least 2,740" in last.text
    assert "[comment by Wu, 2018-07-15] Who signed?" in last.text
    assert "[footnote] By hand." in last.text
    assert "[header] Draft 3" in last.text
    known = reading.properties
    assert known["deletion"] == "by Miao, 2018-07-13T09:00:00Z: at least 2,740"
    assert known["insertion"] == "by Haldevar, 2018-07-14T09:00:00Z: some"
    assert (known["author"], known["last-modified-by"], known["created"]) == (
        "m.qixiang",
        "w.tingrong",
        "2018-07-13T08:04:00Z",
    )
    assert known["external"] == "attachedTemplate: https://beacon.example/t.dotm"
    assert [(part.path, part.data) for part in reading.parts] == [
        ("word/media/image1.png", b"\x89PNG")
    ]


RICH = "<si><r><t>nobody </t></r><r><t>counted</t></r><rPh><t>x</t></rPh></si>"
STYLES = '<xf numFmtId="0"/><xf numFmtId="22"/>'


def test_every_field_that_fetches_is_told_wherever_it_stands(read):
    def field(*code: str) -> str:
        marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end")]
        return "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in code).join(marks)

    inner = line(field(' INCLUDETEXT "https://b.ex', 'ample/b" '))
    cell = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    short = line('<w:fldSimple w:instr="RD c.docx"><w:r><w:t>shown</w:t></w:r></w:fldSimple>')
    note = apart("footnotes", f"<w:footnote>{line(field('DDEAUTO cmd x'))}</w:footnote>")
    body = line(field(' INCLUDEPICTURE "https://a.example/a" '), field(" PAGE ")) + cell + short
    reading = read(docx(body, footnotes_xml=note))
    told = reading.properties["external"].splitlines()
    assert sorted(told)[:4] == [
        "DDEAUTO cmd x",
        'INCLUDEPICTURE "https://a.example/a"',
        'INCLUDETEXT "https://b.example/b"',
        "RD c.docx",
    ]
    assert "shown" in reading.pages[0].text


def workbook() -> bytes:
    sheets = '<sheet name="Counts" r:id="r1"/><sheet name="Real" state="hidden" r:id="r2"/>'
    first = (
        f'<worksheet xmlns="{S}"><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="C1"><v>2740</v></c></row>'
        '<row><c r="A2" s="1"><v>43294.5</v></c><c r="B2" t="inlineStr"><is><t>in line</t></is></c>'
        '<c r="C2"><f>1+1</f><v>0.30000000000000004</v></c></row></sheetData></worksheet>'
    )
    second = f'<worksheet xmlns="{S}"><sheetData><row><c t="s"><v>1</v></c></row></sheetData></worksheet>'
    return package(
        "xl/workbook.xml",
        {
            "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets>{sheets}</sheets></workbook>',
            "xl/worksheets/sheet1.xml": first,
            "xl/worksheets/sheet2.xml": second,
            "xl/sharedStrings.xml": f'<sst xmlns="{S}"><si><t>Drums</t></si>{RICH}</sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{S}"><cellXfs>{STYLES}</cellXfs></styleSheet>',
        },
        {
            "xl/workbook.xml": [
                ("worksheet", "worksheets/sheet1.xml"),
                ("worksheet", "worksheets/sheet2.xml"),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ]
        },
    )  # fmt: skip


def test_every_sheet_is_a_page_and_hidden_ones_are_marked(read):
    reading = read(workbook())
    assert (reading.state, reading.reason) == ("extracted", "")
    assert [page.text for page in reading.pages] == [
        "Counts\nDrums\t\t2740\n2018-07-13 12:00:00\tin line\t0.3",
        "[hidden sheet] Real\nnobody counted",
    ]
    assert reading.properties["hidden-sheets"] == "Real"


def test_every_slide_is_a_page_in_the_order_of_the_show(read):
    def shown(kind: str, text: str, show: str = "") -> str:
        inside = f"<p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
        return f'<p:{kind} xmlns:p="{P}" xmlns:a="{A}"{show}>{inside}</p:{kind}>'

    listed = '<p:sldId id="256" r:id="r2"/><p:sldId id="257" r:id="r1"/>'
    data = package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": f'<p:x xmlns:p="{P}" xmlns:r="{R}">{listed}</p:x>',
            "ppt/slides/slide1.xml": shown("sld", "second", ' show="0"'),
            "ppt/slides/slide2.xml": shown("sld", "first"),
            "ppt/notesSlides/notesSlide1.xml": shown("notes", "do not say this"),
        },
        {
            "ppt/presentation.xml": [("slide", "slides/slide1.xml"), ("slide", "slides/slide2.xml")],
            "ppt/slides/slide2.xml": [("notesSlide", "../notesSlides/notesSlide1.xml")],
        },
    )  # fmt: skip
    reading = read(data)
    assert [page.text for page in reading.pages] == [
        "first\n[notes] do not say this",
        "[hidden slide]\nsecond",
    ]
    assert reading.properties["hidden-slides"] == "1"


O = "urn:oasis:names:tc:opendocument:xmlns"  # noqa: E741 - as short as the others
ODT = f"""<o:document-content xmlns:o="{O}:office:1.0" xmlns:t="{O}:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><o:body><o:text>
<t:tracked-changes><t:changed-region><t:deletion><o:change-info><dc:creator>Miao</dc:creator><dc:date>2018-07-13</dc:date></o:change-info>
<t:p>no water</t:p></t:deletion></t:changed-region></t:tracked-changes>
<t:h>Shed 9</t:h><t:p>There<t:s t:c="2"/>is <t:span>a form</t:span>.
<o:annotation><dc:creator>Wu</dc:creator><t:p>unsigned</t:p></o:annotation></t:p></o:text></o:body></o:document-content>"""


def odt(manifest: str = "<manifest/>") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", ODT)
    return held.getvalue()


def test_an_open_document_text(read):
    reading = read(odt())
    assert (reading.state, reading.reason, reading.family) == ("extracted", "", "office")
    (page,) = reading.pages
    assert page.text.startswith("Shed 9\nThere  is a form.")
    assert "[comment by Wu] unsigned" in page.text
    assert page.text.endswith("[deleted by Miao, 2018-07-13] no water")


def test_encrypted_files_say_so(read):
    assert read(odt("<manifest><encryption-data/></manifest>")).state == "encrypted"
    held = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(600)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(600)
    )
    assert read(held).state == "encrypted"


def test_rich_text_is_read_by_tika(read):
    reading = read(
        rb"{\rtf1\ansi{\info{\author Miao}{\title Form}}The shed holds \b drums\b0 .\par second line}"
    )
    assert (reading.state, reading.family, reading.title) == ("extracted", "office", "Form")
    assert "The shed holds drums." in reading.pages[0].text
    assert reading.properties["author"] == "Miao"


@pytest.mark.hostile
@pytest.mark.parametrize(
    "broken", ["<w:document", "", "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><w>&b;</w>"]
)
def test_a_broken_document_ends_in_a_state(read, broken):
    data = package("word/document.xml", {"word/document.xml": broken}, {})
    reading = read(data)
    assert reading.state in ("failed", "extracted", "partly-extracted")
    assert reading.type.endswith("wordprocessingml.document")


@pytest.mark.hostile
def test_ten_thousand_tables_in_each_other(read):
    body = (
        "<w:tbl><w:tr><w:tc>" * 10_000
        + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
        + "</w:tc></w:tr></w:tbl>" * 10_000
    )
    assert read(docx(body)).state in ("failed", "extracted", "partly-extracted")


def test_a_book_has_a_page_for_each_chapter(read):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml", '<container><rootfile full-path="b/c.opf"/></container>'
        )
        kind = 'media-type="application/xhtml+xml"'
        items = f'<item id="x" href="x.xhtml" {kind}/><item id="y" href="y.xhtml" {kind}/>'
        spine = '<spine><itemref idref="y"/><itemref idref="x"/></spine>'
        archive.writestr(
            "b/c.opf",
            f"<package><metadata><title>Tides</title></metadata><manifest>{items}</manifest>{spine}</package>",
        )
        archive.writestr("b/x.xhtml", "<html><body><p>two</p></body></html>")
        archive.writestr("b/y.xhtml", "<html><body><p>one</p></body></html>")
    reading = read(held.getvalue())
    assert (reading.state, reading.title) == ("extracted", "Tides")
    assert [page.text for page in reading.pages] == ["one", "two"]
