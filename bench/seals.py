"""Rendering, sealing and storing pages, as a ratio to bare RGB rendering at 200 dpi of the same pages.

    .venv/bin/python -m bench.seals [--pages 240] [--corpus FOLDER] [--rounds 2] [--kinds typed,dense,scan,colour]

Bare pypdfium2 renders every page in red, green and blue, in one process for one core and in two for two. `add`
draws each page in the sandbox, brings it out, seals its picture, its black and white, its words and boxes, packs
and encrypts it, and puts a batch into vault and log: the seconds of that stage count, the start of its processes
included. Without a corpus the pages are made here, in four kinds: typed (40 lines, about 2,000 characters), dense (70
lines, 6,000 characters), a grey scan (a JPEG of 200 dpi), and a page in colour. What a page costs to seal hardly
depends on what is on it (its tiles and words are hashed one by one), so that the ratio is best where drawing is dear.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pypdfium2

from bench.add import make_pdf

KINDS = ("typed", "dense", "scan", "colour")

GOAL = 2.7
_SCALE = 200 / 72


def bare(paths: Sequence[Path]) -> int:
    """Every page of the files as a raster of three channels; gives the number of pages."""
    pages = 0
    for path in paths:
        try:
            pdf = pypdfium2.PdfDocument(path.read_bytes())
        except pypdfium2.PdfiumError:
            continue
        for page in pdf:
            page.render(scale=_SCALE, rev_byteorder=True).close()
            page.close()
            pages += 1
        pdf.close()
    return pages


def bare_seconds(paths: Sequence[Path], cores: int) -> float:
    """Bare rendering, split over that many processes."""
    begin = time.perf_counter()
    shares = [paths[start::cores] for start in range(cores)]
    children = [multiprocessing.Process(target=bare, args=(share,)) for share in shares]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return time.perf_counter() - begin


def sealing_seconds(folder: Path, place: Path) -> tuple[float, int, int]:
    """Seconds of the stage "sealing pages" of an `add`, pages sealed, and bytes of pictures kept for them."""
    from muniment.verbs.case import Case
    from muniment.verbs.progress import Progress
    from muniment.verbs.sealing_pages import STAGE

    case, _ = Case.new(place / "bench", "a passphrase for a benchmark")
    began: list[float] = []

    def watch(progress: Progress) -> None:
        if progress.stage == STAGE:
            began.append(time.perf_counter())

    case.add([folder], watch=watch)
    end = time.perf_counter()
    seals = case.status()["seals"]
    assert seals["waiting"] == 0, seals
    case.lock()
    return end - began[0], seals["pages"], seals["pictures"]


def measure(paths: Sequence[Path], folder: Path, cores: int, rounds: int, scratch: Path) -> None:
    """Print one line: the better of so many rounds of each, turn and turn about."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    best_bare, best_ours, pages, kept = float("inf"), float("inf"), 0, 0
    try:
        for turn in range(rounds):
            best_bare = min(best_bare, bare_seconds(paths, cores))
            place = scratch / f"{cores}-{turn}"
            place.mkdir()
            seconds, pages, kept = sealing_seconds(folder, place)
            best_ours = min(best_ours, seconds)
            shutil.rmtree(place)
    finally:
        os.sched_setaffinity(0, before)
    print(
        f"{folder.name:<8} {pages:>6} pages  {cores} core{'s' if cores > 1 else ' '}  "
        f"bare RGB {1000 * best_bare / pages:>6.1f} ms a page  "
        f"sealed {1000 * best_ours / pages:>6.1f} ms a page  ratio {best_ours / best_bare:.2f} "
        f"(goal {GOAL})  {kept / pages / 1000:.0f} kB a page",
        flush=True,
    )


def make(kind: str, number: int) -> bytes:
    """A PDF of three pages of a kind, the same for the same number."""
    if kind == "typed":
        return make_pdf(number)
    if kind == "dense":
        return make_pdf(number, rows=70, across=14, size=8)
    return _pictured(number, colour=kind == "colour")


def _pictured(number: int, *, colour: bool) -> bytes:
    """Pages that are one JPEG each: paper with some noise and stains, and the letters of a typed page."""
    import io

    import numpy as np
    from PIL import Image

    chance = np.random.default_rng(number)
    pages = []
    for page in pypdfium2.PdfDocument(make_pdf(number)):
        drawn = page.render(scale=_SCALE, grayscale=True).to_numpy().squeeze().astype(np.int16)
        drawn = np.minimum(drawn, 235) + chance.integers(-9, 9, drawn.shape, dtype=np.int16)
        picture = Image.fromarray(np.clip(drawn, 0, 255).astype(np.uint8))
        if colour:
            tint = Image.new("RGB", picture.size, (250, 238, 205))
            picture = Image.blend(picture.convert("RGB"), tint, 0.3)
        pages.append(picture)
    made = io.BytesIO()
    pages[0].save(made, "PDF", resolution=200, save_all=True, append_images=pages[1:])
    return made.getvalue()


def main() -> None:
    """Print the ratio on one core and on two, for each kind of page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=240, help="of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--corpus", type=Path, help="a folder of PDFs instead of made ones")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as name:
        scratch = Path(name)
        os.environ["MUNIMENT_HOME"] = str(scratch / "home")
        folders = [chosen.corpus] if chosen.corpus else []
        for kind in () if chosen.corpus else chosen.kinds.split(","):
            folders.append(scratch / kind)
            folders[-1].mkdir()
            for number in range(chosen.pages // 3):
                (folders[-1] / f"{number:05d}.pdf").write_bytes(make(kind, number))
        for folder in folders:
            paths = sorted(folder.rglob("*.pdf"))
            for cores in (1, 2) if len(os.sched_getaffinity(0)) > 1 else (1,):
                measure(paths, folder, cores, chosen.rounds, scratch)


if __name__ == "__main__":
    main()
