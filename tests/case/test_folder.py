"""Where a case lies, and what its name may be."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.case.folder import create_folder, describe, locate, open_folder, printable
from muniment.errors import BadUse, Damaged, Newer, NotFound


def test_a_case_is_found_by_its_short_name(tmp_path):
    made = create_folder(tmp_path / "harbour")
    describe(made)
    assert made.root.name == "harbour.muniment"
    assert open_folder(tmp_path / "harbour").identifier == made.identifier
    assert open_folder(tmp_path / "harbour.muniment").root == made.root


def test_only_its_owner_may_look_into_it(tmp_path):
    made = create_folder(tmp_path / "harbour")
    for path in (made.root, made.keys, made.staging, made.journal):
        assert path.stat().st_mode & 0o777 == 0o700


def test_an_existing_case_is_never_overwritten(tmp_path):
    describe(create_folder(tmp_path / "harbour"))
    with pytest.raises(BadUse, match="exists already"):
        create_folder(tmp_path / "harbour")


def test_what_is_no_case_is_not_opened(tmp_path):
    with pytest.raises(NotFound):
        open_folder(tmp_path / "nothing")
    unfinished = create_folder(tmp_path / "unfinished")
    with pytest.raises(NotFound):
        open_folder(unfinished.root)
    (unfinished.root / "case.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Damaged):
        open_folder(unfinished.root)


def test_a_case_of_a_later_version_is_left_alone(tmp_path):
    made = create_folder(tmp_path / "harbour")
    (made.root / "case.toml").write_text('format = 99\nidentifier = "abc"\n')
    with pytest.raises(Newer, match="99"):
        open_folder(made.root)


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_any_name_can_be_shown(name):
    text = printable(name)
    assert text.isascii() or text.encode("utf-8")
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in text)


def test_a_name_that_is_not_utf8_is_escaped_not_dropped():
    assert printable(b"memo-\xff.txt") == "memo-\\xff.txt"
    assert printable(os.fsdecode(b"memo-\xff.txt")) == "memo-\\xff.txt"


def test_locate_leaves_a_full_name_as_it_is():
    assert locate("a/b.muniment").name == "b.muniment"
    assert locate("a/b").name == "b.muniment"


def test_a_case_begun_and_never_finished_is_told_from_one_that_lost_its_description(tmp_path):
    folder = create_folder(tmp_path / "harbour")
    with pytest.raises(BadUse, match="never finished"):
        create_folder(tmp_path / "harbour")
    (folder.journal / "00000001.age").write_bytes(b"an act")
    with pytest.raises(BadUse, match=r"case\.toml is lost"):
        create_folder(tmp_path / "harbour")
