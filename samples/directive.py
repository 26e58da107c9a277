"""Directive 2018/07 in English: a long PDF with text and bookmarks; one page differs between two deliveries."""

from __future__ import annotations

import pikepdf

from samples.scan import sealed
from samples.typeset import Manuscript, properties

CHANGED_PAGE = 9
"""The page (from 1) that is not the same in the second delivery."""
KEPT = "No inspection shall be recorded as failed without the prior written approval of the Director-General."
CHANGED = (
    "An inspection that fails shall be reported to the Director-General within one working day."
)

PARTS: list[tuple[str, list[str]]] = [
    (
        "Part 1. Purpose and scope",
        [
            "This Directive governs the storage of detained and unclaimed goods in the sheds of the North and "
            "South Basins, the keeping of inspection records, and the handling of enquiries about them. It "
            "takes effect on 12 July 2018 and replaces Circular 2014/22, which is withdrawn.",
            "It applies to every officer, clerk, foreman and watchman of the Dorvane Port Authority, to the "
            "tenants of Sheds 1 to 12, and to contractors while they are inside the gates.",
            "In this Directive “detained goods” are goods landed from a vessel that is under arrest or whose "
            "dues are unpaid; “Form 41” is the Fortnightly Inspection of Stored Goods; “the Superintendent” "
            "is the Superintendent of Storage; “the Safety Office” is the office of the Deputy "
            "Director-General.",
            "Where this Directive and the Port Safety Act differ, the officer in charge shall ask the Legal "
            "Secretary for an opinion before acting. Until the opinion is given this Directive is followed.",
            "The Chinese text of this Directive, circulated as 多港安 2018 No. 7, is a translation.",
        ],
    ),
    (
        "Part 2. Classes of goods",
        [
            "Goods are entered in the ledger in the class declared by the master of the vessel. A clerk who "
            "reads another description on a label shall note it in pencil on the folio and shall not change "
            "the class. Only the Superintendent may change a class, and only on the written request of the "
            "consignee.",
            "Class A is general cargo. Class B is cargo that is sensitive to water or heat. Class C is cargo "
            "that burns. Class D is cargo that feeds a fire, and cargo that explodes. Classes C and D are not "
            "kept under one roof except as Part 4 allows.",
            "Goods declared as industrial salt are Class A. The cargo of the vessel Ondrasel, landed on 20 "
            "October 2017 and detained under Arrest 17/88, was declared as industrial salt and remains in "
            "Class A until its consignee asks otherwise.",
            "Ships’ rockets and flares that have passed their date are stores awaiting disposal. They are not "
            "cargo and need not be classed.",
        ],
    ),
    (
        "Part 3. Inspection and records",
        [
            "Each shed is inspected once a fortnight. The inspector records temperature, humidity, the state "
            "of the packages and the result on Form 41 and signs it. The form is hung at the door of the shed "
            "and a copy goes to the Superintendent.",
            "Where an inspection cannot be made for want of staff, the temperature and humidity of the last "
            "satisfactory form may be carried forward, and the result entered as “Satisfactory”. The hand "
            "that carries an entry forward need not be the inspector’s.",
            "An entry carried forward is not marked as such. A form that has been carried forward counts as "
            "an inspection for the purposes of the annual return to the Ministry.",
            "Instruments that are out of order are to be reported on Form 12. Pending repair the last reading "
            "of the instrument stands.",
            "Forms are kept for twelve months and then destroyed. Copies are not made.",
        ],
    ),
    (
        "Part 4. Shed 9",
        [
            "Shed 9 is designated for detained goods of all classes until the spring sale of 2019. Goods of "
            "Class C and stores awaiting disposal may stand there together with goods of Class A.",
            "The goods in the eastern half of Shed 9 are not to be moved, opened, sampled, counted or "
            "photographed without the written order of the Director-General. The watchman at the west door "
            "enters every visitor in the gate book, with the reason given.",
            "The Board has considered the cost of moving the goods, 86,000 crowns, and has decided on 19 June "
            "2018 that it is not justified before the sale. Officers will not reopen the question.",
            "No quantity is to be stated for the goods in Shed 9, in writing or by telephone, to anyone who "
            "is not an officer of the Storage Department. The ledger shows what was declared.",
        ],
    ),
    (
        "Part 5. Fire, water and keys",
        [
            "A fire picket of two is posted in the North Basin from 22:00 to 06:00. Where only one picket can "
            "be found, one is enough. The picket carries the key of the pump house and a lamp.",
            "Hydrants are tested on the first Monday of each quarter. A hydrant that gives no water is marked "
            "with a white band. Foremen keep six buckets filled at the door of each shed whose hydrant is "
            "marked.",
            "The keys of Shed 9 are held by the night foreman. From the day on which this Directive takes "
            "effect a second set is held at the office of the Superintendent, and the gate book shows which "
            "set was used.",
            "In case of fire the watchman telephones the Harbour Master first and the town brigade on the "
            "Harbour Master’s order. The brigade is met at the west gate and told the class of the goods as "
            "it stands in the ledger.",
        ],
    ),
    (
        "Part 6. Enquiries from outside",
        [
            "Enquiries from newspapers, insurers, foreign consuls and members of the Assembly are answered by "
            "the spokeswoman alone. Officers say that they are not the right person to ask, and write down "
            "the name of the enquirer.",
            "Letters from staff about the condition of a shed are registered by the Superintendent and are "
            "not answered. Letters in Uyghur are translated by the Director-General’s office before they are "
            "registered. The writer is not told.",
            "The word “chlorate” is not used outside the Storage Department. Where the goods must be named "
            "they are “the goods in the eastern half” or “industrial salt”.",
        ],
    ),
]
RESULTS = [
    "The result of an inspection is one of “Satisfactory”, “Satisfactory with remarks” and “Failed”. Remarks "
    "are entered on the back of the form. The back of the form is not copied.",
    "{sentence} Until then the last satisfactory form stands.",
    "An inspector who declines to sign is replaced for that shed. The refusal is not entered on the form. "
    "The Superintendent keeps a list of refusals, which is shown to the Director-General once a quarter.",
    "A foreman may sign for an inspector who is absent. A clerk may sign for a foreman who is absent.",
    "Staff who keep private notes of temperature, humidity or quantity are reminded that notes made on duty "
    "belong to the Authority.",
]
DUTIES = [
    "The Superintendent keeps the ledger, the board of forms and the list of refusals, and answers for the "
    "class of every lot. He reports to the Director-General and sends the Safety Office a summary.",
    "The Harbour Master answers for watchmen, keys and the gate book, and posts the rosters.",
    "The Legal Secretary gives opinions, keeps the file of arrests and decides what is the record.",
    "The Safety Office inspects sheds at the request of the Superintendent. A visit without notice is made "
    "only with the consent of the department visited.",
    "The archivist files one copy of each numbered paper. Papers without a number are working papers and are "
    "returned to the department that wrote them.",
]


