"""Archives, locked files and a broken PDF."""

from __future__ import annotations

import io

import pikepdf

from samples.chinese_scans import COPY_NUMBER
from samples.packing import locked_zip, tarred, zipped
from samples.scan import dice
from samples.story import LOCKED_PDF_PASSWORD, LOCKED_ZIP_PASSWORD
from samples.typeset import Manuscript, properties
from samples.word import document, paragraph, run


def locked_pdf() -> bytes:
    """The receipt for the forms that were burnt; opens with LOCKED_PDF_PASSWORD."""
    text = Manuscript(running=str)
    text.new_page()
    text.line("Receipt", size=16, bold=True)
    for line in (
        "Received from the Legal Secretary on 16 March 2019, in four sacks: 35 sheets of Form 41 from Storage, 12 "
        "from Safety, two gate books, one list of refusals.",
        "Burnt in the boiler of the South Basin on 17 March 2019 between 14:00 and 15:30, in the presence of the "
        "undersigned.",
        "One sheet of Form 41, due 24 October 2018, was missing from the sacks.",
    ):
        text.paragraph(line)
    made = text.pdf()
    for key, value in properties("Receipt", "Boiler House", "20190317154500").items():
        made.docinfo[pikepdf.Name("/" + key)] = pikepdf.String(value)
    held = io.BytesIO()
    # The older RC4 handler draws no random numbers, so that the file is the same on each run.
    lock = pikepdf.Encryption(
        owner="boiler-house", user=LOCKED_PDF_PASSWORD, R=3, aes=False, metadata=False
    )
    made.save(held, encryption=lock, static_id=True)
    return held.getvalue()


def locked_archive() -> bytes:
    """Two texts; opens with LOCKED_ZIP_PASSWORD."""
    return locked_zip(
        {
            "refusals.csv": b"Date,Inspector,Shed,Entered by\n2018-09-03,She Ruoyu,9,M.Q.\n"
            b"2018-09-12,She Ruoyu,9,M.Q.\n"
            b"2018-10-10,Peyra Lindqast,9,M.Q.\n2018-12-05,She Ruoyu,9,M.Q.\n",
            "gate-book-2019-03-10.txt": (
                b"Gate book, west gate, 10 March 2019\n21:52 Arslek relieves day "
                b"watch\n22:10 Mr Miao, car, to Shed 9, "
                b"second keys, reason given: none\n23:31 Mr Miao out\n02:05 Askel, crane, lamp borrowed\n"
                b"04:40 smell of burning reported to Harbour Master by telephone, told to wait\n"
            ),
        },
        LOCKED_ZIP_PASSWORD,
    )


def broken_pdf() -> bytes:
    """The first third of a PDF: its objects are packed in streams and its catalogue was in the rest."""
    text, luck = Manuscript(running=str), dice("gate book")
    for number in range(40):
        text.new_page()
        text.line(f"Gate book, sheet {number + 1}", size=15, bold=True)
        for _ in range(14):
            hour, minute, pass_number = (
                luck.randrange(24),
                luck.randrange(60),
                luck.randrange(1000, 9999),
            )
            text.paragraph(
                f"{hour:02}:{minute:02} pass {pass_number} in, shed {luck.randrange(1, 13)}, signed."
            )
    held = io.BytesIO()
    made = text.pdf()
    made.save(held, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return held.getvalue()[: len(held.getvalue()) // 3]


def nested() -> bytes:
    """A ZIP with a ZIP in it, and in that a Word file and a text."""
    letter = document(
        paragraph(run("To the receiver of the Ondrasel", ""), style="Heading1")
        + paragraph(
            run(
                "Sir, the Authority has sold nothing and moved nothing. Your 2,740 drums are where they were."
            )
        )
        + paragraph(run("Dorvane, 4 February 2019. Miao Qixiang, Superintendent of Storage")),
        author="m.qixiang",
        changed_by="m.qixiang",
        title="To the receiver",
    )
    inner = zipped(
        {
            "letters/receiver.docx": letter,
            "letters/liste.txt": (
                f"份号登记\n{COPY_NUMBER} 埃尔塔勒·库木什\n000018 塞丽玛·托尔盖\n000019 佘若榆\n"
            ).encode(),
        }
    )
    return zipped(
        {
            "README.txt": b"Backup of the desk of the Superintendent, taken by the machine on 1 March 2019.\n",
            "2019-02/desk.zip": inner,
            "2019-02/empty-folder-note.txt": b"",
        },
        store=frozenset({"2019-02/desk.zip"}),
    )


_RADIO = (
    ("03:58", "picket", "North Basin, all quiet. Hydrant nine still dry."),
    ("04:36", "crane 14", "Smell of burning at the west door of nine."),
    ("04:38", "harbour", "Wait. I am asking."),
    ("04:44", "crane 14", "There is smoke from the roof. Shall I telephone the brigade?"),
    ("04:45", "harbour", "Not yet. What is in there?"),
    ("04:46", "picket", "Salt, the ledger says. It is not salt."),
    ("04:49", "harbour", "Brigade is called."),
    ("04:51", "brigade 2", "At the gate. What is in nine?"),
    ("04:52", "harbour", "Industrial salt."),
    ("04:52", "", "(end of tape)"),
)


def radio_log() -> bytes:
    """A TAR.GZ of the radio log of the last hour, and of a transcript in Chinese and one in Uyghur."""
    log = "".join(f"{time}\t{who}\t{said}\n" for time, who, said in _RADIO)
    chinese = (
        "04时45分　港务：先不要叫。里面是什么？\n"
        "04时46分　值班：台账上写的是盐。不是盐。\n"
        "04时52分　港务：工业用盐。\n"
    )
    uyghur = (
        "04:45 پورت: ھازىرچە چاقىرماڭلار. ئىچىدە نېمە بار؟\n"
        "04:46 قاراۋۇل: دەپتەردە تۇز دېيىلگەن. ئۇ تۇز ئەمەس.\n"
        "04:52 پورت: سانائەت تۇزى.\n"
    )
    return tarred(
        {
            "radio/2019-03-11.tsv": log.encode(),
            "radio/记录.txt": chinese.encode(),
            "radio/خاتىرە.txt": uyghur.encode(),
        }
    )


FILES = {
    "delivery-3/locked/receipt.pdf": locked_pdf,
    "delivery-3/locked/watch.zip": locked_archive,
    "delivery-3/loose/gate-book.pdf": broken_pdf,
    "delivery-3/archives/desk-backup.zip": nested,
    "delivery-3/archives/radio-log.tar.gz": radio_log,
}
