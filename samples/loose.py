"""Loose files: marked text, old encodings, bad bytes, odd names, nothing at all, and something nobody can read."""

from __future__ import annotations

import struct

from samples.scan import dice
from samples.story import MEMO_CODE

ODD_NAME = "-list “final”\tShed 9 – (copy) #2 100% \u202egpj.txt"
"""A leading dash, curly quotes, a tab, a dash, a hash, a per cent sign and U+202E, which turns what follows."""
ZERO, ONE = "\u200b", "\u200c"
_MARKS = {"0": ZERO, "1": ONE}


def marked_memo() -> bytes:
    """A memo by mail whose word gaps carry sixteen invisible bits: the recipient's number."""
    text = (
        "To all heads of department, 15 March 2019\n\n"
        "The Authority has learned that papers have left the building. Heads of department are asked to say in "
        "confidence which of their staff stayed late in the week of 4 March, who asked for keys, and who uses the "
        "copier on the third floor. The answer is to be given to me in person. This memorandum was sent to each of "
        "you alone.\n\nCorin Haldevar\n"
    )
    words = text.split(" ")
    bits = iter(MEMO_CODE)
    marked = words[0]
    for number, word in enumerate(words[1:]):
        bit = next(bits, "") if number % 3 == 2 else ""
        marked += " " + _MARKS.get(bit, "") + word
    return marked.encode()


def bad_bytes() -> bytes:
    """A log that is UTF-8 but for a handful of bytes: a record cut in a character, and two in Latin-1."""
    good = "2019-03-09 22:00 temperature 31 °C, humidity 68 %, roof dripping, 北墙 not reached\n".encode()
    return (
        b"Night book, Shed 9, kept by the night shift\n"
        + good
        + "2019-03-10 22:00 temperature 33 °C, drums open: about one in four\n".encode()
        + b"2019-03-10 23:31 car at the west door, caf"
        + b"\xe9 machine broken, 34 \xb0C inside\n"
        + "2019-03-11 03:30 smell, told 港".encode()[:-1]
        + b"\n2019-03-11 04:30 going to look\n"
    )


def odd_name() -> bytes:
    """A short list under a name that breaks shells, tables and reading direction."""
    return (
        b"People who were in the North Basin at 04:52 on 11 March 2019 and have not been asked:\n"
        b"the driver of crane 14 (dead), the tally clerk of Shed 7, the cook of Canteen 2, the second picket (post "
        b"vacant)\n"
    )


def old_chinese() -> bytes:
    """A Chinese text in GB18030, as old office programs save it, with no mark to say so."""
    return (
        "值班记录（口述整理）\r\n\r\n我是九号仓库的夜班搬运工，不愿意写名字。三月十日晚上，仓储科的车进来过一次。"
        "库里的温度有三十四度，墙上的温度计是坏的。我们自己带了一支。\r\n"
        "检查表上写的是十四度。那张表我们从来没有填过，也没有人进来检查。\r\n"
        "港务长在电话里叫我们等。等了十一分钟。\r\n"
    ).encode("gb18030")


def nothing() -> bytes:
    """An empty file: the crane's log was never written."""
    return b""


def weighbridge() -> bytes:
    """Records of the weighbridge in the maker's own format, which no reader knows."""
    luck = dice("weighbridge")
    records = b"".join(
        struct.pack(
            "<IHHI",
            1_552_000_000 + n * 617,
            luck.randrange(1, 90),
            luck.randrange(40_000),
            luck.getrandbits(32),
        )
        for n in range(400)
    )
    return b"\x8bWBR\x02\x00\x19\x03" + struct.pack("<I", 400) + records


FILES = {
    "delivery-3/loose/memo-2019-03-15.txt": marked_memo,
    "delivery-3/loose/night-book.txt": bad_bytes,
    f"delivery-3/loose/{ODD_NAME}": odd_name,
    "delivery-3/loose/口述.txt": old_chinese,
    "delivery-3/loose/crane-14.csv": nothing,
    "delivery-3/loose/weighbridge.dat": weighbridge,
}
