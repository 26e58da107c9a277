"""A mailbox: each message a part, each byte in one of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.reading.formats import mailbox

WHOLE = b"From: a@b\nTo: c@d\nSubject: %d\nMessage-ID: <%d@x>\nDate: Fri, 13 Jul 2018 10:04:00 +0200\n\nText %d.\n"
CUT = (
    b"From: a@b\nTo: c@d\nSubject: cut\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n"
    b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA\nAAAAA\n"
)
DAMAGED = {
    3: b"\0" * 900,
    5: b"",
    6: CUT,
    7: b"\xb1\x01\xe7\x02\x95" * 300,
    9: b"only words are left\n",
}
DAMAGED |= {n: DAMAGED[3 + 2 * (n % 2)] for n in (11, 12, 13)} | dict.fromkeys(range(15, 21), CUT)


def separator(number: int) -> bytes:
    return b"From a@b Fri Jul 13 10:%02d:00 2018\n" % number


def box() -> bytes:
    messages = [
        separator(n) + DAMAGED.get(n, WHOLE.replace(b"%d", b"%d" % n)) + b"\n" for n in range(1, 27)
    ]
    return b"".join(messages)


def test_26_expected_12_extracted_14_with_a_reason(read):
    assert len(DAMAGED) == 14
    reading = read(box(), "harbour.mbox")
    assert (reading.type, reading.expected_parts) == ("application/mbox", 26)
    assert len(reading.parts) == 26
    states = {}
    for part in reading.parts:
        one = part if part.state else read(part.data, part.name)
        states[part.number] = (one.state, bool(one.reason))
    assert [n for n, (state, _) in states.items() if state == "extracted"] == [
        n for n in range(1, 27) if n not in DAMAGED
    ]
    assert all(states[n][1] for n in DAMAGED)
    assert states[3][0] == states[5][0] == states[7][0] == "failed"
    assert states[6][0] == states[9][0] == "partly-extracted"


def test_from_at_the_start_of_a_line_separates_nothing(read):
    text = b"From now on:\n\nFrom here to there.\n>From quoted\n"
    data = separator(1) + WHOLE.replace(b"%d", b"1") + text + b"\n" + separator(2) + WHOLE
    reading = read(data)
    assert len(reading.parts) == 2
    assert reading.parts[0].data.endswith(b"there.\n>From quoted\n")
    assert reading.parts[0].properties["separator"] == separator(1).decode().strip()


def test_a_separator_without_a_date_needs_headers_behind_it(read):
    data = b"From ???@???\n" + WHOLE + b"\nFrom - \nSubject: b\nFrom: c@d\nTo: e@f\n\ntext\n"
    assert len(read(data + b"\nFrom Ada with love\nno header\n").parts) == 2


_LINES = [
    b"From a@b Fri Jul 13 10:00:00 2018\n", b"From - \n", b"From b\r\n", b"\n", b"\r\n", b"Subject: x\n", b"text",
    b">From a@b Fri Jul 13 10:00:00 2018\n", b"\0",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(_LINES), st.binary(max_size=9)), max_size=40))
def test_every_byte_belongs_to_one_message(lines):
    data = b"".join(lines)
    position = 0
    for span in mailbox.messages(data):
        assert span.separator == position
        assert span.separator <= span.start <= span.end <= span.following
        assert data[span.end : span.following] in (b"", b"\n", b"\r\n")
        assert data[span.separator : span.start] == b"" or data[span.separator :].startswith(
            b"From "
        )
        position = span.following
    assert position == len(data)
