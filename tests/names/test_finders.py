"""What the lists and rules say of a text, and what no rule may ever do."""

from __future__ import annotations

import subprocess
import sys
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muniment.names.finders import LONGEST, mentions
from muniment.names.mention import KINDS

PIECES = st.sampled_from(
    [
        "Teodor Valmire", "Dorvane Port Authority", "Kashgar", "said", "Mr ", "of the", "and", "The", ". ", ", ",
        "\n", "\r\n", "\u200b", " ", "\ufeff", "-\n", "港务局", "局长", "王永智", "苗启橡", "维尔莫拉共和国", "·",
        "陶多尔·瓦尔米尔", "说", "在", "乌鲁木齐市", "，", "。", "烏魯木齊", "ئابدۇرېھىم", "تۇرسۇن", "قەشقەر", "دە",
        "نىڭ", "ئىدارىسى", "Турсун", "Кашгар", "Абдуллович", "ФИО", "e\u0301", "𠀀", "\ud800",
    ]
)  # fmt: skip


def named(text: str, confidence: bytes | None = None) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.kind) for m in mentions(text, confidence)]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200)))
@example("巴科提港\n务局局长邬\n廷榕说")
def test_every_mention_lies_on_the_page_in_order_and_apart(text):
    at = 0
    for m in mentions(text):
        assert at <= m.start < m.end <= len(text)
        at = m.end
        exact = text[m.start : m.end]
        assert m.kind in KINDS and m.rule
        assert exact == exact.strip() and len(exact) <= LONGEST
        assert sum(char.isalpha() for char in exact) >= 2


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=30).map("".join), st.data())
def test_no_name_holds_a_word_that_was_not_read_surely(text, data):
    some = st.sampled_from([0, 59, 60, 100, 255])
    sure = bytes(data.draw(st.lists(some, min_size=len(text), max_size=len(text))))
    for m in mentions(text, sure):
        for place in range(m.start, m.end):
            assert not text[place].isalnum() or sure[place] >= 60


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Then Mr Haldevar spoke.", [("Haldevar", "person")]),
        ("signed by Teodor Valmire, director of the Dorvane Port Authority",
         [("Teodor Valmire", "person"), ("Dorvane Port Authority", "organisation")]),
        ("trucks from Tashkent waited", [("Tashkent", "place")]),
        ("FORMS ARE TO BE CARRIED FORWARD. By Order.", []),
        ("Bakoti’s Shed and China’s Kashgar were named", [("China", "place"), ("Kashgar", "place")]),
        ("the Communist Party's order", [("Communist Party", "organisation")]),
        ("Teodor Valmire, President of China, spoke", [("Teodor Valmire", "person"), ("China", "place")]),
        ("US Secretary of State Teodor Valmire left", [("Teodor Valmire", "person")]),
        ("the United Nations and the Forest Policy Act", [("United Nations", "organisation")]),
        ("Human Rights were not on the agenda.", []),
        ("新华社记者王永智在乌鲁木齐报道", [("新华社", "organisation"), ("王永智", "person"), ("乌鲁木齐", "place")]),
        ("伊力哈木·土赫提是学者。", [("伊力哈木·土赫提", "person")]),
        ("在烏魯木齊市", [("烏魯木齊市", "place")]),
        ("ئابدۇرېھىم تۇرسۇننىڭ خېتى قەشقەردە", [("ئابدۇرېھىم تۇرسۇن", "person"), ("قەشقەر", "place")]),
        ("Министр Иван Петрович Сидоров", [("Иван Петрович Сидоров", "person")]),
    ],
)  # fmt: skip
def test_what_is_named(text, wanted):
    assert named(text) == wanted


def test_a_name_goes_over_the_end_of_a_full_line_and_not_of_a_short_one():
    full = "据港务局的消息说，昨天下午在码头上有人看到乌鲁木\n齐来的货车停在港口的大门外面等了很久，没有人来。"
    assert ("乌鲁木\n齐", "place") in named(full)
    assert all("\n" not in name for name, _ in named("王永智\n李明\n乌鲁木齐\n"))


def test_gibberish_of_ocr_names_nobody():
    text = "signed by Teodor Valmire in Kashgar"
    assert named(text, bytes([90]) * len(text)) == named(text)
    assert named(text, bytes([30]) * len(text)) == []
    part = bytearray([90]) * len(text)
    part[text.index("Valmire") : text.index("Valmire") + 7] = bytes([59]) * 7
    assert named(text, bytes(part)) == [("Kashgar", "place")]


@pytest.mark.parametrize(
    "piece", ["Bank ", "Mr ", "王", "阿", "港务局", "Aa\n", "Aa ", "ئابدۇللا ", "A·", "of "]
)
def test_time_grows_with_the_length_alone(piece):
    """Text of documents is hostile: ten times as much may take ten times as long, and not a hundred times."""

    def spent(times: int) -> float:
        begun = process_time()
        mentions(piece * times)
        return process_time() - begun

    spent(200)
    short = max(spent(4_000), 0.02)
    assert spent(40_000) < 40 * short


_PLUG = """
from muniment.names.mention import Mention

def find(text):
    at = text.find("Ondrasel")
    if at >= 0:
        yield Mention(at, at + 8, "organisation", "a ship's register")
    yield Mention(-3, 4, "organisation", "out of the page")
    yield Mention(0, 4, "sort of person", "no kind")
"""


def test_another_finder_is_taken_from_what_is_installed(tmp_path):
    """As a package would bring it: an entry point. Its rule is told, and what lies off the page is not taken."""
    (tmp_path / "shipnames.py").write_text(_PLUG)
    info = tmp_path / "shipnames-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shipnames\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[muniment.names]\nships = shipnames:find\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from muniment.names.finders import mentions, version\n"
        "print(version(), [(m.start, m.end, m.rule) for m in mentions('aboard the Ondrasel')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == '1 ships [(11, 19, "a ship\'s register")]', done.stderr