def _opening(text: Manuscript) -> None:
    text.new_page()
    text.line("DORVANE PORT AUTHORITY", size=20, bold=True, align="centre")
    text.line("Republic of Velmora", size=11, align="centre")
    text.y -= 90
    text.line("Directive 2018/07", size=24, bold=True, align="centre")
    text.y -= 10
    text.line("Storage of detained goods, inspection records", size=15, align="centre")
    text.line("and enquiries concerning Shed 9", size=15, align="centre")
    text.y -= 90
    text.table(
        [
            ["Issued by", "Director-General Teodor Valmire"],
            ["Date", "12 July 2018"],
            ["Distribution", "Numbered copies 1 to 25, list in Annex D"],
            ["To be returned to", "Office of the Director-General"],
            ["Supersedes", "Circular 2014/22"],
        ],
        [1, 2.4],
        size=11,
        row=24,
    )
    text.y -= 30
    text.paragraph(
        "This paper is for the person to whom it was issued. It is not to be copied, extracted or quoted. "
        "Loss is to be reported on the same day."
    )


def _numbered(text: Manuscript, title: str, paragraphs: list[str], part: str) -> None:
    text.new_page()
    text.heading(title, size=15)
    for number, paragraph in enumerate(paragraphs, 1):
        plain = paragraph.replace("多港安 2018 No. 7", "“Duo Gang An 2018 No. 7”")
        text.paragraph(plain, hang=f"{part}.{number}", after=0.7)


def _annex_a(text: Manuscript) -> None:
    text.new_page()
    text.heading("Annex A. Sheds of the North and South Basins", size=15)
    rows = [["Shed", "Basin", "Floor, sq m", "Tenant or use", "Hydrant", "Class allowed"]]
    uses = (
        "Dried fruit", "Fruit and paper", "Timber", "Paper", "Cement", "Cement", "Tally and parcels",
        "Empty, roof", "Detained goods", "Machinery", "Wool", "Customs",
    )  # fmt: skip
    for number, use in enumerate(uses, 1):
        basin = "North" if number > 6 else "South"
        water = "white band" if number in (8, 9) else "in order"
        allowed = "all (Part 4)" if number == 9 else "A, B"
        rows.append([str(number), basin, f"{1180 + number * 55:,}", use, water, allowed])
    text.table(rows, [0.8, 1, 1.3, 2.4, 1.3, 1.5], size=10, row=22)
    text.paragraph(
        "Shed 8 is closed for the repair of its roof. Shed 9 is to be repaired after the sale."
    )


