"""How well the article of a web page is told from the rest, beside bare trafilatura on the same pages, in one run.

    .venv/bin/python -m bench.articles [--missing]

trafilatura-eval says of each page some strings that stand in its article and some that do not. Precision, recall
and F are counted over these strings, as its own evaluation does. Ours is what the property `article` marks in the
page's text, read in the sandbox as `add` reads it; what is marked is text of the page itself, at its offsets. A last
line gives what is left of it where only the visible text was saved, without any markup, menus and all.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from muniment.reading.captured_article import captured
from muniment.reading.worker import Worker

CORPUS = (
    Path(
        os.environ.get("MUNIMENT_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "data")
    )
    / "corpora"
    / "trafilatura-eval"
)
GOAL = 0.92


class Score:
    """Strings that must stand in the article and strings that must not, as they were found."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.right = self.lost = self.wrong = self.left = 0

    def count(self, article: str, page: dict[str, Any]) -> list[str]:
        """Count one page; gives what is lost (+) and what is wrong (-)."""
        lost = [f"+ {text}" for text in page["with"] if text not in article]
        wrong = [f"- {text}" for text in page["without"] if text in article]
        self.lost += len(lost)
        self.right += len(page["with"]) - len(lost)
        self.wrong += len(wrong)
        self.left += len(page["without"]) - len(wrong)
        return lost + wrong

    def __str__(self) -> str:
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.lost)
        f = 2 * precision * recall / max(1e-9, precision + recall)
        return f"{self.name:<18} precision {precision:.3f}  recall {recall:.3f}  F {f:.3f}"


def ours(worker: Worker, data: bytes, name: str) -> str:
    """What is marked as the article, a paragraph a line."""
    reading = worker.read(data, name)
    spans = json.loads(reading.properties.get("article", "[]"))
    text = reading.pages[0].text if reading.pages else ""
    return "\n".join(text[start:end] for start, end in spans)


def as_text(worker: Worker, data: bytes, name: str) -> str:
    """What is marked where the page was saved as text."""
    reading = worker.read(data, name)
    text = reading.pages[0].text if reading.pages else ""
    return "\n".join(text[start:end] for start, end in captured(text).spans)


def bare(data: bytes) -> str:
    """trafilatura as it comes."""
    import trafilatura

    return trafilatura.extract(data, include_comments=False, include_tables=True, fast=False) or ""


def main() -> int:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true", help="what is lost or wrong, by page")
    chosen = parser.parse_args()
    if not CORPUS.is_dir():
        print("trafilatura-eval is not here: nothing measured.")
        return 0
    pages = json.loads((CORPUS / "evaldata.json").read_text(encoding="utf-8"))
    scores = [Score("muniment"), Score("bare trafilatura"), Score("saved as text")]
    counted = 0
    with Worker() as worker:
        for page in pages.values():
            places = (CORPUS / "cache" / page["file"], CORPUS / "eval" / page["file"])
            path = next((place for place in places if place.is_file()), None)
            if path is None:
                continue
            counted += 1
            data = path.read_bytes()
            missed = scores[0].count(ours(worker, data, path.name), page)
            scores[1].count(bare(data), page)
            scores[2].count(as_text(worker, data, path.name), page)
            if chosen.missing and missed:
                print(path.name, *missed, sep="\n    ")
    for score in scores:
        print(f"{counted} pages  {score}  (goal {GOAL})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
