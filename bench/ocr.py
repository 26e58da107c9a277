"""How many characters OCR gets wrong, and how long it takes: `python -m bench.ocr [--hints] [NAME ...]`.

Pages of corpora/udhr-ocr (a text rendered, clean and as a poor scan) go through the sandboxed recogniser. Character
error rate: Levenshtein distance by the length of the truth, both in NFKC with white space folded, as the corpus is
scored (Chinese without any). With `--hints` the language is told, else it is found. Whether RapidOCR, the second
reader for Chinese, is installed is said first: `make setup-rapidocr`.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import unicodedata
from collections import defaultdict
from pathlib import Path

from PIL import Image

from bench.formats import CORPORA
from muniment.reading import ocr, second_reader
from muniment.reading.pages import Page, Pixels

FOLDER = CORPORA / "udhr-ocr"
LANGUAGES = {"eng": "eng", "cmn_hans": "chi_sim", "uig_arab": "uig"}
GOALS = {"eng": 0.2, "chi_sim": 1.6, "uig": 3.0}
GOAL_WITH_SECOND = 1.0
"""Mean of clean pages in per cent, that of Chinese with RapidOCR too."""


def errors(truth: str, read: str) -> int:
    """Levenshtein distance by characters."""
    row = list(range(len(read) + 1))
    for place, wanted in enumerate(truth, 1):
        new = [place]
        for at, found in enumerate(read, 1):
            new.append(min(row[at] + 1, new[-1] + 1, row[at - 1] + (wanted != found)))
        row = new
    return row[-1]


def rate(truth: str, read: str, language: str) -> float:
    """Character error rate in per cent."""
    gap = "" if language.startswith("chi") else " "
    wanted, found = (
        re.sub(r"\s+", gap, unicodedata.normalize("NFKC", text)).strip() for text in (truth, read)
    )
    return 100 * errors(wanted, found) / len(wanted)


def recognised(recogniser: ocr.Recogniser, path: Path, likely: tuple[str, ...]) -> Page:
    """One picture, as wide as a page of A4."""
    picture = Image.open(path).convert("L")
    pixels = Pixels(*picture.size, 1, picture.tobytes())
    return recogniser.read(pixels, round(picture.width / 8.27), likely=likely)


def main() -> int:
    """A line for each page, then the means; 1 where a mean of clean pages misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--hints", action="store_true")
    chosen = parser.parse_args()
    pages = [
        path
        for path in sorted(FOLDER.glob("*.*.*.*"))
        if path.suffix in (".png", ".jpg") and (not chosen.names or path.name in chosen.names)
    ]
    if not pages or not ocr.available():
        sys.exit("no pages (set MUNIMENT_CORPORA), or no Tesseract")
    second = second_reader.installed()
    print(f"RapidOCR {'reads Chinese pages too' if second else 'is not installed'}")
    means: dict[tuple[str, str], list[float]] = defaultdict(list)
    recogniser = ocr.Recogniser()
    for path in pages:
        name = path.name.split(".")[0]
        language = LANGUAGES[name]
        truth = (FOLDER / f"{'.'.join(path.name.split('.')[:2])}.txt").read_text()
        begin = time.perf_counter()
        page = recognised(recogniser, path, (language,) if chosen.hints else ())
        seconds = time.perf_counter() - begin
        wrong = rate(truth, page.text, language)
        means[language, path.name.split(".")[3]].append(wrong)
        print(
            f"{path.name:28} {page.source:12} {wrong:6.2f} %  sure to {page.confidence or 0:3} %  "
            f"{seconds:4.1f} s  {len(page.others)} lines read otherwise",
            flush=True,
        )
    recogniser.close()
    missed = 0
    for (language, kind), rates in means.items():
        mean = sum(rates) / len(rates)
        goal = GOAL_WITH_SECOND if second and language == "chi_sim" else GOALS[language]
        missed += kind == "clean" and mean > goal
        told = f"(goal {goal} %)" if kind == "clean" else ""
        print(f"{language:8} {kind:6} mean of {len(rates)}: {mean:5.2f} % {told}")
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
