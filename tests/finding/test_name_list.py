"""Lists as people make them: every line is kept, whatever the file looks like."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.finding.name_list import read_list


def asked(content: bytes, **how: object) -> list[str]:
    return [line.query for line in read_list(content, **how).lines]  # type: ignore[arg-type]


def test_a_table_with_everything_in_it() -> None:
    content = (
        "\ufeffname;born\r\n"
        '"Tohti, Ilham";1969\r\n'
        "\r\n"
        '"Wang\r\nYongzhi";\r\n'
        ";1970\r\n"
        '"the ""Fox""";x\r\n'
        "习近平\r\n"
    ).encode()
    read = read_list(content)
    assert (read.encoding, read.delimiter, read.header, read.column) == (
        "utf-8",
        ";",
        ("name", "born"),
        0,
    )
    assert [(line.line, line.query, line.problem) for line in read.lines] == [
        (2, "Tohti, Ilham", ""),
        (3, "", "blank"),
        (4, "Wang Yongzhi", ""),
        (5, "", "blank"),
        (6, 'the "Fox"', ""),
        (7, "习近平", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "encoding", "found"),
    [
        (["王永智", "习近平"], "gb18030", "gb18030"),
        (["王永智", "習近平", "陳全國"], "big5", "big5"),
        (["Иванов Иван", "Петров Пётр"], "cp1251", "cp1251"),
        (["José Müller", "Éric Blanc"], "cp1252", "cp1252"),
        (["王永智", "Wang"], "utf-16", "utf-16"),
        (["Wang", "Li"], "utf-16-le", "utf-16"),
        (["توختى", "王永智"], "utf-8", "utf-8"),
    ],
)
def test_encodings_are_guessed(names: list[str], encoding: str, found: str) -> None:
    read = read_list("\n".join(names).encode(encoding))
    assert [line.query for line in read.lines] == names
    assert read.encoding == found


def test_delimiters_and_columns_are_guessed() -> None:
    assert asked(b"1\tWang Yongzhi\t1970\n2\tLi Wei\t1980\n") == ["Wang Yongzhi", "Li Wei"]
    assert asked(b"id|full name|x\n1|A B|2\n") == ["A B"]
    assert asked(b"Smith, John\nDoe, Jane\n") == ["Smith, John", "Doe, Jane"]
    assert asked(b"id,first,name\n1,A,B\n", column="first") == ["A"]
    assert asked(b"id,first,name\n1,A,B\n", column="2") == ["A"]
    with pytest.raises(BadUse):
        asked(b"id,first,name\n1,A,B\n", column="7")


def test_queries_stand_in_a_list_and_what_is_none_is_sought_as_it_stands() -> None:
    lines = read_list(
        b'"no mercy" AND NOT Reuters\ncamp OR prison\nfoo (bar\n-x\n"Smith, John"\n&\n'
    ).lines
    assert [line.query for line in lines] == [
        '"no mercy" AND NOT Reuters', "camp OR prison", '"foo (bar"', '"-x"', "Smith, John", "",
    ]  # fmt: skip
    assert [bool(line.problem) for line in lines] == [False, False, True, True, False, True]
    assert "character 5" in lines[2].problem
    assert asked(b"camp OR prison\nb*\n", phrases=True) == ['"camp OR prison"', '"b*"']


@pytest.mark.parametrize("content", [b"", b"\n\n", b",,\n,,\n", b"\xef\xbb\xbf"])
def test_an_empty_list_is_said_to_be_empty(content: bytes) -> None:
    with pytest.raises(BadUse, match="empty"):
        read_list(content)


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
)
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read = read_list(content)
    except BadUse:
        return
    assert read.lines or read.header
    numbers = [line.line for line in read.lines]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