def _annex_b(text: Manuscript) -> None:
    text.new_page()
    text.heading("Annex B. Form 41, Fortnightly Inspection of Stored Goods (specimen)", size=15)
    text.table(
        [
            ["Field", "How it is filled in"],
            ["1. Shed and door", "As painted on the door"],
            ["2. Date", "The date due, not the date of the visit"],
            ["3. Temperature", "From the wall instrument; else as the last form"],
            ["4. Humidity", "From the wall instrument; else as the last form"],
            ["5. Packages", "“Sound” unless otherwise ordered"],
            ["6. Quantity", "Leave blank for Shed 9"],
            ["7. Result", "See Part 7"],
            ["8. Remarks", "On the back; not copied"],
            ["9. Signature", "Inspector, or as Part 7 allows"],
        ],
        [1.2, 2.6],
        size=11,
        row=26,
    )


def _annexes_c_and_d(text: Manuscript) -> None:
    text.new_page()
    text.heading("Annex C. Calendar of inspections, July to December 2018", size=15)
    days = [
        "18 July",
        "1 August",
        "15 August",
        "29 August",
        "12 September",
        "26 September",
        "10 October",
    ]
    days += ["24 October", "7 November", "21 November", "5 December", "19 December"]
    rows = [["Due", "Sheds 1 to 6", "Sheds 7, 8, 10 to 12", "Shed 9"]]
    rows += [[day, "visit", "visit", "carry forward"] for day in days]
    text.table(rows, [1.4, 1.4, 1.8, 1.4], size=10.5, row=23)
    text.paragraph("The entries for Shed 9 are carried forward from the form of 28 March 2018.")
    text.new_page()
    text.heading("Annex D. Distribution list", size=15)
    people = ["Director-General", "Deputy Director-General, Safety", "Superintendent of Storage"]
    people += ["Harbour Master", "Legal Secretary", "Spokeswoman", "Archivist", "Customs liaison"]
    rows = [["Copies", "Issued to", "Returned"]]
    rows += [[str(number), who, "no"] for number, who in enumerate(people, 1)]
    rows += [
        ["9 to 20", "Foremen of Sheds 1 to 12", "no"],
        ["21 to 25", "Reserve, Director-General", "yes"],
    ]
    text.table(rows, [1, 3, 1], size=10.5, row=23)
    text.y -= 40
    text.line("Teodor Valmire", size=13, bold=True)
    text.line("Director-General")


def directive(second: bool = False) -> bytes:
    """Fourteen pages of 12 July 2018; with `second`, page 9 as the other envelope had it."""
    text = Manuscript(
        running=lambda n: f"Directive 2018/07 – page {n} of 14 – not to be copied",
        size=12.5,
        leading=1.7,
    )
    _opening(text)
    text.new_page()
    text.heading("Contents", size=15)
    titles = [title for title, _ in PARTS] + ["Part 7. Results and refusals", "Part 8. Duties"]
    titles += [
        "Annex A. Sheds",
        "Annex B. Form 41",
        "Annex C. Calendar",
        "Annex D. Distribution list",
    ]
    pages = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    for title, page in zip(titles, pages, strict=True):
        text.paragraph(f"{title}, page {page}", after=0.2)
    for part, (title, paragraphs) in enumerate(PARTS, 1):
        _numbered(text, title, paragraphs, str(part))
    results = [line.format(sentence=CHANGED if second else KEPT) for line in RESULTS]
    _numbered(text, "Part 7. Results and refusals", results, "7")
    _numbered(text, "Part 8. Duties", DUTIES, "8")
    _annex_a(text)
    _annex_b(text)
    _annexes_c_and_d(text)
    made = text.pdf()
    with made.open_outline() as outline:
        for title, page in zip(titles, pages, strict=True):
            outline.root.append(pikepdf.OutlineItem(title, page - 1))
    return sealed(
        made, properties("Directive 2018/07", "Office of the Director-General", "20180712081500")
    )


def directive_again() -> bytes:
    """The same directive out of the second envelope."""
    return directive(second=True)


FILES = {
    "delivery-1/directive-2018-07.pdf": directive,
    "delivery-2/directive-2018-07.pdf": directive_again,
}
