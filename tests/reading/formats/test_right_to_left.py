"""PDFs in Arabic and Hebrew script: the text in the order it is read, however a producer drew it."""

from __future__ import annotations

import struct
from itertools import pairwise

import handmade_pdf as pdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.reading.right_to_left import reading_order

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ARABIC = "ئۇيغرتلىشنجاڭبوكمدەقسپھزفۆ"
SIGNS = dict(zip(ARABIC, ALPHABET, strict=True))
WORD = "ئۇيغۇر"


def cmap() -> bytes:
    """Codes A to Z mean Arabic letters, "z" a ligature of two; all else is what it seems."""
    pairs = {ord(code): letter for letter, code in SIGNS.items()}
    pairs |= {ord(sign): sign for sign in "0123456789 .,-()abc"} | {ord("z"): "لا"}
    lines = "\n".join(
        f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for code, letter in pairs.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(pairs)} beginbfchar\n{lines}\nendbfchar endcmap end end"
    ).encode()


def page_of(content: str) -> bytes:
    font = (
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding "
        "/ToUnicode 101 0 R >>"
    )
    return pdf.pages([content], more={3: font.encode(), 101: pdf.stream(cmap())})


def codes(text: str) -> str:
    """What to show for a text: brackets are escaped."""
    shown = "".join(SIGNS.get(char, char) for char in text)
    return shown.replace("(", "\\(").replace(")", "\\)")


def at(x: float, content: str) -> str:
    return f"BT /F1 20 Tf {x} 700 Td {content} ET"


def whole(x: float, seen: str) -> str:
    return at(x, f"({codes(seen)}) Tj")


def signs_from_the_left(x: float, seen: str) -> str:
    return "\n".join(whole(x + 12 * index, sign) for index, sign in enumerate(seen))


def signs_from_the_right(x: float, seen: str) -> str:
    return "\n".join(reversed(signs_from_the_left(x, seen).split("\n")))


def backwards(x: float, seen: str) -> str:
    """In reading order within one string, each sign two widths back from where the last one ended."""
    moved = " 1200 ".join(f"({codes(sign)})" for sign in reversed(seen))
    return at(x + 12 * (len(seen) - 1), f"[{moved}] TJ")


def as_chromium(x: float, seen: str) -> str:
    """All signs in one text object, each under the text it stands for."""
    spans = "".join(
        f"/Span <</ActualText <FEFF{sign.encode('utf-16-be').hex()}>>> BDC ({codes(sign)}) Tj EMC "
        for sign in seen
    )
    return at(x, f"/ReversedChars BMC {spans} EMC")


WAYS = [whole, signs_from_the_left, signs_from_the_right, backwards, as_chromium]


def left_edges(page, text):
    start = page.text.index(text)
    return [struct.unpack_from("<i", page.boxes, 16 * (start + n))[0] for n in range(len(text))]


@pytest.mark.parametrize("way", WAYS)
def test_a_word_is_in_reading_order_however_it_was_drawn(worker, way):
    page = worker.read(page_of(way(100, WORD[::-1])), "a.pdf").pages[0]
    assert page.text == WORD
    assert all(one > other for one, other in pairwise(left_edges(page, WORD)))


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", [whole, as_chromium])
def test_words_of_one_line_drawn_in_several_ways(worker, first, second):
    seen = first(300, WORD[::-1]) + "\n" + second(200, "تىل"[::-1]) + "\n" + whole(100, "2017")
    assert worker.read(page_of(seen), "a.pdf").pages[0].text == f"{WORD} تىل 2017"


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        (["تىل"[::-1], "12.5", WORD[::-1]], f"{WORD} 12.5 تىل"),
        (["ىلىي-2017"], "2017-يىلى"),
        (["تىل"[::-1], "abc", "cba", WORD[::-1]], f"{WORD} abc cba تىل"),
        (
            ["abc", "b", WORD[::-1], "تىل"[::-1], "ab", "c", "c", "12."],
            "abc b تىل ئۇيغۇر ab c c 12.",
        ),
    ],
)
def test_numbers_and_latin_words_keep_their_own_order(worker, seen, read):
    content, x = [], 50.0
    for word in seen:
        content.append(as_chromium(x, word) if word[0] in SIGNS else whole(x, word))
        x += 12 * len(word) + 12
    assert worker.read(page_of("\n".join(content)), "a.pdf").pages[0].text == read


def test_a_ligature_of_two_letters_is_not_turned_round(worker):
    for content in (at(100, "(BAz) Tj"), at(100, "(B) Tj (A) Tj (z) Tj")):
        text = worker.read(page_of(content), "a.pdf").pages[0].text
        assert text == "لائۇ", content


def test_lines_without_such_letters_are_left_alone(worker):
    content = "BT /F1 20 Tf 300 700 Td (abc) Tj ET BT /F1 20 Tf 100 600 Td (cab 12) Tj ET"
    with_arabic = content + " BT /F1 20 Tf 100 500 Td (AB) Tj ET"
    plain = worker.read(page_of(content), "a.pdf").pages[0]
    mixed = worker.read(page_of(with_arabic), "a.pdf").pages[0]
    assert mixed.text.startswith(plain.text)
    assert mixed.boxes.startswith(plain.boxes)


words_of_letters = st.text(st.sampled_from(ARABIC), min_size=1, max_size=6)
numbers = st.from_regex(r"\A[1-9][0-9]{0,3}(\.[0-9]{1,2})?\Z")


@given(st.lists(words_of_letters | numbers, min_size=1, max_size=6), st.data())
def test_any_line_from_the_right_comes_back(words, data):
    words.append("بىر")
    text = " ".join(words)
    right = 60_000
    given_words = []
    for word in words:
        seen = word if word[0].isdigit() else word[::-1]
        left = right - 600 * len(seen)
        signs = [
            (sign, [left + 600 * n, 100, left + 600 * n + 600, 200]) for n, sign in enumerate(seen)
        ]
        given_words.append(signs[::-1] if data.draw(st.booleans()) else signs)
        right = left - 600
    given_words = data.draw(st.permutations(given_words))
    shown, boxes = "", []
    for signs in given_words:
        if shown:
            shown, boxes = shown + " ", [*boxes, [0, 0, 0, 0]]
        shown += "".join(sign for sign, _ in signs)
        boxes += [box for _, box in signs]
    read, order = reading_order(shown, boxes)
    assert read == text
    assert sorted(order) == list(range(len(text)))


@given(st.text(st.sampled_from("ابת12 .(\n)aِ-"), max_size=30), st.data())
def test_nothing_is_added_or_lost(text, data):
    side = st.integers(0, 500)
    corners = data.draw(
        st.lists(st.tuples(side, side, side, side), min_size=len(text), max_size=len(text))
    )
    boxes = [
        [x, y, x + width, y + height] if width and height else [0, 0, 0, 0]
        for x, y, width, height in corners
    ]
    read, order = reading_order(text, boxes)
    assert sorted(order) == list(range(len(text)))
    turned = str.maketrans("()", "((")
    assert read.translate(turned) == "".join(text[place] for place in order).translate(turned)
    assert [n for n, char in enumerate(read) if char == "\n"] == [
        n for n, char in enumerate(text) if char == "\n"
    ]
