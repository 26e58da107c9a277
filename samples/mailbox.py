"""The harbour office's mailbox: 26 messages by its separators, of which 14 were damaged on a failing disk.

Exactly twelve can be extracted. What was done to the others, as DAMAGE tells by number (from 1):

- ``nul``: the blocks of the message were never written; there is nothing but NUL bytes. Fails.
- ``overwritten``: headers and body hold other bytes; there is no header left. Fails.
- ``empty``: a separator that nothing follows. Fails.
- ``garbled``: headers are whole, the body is declared base64 and holds bytes that are not. Partly extracted.
- ``cut``: text and half an attachment are there, the closing boundary is not, and the attachment's base64
  ends inside a group of four. Partly extracted.
"""

from __future__ import annotations

import base64
import quopri
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from samples.papers import minutes
from samples.scan import dice

Damage = Literal["nul", "overwritten", "empty", "garbled", "cut"]

MESSAGES = 26
DAMAGE: dict[int, Damage] = {
    3: "nul", 4: "nul", 5: "overwritten", 8: "garbled", 10: "empty", 12: "cut", 13: "nul", 15: "overwritten",
    16: "overwritten", 18: "empty", 20: "garbled", 21: "nul", 23: "cut", 25: "overwritten",
}  # fmt: skip
EXPECTED: dict[Damage | None, str] = {
    None: "extracted", "nul": "failed", "overwritten": "failed", "empty": "failed",
    "garbled": "partly-extracted", "cut": "partly-extracted",
}  # fmt: skip
"""The state an honest reader gives each kind."""

