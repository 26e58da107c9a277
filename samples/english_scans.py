"""Scans in English: a lawyer's memo, an inspection report, a ledger by fax, a roster photographed, a note."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from samples import scan
from samples.lettering import Sheet
from samples.story import INNOCENT, INNOCENT_ADDRESS, INNOCENT_NUMBER

DOTS_STEP = 20
"""Pixels between two neighbouring places of the dot grid at 300 dpi (1.7 mm)."""
DOTS_CELLS = (15, 8)
"""Columns and rows of the grid before it repeats."""
DOTS_SET = frozenset(
    {
        (0, 0),
        (0, 3),
        (1, 1),
        (1, 6),
        (2, 2),
        (3, 0),
        (3, 5),
        (4, 4),
        (5, 1),
        (5, 7),
        (6, 3),
        (7, 0),
        (7, 2),
    }
    | {
        (8, 6),
        (9, 1),
        (9, 4),
        (10, 5),
        (11, 0),
        (11, 7),
        (12, 2),
        (13, 3),
        (13, 6),
        (14, 1),
        (14, 4),
    }
)
"""Which places of the grid carry a dot."""

_SCANNER = {
    "Producer": "Corvel DocuStation 5340",
    "Creator": "Corvel DocuStation 5340 SN 4C-118802",
}


def _letterhead(sheet: Sheet, kind: str, number: str) -> None:
    sheet.line("DORVANE PORT AUTHORITY", points=15, bold=True, align="centre")
    sheet.line("Republic of Velmora · 1 Customs Quay, Dorvane", points=9, align="centre")
    sheet.rule(weight=3)
    sheet.gap(3)
    sheet.line(kind, points=13, bold=True)
    sheet.line(number, points=10)
    sheet.gap(2)


def _memo_first() -> Image.Image:
    first = Sheet("english", dpi=200)
    _letterhead(first, "INTERNAL MEMORANDUM – PRIVILEGED", "Ref. LEG/2019/031")
    for text in (
        "To: Heads of Department; Superintendent of Storage; Harbour Master",
        "From: Corin Haldevar, Legal Secretary",
        "Date: 13 March 2019",
        "Subject: Papers concerning Shed 9",
    ):
        first.line(text, points=11.5)
    first.rule()
    first.gap(2)
    for text in (
        "1. Following the event of 11 March in the North Basin, the Ministry will appoint a commission of "
        "inquiry. Until its powers are published the Authority is under no duty to volunteer papers to it.",
        "2. All originals and copies of Form 41 (Fortnightly Inspection of Stored Goods) for Shed 9, from "
        "October 2017 onwards, are to be brought to my office by noon on Friday 15 March. Departments will "
        "not keep photocopies, photographs or scans. A nil return is required.",
        "3. The inspection report of 3 September 2018, the letters of the night foreman and the minute of the "
        "Safety Office of 8 November 2018 are to be treated in the same way. They are working papers. They "
        "were never adopted by the Board and do not form part of the record.",
        "4. Staff who are asked how much was in the shed will answer that the cargo is the property of its "
        "consignee and that the question should be put to the receiver of the vessel. No figure is to be "
        "given. In particular the count of September, “at least 2,740 drums”, is not to be repeated.",
    ):
        first.paragraph(text)
    return first.picture


def _memo_second() -> Image.Image:
    second = Sheet("english", dpi=200)
    second.line("LEG/2019/031 – page 2", points=10, align="end")
    second.gap(4)
    for text in (
        "5. The Superintendent of Storage has told me that the entries in Form 41 between April and December "
        "2018 were carried forward from the entry of 28 March 2018 under Part 3 of Directive 2018/07. That "
        "is a matter of form, not of substance, and is not to be discussed outside the department.",
        "6. Mr Qumush is on leave until further notice. He is not to be telephoned. His pass has been "
        "stopped. Ms She has asked for her report to be returned to her; the request is refused.",
        "7. The spokeswoman, Ms Marrant, will alone speak to newspapers. The number of the dead will be the "
        "number given by the Ministry. The register of the Lower Quay Hospital is not ours to quote.",
        "8. This memorandum is to be returned with the papers it asks for. It is not to be copied.",
    ):
        second.paragraph(text)
    second.gap(4)
    second.signature("Haldevar")
    second.line("C. Haldevar", points=14, bold=True)
    second.line("Legal Secretary", points=11)
    second.gap(8)
    second.line("Return slip", points=11.5, bold=True)
    second.gap(3)
    second.table(
        [
            ["Department", "Forms returned", "Initials", "Date"],
            ["Storage", "35", "M.Q.", "14 March"],
            ["Harbour Master", "nil", "I.R.", "15 March"],
            ["Safety", "12", "W.T.", "15 March"],
        ],
        [3, 3, 2, 2],
        points=10.5,
    )
    return second.picture


def lawyers_memo() -> bytes:
    """Two pages of 13 March 2019: collect every Form 41 and say nothing in writing."""
    pages = [
        scan.scanned(_memo_first(), "lawyers-memo-1", degrees=0.6),
        scan.scanned(_memo_second(), "lawyers-memo-2", degrees=-0.35),
    ]
    return scan.as_pdf(pages, 200, {**_SCANNER, "CreationDate": "D:20190319183112+02'00'"})


def _report_first() -> Image.Image:
    first = Sheet("english", dpi=200)
    _letterhead(first, "REPORT OF INSPECTION", "Safety Office · SO/2018/77")
    first.line("Place: Shed 9, North Basin", points=11.5)
    first.line("Inspector: She Ruoyu", points=11.5)
    first.line("Date of visit: 3 September 2018, 09:10 to 12:40", points=11.5)
    first.rule()
    for text in (
        "I visited Shed 9 without notice, with the keys of the night foreman, Mr Ertal Qumush, who was "
        "present throughout. The day foreman was not at the shed and could not be reached.",
        "What is stored. The eastern half of the shed holds the cargo landed from the freighter Ondrasel in "
        "October 2017 and entered in the ledger as “industrial salt”. The labels that can be read say sodium "
        "chlorate. The drums stand on their ends, two high, without gangways. I counted at least 2,740 drums. "
        "The rows along the north wall cannot be reached and were not counted. At 150 kilograms a drum this "
        "is at least 411 tonnes.",
        "Condition. About one drum in five has lost its lid or is split at the seam. White crystals lie "
        "loose on the floor and have been trodden into sawdust and sacking. The roof leaks in four places.",
        "What stands beside it. Sixty drums of lubricating oil and forty-two cases of expired ships’ rockets "
        "and hand flares stand in the same bay, the nearest three metres from the Ondrasel cargo.",
    ):
        first.paragraph(text)
    return first.picture


def _report_second() -> Image.Image:
    second = Sheet("english", dpi=200)
    second.line("SO/2018/77 – page 2", points=10, align="end")
    for text in (
        "Water. The hydrant outside the west door gave no water. Mr Qumush says that the main froze and burst "
        "in January and has been shut since.",
        "Records. The board at the door holds twenty-three sheets of Form 41. From 28 March 2018 to 29 August "
        "2018 every sheet gives the temperature as 14 degrees and the humidity as 41 per cent, in one hand "
        "and one ink. The thermometer on the wall is broken. Two sheets bear the signature of Mr Qumush. He "
        "says that he did not sign them. I compared them with his pay slips and I believe him.",
        "Opinion. I cannot certify this shed. The cargo, the oil and the rockets must not stand under one "
        "roof for another night. I have been told that removal would cost 86,000 crowns and that the Board "
        "put the matter off on 19 June.",
    ):
        second.paragraph(text)
    second.line("Every second sheet, as it hung on the board:", points=10.5)
    second.gap(2)
    second.table(
        [
            ["Sheet of Form 41", "Temperature", "Humidity", "Result entered", "Hand"],
            ["28 March 2018", "14 °C", "41 %", "Satisfactory", "A"],
            ["25 April 2018", "14 °C", "41 %", "Satisfactory", "A"],
            ["23 May 2018", "14 °C", "41 %", "Satisfactory", "A"],
            ["20 June 2018", "14 °C", "41 %", "Satisfactory", "A"],
            ["18 July 2018", "14 °C", "41 %", "Satisfactory", "A"],
            ["15 August 2018", "14 °C", "41 %", "Satisfactory", "A"],
        ],
        [3, 2, 2, 3, 1],
        points=10.5,
    )
    return second.picture


def _report_third() -> Image.Image:
    third = Sheet("english", dpi=200)
    third.line("SO/2018/77 – page 3", points=10, align="end")
    third.paragraph(
        "Recommendation. (a) Move the rockets and flares to the magazine at Skerry Point within 24 hours. "
        "(b) Move the oil within three days. (c) Restore water. (d) Sell or destroy the Ondrasel cargo by a "
        "firm that is licensed to handle it. (e) Withdraw all sheets of Form 41 since 28 March 2018."
    )
    third.paragraph(
        "I decline to sign Form 41 for this fortnight. The Superintendent of Storage, Mr Miao Qixiang, asked "
        "me to enter “as before”. I have not done so and ask that my refusal be placed on the file."
    )
    third.gap(4)
    third.signature("She")
    third.line("She Ruoyu", points=14, bold=True)
    third.line("Inspector, Safety Office", points=11)
    third.gap(10)
    third.line("Minute by hand, initials illegible:", points=10.5)
    third.line("Not adopted. File with working papers. Do not number.", points=13, bold=True)
    return third.picture


def inspection_report() -> bytes:
    """Three pages of 3 September 2018: the only honest count, "at least 2,740 drums"."""
    sheets = (_report_first(), _report_second(), _report_third())
    pages = [
        scan.scanned(sheet, f"inspection-{number}", degrees=(-0.5, 0.3, 0.7)[number])
        for number, sheet in enumerate(sheets)
    ]
    return scan.as_pdf(pages, 200, {**_SCANNER, "CreationDate": "D:20190319184455+02'00'"})


_LEDGER = [
    ("02 Oct", "Tamsin Brae", "Sawn timber", "310 packs", "3", "Released"),
    ("05 Oct", "Corvina", "Cement, bagged", "12,400 bags", "5", "Released"),
    ("09 Oct", "Old Pelham", "Lubricating oil", "60 drums", "9", "Held, unpaid"),
    ("14 Oct", "Ondrasel", "Vessel detained, dues 212,400 crowns", "–", "–", "Arrest 17/88"),
    ("20 Oct", "Ondrasel", "Industrial salt [sic]", "2,740 drums +", "9", "Detained"),
    ("21 Oct", "Ondrasel", "Rows along north wall not tallied", "–", "9", "See note"),
    ("24 Oct", "Lady Ferrin", "Ships’ rockets, expired", "42 cases", "9", "For disposal"),
    ("02 Nov", "Corvina", "Cement, bagged", "11,900 bags", "5", "Released"),
    ("08 Nov", "Saint Odmar", "Dried fruit", "840 cases", "2", "Released"),
    ("15 Nov", "Tamsin Brae", "Sawn timber", "288 packs", "3", "Released"),
    ("23 Nov", "Kestwick", "Frozen fish", "96 pallets", "Cold 1", "Released"),
    ("04 Dec", "Corvina", "Cement, bagged", "12,150 bags", "5", "Released"),
    ("11 Dec", "Saint Odmar", "Paper reels", "77 reels", "4", "Released"),
    ("19 Dec", "Kestwick", "Frozen fish", "102 pallets", "Cold 1", "Released"),
]


def ledger() -> bytes:
    """Two fax pages: the cargo ledger of the last quarter of 2017, where chlorate is called salt."""
    pages = []
    for number, rows in enumerate((_LEDGER[:8], _LEDGER[8:])):
        sheet = Sheet("english", dpi=300, size=(297, 210), margins=(18, 14))
        sheet.line(
            "Dorvane Port Authority – Cargo Ledger, fourth quarter 2017", points=14, bold=True
        )
        sheet.line(f"Folio {212 + number} · Clerk: S. Torghay · Quantities as landed", points=10.5)
        sheet.gap(4)
        head = ("Date", "Vessel", "Goods as declared", "Quantity", "Shed", "State")
        sheet.table([head, *rows], [1.3, 2, 4.6, 2.2, 1.1, 2], points=11, row_mm=11)
        sheet.gap(4)
        if number == 0:
            sheet.paragraph(
                "Note to folio 212: the master of the Ondrasel declares industrial salt. Labels read sodium "
                "chlorate. Entered as declared on the instruction of the Superintendent, Mr Miao.",
                points=11,
            )
        else:
            sheet.paragraph(
                "Carried to folio 214. Totals not struck for Shed 9 (see folio 212).", points=11
            )
        pages.append(
            scan.scanned(sheet.picture, f"ledger-{number}", degrees=0.25 - 0.5 * number, noise=10)
        )
    return scan.as_fax(pages, 300)


def _roster() -> Image.Image:
    sheet = Sheet("english", dpi=200, size=(210, 230), margins=(16, 16))
    sheet.line("Night shift roster – North Basin – February 2019", points=15, bold=True)
    sheet.line(
        "Week 7, Monday 11 to Sunday 17 February · posted by the Harbour Master", points=10.5
    )
    sheet.gap(4)
    rows = [
        ("Name", "Duty", "Place", "Hours", "Telephone"),
        ("Ertal Qumush", "Foreman", "Shed 9", "22:00–06:00", "ext. 419"),
        ("Dorrin Askel", "Crane", "Berth 14", "22:00–06:00", "ext. 420"),
        ("Bahtun Arslek", "Watchman", "West gate", "20:00–04:00", "ext. 402"),
        ("Peyra Lindqast", "Tally clerk", "Shed 7", "22:00–06:00", "ext. 417"),
        (INNOCENT.latin, "Canteen", "Canteen 2", "23:00–05:00", "none"),
        ("Oswin Tarrable", "Fire picket", "North Basin", "22:00–06:00", "ext. 444"),
        ("vacant", "Fire picket", "North Basin", "22:00–06:00", "–"),
    ]
    sheet.table(rows, [2.6, 1.8, 1.9, 2.2, 1.6], points=11.5, row_mm=10)
    sheet.gap(5)
    sheet.paragraph(
        f"New starter: {INNOCENT.latin}, aged 19, identity number {INNOCENT_NUMBER}, lodging at "
        f"{INNOCENT_ADDRESS}, Lower Quay. Works in the canteen only. No access to the sheds.",
        points=11.5,
    )
    sheet.paragraph(
        "The second fire picket has not been filled since November. Foremen are reminded that the hydrant "
        "at Shed 9 is shut and that buckets are to be kept at the west door.",
        points=11.5,
    )
    return sheet.picture


def roster() -> bytes:
    """A telephone's picture of the roster, which tells where it was taken and with which telephone."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Nemora", "Nemora P3", "P3-cam 2.4.1"
    exif[0x0132] = "2019:02:12 23:41:07"
    exif[0x8769] = {0x9003: "2019:02:12 23:41:07", 0xA431: "NP3-77120458", 0xA434: "Nemora 3.9 mm"}
    exif[0x8825] = {
        1: "N", 2: (4.0, 12.0, 36.5), 3: "W", 4: (31.0, 40.0, 8.2), 7: (21.0, 41.0, 7.0), 29: "2019:02:12",
    }  # fmt: skip
    return scan.as_jpeg(scan.photographed(_roster(), "roster"), 200, 66, exif)


