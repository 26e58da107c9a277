"""What was planted in the sample case, where it lies, what a person should find, and which verb finds it.

`python -m samples.traps` prints the list as JSON; `python -m samples.traps docs/sample.md` writes the table of
that page anew.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samples.loose import ODD_NAME


@dataclass(frozen=True, slots=True)
class Trap:
    """One planted thing.

    `name` is stable; `page` counts from 1 and is 0 where pages mean nothing; `verb` is the verb of muniment
    that will find it and `issue` the part of the work that makes it true; `state` is "now" where the verb
    exists in the first part, else "later".
    """

    name: str
    files: tuple[str, ...]
    page: int
    finds: str
    verb: str
    issue: int
    state: Literal["now", "later"]


_MBOX = "delivery-3/mail/harbour-office.mbox"
_WIRE = tuple(
    f"articles/{name}"
    for name in ("1-dorvane-observer.txt", "2-ilmara-post.html", "3-harbour-gazette.txt")
)
_NOTICE = "delivery-1/scan-0002.pdf"
_LETTER = "delivery-1/scan-0003.pdf"
_MINUTES = "delivery-3/scans/会议纪要 2018-11-08.pdf"
_PHOTO = "delivery-3/scans/IMG_20190212_234107.jpg"
_REGISTER = "delivery-3/papers/hospital-register-names-withheld.pdf"
_REPORT = "delivery-3/scans/inspection-2018-09-03.pdf"
_STATEMENT = "delivery-3/office/statement-draft-6.docx"
_FORM = "delivery-1/form-41-shed-9.pdf"


def _now(name: str, files: tuple[str, ...], page: int, finds: str, verb: str) -> Trap:
    return Trap(name, files, page, finds, verb, 2, "now")


def _later(name: str, files: tuple[str, ...], page: int, finds: str, verb: str, issue: int) -> Trap:
    return Trap(name, files, page, finds, verb, issue, "later")


TRAPS: tuple[Trap, ...] = (
    _now(
        "damaged-mailbox", (_MBOX,), 0,
        "26 messages are declared by separators, exactly 12 can be extracted. The other 14 are named one by one: "
        "4 of NUL bytes, 4 overwritten, 2 empty (failed); 2 with a body that is not base64, 2 cut inside an "
        "attachment (partly extracted). Numbers and kinds stand in `samples.mailbox.DAMAGE`.",
        "status",
    ),
    _now(
        "encrypted-pdf", ("delivery-3/locked/receipt.pdf",), 0,
        "State encrypted. The password is ebb-tide-1917; messages 9 and 11 of the mailbox tell how it is made. "
        "`retry --passwords` opens it.", "status",
    ),
    _now(
        "encrypted-zip", ("delivery-3/locked/watch.zip",), 0,
        "Both members have the state encrypted; their names can be seen, not a word of them. The password is "
        "ebb-tide-1918.", "status",
    ),
    _now(
        "corrupt-pdf", ("delivery-3/loose/gate-book.pdf",), 0,
        "State failed, with a reason: the last two thirds of the file are not there.", "status",
    ),
    _now("empty-file", ("delivery-3/loose/crane-14.csv",), 0, "An empty file is listed, not lost.", "documents"),
    _now(
        "unknown-binary", ("delivery-3/loose/weighbridge.dat",), 0,
        "State unsupported: a format that nobody reads.", "documents",
    ),
    _now(
        "bad-utf8", ("delivery-3/loose/night-book.txt",), 1,
        "UTF-8 with three bad places (a cut character, two Latin-1 bytes). "
        "The rest is found; the bad bytes are told.",
        "show",
    ),
    _now(
        "gb18030", ("delivery-3/loose/口述.txt",), 1,
        "Chinese in an old encoding without a mark: 检查表上写的是十四度 is found.", "find",
    ),
    _now(
        "odd-name", (f"delivery-3/loose/{ODD_NAME}",), 0,
        "A name with a leading dash, a tab, quotes and U+202E is shown escaped and kept as it is.", "documents",
    ),
    _now(
        "nested-archives", ("delivery-3/archives/desk-backup.zip", "delivery-3/archives/radio-log.tar.gz"), 0,
        "A ZIP in a ZIP with a Word file, and a TAR.GZ: every member is a "
        "document, a receiver’s letter and a list of "
        "copy numbers among them.", "documents",
    ),
    _now(
        "mail-attachments", ("delivery-3/mail/to-the-assembly.eml",), 0,
        "A PDF, a picture under a Chinese name and a mail in Uyghur are documents of their own.", "documents",
    ),
    _now(
        "scan-chinese", (_NOTICE, _MINUTES), 0,
        "OCR finds 不得记录为 on page 1 of the notice and 会议决定 on page 2 of the minutes.", "find",
    ),
    _now("scan-uyghur", (_LETTER,), 1, "OCR finds سىگنال راكېتالىرى in the foreman’s letter.", "find"),
    _now("scan-english", ("delivery-1/scan-0001.pdf",), 2, "OCR finds \"matter of form, not of substance\".", "find"),
    _now(
        "form-and-notes", (_FORM,), 1,
        "What stands in form fields and in notes is searchable: “pp. Storage”, “Nobody went in”, “NOT A VISIT”.",
        "find",
    ),
    _now(
        "turned-page", ("delivery-3/papers/shed-9-plan.pdf",), 2,
        "A page stored on its side: the words are boxed where they are seen.", "show",
    ),
    _now(
        "hidden-sheet", ("delivery-3/office/inspections-2018.xlsx",), 3,
        "The real readings are in a hidden sheet, a very hidden one says where copies are, row 5 of the costs is "
        "hidden. `find` finds them; `check` will say that they are hidden (issue 7).", "find",
    ),
    _later(
        "tracked-changes", (_STATEMENT,), 0,
        "Deleted: “at least 2,740 drums of sodium chlorate”, “The night foreman had warned us in writing, twice.” "
        "Three comments, one of which asks who filed the letters.", "check", 7,
    ),
    _later(
        "memo-two-copies", ("delivery-1/memo-114-harbour-master.pdf", "delivery-1/memo-114-customs.pdf"), 1,
        "Three words differ (promptly/quickly, stores/goods, shortly/soon): quoting one names its recipient.",
        "compare", 7,
    ),
    _later(
        "second-delivery", ("delivery-1/directive-2018-07.pdf", "delivery-2/directive-2018-07.pdf"), 9,
        "Two deliveries, the same set of papers but for page 9 of the directive: "
        "in one, no inspection may be recorded as "
        "failed without approval; in the other, a failure is to be reported.", "compare", 7,
    ),
    _later(
        "failed-redaction", (_REGISTER,), 1,
        "Seven black boxes, and every name, a mother’s name and an address under them as text.", "check", 7,
    ),
    _later(
        "copy-number", (_NOTICE,), 1,
        "份号：000017: the notice was given out by number; the list of numbers is in the nested archive.", "check", 7,
    ),
    _later(
        "printer-dots", ("delivery-3/scans/note-for-mr-miao.png",), 1,
        "A grid of yellow dots, 15 by 8 places 1.7 mm apart, seen in the blue channel alone.", "check", 7,
    ),
    _later(
        "zero-width", ("delivery-3/loose/memo-2019-03-15.txt",), 1,
        "Sixteen zero-width characters (U+200B, U+200C) in the word gaps spell the recipient’s number.", "check", 7,
    ),
    _later(
        "beacon-template", ("delivery-3/office/circular-2019-03.docx",), 0,
        "A template is fetched from pixel.dorvane-port.example when the file is opened. The schema addresses in the "
        "same file are not findings.", "check", 7,
    ),
    _later(
        "beacon-mail", ("delivery-3/mail/quayside-11.eml",), 1,
        "A picture of one pixel is fetched from elsewhere, with the reader’s name in the address.", "check", 7,
    ),
    _later(
        "source-in-metadata", ("delivery-1/envelope-note.pdf", _STATEMENT, "delivery-3/archives/radio-log.tar.gz"), 0,
        "The archivist, who is the source, in XMP and PDF properties, as last editor of a Word file, as owner of "
        "files in a TAR.", "check", 7,
    ),
    _later(
        "photo-position", (_PHOTO,), 0, "A telephone’s position, serial number and time in EXIF.", "check", 7,
    ),
    _later(
        "mail-origin", ("delivery-3/mail/to-the-assembly.eml",), 0,
        "The address of a kitchen laptop in Received, X-Originating-IP and Message-ID.", "check", 7,
    ),
    _later(
        "innocent-three-scripts", (_PHOTO, _MINUTES, _LETTER, _REGISTER, "delivery-3/scans/نۆۋەت جەدۋىلى.jpg"), 0,
        "Maralay Zerqun, 玛拉莱·泽尔坤, مارالاي زەرقۇن: a canteen assistant of nineteen who saw nothing, with "
        "identity number and address. One person; to be withheld in every script.", "names", 5,
    ),
    _later(
        "one-wire-story", _WIRE, 1,
        "Three articles rest on one story of Halyard Wire: the first word for word "
        "(byline, dateline), the second in other words "
        "(containment of five-word runs above 0.4, Jaccard below), the third citing it. One origin.", "origins", 6,
    ),
    _later(
        "independent-article", ("articles/4-lantern-weekly.html",), 1,
        "Own witnesses and own observation: a second origin. Adverts and comments on the page are no statements.",
        "origins", 6,
    ),
    _later(
        "denial", ("articles/5-velmora-courier.txt",), 1,
        "Ilse Marrant denies; she “did not deny” one thing and declined another. "
        "A denial is evidence for the denial.",
        "statements", 6,
    ),
    _later(
        "citing-cycle", _WIRE[1:], 1,
        "The Post (in an update) cites the Gazette and the Gazette cites the Post: a cycle, which earns nothing.",
        "origins", 6,
    ),
    _later(
        "lost-at-least", (_REPORT, _WIRE[0], _WIRE[2]), 0,
        "“At least 2,740 drums” in the report and the wire, “2,740 drums” in "
        "the Gazette: the step that lost the bound.",
        "figures", 6,
    ),
    _later(
        "figures-conflict",
        (_REGISTER, _WIRE[0], "articles/4-lantern-weekly.html", "articles/5-velmora-courier.txt"), 1,
        "14 dead, says the Ministry; 23, says the hospital’s register.", "figures", 6,
    ),
    _later(
        "wan-slip", (_MINUTES,), 1, "411 吨 is 41.1万公斤; the minutes have 4.11万公斤, a slip of ten.", "figures", 6,
    ),
)  # fmt: skip

BEGIN, END = "<!-- table: python -m samples.traps docs/sample.md -->", "<!-- end of table -->"


def _shown(path: str) -> str:
    if path.isprintable() and "\u202e" not in path:
        return f"`{path}`"
    return f"`{ascii(path)[1:-1]}`"


def table() -> str:
    """The traps as a Markdown table, without the lines around it."""
    rows = ["| Trap | Where | What a person should find | Verb | When |", "|---|---|---|---|---|"]
    for trap in TRAPS:
        where = "<br>".join(_shown(path) for path in trap.files)
        if trap.page:
            where += f"<br>page {trap.page}"
        when = "now" if trap.state == "now" else f"later, issue {trap.issue}"
        rows.append(
            f"| {trap.name} | {where} | {trap.finds.replace('|', '/')} | `{trap.verb}` | {when} |"
        )
    return "\n".join(rows)


def renewed(page: str) -> str:
    """The text of docs/sample.md with the table of today."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Print JSON, or write the table into the page that is named."""
    if not arguments:
        json.dump([asdict(trap) for trap in TRAPS], sys.stdout, ensure_ascii=False, indent=2)
        print()
        return 0
    page = Path(arguments[0])
    page.write_text(renewed(page.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
