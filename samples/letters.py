"""Single mails: a warning with three attachments, and a staff newsletter that reports who opened it."""

from __future__ import annotations

import base64
import textwrap

from samples import scan
from samples.lettering import Sheet
from samples.papers import memo

BEACON = "https://pixel.dorvane-port.example/open.gif?id=4f19c2aa&to=storghay"


def _coded(data: bytes) -> str:
    return "\r\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76))


def _label() -> bytes:
    sheet = Sheet("english", dpi=150, size=(110, 70), margins=(8, 6), points=13, colour=True)
    sheet.line("BELQUIST CHEMICALS", points=18, bold=True, ink="#8a1a12")
    sheet.line("SODIUM CHLORATE 99 %", points=16, bold=True)
    sheet.line("Net 150 kg · Lot 7731-B")
    sheet.line("OXIDISER – keep from oil, wood and flame", bold=True)
    return scan.as_jpeg(
        scan.scanned(sheet.picture, "label", degrees=-2.4, noise=40, paper=225), 150, 70
    )


def warning() -> bytes:
    """The archivist to a member of the Assembly, 24 January 2019: a PDF, a picture and a mail inside."""
    inner = (
        "Date: Wed, 23 Jan 2019 06:12:40 +0200\r\nFrom: e.qumush@dorvane-port.example\r\n"
        "To: s.torghay@dorvane-port.example\r\nSubject: =?utf-8?b?"
        + base64.b64encode("خەت".encode()).decode()
        + "?=\r\nMessage-ID: <20190123061240.9@dorvane-port.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + _coded(
            "سەلىمە، خەتنى تاپشۇردۇم. ئۇلار يەنە جاۋاب بەرمىسە، سەن بىلگەندەك قىل. ئەرتال\n".encode()
        )
        + "\r\n"
    )
    edge = "=_warning_0041"
    return (
        "Return-Path: <storghay.home@mailfold.example>\r\n"
        "Received: from [198.51.100.77] (helo=kitchen-laptop) by mx.mailfold.example with ESMTPSA; "
        "Thu, 24 Jan 2019 21:48:03 +0000\r\n"
        "X-Originating-IP: [198.51.100.77]\r\nX-Mailer: Postbird 3.2 (Velmora)\r\n"
        "Date: Thu, 24 Jan 2019 23:48:01 +0200\r\nFrom: Selima Torghay <storghay.home@mailfold.example>\r\n"
        "To: Anneke Solvarin <a.solvarin@assembly.example>\r\nSubject: Shed 9 at Dorvane\r\n"
        "Message-ID: <7731b.20190124@kitchen-laptop>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{edge}"\r\n\r\n'
        f"--{edge}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "Dear Ms Solvarin,\r\n\r\nI keep the files of the port. I attach a "
        "memorandum that three departments have and "
        "none has answered, a picture of a label that the night foreman took off a drum, and what he wrote to me "
        "yesterday.\r\n\r\nThe inspector counted at least 2,740 drums. I have "
        "seen the report; I have filed it under a "
        "number that is not a number.\r\n\r\nPlease do not answer to the port’s address.\r\n\r\nS. Torghay\r\n"
        f'--{edge}\r\nContent-Type: application/pdf; name="memo-114.pdf"\r\nContent-Disposition: attachment; '
        'filename="memo-114.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{_coded(memo('customs'))}\r\n"
        f"--{edge}\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; "
        "filename*=utf-8''%E6%A0%87%E7%AD%BE.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{_coded(_label())}\r\n"
        f"--{edge}\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; "
        f'filename="from Ertal.eml"\r\n\r\n{inner}\r\n--{edge}--\r\n'
    ).encode()


def newsletter() -> bytes:
    """The staff newsletter of March 2019, with a picture of one pixel that is fetched from elsewhere."""
    html = (
        "<html><body><h1>Quayside, staff news</h1><p>Canteen 2 reopens on Monday. Our thoughts are with the families "
        "of the fourteen.</p><p>Whoever has papers at home that belong to the Authority may hand them in without "
        "giving a reason until 29 March.</p>"
        f'<img src="{BEACON}" width="1" height="1" alt=""></body></html>\r\n'
    )
    return (
        "Received: from list.dorvane-port.example (203.0.113.9) by mail.dorvane-port.example; "
        "Fri, 22 Mar 2019 07:00:02 +0000\r\n"
        "Date: Fri, 22 Mar 2019 09:00:00 +0200\r\nFrom: Quayside <news@dorvane-port.example>\r\n"
        "To: s.torghay@dorvane-port.example\r\nSubject: Quayside 11/2019\r\n"
        "Message-ID: <quayside.11.storghay@list.dorvane-port.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + html
    ).encode()


FILES = {
    "delivery-3/mail/to-the-assembly.eml": warning,
    "delivery-3/mail/quayside-11.eml": newsletter,
}