def dotted(page: Image.Image) -> Image.Image:
    """The page as a colour laser printer prints it: a repeating grid of faint yellow dots.

    Only the blue channel shows them: a dot is two pixels wide and takes 70 from blue, 6 from red and green.
    """
    red, green, blue = page.split()
    columns, rows = DOTS_CELLS
    for y in range(12, page.height - 4, DOTS_STEP):
        for x in range(12, page.width - 4, DOTS_STEP):
            if ((x - 12) // DOTS_STEP % columns, (y - 12) // DOTS_STEP % rows) not in DOTS_SET:
                continue
            for channel, depth in ((red, 6), (green, 6), (blue, 70)):
                for px, py in ((x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)):
                    value = channel.getpixel((px, py))
                    channel.putpixel((px, py), max(0, int(value) - depth))  # type: ignore[arg-type]
    return Image.merge("RGB", (red, green, blue))


def note_with_dots() -> bytes:
    """A note of half a page, printed in colour and scanned: it carries the printer's yellow dots."""
    sheet = Sheet("english", dpi=300, size=(148, 105), margins=(14, 10), points=11, colour=True)
    sheet.line("Office of the Director-General", points=14, bold=True, ink="#1b3f73")
    sheet.rule(ink="#1b3f73")
    sheet.line("9 November 2018 · for Mr Miao, by hand", points=10.5)
    sheet.gap(2)
    for text in (
        "The Safety Office minute of yesterday must not be numbered. Please take back the two copies that "
        "have already gone out and bring them to me yourself.",
        "As to Shed 9: the buyers in Ilmara will not come before the winter is over. We can hold until the "
        "spring sale. Carry the forms forward as before. T.V.",
    ):
        sheet.paragraph(text)
    clean = scan.scanned(sheet.picture, "note-with-dots", degrees=0.0, noise=5, paper=250)
    return scan.as_png(dotted(clean), 300)


FILES: dict[str, Callable[[], bytes]] = {
    "delivery-1/scan-0001.pdf": lawyers_memo,
    "delivery-3/scans/inspection-2018-09-03.pdf": inspection_report,
    "delivery-3/scans/ledger-2017-q4.tiff": ledger,
    "delivery-3/scans/IMG_20190212_234107.jpg": roster,
    "delivery-3/scans/note-for-mr-miao.png": note_with_dots,
}
