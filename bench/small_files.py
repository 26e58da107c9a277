"""Small files for measurements, the same for the same number: texts of 1 to 2 kB, web pages, mails, tables."""

from __future__ import annotations

import random
from pathlib import Path

from bench.add import WORDS

_FOLDER = 1000


def make_small_files(folder: Path, count: int) -> int:
    """Write them, a thousand to a folder; returns how many bytes they are."""
    size = 0
    for number in range(count):
        if number % _FOLDER == 0:
            place = folder / f"{number // _FOLDER:04d}"
            place.mkdir(parents=True)
        ending, content = small_file(number)
        (place / f"{number:06d}.{ending}").write_bytes(content)
        size += len(content)
    return size


def small_file(number: int) -> tuple[str, bytes]:
    """The ending and the content of one: of ten, seven texts, a web page, a mail and a table."""
    chance = random.Random(number)
    lines = [
        " ".join(chance.choice(WORDS) for _ in range(11)) for _ in range(chance.randint(15, 30))
    ]
    kind = number % 10
    if kind == 7:
        body = "".join(f"<p>{line}</p>\n" for line in lines)
        page = f"<!DOCTYPE html><html><head><title>Note {number}</title></head><body>\n{body}</body></html>\n"
        return "html", page.encode()
    if kind == 8:
        head = (
            f"From: clerk{number % 97}@harbour.example\r\nTo: pilot@harbour.example\r\n"
            f"Subject: Note {number}\r\nDate: Mon, 06 May 2024 10:{number % 60:02d}:00 +0000\r\n"
            f"Message-ID: <{number}@harbour.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        )
        return "eml", (head + "\r\n".join(lines) + "\r\n").encode()
    if kind == 9:
        rows = "".join(",".join(line.split(" ")[:6]) + f",{number}\n" for line in lines)
        return "csv", ("one,two,three,four,five,six,number\n" + rows).encode()
    return "txt", (f"Note {number}\n\n" + "\n".join(lines) + "\n").encode()
