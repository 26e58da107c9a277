"""`add` of a folder of text PDFs, as a ratio to bare pypdfium2 on the same files, and where the time goes.

    .venv/bin/python -m bench.add [--files 100,400,1600] [--corpus FOLDER] [--tika 40] [--json FILE]

Bare pypdfium2 gets the text of each page and the box of each character, in one process for one core and in two
for two. `add` receives, seals and logs every file, reads it in the sandbox, writes text and boxes to the
catalogue and indexes them: then everything is found. The first ratio is of that; behind it, `add` seals the pages'
pictures (bench.seals) and commits what was done. Both run in turn on the same cores, from files in the page cache.
Beside it, Tika (iscc-tika, without OCR) extracts the text of the first of the files, in processes of its own on the
same cores: 40 of them, since it takes a third of a second for each.
Without a corpus the PDFs are made here: three pages of about 2,000 characters each, with a text layer: no OCR.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.reading import bare

WORDS = [
    "harbour",
    "quay",
    "drum",
    "permit",
    "inspector",
    "ledger",
    "tonnage",
    "ballast",
    "pilot",
    "berth",
    "crane",
    "manifest",
    "customs",
    "weigh",
    "storage",
    "valve",
    "leak",
    "foreman",
    "night",
    "shift",
    "record",
    "signed",
    "ordered",
    "refused",
    "returned",
    "copied",
    "sealed",
    "opened",
    "the",
    "of",
    "and",
    "to",
    "in",
    "was",
    "were",
    "not",
    "that",
    "which",
    "by",
    "with",
    "from",
    "before",
    "after",
    "under",
    "over",
]


def make_pdf(number: int, pages: int = 3, rows: int = 40, across: int = 9, size: int = 10) -> bytes:
    """A text PDF, the same for the same number: so many rows of so many words, in letters of this size."""
    chance = random.Random(number)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for _ in range(pages):
        lines = []
        for line in range(rows):
            words = " ".join(chance.choice(WORDS) for _ in range(across))
            lines.append(f"1 0 0 1 60 {780 - 720 * line // rows} Tm ({words} {number}) Tj")
        stream = (f"BT /F1 {size} Tf " + "\n".join(lines) + " ET").encode()
        content = len(objects) + 1
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            % content
        )
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (refs, len(kids))
    body, places = b"%PDF-1.7\n", []
    for index, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (index, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def bare_seconds(paths: Sequence[Path], cores: int) -> float:
    """Bare pypdfium2 over the files, split over that many processes."""
    begin = time.perf_counter()
    if cores == 1:
        _bare_share(paths)
    else:
        _split(_bare_share, paths, cores)
    return time.perf_counter() - begin


def tika_seconds(paths: Sequence[Path], cores: int) -> float:
    """Tika's bare extraction, in processes of its own."""
    begin = time.perf_counter()
    _split(_tika_share, paths, cores)
    return time.perf_counter() - begin


def _split(work: Callable[[Sequence[Path]], None], paths: Sequence[Path], cores: int) -> None:
    shares = [paths[start::cores] for start in range(cores)]
    children = [multiprocessing.Process(target=work, args=(share,)) for share in shares]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise RuntimeError("a process ended before its work was done")


def _bare_share(paths: Sequence[Path]) -> None:
    bare([path.read_bytes() for path in paths])


def _tika_share(paths: Sequence[Path]) -> None:
    import iscc_tika

    settings = iscc_tika.PdfParserConfig().set_ocr_strategy(iscc_tika.PdfOcrStrategy.NO_OCR)
    extractor = iscc_tika.Extractor().set_pdf_config(settings)
    for path in paths:
        reader, _ = extractor.extract_bytes(bytearray(path.read_bytes()))
        while reader.read(1 << 20):
            pass


def processor_seconds() -> float:
    """What this process and those children of it that have ended took of the processor."""
    return sum(os.times()[:4])