_FIRST = datetime(2018, 7, 16, 12, 50, 0, tzinfo=UTC)
_DAYS_AFTER = (
    0, 1, 2, 10, 45, 49, 49, 50, 51, 52, 58, 98, 100, 101, 101, 116, 142, 143, 150, 151, 152,
    241, 241, 243, 244, 249,
)  # fmt: skip
"""When each was written, in days after the first: the last five follow the explosion of 11 March 2019."""
_HOST = "dorvane-port.example"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: who, to whom, about what, and its text."""

    sender: str
    to: str
    subject: str
    text: str
    coding: Literal["8bit", "quoted-printable", "base64"] = "8bit"
    html: bool = False
    attachment: bool = False


_MIAO, _WU, _SHE = "m.qixiang", "w.tingrong", "s.ruoyu"
_CLERK, _LAW, _VOICE, _MASTER = "s.torghay", "c.haldevar", "i.marrant", "i.rosmarn"

LETTERS: tuple[Letter, ...] = (
    Letter(
        _MIAO, _MASTER, "Form 41 for Shed 9",
        "Captain,\n\nunder Part 3 of the new directive the form for Shed 9 can be carried forward. Please let your "
        "watchman hang it up on the due date. There is no need for anybody to go in.\n\nMiao Qixiang\n",
    ),
    Letter(
        _MASTER, _MIAO, "Re: Form 41 for Shed 9",
        "I will have it hung up. I will not sign it.\n\n"
        "From what the night foreman tells me there is no water at that door.\n\nI. Rosmarn\n",
    ),
    Letter(_MIAO, _MASTER, "Re: Form 41 for Shed 9", "lost"),
    Letter(_LAW, _MIAO, "Arrest 17/88", "lost"),
    Letter(_WU, "valmire", "Visit to Shed 9", "lost"),
    Letter(
        _SHE, _WU, "九号仓库检查",
        "邬副局长：\n\n今天上午我到九号仓库检查，实际清点至少2740桶，标签是氯酸钠，不是工业用盐。北墙一侧进不去，没有清点。\n"
        "门口的四十一号表从3月28日起都是同一个人写的，数字一模一样。这张表我不签。\n报告明天送到。\n\n佘若榆\n2018年9月3日\n",
        coding="base64",
    ),
    Letter(
        _WU, _SHE, "Re: 九号仓库检查",
        "Thank you. Write what you saw and nothing else. Keep your notebook at home.\n\nWu\n",
    ),
    Letter(_SHE, _WU, "Report SO/2018/77", "garbled"),
    Letter(
        _MIAO, _CLERK, "Working papers",
        "The report SO/2018/77 is not to be numbered. File it with working papers and tell nobody where. The usual "
        "password for such things is ebb-tide and the year the old mole was built.\n",
        coding="quoted-printable",
    ),
    Letter(_CLERK, _MIAO, "Re: Working papers", "lost"),
    Letter(
        _CLERK, _WU, "Year of the old mole",
        "The plate on the old mole says 1917. The guide book says 1918. I have used both, one for papers and one for "
        "the archive, because I could not remember which.\n\nSelima\n",
    ),
    Letter(_WU, "valmire", "Second report on Shed 9", "I report for the second time.\n", attachment=True),
    Letter("valmire", _WU, "Re: Second report on Shed 9", "lost"),
    Letter(
        _LAW, "heads", "Correspondence about Shed 9",
        "Colleagues,\n\nplease do not write to one another about the goods in "
        "the eastern half. Telephone. If you must "
        "write, write that the shed was inspected.\n\nC. Haldevar\n",
        html=True,
    ),
    Letter(_MASTER, _LAW, "Re: Correspondence", "lost"),
    Letter(_MASTER, _WU, "Hydrant", "lost"),
    Letter(
        _CLERK, _WU, "ئەرتال قۇمۇشنىڭ خېتى",
        "ھۆرمەتلىك ۋۇ ئەپەندىم،\n\nنۆۋەت باشلىقى ئەرتال قۇمۇشنىڭ خېتى بۈگۈن كەلدى. "
        "ئۇ راكېتالارنى دەرھال يۆتكەشنى سورايدۇ.\n"
        "مەن ئۇنى تىزىملاتتىم، لېكىن جاۋاب بېرىشكە رۇخسەت يوق. بىر نۇسخىسىنى سىزگە ئەۋەتىمەن.\n\nسەلىمە تورغاي\n",
        coding="base64",
    ),
    Letter(_WU, _CLERK, "Re: خەت", "lost"),
    Letter(
        _WU, "valmire", "Third report on Shed 9",
        "Director-General,\n\nfor the third time: at least 2,740 drums, oil and rockets under one roof, no water. I "
        "attach the minutes of 19 June at which I asked for 86,000 crowns.\n\nWu Tingrong\n",
        attachment=True,
    ),
    Letter("valmire", _MIAO, "Mr Wu", "garbled"),
    Letter(_MIAO, "valmire", "Re: Mr Wu", "lost"),
    Letter(
        _VOICE, _LAW, "What do we say",
        "Halyard Wire has telephoned. They have the figure. I propose: “The "
        "Authority does not comment on the property "
        "of third parties.” The Ministry still says 14; the hospital now says 23.\n\nIlse\n",
        coding="quoted-printable",
    ),
    Letter(_LAW, _VOICE, "Re: What do we say", "Say that the papers are invented.\n", attachment=True),
    Letter(
        _LAW, "heads", "Return of papers",
        "The following have not made a return: Records, Canteens, North Basin night shift.\n\n"
        "From tomorrow the gate will search bags.\n\nC. Haldevar\n",
    ),
    Letter(_MASTER, _LAW, "Re: Return of papers", "lost"),
    Letter(
        _CLERK, "storghay.home", "(no subject)",
        "Two sticks. One for the court, one for the newspaper. The note is in "
        "the envelope. If this box is ever read by "
        "anybody: I was not asked to do it by anyone.\n",
    ),
)  # fmt: skip


def _date(when: datetime) -> str:
    return (
        f"{_DAYS[when.weekday()]}, {when.day:02} {_MONTHS[when.month - 1]} {when:%Y %H:%M:%S} +0000"
    )


def _separator(letter: Letter, when: datetime) -> bytes:
    stamp = f"{_DAYS[when.weekday()]} {_MONTHS[when.month - 1]} {when.day:2} {when:%H:%M:%S %Y}"
    return f"From {letter.sender}@{_HOST} {stamp}\n".encode()


def _encoded_word(text: str) -> str:
    if text.isascii():
        return text
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _headers(number: int, letter: Letter, when: datetime) -> str:
    return (
        f"Return-Path: <{letter.sender}@{_HOST}>\n"
        f"Received: from desk-{letter.sender.replace('.', '-')}.{_HOST} (192.0.2.{20 + number})\n"
        f"\tby mail.{_HOST} with ESMTP id {40_000 + number * 17}; {_date(when)}\n"
        f"Date: {_date(when)}\nFrom: {letter.sender}@{_HOST}\nTo: {letter.to}@{_HOST}\n"
        f"Subject: {_encoded_word(letter.subject)}\nMessage-ID: <{when:%Y%m%d%H%M}.{number:03}@{_HOST}>\n"
        "MIME-Version: 1.0\n"
    )


def _body(letter: Letter, kind: str = "plain") -> str:
    text = letter.text
    if kind == "html":
        paragraphs = "".join(f"<p>{p}</p>" for p in text.strip().split("\n\n"))
        text = f"<html><body>{paragraphs}</body></html>\n"
    if letter.coding == "base64":
        coded = base64.encodebytes(text.encode()).decode()
    elif letter.coding == "quoted-printable":
        coded = quopri.encodestring(text.encode()).decode()
    else:
        # mboxrd: a line that would look like a separator is quoted.
        coded = "".join(
            ">" + s if s.startswith("From ") else s for s in text.splitlines(keepends=True)
        )
    return f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: {letter.coding}\n\n{coded}"


def _whole(number: int, letter: Letter, when: datetime) -> bytes:
    head = _headers(number, letter, when)
    edge = f"=_harbour_{number:03}"
    if letter.html:
        inside = f"--{edge}\n{_body(letter)}\n--{edge}\n{_body(letter, 'html')}\n--{edge}--\n"
        return f'{head}Content-Type: multipart/alternative; boundary="{edge}"\n\n{inside}'.encode()
    if letter.attachment:
        paper = "\n".join(textwrap.wrap(base64.b64encode(minutes()).decode(), 76))
        inside = (
            f"--{edge}\n{_body(letter)}\n--{edge}\nContent-Type: application/pdf\n"
            'Content-Disposition: attachment; filename="board-minutes-2018-06-19.pdf"\n'
            f"Content-Transfer-Encoding: base64\n\n{paper}\n--{edge}--\n"
        )
        return f'{head}Content-Type: multipart/mixed; boundary="{edge}"\n\n{inside}'.encode()
    return (head + _body(letter)).encode()


def _noise(number: int, length: int) -> bytes:
    raw = dice(f"mailbox noise {number}").randbytes(length * 2)
    # Neither line ends nor ASCII letters, so that no header and no separator arises by chance.
    return bytes(b for b in raw if b > 0x7F or b in b"\0\1\2\3\4\5\6\7")[:length]


def _damaged(number: int, letter: Letter, when: datetime, damage: Damage) -> bytes:
    if damage == "nul":
        return b"\0" * (1024 * (1 + number % 3)) + b"\n"
    if damage == "overwritten":
        return _noise(number, 1536) + b"\n"
    if damage == "empty":
        return b""
    if damage == "garbled":
        head = _headers(number, letter, when) + "Content-Type: text/plain; charset=utf-8\n"
        return f"{head}Content-Transfer-Encoding: base64\n\n".encode() + _noise(number, 900) + b"\n"
    whole = _whole(number, letter, when)
    cut = whole[: len(whole) * 2 // 5].rstrip()
    # End inside a group of four base64 characters.
    tail = len(cut) - cut.rindex(b"\n") - 1
    return cut[: len(cut) - (tail % 4) - 1] + b"\n"


def mailbox() -> bytes:
    """The mbox file (RFC 4155, with mboxrd quoting)."""
    held = b""
    for number, letter in enumerate(LETTERS, 1):
        when = _FIRST + timedelta(days=_DAYS_AFTER[number - 1], minutes=11 * number)
        damage = DAMAGE.get(number)
        message = _damaged(number, letter, when, damage) if damage else _whole(number, letter, when)
        held += _separator(letter, when) + message + b"\n"
    return held


FILES = {"delivery-3/mail/harbour-office.mbox": mailbox}
