"""Mail: what is read of it, and what is never lost."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.reading import mime
from muniment.reading.account import Unreadable
from muniment.reading.formats import mail


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    known = {"From": "Ada <ada@port.example>", "To": "bo@port.example", "Subject": "Shed 9"}
    for name, value in (known | headers).items():
        message[name.replace("_", "-")] = value
    message["Date"] = "Fri, 13 Jul 2018 10:04:00 +0200"
    message["Message-ID"] = "<1@port.example>"
    return message


def test_headers_are_properties_and_begin_the_page(read):
    message = letter(Cc="cy@port.example", References="<0@x>", In_Reply_To="<0@x>")
    message.set_content("Nobody needs to go in.\n")
    reading = read(message.as_bytes())
    assert (reading.state, reading.type, reading.family) == ("extracted", "message/rfc822", "mail")
    assert reading.title == "Shed 9"
    assert reading.properties["from"] == "Ada <ada@port.example>"
    assert reading.properties["date"] == "2018-07-13T08:04:00Z"
    assert reading.properties["message-id"] == "<1@port.example>"
    assert reading.properties["in-reply-to"] == reading.properties["references"] == "<0@x>"
    (page,) = reading.pages
    assert page.text.startswith(
        "From: Ada <ada@port.example>\nTo: bo@port.example\nCc: cy@port.example\nSubject: Shed 9\nDate: "
    )
    assert page.text[int(reading.properties["text-begins"]) :] == "Nobody needs to go in."


def test_attachments_and_attached_messages_are_parts(read):
    inner = letter(Subject="Inside")
    inner.set_content("inner text")
    message = letter()
    message.set_content("see attached")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="报告.pdf")
    message.add_attachment(inner)
    reading = read(message.as_bytes())
    assert [part.name for part in reading.parts] == ["报告.pdf", "Inside.eml"]
    assert reading.parts[0].data == b"%PDF-1.4"
    assert reading.parts[0].properties["declared-type"] == "application/pdf"
    assert b"inner text" in reading.parts[1].data
    assert "Attachments: 报告.pdf, Inside.eml" in reading.pages[0].text
    assert "inner text" not in reading.pages[0].text
    assert reading.expected_parts == 2
    again = read(reading.parts[1].data, reading.parts[1].name)
    assert (again.state, again.title) == ("extracted", "Inside")


def test_plain_text_is_shown_before_html_and_html_alone_is_converted(read):
    message = letter()
    message.set_content("No form was signed at all.\n")
    message.add_alternative("<p>No form was <b>signed</b> at all.</p>", subtype="html")
    reading = read(message.as_bytes())
    assert reading.pages[0].text.count("No form was") == 1
    assert reading.properties["text-from"] == "plain"
    message = letter()
    message.set_content("<style>p {}</style><p>No <b>form</b></p><p>at all</p>", subtype="html")
    reading = read(message.as_bytes())
    assert reading.pages[0].text.endswith("\n\nNo form\nat all")
    assert reading.properties["text-from"] == "html"


def test_an_html_version_that_says_something_else_is_shown_too(read):
    message = letter()
    message.set_content("Your program cannot show this message.\n")
    words = "the drums were counted on the third of September by the night foreman himself"
    message.add_alternative(f"<p>{words}</p>", subtype="html")
    reading = read(message.as_bytes())
    assert words in reading.pages[0].text
    assert "cannot show" in reading.pages[0].text
    assert reading.properties["text-from"] == "html and plain"


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "hz", "utf-8", "utf-16"])
def test_simplified_chinese_in_its_charsets(read, charset):
    body = base64.encodebytes("九号仓库检查，没有清点。".encode(charset)).decode()
    kind = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64"
    raw = f"From: a@b\nTo: c@d\nSubject: x\n{kind}\n\n{body}"
    reading = read(raw.encode())
    assert reading.state == "extracted"
    assert "九号仓库检查，没有清点。" in reading.pages[0].text


def test_big5_and_iso_2022_cn(read):
    head = b"From: a@b\nTo: c@d\nSubject: x\nContent-Type: text/plain; charset=%s\n\n"
    reading = read(head % b"big5" + "倉庫檢查".encode("big5"))
    assert "倉庫檢查" in reading.pages[0].text
    shifted = bytes(sign & 0x7F for sign in "仓库".encode("gb2312"))
    reading = read(head % b"ISO-2022-CN" + b"A \x1b$)A\x0e" + shifted + b"\x0f B\n")
    assert reading.pages[0].text.endswith("A 仓库 B")
    assert reading.state == "extracted"


def test_raw_bytes_in_headers_and_a_wrong_charset(read):
    subject = "仓库检查的报告".encode("gb18030")
    body = "今天上午我到九号仓库检查，北墙一侧进不去，没有清点。".encode("gb18030")
    raw = (
        b"From: a@b\nTo: c@d\nSubject: "
        + subject
        + b"\nContent-Type: text/plain; charset=us-ascii\n\n"
    )
    reading = read(raw + body)
    assert reading.title == "仓库检查的报告"
    assert "北墙一侧进不去" in reading.pages[0].text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?B?5LuT?= =?UTF-8?B?5bqT?=", "仓库"),
        (b"=?utf-8?B?5Q==?= =?utf-8?B?u5NY?= tail", "\u5ed3X tail"),
        (b"=?gb2312?Q?=B2=D6=BF=E2?=", "仓库"),
        (b"plain =?iso-8859-1?q?caf=E9_au?= lait", "plain café au lait"),
        (b"=?utf-8?B?5LuT5bqT", "=?utf-8?B?5LuT5bqT"),
        (b"=?x-nothing?Q?abc?=", "abc"),
    ],
)
def test_encoded_words(raw, text):
    assert mime.decode_words(raw) == text


def test_parameters_in_pieces():
    value, parameters = mime.value_and_parameters(
        b'attachment; filename*0*=utf-8\'\'%E4%BB%93; filename*1*=%E5%BA%93; filename*2=.pdf; x="a\\"b;c"'
    )
    assert value == "attachment"
    assert parameters == {"x": 'a"b;c', "filename": "仓库.pdf"}


def test_flowed_text_is_put_together():
    assert mail.flowed("one \ntwo\n> q1 \n> q2\n-- \nname", delete=False) == (
        "one two\n> q1 q2\n-- \nname"
    )


def test_uuencoded_files_in_the_text_are_parts(read):
    raw = b"From: a@b\nTo: c@d\nSubject: x\n\nhere\nbegin 644 note.txt\n%:&5L;&\\\n`\nend\nbye\n"
    reading = read(raw)
    assert (reading.parts[0].name, reading.parts[0].data) == ("note.txt", b"hello")
    assert reading.pages[0].text.endswith("here\n[attached: note.txt]\nbye")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("multipart/encrypted; protocol=application/pgp-encrypted; boundary=b", "PGP"),
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "S/MIME"),
    ],
)
def test_encrypted_mail_says_with_what(read, kind, word):
    first = "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
    body = first + "--b\nContent-Type: application/octet-stream\n\nxx\n--b--\n"
    raw = f"From: a@b\nTo: c@d\nSubject: secret\nContent-Type: {kind}\n\n{body}"
    reading = read(raw.encode())
    assert reading.state == "encrypted"
    assert word in reading.reason
    assert reading.pages[0].text.startswith("From: a@b")


def test_pgp_in_the_text_is_encrypted(read):
    raw = b"From: a@b\nTo: c@d\nSubject: s\n\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n"
    assert read(raw).state == "encrypted"


def test_damage_is_told(read):
    message = letter()
    message.set_content("text that is whole")
    message.add_attachment(bytes(range(256)) * 9, maintype="image", subtype="png", filename="a.png")
    whole = message.as_bytes()
    cut = read(whole[: len(whole) - 200])
    assert cut.state == "partly-extracted"
    assert "cut off" in cut.reason
    assert "text that is whole" in cut.pages[0].text
    assert whole and len(cut.parts) == 1
    zeros = read(b"\0" * 5000, "message 3.eml")
    assert (zeros.state, zeros.pages) == ("failed", [])
    bare = read(b"some words without any header\nand more\n", "message 4.eml")
    assert (bare.state, bare.reason) == ("partly-extracted", "its headers are missing or destroyed")
    assert "some words" in bare.pages[0].text


def test_a_damaged_line_among_the_headers_does_not_end_them(read):
    raw = b"From: a@b\nTo: c@d\n\x07\x07 rubbish here\nSubject: kept\nDate: nonsense\nMessage-ID: <x>\n\ntext\n"
    reading = read(raw)
    assert reading.title == "kept"
    assert reading.state == "partly-extracted"
    assert "date" not in reading.properties
    assert reading.properties["date-as-written"] == "nonsense"


def test_mail_of_apple_mail(read):
    inner = b"From: a@b\nTo: c@d\nSubject: x\n\nbody\n"
    raw = (
        b"%d      \n" % len(inner)
        + inner
        + b"<plist><key>flags</key><integer>8590195713</integer></plist>"
    )
    reading = read(raw)
    assert (reading.state, reading.type) == ("extracted", "message/x-emlx")
    assert reading.pages[0].text.endswith("\n\nbody")
    assert reading.properties["flags"] == "8590195713"


def test_multiparts_in_multiparts_in_multiparts(read):
    raw = b"From: a@b\nTo: c@d\nSubject: x\n"
    for depth in range(3000):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
    reading = read(raw + b"\nthe end\n")
    assert reading.state == "partly-extracted"
    assert "nested" in reading.reason


_PIECES = [
    b"From: a@b\n", b"Subject: =?utf-8?B?", b"Content-Type: multipart/mixed; boundary=b\n", b"\n", b"\r\n", b"--b\n",
    b"--b--\n", b"Content-Type: text/html; charset=", b"gb2312", b"Content-Transfer-Encoding: base64\n",
    b"QUJD", b"=",
    b"Content-Type: message/rfc822\n", b"Content-Disposition: attachment; filename*0*=utf-8''%E4; filename=\"x\n",
    b"begin 644 x\n", b"\0", b"\xff\xfe", b"Date: Fri, 99 Foo 99999 99:99:99 +9999\n", b" folded\n",
    b"name*99999999999=1;",
    b"Content-Type: multipart/alternative; boundary=\"\n", b"Content-Type: text/plain; charset=utf-7\n", b"+AGE-\n",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.binary(max_size=12)), max_size=40))
def test_no_mail_is_refused(directly, pieces):
    data = b"".join(pieces)
    try:
        replies = directly(data, "message/rfc822")
    except Unreadable as stop:
        assert stop.reason
    else:
        assert any(hasattr(reply, "text") for reply in replies)
