"""How fast pages go into the index and come back, as ratios to bare tantivy in the same run.

    .venv/bin/python bench/index.py [--pages 1000 5000 20000] [--json FILE]

Bare tantivy is given the same tokens, joined by spaces before the clock starts, in one entry a page with a
number, with the same writer (one thread, the same memory): what is left between the two is folding, fields
and our own Python. Every page is about 2 KB of UTF-8 with Zipf-distributed words in four scripts; one
document in ten has four pages, which are indexed twice (document and page). Nothing is timed against a bound.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from muniment.finding.entry import Entry
from muniment.finding.folding import fold
from muniment.finding.index import MEMORY, Index

_LATIN = "abcdefghijklmnoprstuvwyz"
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшыя"
_ARABIC = "ئابتجخدرزسشغفقكلمنوۇيىە"
_HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]


class Pages:
    """Generated pages, the same for the same seed: three in five English-like, the rest Han, Cyrillic, Arabic."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)
        self.weights = list(accumulate(1 / rank for rank in range(1, 30_001)))
        self.words = {
            letters: [
                "".join(self.choose.choices(letters, k=self.choose.randint(2, 10)))
                for _ in range(30_000)
            ]
            for letters in (_LATIN, _CYRILLIC, _ARABIC)
        }

    def page(self) -> str:
        script = self.choose.choices((_LATIN, "han", _CYRILLIC, _ARABIC), (6, 2, 1, 1))[0]
        if script == "han":
            text = "".join(self.choose.choices(_HAN, cum_weights=self.weights[:3000], k=640))
            return "\n".join(text[at : at + 30] + "，" for at in range(0, 640, 30))
        count = 330 if script == _LATIN else 170
        words = self.choose.choices(self.words[script], cum_weights=self.weights, k=count)
        return "\n".join(" ".join(words[at : at + 12]) + "." for at in range(0, count, 12))


def documents(count: int) -> tuple[list[Entry], dict[tuple[int, int], str]]:
    """Entries of `count` pages together, and the text of each page."""
    source, entries, texts = Pages(1), [], {}
    number = 0
    while len(texts) < count:
        number += 1
        pages = [(page, source.page()) for page in range(1, (4 if number % 10 == 0 else 1) + 1)]
        texts.update({(number, page): text for page, text in pages})
        entries.append(Entry(number, path=f"a/{number}.pdf", type="application/pdf", languages=["en"],
                             state="extracted", accession="A1", date="2019-11-16", pages=pages))  # fmt: skip
    return entries, texts


class Clock:
    """Seconds on the wall and of processor (all threads): the second stays true on a busy machine."""

    def __init__(self) -> None:
        self._started = (time.perf_counter(), time.process_time())

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._started[0], time.process_time() - self._started[1]


def bare(texts: list[str], directory: Path) -> tuple[float, float]:
    """Time for bare tantivy to take in and commit the same tokens."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="spaces", index_option="position")
    directory.mkdir()
    index = tantivy.Index(builder.build(), path=str(directory))
    index.register_tokenizer(
        "spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    )
    clock = Clock()
    writer = index.writer(MEMORY, 1)
    for number, text in enumerate(texts):
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_text("text", text)
        writer.add_document(document)
    writer.commit()
    return clock.read()


def ours(entries: list[Entry], directory: Path) -> tuple[tuple[float, float], Index]:
    """Time for our index to take in and commit the same pages."""
    index = Index.open(directory)
    clock = Clock()
    index.add(entries)
    index.commit()
    return clock.read(), index


def queries(texts: dict[tuple[int, int], str]) -> Iterator[tuple[str, str]]:
    """Queries of each kind, taken from the pages themselves: (kind, query)."""
    choose = random.Random(5)
    pages = list(texts.values())
    while True:
        page = choose.choice(pages)
        if ord(page[0]) >= 0x4E00:
            at = choose.randrange(0, 25)
            yield "Han phrase", page[at : at + choose.randint(2, 5)]
            continue
        words = page.split()
        at = choose.randrange(0, 8)
        yield "word", words[at]
        yield "phrase", f'"{words[at]} {words[at + 1]} {words[at + 2]}"'
        yield "AND NOT", f"{words[at]} {words[at + 1]} NOT {words[at + 2]}"


def asked(
    index: Index, texts: dict[tuple[int, int], str], rounds: int
) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind of query with 20 passages: median and 95th of a hundred."""
    times: dict[str, list[float]] = {}
    for kind, query in queries(texts):
        kept = times.setdefault(kind, [])
        if all(len(found) >= rounds for found in times.values()) and len(times) == 4:
            break
        if len(kept) >= rounds:
            continue
        started = time.perf_counter()
        index.search(query, limit=20, text_of=lambda number, page: texts[number, page])
        kept.append((time.perf_counter() - started) * 1000)
    return {
        kind: {"median": statistics.median(found), "p95": sorted(found)[int(len(found) * 0.95)]}
        for kind, found in times.items()
    }


def measure(count: int, work: Path) -> dict[str, object]:
    """Both indexes over the same pages, then queries."""
    entries, texts = documents(count)
    clock = Clock()
    folded = [fold(text) for text in texts.values()]
    folding = clock.read()[1]
    first = bare(folded, work / f"bare-{count}")
    taken, index = ours(entries, work / f"ours-{count}")
    second = bare(folded, work / f"bare-again-{count}")
    plain, plain_cpu = ((one + other) / 2 for one, other in zip(first, second, strict=True))
    size = sum(file.stat().st_size for file in (work / f"ours-{count}").iterdir())
    result: dict[str, object] = {
        "pages": len(texts),
        "folding_pages_per_second": round(len(texts) / folding),
        "bare_pages_per_second": round(len(texts) / plain),
        "pages_per_second": round(len(texts) / taken[0]),
        "ratio_to_bare": round(plain / taken[0], 3),
        "ratio_to_bare_processor": round(plain_cpu / taken[1], 3),
        "milliseconds_per_page": round(taken[1] / len(texts) * 1000, 4),
        "index_bytes_per_text_byte": round(size / sum(len(t.encode()) for t in texts.values()), 3),
        "queries_ms": asked(index, texts, 60),
    }
    index.close()
    return result


def main() -> None:
    """Measure each size, print a table and the growth, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 5000, 20_000])
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="bench-index-"))
    try:
        rows = [measure(count, work) for count in chosen.pages]
    finally:
        shutil.rmtree(work)
    columns = {
        "pages": "pages",
        "folding_pages_per_second": "fold/s",
        "bare_pages_per_second": "bare/s",
        "pages_per_second": "ours/s",
        "ratio_to_bare": "ratio",
        "ratio_to_bare_processor": "cpu",
        "index_bytes_per_text_byte": "size",
    }
    print(" ".join(f"{title:>7}" for title in columns.values()), " query median (p95) ms")
    for row in rows:
        asked_ms = row["queries_ms"]
        assert isinstance(asked_ms, dict)
        shown = (f"{kind} {t['median']:.1f} ({t['p95']:.1f})" for kind, t in asked_ms.items())
        print(" ".join(f"{row[name]!s:>7}" for name in columns), " " + ", ".join(shown))
    first, last = rows[0]["milliseconds_per_page"], rows[-1]["milliseconds_per_page"]
    assert isinstance(first, float) and isinstance(last, float)
    growth = round(last / first, 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"cost per page, last to first: {growth}; peak resident memory {peak} MiB (with the pages)"
    )
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"rows": rows, "growth": growth, "peak_mib": peak}, indent=1)
        )


if __name__ == "__main__":
    main()
