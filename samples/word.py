"""Word files: a statement with tracked changes and comments, a circular with a remote template, a Uyghur notice."""

from __future__ import annotations

from xml.sax.saxutils import escape

from samples.packing import zipped

BEACON = "https://pixel.dorvane-port.example/t/7c1d9a02/circular.dotx"
"""Whoever opens the circular in Word tells this address so."""
DELETED = "at least 2,740 drums of sodium chlorate"
INSERTED = "a quantity of cargo"

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SCHEMA = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."


def run(text: str, look: str = "") -> str:
    """Text as it stands."""
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _change(kind: str, number: int, who: str, when: str, text: str) -> str:
    tag = "delText" if kind == "del" else "t"
    inside = f'<w:r><w:{tag} xml:space="preserve">{escape(text)}</w:{tag}></w:r>'
    return f'<w:{kind} w:id="{number}" w:author="{who}" w:date="{when}">{inside}</w:{kind}>'


def _noted(number: int, inside: str) -> str:
    return (
        f'<w:commentRangeStart w:id="{number}"/>{inside}<w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:commentReference w:id="{number}"/></w:r>'
    )


def paragraph(*runs: str, style: str = "", rtl: bool = False) -> str:
    """A paragraph of runs."""
    look = (f'<w:pStyle w:val="{style}"/>' if style else "") + ("<w:bidi/>" if rtl else "")
    return (
        f'<w:p w:rsidR="00A41C77">{f"<w:pPr>{look}</w:pPr>" if look else ""}{"".join(runs)}</w:p>'
    )


def _relations(*targets: tuple[str, str, bool]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_SCHEMA}{kind}" '
        f'Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if far else ""}/>'
        for n, (kind, target, far) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}relationships">{rows}</Relationships>'


def document(
    body: str, *, author: str, changed_by: str, title: str, comments: str = "", template: str = ""
) -> bytes:
    """A .docx file of these paragraphs.

    Args:
        body: WordprocessingML paragraphs.
        author: and `changed_by`: names in the file's properties.
        comments: WordprocessingML comments.
        template: address of a template elsewhere, fetched when the file is opened.
    """
    types = [
        ("/word/document.xml", _WORD + "document.main+xml"),
        ("/word/styles.xml", _WORD + "styles+xml"),
        ("/word/settings.xml", _WORD + "settings+xml"),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        (
            "/docProps/app.xml",
            "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        ),
    ]
    parts: dict[str, str] = {}
    links = [("styles", "styles.xml", False), ("settings", "settings.xml", False)]
    if comments:
        types.append(("/word/comments.xml", _WORD + "comments+xml"))
        links.append(("comments", "comments.xml", False))
        parts["word/comments.xml"] = f"{_HEAD}<w:comments {_W}>{comments}</w:comments>"
    overrides = "".join(f'<Override PartName="{p}" ContentType="{t}"/>' for p, t in types)
    attached = '<w:attachedTemplate r:id="rId1"/>' if template else ""
    whole = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": _top_relations(),
        "word/document.xml": f"{_HEAD}<w:document {_W} {_R}><w:body>{body}"
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" '
        'w:left="1440" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:body></w:document>',
        "word/_rels/document.xml.rels": _relations(*links),
        "word/styles.xml": _styles(),
        "word/settings.xml": f"{_HEAD}<w:settings {_W} {_R}>{attached}"
        '<w:rsids><w:rsidRoot w:val="00A41C77"/><w:rsid w:val="00A41C77"/><w:rsid w:val="00C7310E"/></w:rsids>'
        "</w:settings>",
        "docProps/core.xml": _core(author, changed_by, title),
        "docProps/app.xml": f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
        'extended-properties"><Template>C:\\Users\\storghay\\Templates\\DPA-letter.dotx</Template>'
        "<Company>Dorvane Port Authority</Company><Application>Harbour Office Writer</Application></Properties>",
        **parts,
    }
    if template:
        whole["word/_rels/settings.xml.rels"] = _relations(("attachedTemplate", template, True))
    return zipped({name: text.encode() for name, text in whole.items()})


def _top_relations() -> str:
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}relationships">'
        f'<Relationship Id="rId1" Type="{_SCHEMA}officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}relationships/metadata/core-properties" '
        f'Target="docProps/core.xml"/>'
        f'<Relationship Id="rId3" Type="{_SCHEMA}extended-properties" Target="docProps/app.xml"/></Relationships>'
    )


def _styles() -> str:
    return (
        f'{_HEAD}<w:styles {_W}><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:rPr><w:sz w:val="23"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading1">'
        '<w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz '
        'w:val="32"/></w:rPr></w:style></w:styles>'
    )


