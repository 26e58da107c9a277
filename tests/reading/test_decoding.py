"""Which encoding text is in, and the way back to its bytes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from muniment.reading.decoding import LINE_END, decode, raw_offset, wide
from muniment.reading.pages import EXTRACTED, PARTLY

CHINESE = (
    "新疆维吾尔自治区党委办公厅关于印发《通知》的通知。\n"
    "各地、州、市党委和人民政府，自治区各部门要认真学习贯彻，全面落实各项工作任务。\n"
)
TRADITIONAL = (
    "香港記者取得了這批內部文件，並且與其他資料互相核對，確認內容屬實。官員拒絕回應。\n" * 2
)
RUSSIAN = (
    "Документы были переданы журналистам в ноябре и проверены несколькими независимыми экспертами.\n"
    * 2
)
ARABIC = (
    "حصل الصحفيون على هذه الوثائق من مصدر مجهول وتحققوا منها مع خبراء مستقلين في عدة بلدان.\n" * 2
)
UYGHUR = (
    "بارلىق ئىنسانلار تۇغۇلۇشىدىنلا ئەركىن، ئىززەت-ھۆرمەت ۋە ھوقۇقتا باپباراۋەر بولۇپ تۇغۇلغان.\n"
)
FRENCH = (
    "Les journalistes ont reçu ces documents d'une source anonyme, déjà vérifiés à l'étranger.\n"
    * 3
)


@pytest.mark.parametrize("text", [CHINESE, RUSSIAN, ARABIC, UYGHUR, "plain ASCII\n", "𠮷 and 😀\n"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
        ("gb18030", b"\x84\x31\x95\x33"),
        ("utf-32-le", b""),
        ("utf-32-be", b""),
    ],
)
def test_unicode_in_all_its_forms(worker, text, encoding, mark):
    reading = worker.read(mark + text.encode(encoding), "a.txt")
    assert (reading.state, reading.reason) == (EXTRACTED, "")
    assert reading.pages[0].text == text
    assert reading.properties["encoding"] == codecs.lookup(encoding).name


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [CHINESE * 4, RUSSIAN, "plain ASCII text, two bytes a letter\n"])
def test_utf_16_without_a_mark(worker, text, encoding):
    assert worker.read(text.encode(encoding), "a.txt").pages[0].text == text


@pytest.mark.parametrize(
    "data",
    [
        b"just a few words \0",
        b"name: somebody\nanother line\n\0\0",
        b"one \0two three four five\n",
        bytes.fromhex("28b52ffd0458a1000061206e0a00626c6f636b2003e9f8a5"),
        FRENCH.encode("cp1252") + b"\0",
    ],
)
def test_a_few_zero_bytes_make_no_utf_16(data):
    assert wide(data) is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        (TRADITIONAL, "big5"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (ARABIC, "windows-1256"),
        (FRENCH, "windows-1252"),
    ],
)
def test_old_encodings_are_told_by_their_language(worker, text, encoding):
    reading = worker.read(text.encode(encoding), "a.txt")
    assert reading.pages[0].text == text, reading.properties
    assert reading.state == EXTRACTED


def test_line_ends_become_lf_and_the_mark_goes(worker):
    data = codecs.BOM_UTF8 + b"one\r\ntwo\rthree\nfour\r\n\r\nfive"
    assert worker.read(data, "a.txt").pages[0].text == "one\ntwo\nthree\nfour\n\nfive"


def test_bytes_that_fit_nothing_are_counted(worker):
    data = codecs.BOM_UTF8 + "中文".encode() + b"\xff\xfe" + b" and a real \xef\xbf\xbd"
    reading = worker.read(data, "a.txt")
    assert reading.state == PARTLY
    assert reading.reason == "2 places hold bytes that are no utf-8 text, shown as U+FFFD"
    assert reading.pages[0].text == "中文\ufffd\ufffd and a real \ufffd"


def test_an_empty_file_is_one_empty_page(worker):
    reading = worker.read(b"", "a.txt")
    assert (reading.state, [page.text for page in reading.pages]) == (EXTRACTED, [""])


@given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n中𠮷"), max_size=40),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "gb18030"]),
    st.data(),
)
def test_every_character_leads_back_to_its_bytes(text, encoding, data):
    marks = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "gb18030": b"\x84\x31\x95\x33",
    }
    # The mark of UTF-16 and a NUL are the mark of UTF-32: nobody can tell the two apart.
    assume(encoding != "utf-16-le" or not text.startswith("\0"))
    raw = marks[encoding] + text.encode(encoding)
    decoded = decode(raw)
    page = LINE_END.sub("\n", decoded.text)
    place = data.draw(st.integers(0, len(page)))
    rest = raw[raw_offset(raw, decoded, place) :].decode(encoding)
    assert LINE_END.sub("\n", rest) == page[place:]


@given(st.binary(max_size=200))
def test_any_bytes_become_text_or_are_counted(raw):
    decoded = decode(raw)
    assert decoded.lost >= 0
    if not decoded.lost and b"\xef\xbf\xbd" not in raw:
        assert decoded.text.encode(decoded.encoding, "strict") is not None


@given(st.binary(max_size=60))
def test_the_way_back_never_leaves_the_bytes(raw):
    data = codecs.BOM_UTF8 + raw
    decoded = decode(data)
    page = LINE_END.sub("\n", decoded.text)
    places = [raw_offset(data, decoded, place) for place in range(len(page) + 1)]
    assert places == sorted(places)
    assert all(3 <= place <= len(data) for place in places)


def test_utf8_with_a_few_bad_bytes_stays_utf8_and_they_are_counted():
    text = "At the quay it was 31 °C, café open, 码头 closed. " * 5
    data = text.encode()
    damaged = data[:60] + b"\xff" + data[60:200] + b"\xfe\x80" + data[200:]
    read = decode(damaged)
    assert read.encoding == "utf-8"
    assert read.lost >= 2
    assert "31 °C, café open, 码头 closed" in read.text


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "cp1251", "koi8_r", "cp1256"])
def test_other_encodings_are_not_taken_for_damaged_utf8(encoding):
    texts = {
        "gb18030": "关于九号仓库危险货物存放及检查记录有关事项的通知" * 4,
        "big5hkscs": "關於九號倉庫危險貨物存放及檢查記錄有關事項的通知" * 4,
        "cp1251": "О порядке хранения опасных грузов на девятом складе порта. " * 4,
        "koi8_r": "О порядке хранения опасных грузов на девятом складе порта. " * 4,
        "cp1256": "بشأن تخزين البضائع الخطرة في المستودع التاسع بالميناء. " * 4,
    }
    read = decode(texts[encoding].encode(encoding))
    assert read.encoding != "utf-8" and read.lost == 0
