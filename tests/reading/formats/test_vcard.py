"""Contacts and calendars: words that were folded and encoded are whole again."""

from __future__ import annotations

import base64

PHOTO = base64.b64encode(b"picture").decode()
CARD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gulnar =C3=96=\r\n=C3=BC\r\n"
    'item1.TEL;TYPE="cell:a":+1 555\r\nNOTE:seen at\\nshed 9\\, night sh\r\n ift\r\n'
    f"PHOTO;ENCODING=b;TYPE=PNG:{PHOTO[:6]}\r\n {PHOTO[6:]}\r\nEND:VCARD\r\n"
)
CALENDAR = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:Shifts\nBEGIN:VEVENT\nDTSTART;TZID=Asia/Urumqi:20180713T220000\n"
    'SUMMARY;LANGUAGE=zh:九号仓\n 库检查\nATTENDEE;CN="Wu: boss":mailto:wu@port.example\nEND:VEVENT\nEND:VCALENDAR\n'
)


def test_a_contact(read):
    reading = read(CARD.encode(), "gulnar.vcf")
    assert (reading.state, reading.title, reading.properties["contacts"]) == (
        "extracted",
        "Gulnar Öü",
        "1",
    )
    lines = reading.pages[0].text.splitlines()
    assert "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gulnar Öü" in lines
    assert "NOTE:seen at shed 9, night shift" in lines
    assert 'item1.TEL;TYPE="cell:a":+1 555' in lines
    assert [(part.name, part.data) for part in reading.parts] == [("photo", b"picture")]


def test_a_calendar(read):
    reading = read(CALENDAR.encode(), "shifts.ics")
    assert (reading.state, reading.title, reading.properties["events"]) == (
        "extracted",
        "Shifts",
        "1",
    )
    assert "SUMMARY;LANGUAGE=zh:九号仓库检查" in reading.pages[0].text.splitlines()
    assert reading.pages[0].text.splitlines()[-1] == "END:VCALENDAR"


def test_nothing_that_is_no_property_is_lost(read):
    text = f"BEGIN:VCARD\nwords without a colon\nPHOTO;ENCODING=b:***\nX{';' * 50_000}\nEND:VCARD\n"
    reading = read(text.encode(), "a.vcf")
    assert "words without a colon" in reading.pages[0].text and "***" in reading.pages[0].text
