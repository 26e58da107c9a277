"""Reports saved as plain text: all of it is kept, the article is marked, what stands around it is told apart."""

from __future__ import annotations

import json
import textwrap
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.reading.captured_article import captured
from muniment.reading.captured_lines import date_in

FIRST = (
    "The Port Authority counted at least 2,740 drums in Shed 9, an official of the customs service told Halyard Wire "
    "on Monday, and nobody had signed for them."
)
SECOND = (
    "“We knew of the drums and said so in March,” said Ilse Marrant, who kept the book of the shed until the spring "
    "and asked that her family not be named."
)
THIRD = (
    "The Authority dismissed the count as “a fabrication”, and a fax sent to its office "
    "was not answered by Monday night."
)
CAPTURE = f"""Drums in Shed 9 were counted twice

Officials say nobody signed

By Ilse Marrant and Tom Quay
Saturday 14 December 2019 11:10 GMT
A view of the quay and of Shed 9, seen from the eastern mole
A view of the quay and of Shed 9, seen from the eastern mole

{FIRST}

FILE PHOTO: Dockers leave Shed 9 after the night shift, January 4, 2019. REUTERS/Ana Poe More

Reuters

{SECOND}

Advertisement

Read more: Ten sheds you must see

{THIRD}

Visit Harbour Mirror's homepage for more stories.

Subscribe to our newsletters

Join the Conversation

  1. This is an extremely well written article, said my friend Bob, “I love it”, and I will be sure to bookmark it and
    to return to read more of your useful information soon.

Leave a comment
"""


def marked(reading) -> str:
    text = reading.pages[0].text
    return "\n".join(text[s:e] for s, e in json.loads(reading.properties["article"]))


def test_the_article_is_marked_and_everything_is_kept(read):
    reading = read(CAPTURE.encode(), "capture.txt")
    article = marked(reading)
    assert reading.pages[0].text == CAPTURE
    for paragraph in (FIRST, SECOND, THIRD, "Drums in Shed 9 were counted twice", "Officials say"):
        assert paragraph in article
    for around in (
        "seen from the eastern mole", "FILE PHOTO", "Reuters", "Advertisement", "Ten sheds", "homepage",
        "Subscribe", "Join the", "well written", "Leave a", "By Ilse", "Saturday",
    ):  # fmt: skip
        assert around not in article


def test_what_it_says_of_itself_is_properties(read):
    reading = read(CAPTURE.encode(), "capture.txt")
    said = reading.properties
    assert reading.title == "Drums in Shed 9 were counted twice"
    assert (said["byline"], said["date"], said["outlet"]) == (
        "Ilse Marrant and Tom Quay",
        "2019-12-14",
        "Harbour Mirror",
    )


@pytest.mark.parametrize(
    ("end", "byline"),
    [
        ("Associated Press\n\nJoin our commenting forum\n", "Associated Press"),
        ("Photo: AFP / A. Quay / dpa\n\nAFP\n", None),  # under a caption it signs the picture
    ],
)
def test_an_agency_alone_signs_the_text_or_the_picture(read, end, byline):
    reading = read(f"{FIRST}\n\n{SECOND}\n\n{THIRD}\n\n{end}".encode(), "capture.txt")
    assert reading.properties.get("byline") == byline
    assert marked(reading).endswith(THIRD)


def test_an_outlet_behind_the_last_sentence_is_no_article(read):
    reading = read(f"{FIRST}\n\n{SECOND}\n\n{THIRD} /portradio".encode(), "capture.txt")
    assert reading.properties["outlet"] == "portradio"
    assert marked(reading).endswith("Monday night.")


def test_wrapped_lines_are_one_paragraph(read):
    wrapped = textwrap.fill(SECOND, 72)
    reading = read(f"{FIRST}\n\n{wrapped}\n\n{THIRD}\n\nAdvertisement\n".encode(), "capture.txt")
    assert wrapped in marked(reading)


CHINESE = """九号库的油桶被数了两次

2019年11月26日 来源：港口时报

（资料图）码头工人走出九号库

港务局周一表示，九号库里至少有两千七百四十个油桶，没有人在登记簿上签字，这是海关的一名官员对本报说的话，他要求不透露姓名。

“我们三月就知道这些油桶，并且向上级说过，”曾经管理登记簿的马兰特说，“但是没有人回答我们，电话也没有人接，信也没有人回。”

港务局否认这一数字，称其“纯属捏造”，并且表示不会接受采访，也不会公布登记簿，因为登记簿属于内部文件，不能对外公开。

责任编辑：李港

相关阅读

十个值得一看的仓库，每一个都在港口的东边，每一个都有自己的故事，我们的记者走遍了每一个仓库，并且为你写下了这些故事。
"""


def test_a_chinese_capture(read):
    reading = read(CHINESE.encode(), "capture.txt")
    article = marked(reading)
    assert "纯属捏造" in article
    assert "马兰特" in article
    assert not any(
        text in article for text in ("资料图", "责任编辑", "相关阅读", "值得一看", "来源")
    )
    assert reading.properties["date"] == "2019-11-26"


@pytest.mark.parametrize(
    "text",
    [
        "A note.\n",
        f"{FIRST}\n\n{SECOND}\n\n{THIRD}\n",  # paragraphs alone may be any document
        "Subscribe to our newsletters\n\nAdvertisement\n",
        "name\tamount\nA\t1\nB\t2\n",
    ],
)
def test_other_texts_are_no_capture(read, text):
    assert "article" not in read(text.encode(), "note.txt").properties


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Saturday 14 December 2019 11:10 GMT", "2019-12-14"),
        ("Updated: Nov. 3rd, 2018", "2018-11-03"),
        ("2019-11-26 10:00", "2019-11-26"),
        ("2019年1月6日", "2019-01-06"),
        ("31 Tuesday 2019", ""),
        ("2019-13-01", ""),
    ],
)
def test_dates(text, date):
    assert date_in(text) == date


_PIECES = st.sampled_from(
    [
        FIRST,
        SECOND,
        "Advertisement",
        "Photo: AFP / X",
        "Comments",
        "By A Bee",
        "  ",
        "",
        "12 May 2019",
        "AFP",
        "短。",
    ]
)


@settings(max_examples=150)
@given(st.lists(_PIECES | st.text(max_size=90), max_size=25).map("\n".join))
def test_spans_are_in_order_and_begin_and_end_with_text(text):
    spans = captured(text).spans
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(not text[start].isspace() and not text[end - 1].isspace() for start, end in spans)