def add_seconds(folder: Path, place: Path) -> tuple[float, float, float, dict[str, float]]:
    """`add` into a fresh case: seconds until all is found, the processor's, all seconds, those of each stage."""
    from muniment.verbs.case import Case
    from muniment.verbs.progress import Progress
    from muniment.verbs.sealing_pages import STAGE

    case, _ = Case.new(place / "bench", "a passphrase for a benchmark")
    marks: list[tuple[str, float]] = []
    found_by: list[float] = []
    worked = processor_seconds()

    def watch(progress: Progress) -> None:
        marks.append((progress.stage, time.perf_counter()))
        if progress.stage == STAGE:
            found_by.append(processor_seconds() - worked)

    usage = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    report = case.add([folder], watch=watch)
    whole = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert set(report["states"]) <= {"extracted", "partly-extracted", "failed", "encrypted"}, report
    case.lock()
    stages: dict[str, float] = {}
    last = begin
    for stage, moment in marks:
        stages[stage] = stages.get(stage, 0.0) + moment - last
        last = moment
    stages["ending"] = begin + whole - last
    stages["cpu of the host process"] = (
        after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    )
    found = next((moment for stage, moment in marks if stage == STAGE), begin + whole) - begin
    return found, found_by[0] if found_by else processor_seconds() - worked, whole, stages


def measure(
    paths: Sequence[Path], folder: Path, cores: int, scratch: Path, tika: int
) -> dict[str, Any]:
    """One size on so many cores: the better of two rounds of each, turn and turn about."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        best_bare, best_found, best_add, stages = float("inf"), float("inf"), float("inf"), {}
        bare_worked, found_worked = float("inf"), float("inf")
        for turn in range(2):
            worked = processor_seconds()
            best_bare = min(best_bare, bare_seconds(paths, cores))
            bare_worked = min(bare_worked, processor_seconds() - worked)
            place = scratch / f"{cores}-{len(paths)}-{turn}"
            place.mkdir()
            found, worked, seconds, where = add_seconds(folder, place)
            best_found, found_worked = min(best_found, found), min(found_worked, worked)
            if seconds < best_add:
                best_add, stages = seconds, where
        by_tika = paths[:tika]
        tika_each = tika_seconds(by_tika, cores) / len(by_tika) if by_tika else 0.0
    finally:
        os.sched_setaffinity(0, before)
    return {
        "files": len(paths),
        "cores": cores,
        "bare_seconds": round(best_bare, 3),
        "found_seconds": round(best_found, 3),
        "add_seconds": round(best_add, 3),
        "ratio_until_found": round(best_found / best_bare, 2),
        "ratio_of_processor_until_found": round(found_worked / bare_worked, 2),
        "ratio": round(best_add / best_bare, 2),
        "tika_seconds_a_file": round(tika_each, 4),
        "times_faster_than_tika": round(tika_each * len(paths) / best_found, 1),
        "stages": {name: round(value, 3) for name, value in stages.items()},
    }


def main() -> None:
    """Print the table, small to large, one core and two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", default="100,400,1600")
    parser.add_argument("--corpus", type=Path, help="a folder of PDFs instead of made ones")
    parser.add_argument("--tika", type=int, default=40, help="so many of the files; 0: not at all")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as name:
        scratch = Path(name)
        os.environ["MUNIMENT_HOME"] = str(scratch / "home")
        if chosen.corpus:
            folders = [chosen.corpus]
        else:
            folders = [_made(scratch, int(count)) for count in chosen.files.split(",")]
        for folder in folders:
            paths = sorted(folder.rglob("*.pdf"))
            for cores in (1, 2) if len(os.sched_getaffinity(0)) > 1 else (1,):
                row = measure(paths, folder, cores, scratch, chosen.tika)
                rows.append(row)
                print(
                    f"{row['files']:>6} PDFs  {cores} core{'s' if cores > 1 else ' '}  "
                    f"bare {row['bare_seconds']:>7.2f} s  found {row['found_seconds']:>7.2f} s  "
                    f"ratio {row['ratio_until_found']:.2f} (processor {row['ratio_of_processor_until_found']:.2f})  "
                    f"pages sealed too {row['add_seconds']:>8.2f} s  ratio {row['ratio']:.2f}"
                )
                if chosen.tika:
                    print(
                        f"        Tika {row['tika_seconds_a_file'] * 1000:.0f} ms a file: until all is found, "
                        f"add is {row['times_faster_than_tika']} times faster (goal 5)"
                    )
                print("        " + ", ".join(f"{n} {v:.2f} s" for n, v in row["stages"].items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1))


def _made(scratch: Path, count: int) -> Path:
    folder = scratch / f"pdfs-{count}"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05d}.pdf").write_bytes(make_pdf(number))
    return folder


if __name__ == "__main__":
    main()
