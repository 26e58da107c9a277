"""What was not searched, only in part or with doubt, and what a person has seen: told wherever it matters."""

from __future__ import annotations

import wave

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from muniment.reading import ocr
from muniment.verbs.doubt import SURE_ENOUGH
from tests.verbs.leftovers import zipped

WORDS = "The barge leaves on Thursday and nobody signs the register."


def drawn(blur: float) -> Image.Image:
    """A page with some lines of text, out of focus by so much."""
    picture = Image.new("L", (1100, 400), 255)
    pen = ImageDraw.Draw(picture)
    for height in (60, 140, 220, 300):
        pen.text((40, height), WORDS, fill=0, font=ImageFont.load_default(size=30))
    return picture.filter(ImageFilter.GaussianBlur(blur))


@pytest.mark.skipif("eng" not in ocr.languages(), reason="Tesseract with English is not here")
def test_what_ocr_was_not_sure_of_is_searched_with_doubt(muniment, tmp_path):
    leak = muniment.folder / "leak"
    leak.mkdir()
    drawn(0).save(leak / "clear.png", dpi=(200, 200))
    drawn(3).save(leak / "blurred.png", dpi=(200, 200))
    muniment.json("new", "harbour")
    muniment.json("add", "harbour", leak)
    listed = {row["path"]: row for row in muniment.json("documents", "harbour")["documents"]}
    assert listed["leak/clear.png"]["doubtful"] == 0
    assert listed["leak/blurred.png"]["doubtful"] == 1
    [row] = muniment.json("documents", "harbour", "--state", "doubtful")["documents"]
    assert row["path"] == "leak/blurred.png"
    found = muniment.json("find", "harbour", "barge")
    assert found["not_searched"]["doubtful"] == 1
    assert "Searched with doubt: 1" in muniment.run("find", "harbour", "barge").stdout
    doubt = muniment.json("status", "harbour")["accounting"]["doubtful"]
    assert doubt == {"documents": 1, "pages": 1, "below": SURE_ENOUGH}
    assert "1 of them searched with doubt" in muniment.run("status", "harbour").stdout
    muniment.json("hold", "harbour", row["reference"])
    assert muniment.json("find", "harbour", "barge")["not_searched"].get("held") == 1
    assert "doubtful" not in muniment.json("find", "harbour", "barge")["not_searched"]


def test_sound_that_nobody_transcribed_is_partly_extracted_and_every_answer_says_so(case, leak):
    with wave.open(str(leak / "call.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    (leak / "memo.txt").write_text(WORDS)
    case.add([leak])
    [row] = case.documents(state="partly-extracted")["documents"]
    assert row["path"].endswith("call.wav") and "not transcribed" in row["reason"]
    assert case.find("barge")["not_searched"] == {"partly-extracted": 1}


def test_who_has_seen_how_much_is_counted_by_document(case, leak):
    zipped(leak / "letters.zip", one_txt=b"one", two_txt=b"two")
    (leak / "memo.txt").write_text(WORDS)
    case.add([leak])
    assert case.status()["accounting"]["seen"] == 0
    for document, who in (("A1/0001", "anna"), ("A1/0001", "bert"), ("A1/0001.1", "anna")):
        case.note(document, "seen", by=who)
    name = case.note("A1/0002", "seen", by="anna")["note"]
    assert case.status()["accounting"]["seen"] == 3
    case.note_delete(name)
    assert case.status()["accounting"]["seen"] == 2
    case.withdraw("A1/0001", "source")
    assert case.status()["accounting"]["seen"] == 0


def test_a_page_in_two_languages_is_found_by_both_and_each_hit_says_its_own(case, leak):
    chinese = (
        "北港区自三月三日起关闭。任何人不得向新闻界透露漏油事件。登记册已于三月四日销毁。\n" * 3
    )
    english = "The northern basin is closed until further notice, and nobody says why it was.\n"
    (leak / "mixed.txt").write_text(chinese + english)
    case.add([leak])
    [row] = case.documents()["documents"]
    assert row["languages"] == ["zh", "en"]
    for query, language in (("登记册", "zh"), ("northern", "en"), ("language:en", "zh")):
        assert case.find(query)["hits"][0]["language"] == language
    assert case.find("northern AND language:zh")["documents"] == 1
