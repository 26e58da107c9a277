"""A small leak made for the workbench's tests and screenshots: text and PDF, English, Chinese and Uyghur.

Every name in it is invented. Chromium prints the PDF files, so their text layers are those of a real program.
"""

from __future__ import annotations

import html
from pathlib import Path

MEMO = """Harbour Office, internal

The northern basin will be closed from 3 March. Staff are to say nothing of the spill to the press.
Three hundred and twelve workers were moved to barge seven. The register was destroyed on 4 March.

Signed for the director, L. Okafor
"""

CHINESE = """港务局内部通知

北港区自三月三日起关闭。任何人不得向新闻界透露漏油事件。
三百一十二名工人被转移到七号驳船。登记册已于三月四日销毁。

局长办公室 林若水
"""

UYGHUR = """پورت ئىدارىسىنىڭ ئىچكى ئۇقتۇرۇشى

شىمالىي پورت 3-مارتتىن باشلاپ تاقىلىدۇ. ھېچكىم ماي ئېقىپ كەتكەنلىكىنى مۇخبىرلارغا ئېيتماسلىقى كېرەك.
ئۈچ يۈز ئون ئىككى ئىشچى 7-نومۇرلۇق كېمىگە يۆتكەلدى. تىزىملىك 4-مارت كۆيدۈرۈلدى.
"""

# Begins like any text, so that it is read as one and not as the web page it would like to be.
HOSTILE = (
    "Diary of the tug, kept by hand from day to day.\n" * 200
    + """</textarea></p><script>document.title = "owned"</script>
<img src=x onerror="document.title='owned'">
Visit javascript:document.title='owned' or https://collect.example/beacon?id=7 about the barge
the name is \u202egnp.exe\u202c and {{ 7 * 7 }} and {% raw %} \u2066inner\u2069 \u0007bell
"""
)

_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><style>
@page {{ size: A4; margin: 24mm 22mm }} body {{ font: 12.5pt/1.75 {font}; }}
h1 {{ font-size: 17pt; text-align: center }}
.no {{ text-align: end; color: #555 }} .break {{ break-before: page }}</style><title>{title}</title>{body}</html>"""


def as_html(title: str, lang: str, text: str, *, pages: int = 1) -> str:
    """An office paper as HTML: heading, number, paragraphs; `pages` copies of it, one a sheet."""
    fonts = {"zh": "'Noto Serif CJK SC'", "ug": "'UKIJ Tuz'", "en": "'Noto Serif'"}
    head, *rest = [line for line in text.splitlines() if line.strip()]
    direction = "rtl" if lang == "ug" else "ltr"
    body = "".join(
        f'<section dir="{direction}"{" class=break" if sheet else ""}><p class="no">{sheet + 1}/{pages}</p>'
        f"<h1>{html.escape(head)}</h1>"
        + "".join(f"<p>{html.escape(line)}</p>" for line in rest)
        + "</section>"
        for sheet in range(pages)
    )
    return _PAGE.format(lang=lang, font=fonts[lang], title=html.escape(title), body=body)


def write_texts(folder: Path) -> None:
    """The plain files: no browser is needed for these."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "minutes").mkdir(exist_ok=True)
    (folder / "memo.txt").write_text(MEMO, "utf-8")
    (folder / "ئۇقتۇرۇش.txt").write_text(UYGHUR, "utf-8")
    (folder / "通知.txt").write_text(CHINESE, "utf-8")
    (folder / "hostile.txt").write_text(HOSTILE, "utf-8")
    (folder / "=sum(A1).txt").write_text("The barge ledger, line one\n", "utf-8")
    for day in range(1, 31):
        text = f"Minutes of day {day}. The barge was inspected and the register counted: {day * 7} names.\n"
        (folder / "minutes" / f"day-{day:02d}.txt").write_text(text * 2, "utf-8")
    (folder / "damaged.pdf").write_bytes(
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n% the rest is gone\n"
    )
    (folder / "machine.bin").write_bytes(bytes(range(256)) * 8)


def print_papers(browser, folder: Path) -> None:
    """The PDF files, printed by a browser of Playwright."""
    page = browser.new_page()
    for name, title, lang, text, pages in (
        ("notice.pdf", "Notice 14", "en", MEMO, 3),
        ("内部通知.pdf", "内部通知", "zh", CHINESE, 2),
        ("uqturush.pdf", "Uqturush", "ug", UYGHUR, 1),
    ):
        page.set_content(as_html(title, lang, text, pages=pages))
        page.pdf(path=str(folder / name), prefer_css_page_size=True)
    page.close()
