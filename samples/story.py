"""The invented country, its port, its people and the dates of what happened, in three scripts.

The story in one breath: in October 2017 the freighter Ondrasel is detained at Dorvane and its cargo of sodium
chlorate goes into Shed 9. Staff warn; the board saves the money; a directive has inspection forms carried
forward instead of filled in. On 11 March 2019 Shed 9 explodes. Afterwards the forms are called in and the
number of the dead is kept small.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

PASSPHRASE = "sample, public passphrase"
"""The passphrase of the demonstration case. It is printed in the documentation and protects nothing."""

SEED = 20190311
"""Every random choice in the sample comes from this number, so that each run gives the same bytes."""

CLOCK = datetime(2019, 4, 8, 9, 30, 0, tzinfo=UTC)
"""The date given to every file and archive member."""

LOCKED_PDF_PASSWORD = "ebb-tide-1917"
LOCKED_ZIP_PASSWORD = "ebb-tide-1918"
"""Both can be guessed by a person who reads the mailbox; `retry --passwords` opens the two files."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person or place as each of the three scripts writes it."""

    latin: str
    chinese: str
    uyghur: str


COUNTRY = Named("Republic of Velmora", "维尔莫拉共和国", "ۋېلمورا جۇمھۇرىيىتى")
PORT = Named("Dorvane", "多尔凡", "دورۋان")
AUTHORITY = Named("Dorvane Port Authority", "多尔凡港务局", "دورۋان پورت باشقۇرۇش ئىدارىسى")

DIRECTOR = Named("Teodor Valmire", "陶多尔·瓦尔米尔", "تېئودور ۋالمىر")
DEPUTY = Named("Wu Tingrong", "邬廷榕", "ۋۇ تىڭرۇڭ")
HARBOUR_MASTER = Named("Ilka Rosmarn", "伊尔卡·罗斯玛恩", "ئىلكا روسمارن")
SUPERINTENDENT = Named("Miao Qixiang", "苗启橡", "مياۋ چىشياڭ")
INSPECTOR = Named("She Ruoyu", "佘若榆", "شې رۇۋيۈ")
LAWYER = Named("Corin Haldevar", "科林·哈尔德瓦尔", "كورىن خالدېۋار")
SPOKESWOMAN = Named("Ilse Marrant", "伊尔莎·马兰特", "ئىلسا مارانت")
FOREMAN = Named("Ertal Qumush", "埃尔塔勒·库木什", "ئەرتال قۇمۇش")
CLERK = Named("Selima Torghay", "塞丽玛·托尔盖", "سەلىمە تورغاي")

INNOCENT = Named("Maralay Zerqun", "玛拉莱·泽尔坤", "مارالاي زەرقۇن")
"""A canteen assistant of nineteen who saw nothing and did nothing. She must not be published."""
INNOCENT_ADDRESS = "27 Saltmarket Lane"
INNOCENT_NUMBER = "V-4471-0936"

MEMO_CODE = "1011001110001101"
"""What the zero-width characters of the text memo spell: 1 is U+200C, 0 is U+200B."""