def _core(author: str, changed_by: str, title: str) -> str:
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{author}</dc:creator>"
        f"<cp:lastModifiedBy>{changed_by}</cp:lastModifiedBy>"
        "<cp:lastPrinted>2019-03-12T07:58:00Z</cp:lastPrinted>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2019-03-12T05:40:00Z</dcterms:created>'
        '<dcterms:modified xsi:type="dcterms:W3CDTF">2019-03-12T07:51:00Z</dcterms:modified></cp:coreProperties>'
    )


def _comments(lawyer: tuple[str, str], voice: tuple[str, str]) -> str:
    return "".join(
        f'<w:comment w:id="{n}" w:author="{who}" w:date="{when}" '
        f'w:initials="{initials}">{paragraph(run(text))}</w:comment>'
        for n, (who, when, initials, text) in enumerate(
            (
                (
                    *lawyer,
                    "CH",
                    "No figure. If they ask, it is salt until somebody proves otherwise.",
                ),
                (*voice, "IM", "The hospital says nineteen already. The Ministry wants fourteen."),
                (*voice, "IM", "Take out. Who else has his letters? S.T. filed them."),
            )
        )
    )


def statement() -> bytes:
    """The statement of 12 March 2019 while it was being made smaller."""
    lawyer, voice = (
        ("Corin Haldevar", "2019-03-12T07:22:00Z"),
        ("Ilse Marrant", "2019-03-12T07:41:00Z"),
    )
    body = paragraph(run("Statement on the event in the North Basin"), style="Heading1")
    body += paragraph(run("Dorvane, 12 March 2019. For release at 09:00."))
    body += paragraph(
        run("At 04:52 on 11 March a fire broke out in Shed 9. The shed held "),
        _noted(0, _change("del", 10, *lawyer, DELETED) + _change("ins", 11, *lawyer, INSERTED)),
        run(" belonging to the receiver of a detained vessel"),
        _change("del", 12, *lawyer, ", together with oil and expired rockets"),
        run("."),
    )
    body += paragraph(
        run("The number of the dead is "),
        _noted(
            1, _change("del", 13, *voice, "not yet known") + _change("ins", 14, *voice, "fourteen")
        ),
        run(". The Authority mourns them."),
    )
    body += paragraph(
        run("The shed was inspected every fortnight"),
        _change("ins", 15, *lawyer, ", as the records show"),
        run(". "),
        _noted(
            2, _change("del", 16, *voice, "The night foreman had warned us in writing, twice. ")
        ),
        run("The Authority will assist the Ministry in its inquiry."),
    )
    body += paragraph(run("Enquiries: Ilse Marrant, spokeswoman."))
    comments = _comments(lawyer, voice)
    return document(
        body,
        author="Ilse Marrant",
        changed_by="storghay",
        title="Statement, draft 6",
        comments=comments,
    )


def circular() -> bytes:
    """A circular that fetches its template from elsewhere when it is opened."""
    body = paragraph(run("Circular 2019/03 to all foremen"), style="Heading1")
    for text in (
        "18 March 2019. Every foreman opens this circular on the computer of his own department and with his own "
        "name, and confirms by return that he has read it.",
        "Foremen who still hold papers concerning Shed 9 bring them to the Legal Secretary. Foremen who know of "
        "others who hold such papers say so.",
        "Nothing in this circular concerns the hospital, the canteen or the town brigade.",
    ):
        body += paragraph(run(text))
    return document(
        body,
        author="Legal Secretary",
        changed_by="chaldevar",
        title="Circular 2019/03",
        template=BEACON,
    )


def notice() -> bytes:
    """A notice in Uyghur for the night shift."""
    body = paragraph(run("ئۇقتۇرۇش", "<w:rtl/>"), style="Heading1", rtl=True)
    for text in (
        "دورۋان پورت باشقۇرۇش ئىدارىسىنىڭ بارلىق كېچىلىك نۆۋەت ئىشچىلىرىغا:",
        "2019-يىلى 18-مارتتىن باشلاپ، توققۇزىنچى ئىسكىلات توغرىسىدا مۇخبىرلارغا سۆز قىلىش مەنئى قىلىنىدۇ.",
        "قولىدا جەدۋەل، خەت ياكى سۈرەت بار كىشىلەر ئۇلارنى ئۈچ كۈن ئىچىدە باش ئىشخانىغا تاپشۇرسۇن.",
        "دوختۇرخانىدا داۋالىنىۋاتقان ئىشچىلارنىڭ ئىسىملىكى ئېلان قىلىنمايدۇ.",
    ):
        body += paragraph(run(text, "<w:rtl/>"), rtl=True)
    return document(body, author="Harbour Master", changed_by="irosmarn", title="ئۇقتۇرۇش")


FILES = {
    "delivery-3/office/statement-draft-6.docx": statement,
    "delivery-3/office/circular-2019-03.docx": circular,
    "delivery-3/office/ئۇقتۇرۇش.docx": notice,
}
