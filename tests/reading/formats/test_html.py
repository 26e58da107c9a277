"""Web pages: all that is visible is kept, the article is marked, nothing is fetched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.reading import webpage
from muniment.reading.formats import html

PARAGRAPHS = [
    "The Port Authority counted at least 2,740 drums in Shed 9, an official of the customs service said on Monday.",
    "The drums had stood there since March, the official said, and nobody had signed the form that hung at the door.",
    "A spokeswoman for the Authority did not answer questions about the number of drums or who had counted them.",
]
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Drums in Shed 9 | Halyard Wire</title>
<meta property="og:site_name" content="Halyard Wire"><meta name="author" content="Ilse Marrant">
<meta property="article:published_time" content="2018-09-03T10:00:00Z">
<link rel="canonical" href="https://halyard.example/drums"><script>var hidden = "never shown"</script></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Drums in Shed 9</h1><p>{}</p><p>{}</p>
<aside class="newsletter">Subscribe to our newsletters</aside><p>{}</p></article>
<img src="https://beacon.example/x.gif" alt="A shed"><div id="comments"><p>Great post! Buy pills</p></div>
<footer>All rights reserved</footer></body></html>""".format(*PARAGRAPHS)


def test_the_page_is_kept_and_the_article_is_marked(read):
    reading = read(PAGE.encode())
    assert (reading.state, reading.family, reading.title) == (
        "extracted",
        "html",
        "Drums in Shed 9",
    )
    (page,) = reading.pages
    for kept in (
        *PARAGRAPHS,
        "Subscribe to our newsletters",
        "Great post!",
        "All rights reserved",
        "A shed",
    ):
        assert kept in page.text
    assert "never shown" not in page.text
    article = "".join(page.text[s:e] for s, e in json.loads(reading.properties["article"]))
    assert all(paragraph in article for paragraph in PARAGRAPHS)
    assert "Great post" not in article
    assert "Subscribe" not in article


def test_what_a_page_says_of_itself_is_properties(read):
    said = read(PAGE.encode()).properties
    assert (said["byline"], said["outlet"], said["date"]) == (
        "Ilse Marrant",
        "Halyard Wire",
        "2018-09-03",
    )
    assert said["canonical"] == "https://halyard.example/drums"
    assert said["remote"] == "2"


@pytest.mark.parametrize(
    ("charset", "text"), [("gb2312", "仓库检查"), ("big5", "倉庫檢查"), ("utf-16", "仓库")]
)
def test_encodings_that_a_page_declares(read, charset, text):
    page = f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'
    reading = read(page.encode(charset))
    assert reading.pages[0].text == text
    assert reading.state == "extracted"


def test_blocks_are_lines_and_cells_are_parted_by_tabs():
    root = webpage.tree(
        "<p>one <b>two</b>\n three<br>four</p><table><tr><td>a</td><td>b</td></tr></table>"
        "<pre>x\n  y</pre>tail<!-- c -->end"
    )
    assert webpage.visible_text(root) == "one two three\nfour\na\tb\nx\n  y\ntailend"


def test_an_empty_page_is_a_page(read):
    reading = read(b"<!doctype html>")
    assert (reading.state, [page.text for page in reading.pages]) == ("extracted", [""])


@pytest.mark.hostile
def test_ten_thousand_elements_deep(read):
    reading = read(b"<html>" + b"<div>" * 10_000 + b"the end" + b"</div>" * 10_000)
    assert reading.state in ("extracted", "partly-extracted")
    assert "the end" in reading.pages[0].text


def test_a_page_saved_whole(read):
    head = "From: <Saved by Blink>\nSnapshot-Content-Location: https://halyard.example/drums\n"
    head += "Subject: Drums\nMIME-Version: 1.0\n"
    kind = 'Content-Type: multipart/related; type="text/html"; boundary="b"\n\n'
    page = f"--b\nContent-Type: text/html; charset=utf-8\n\n{PAGE}\n"
    image = "--b\nContent-Type: image/gif\nContent-Transfer-Encoding: base64\n"
    image += "Content-Location: https://x.example/a.gif\n\nR0lGODlh\n--b--\n"
    reading = read((head + kind + page + image).encode())
    assert (reading.state, reading.expected_parts) == ("extracted", 1)
    assert PARAGRAPHS[0] in reading.pages[0].text
    assert [(part.name, part.data) for part in reading.parts] == [("a.gif", b"GIF89a")]
    assert reading.properties["captured-from"] == "https://halyard.example/drums"


_MARKUP = [
    "<p>",
    "</p>",
    "<td>",
    "<pre>",
    "</table>",
    "<!--",
    "-->",
    "&#0;",
    "a",
    " ",
    "\n",
    "仓",
    "<br",
    ">",
]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(_MARKUP), max_size=40)
)  # fmt: skip
def test_any_markup_has_a_text(pieces):
    root = webpage.tree("".join(pieces))
    if root is not None:
        text = webpage.visible_text(root)
        assert not text.startswith("\n")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab \n仓", min_size=1, max_size=6), max_size=8))
def test_spans_hold_what_was_looked_for(lines):
    page = "\n".join(lines)
    for start, end in html.spans_of(page, page):
        assert page[start:end] == page[start:end].strip()
