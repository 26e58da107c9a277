"""Locked files open with the right password, and say so without it."""

from __future__ import annotations

import pytest
from tests.verbs.encrypting import docx_with, odt_with, pdf_with, zip_with

PASSWORD = "krähe 乌鸦 7"
WRONG = ("falsch", "", "krahe", "\U0001f512")


@pytest.mark.parametrize("how", ["aes", "blowfish", "whole"])
def test_open_document(read, how):
    locked = odt_with("Minutes of the harbour board", PASSWORD, how)
    for passwords in ((), WRONG):
        reading = read(locked, passwords=passwords)
        assert (reading.state, reading.pages, reading.parts) == ("encrypted", [], [])
        assert ("none of those given" in reading.reason) == bool(passwords)
    reading = read(locked, passwords=(*WRONG, PASSWORD))
    assert (reading.state, reading.pages[0].text) == ("extracted", "Minutes of the harbour board")


def test_word_and_pdf(read):
    for locked in (
        docx_with("Minutes of the board", PASSWORD),
        pdf_with("Minutes of the board", PASSWORD),
    ):
        assert read(locked).state == read(locked, passwords=WRONG).state == "encrypted"
        reading = read(locked, passwords=(*WRONG, PASSWORD))
        assert (reading.state, reading.pages[0].text.strip()) == (
            "extracted",
            "Minutes of the board",
        )


def test_what_excel_encrypts_by_itself_is_read_at_once(read):
    assert read(docx_with("Minutes", "VelvetSweatshop")).pages[0].text == "Minutes"


@pytest.mark.parametrize("aes", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_zip_in_the_encodings_of_old_programs(read, aes, encoding):
    members = {
        "one.txt": b"the barge ledger " * 99,
        "empty.txt": b"",
        "two.bin": bytes(range(256)) * 5,
    }
    locked = zip_with(members, PASSWORD.replace("ä", "a").encode(encoding), aes=aes)
    for passwords in ((), WRONG):
        assert {part.state for part in read(locked, passwords=passwords).parts} == {"encrypted"}
    parts = read(locked, passwords=(*WRONG, PASSWORD.replace("ä", "a"))).parts
    assert {part.path: (part.data, part.state) for part in parts} == {
        name: (content, "") for name, content in members.items()
    }


def test_an_altered_member_is_not_taken_for_opened(read):
    locked = bytearray(zip_with({"one.txt": b"the barge ledger " * 99}, b"x", aes=True))
    locked[80] ^= 1
    [part] = read(bytes(locked), passwords=("x",)).parts
    assert (part.state, part.data) == ("encrypted", b"")


def test_a_page_is_drawn_and_a_part_taken_out_with_the_password(worker):
    from muniment.reading.worker import NotRead

    locked = pdf_with("Drums", PASSWORD, {"list.txt": b"barrels"})
    assert worker.render(locked, 1, 72, passwords=(PASSWORD,)).width == 400
    assert worker.part(locked, 1, passwords=(PASSWORD,)) == b"barrels"
    for ask in (lambda: worker.render(locked, 1, 72), lambda: worker.part(locked, 1)):
        with pytest.raises(NotRead) as refused:
            ask()
        assert refused.value.state == "encrypted"


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("testEXCEL_protected_passtika.xls", "tika", "This is an Encrypted Excel spreadsheet"),
        ("testODTEncrypted.odt", "tika", "This should be encrypted"),
    ],
)
def test_files_of_other_programs(corpus, read, name, password, words):
    [path] = corpus("tika-test-documents").rglob(name)
    assert read(path.read_bytes(), name).state == "encrypted"
    reading = read(path.read_bytes(), name, passwords=("falsch", password))
    assert reading.state == "extracted" and words in reading.pages[0].text
