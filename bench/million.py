"""Up to a million generated pages: indexing beside bare tantivy, and queries through `Case.find` and over HTTP.

    .venv/bin/python -m bench.million [--pages 10000 100000] [--json FILE] [--folder DIR]
    .venv/bin/python -m bench.million --pages 10000 100000 1000000        about an hour and 12 GB of disk

Each part runs in a process of its own over the same stream of pages (bench/index.py: about 2 KB, Zipf words in four
scripts), so that its processor time is its own; making pages and, for bare tantivy, folding them is taken off.
`case` fills a real case's catalogue (text and boxes) and index as `add` does, without files. Ratios are to
bare tantivy in the same run; nothing is timed against a bound.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.index import MEMORY, Pages

AT_ONCE = 500
ROUNDS = 60
PASSPHRASE = "bakoti rumesa dilovu hasita goluve"


def stream(count: int) -> Iterator[tuple[int, list[str]]]:
    """Documents of `count` pages together; one in ten has four pages."""
    source, made, number = Pages(1), 0, 0
    while made < count:
        number += 1
        pages = [source.page() for _ in range(4 if number % 10 == 0 else 1)]
        made += len(pages)
        yield number, pages


class Own:
    """Processor seconds of this process without what is set aside (this thread's, while it makes pages)."""

    def __init__(self) -> None:
        self._started, self._aside = time.process_time(), 0.0

    def aside(self, make: Callable[[], Any]) -> Any:
        started = time.thread_time()
        made = make()
        self._aside += time.thread_time() - started
        return made

    def read(self) -> float:
        return time.process_time() - self._started - self._aside


def bare(count: int, directory: Path) -> dict[str, float]:
    """Bare tantivy: the tokens of each page and its number, one entry a page."""
    import tantivy

    from muniment.finding.folding import fold

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="spaces", index_option="position")
    directory.mkdir()
    index = tantivy.Index(builder.build(), path=str(directory))
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaces", spaces)
    writer = index.writer(MEMORY, 1)
    clock = Own()
    documents = stream(count)
    while made := clock.aside(lambda: next(documents, None)):
        for folded in clock.aside(lambda pages=made[1]: [fold(text) for text in pages]):
            document = tantivy.Document()
            document.add_unsigned("number", made[0])
            document.add_text("text", folded)
            writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    return {"seconds": clock.read(), "bytes": size_of(directory)}


def ours(count: int, directory: Path, *, pairs: bool) -> dict[str, float]:
    """Our index over the same pages, with or without the field of Han pairs."""
    from muniment.finding import taking_in
    from muniment.finding.entry import Entry
    from muniment.finding.index import Index

    if not pairs:
        taking_in.pairs_in = lambda _folded: ""
    index = Index.open(directory)
    clock = Own()
    documents = stream(count)
    while some := clock.aside(lambda: _take(documents, AT_ONCE)):
        index.add(
            Entry(number, path=f"a/{number}.pdf", type="application/pdf", languages=["en"], state="extracted",
                  accession="A1", date="2019-11-16", pages=list(enumerate(pages, 1)))
            for number, pages in some
        )  # fmt: skip
    index.commit()
    index.close()
    return {"seconds": clock.read(), "bytes": size_of(directory)}


def size_of(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


class Memory:
    """The most anonymous memory this process and its children had, looked at ten times a second."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            self.most = max(self.most, anonymous(os.getpid()))


def anonymous(process: int) -> int:
    """RssAnon of a process, in KiB."""
    text = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"^RssAnon:\s+(\d+)", text, re.M)
    return int(found[1]) if found else 0


def filled(count: int, folder: Path) -> dict[str, Any]:
    """A case with that many pages; what it cost, then what it answers."""
    os.environ["MUNIMENT_HOME"] = str(folder / "home")
    os.environ["MUNIMENT_PASSPHRASE"] = PASSPHRASE
    os.chdir(folder)
    from muniment.verbs.case import Case
    from muniment.verbs.indexing import searchable

    memory = Memory()
    case, _ = Case.new("large", PASSPHRASE)
    clock, wall = Own(), time.perf_counter()
    _store(case, count, clock)
    stored = clock.read()
    clock = Own()
    searchable(case)
    result: dict[str, Any] = {
        "store_seconds": stored,
        "index_seconds": clock.read(),
        "wall_seconds": time.perf_counter() - wall,
        "catalogue_bytes": (case.folder.root / "catalogue.db").stat().st_size,
        "building_rss_anon_mib": memory.most // 1024,
    }
    memory.most = 0
    asked = list(_queries(count))
    result["find_ms"] = _timed(asked, lambda query: case.find(query))
    result["find_in_every_script_ms"] = _timed(_names(), lambda query: case.find(query))
    names = _list_of(asked)
    started = time.perf_counter()
    grid = case.find_list(names)
    result["list_of_1000_seconds"] = time.perf_counter() - started
    result["list_rows"] = len(grid["rows"])
    result["update_seconds"] = _update(case, count)
    result["asking_rss_anon_mib"] = memory.most // 1024
    case.close()
    result["http_ms"] = _over_http(folder, asked)
    return result


def _store(case: Any, count: int, clock: Own) -> None:
    """Documents and pages into the catalogue, as reading leaves them."""
    import numpy as np

    from muniment.case import catalogue as tables
    from muniment.reading.pages import Page
    from muniment.verbs.pages import page_row

    with case.catalogue.write() as connection:
        connection.execute(
            tables.accession.insert(),
            [{"number": 1, "accession": "A1", "kind": "documents", "sources": "[]", "day": "2019-11-16",
              "stage": "done", "originals": count}],
        )  # fmt: skip
    grid = np.zeros((4000, 4), "<i4")
    column, line = np.arange(4000) % 90, np.arange(4000) // 90
    grid[:, 0], grid[:, 1] = 5000 + column * 550, 5000 + line * 1400
    grid[:, 2], grid[:, 3] = grid[:, 0] + 500, grid[:, 1] + 1000
    documents = stream(count)
    while True:
        some = clock.aside(lambda: _take(documents, AT_ONCE))
        if not some:
            return
        rows, pages = [], []
        for number, texts in some:
            rows.append({"number": number, "document": f"d{number}", "reference": f"A1/{number:04}", "accession": 1,
                         "path": f"leak/{number}.pdf", "name": f"{number}.pdf", "type": "application/pdf",
                         "family": "pdf", "size": 2000, "content": number.to_bytes(32, "big"), "state": "extracted",
                         "pages": len(texts), "date": "2019-11-16", "languages": "en", "tried": 1})  # fmt: skip
            pages += [
                page_row(number, Page(number=at, text=text, boxes=grid[: len(text)].tobytes(), width=595.0,
                                      height=842.0, source="text"))
                for at, text in enumerate(texts, 1)
            ]  # fmt: skip
        with case.catalogue.write() as connection:
            connection.execute(tables.document.insert(), rows)
            connection.execute(tables.page.insert(), pages)


def _take(documents: Iterator[Any], number: int) -> list[Any]:
    return [made for made in (next(documents, None) for _ in range(number)) if made is not None]


def _queries(count: int) -> Iterator[tuple[str, str]]:
    """(kind, query), taken from the first pages of the stream, ROUNDS of each kind."""
    import random

    choose = random.Random(5)
    pages = [pages[0] for _, pages in stream(min(count, 4000))]
    made: dict[str, int] = {}

    def enough(kind: str) -> bool:
        made[kind] = made.get(kind, 0) + 1
        return made[kind] > ROUNDS

    while len(made) < 5 or min(made.values()) < ROUNDS:
        page = choose.choice(pages)
        if ord(page[0]) >= 0x4E00:
            at = choose.randrange(0, 25)
            offered = [("Han phrase", page[at : at + choose.randint(2, 5)])]
        else:
            words = page.split()
            at = choose.randrange(0, 8)
            offered = [
                ("word", words[at]),
                ("phrase", f'"{words[at]} {words[at + 1]} {words[at + 2]}"'),
                ("AND NOT", f"{words[at]} {words[at + 1]} NOT {words[at + 2]}"),
                ("OR in ( )", f"({words[at]} OR {words[at + 1]}) {words[at + 2]}"),
            ]
        for kind, query in offered:
            if not enough(kind):
                yield kind, query


def _names() -> list[tuple[str, str]]:
    """Names that are sought in other scripts: each costs a look at more than its own words."""
    latin = ["Wang Yongzhi", "Xi Jinping", "Li Wei", "Ouyang Xiu", "Zhang Min", "wangyongzhi"] * 10
    other = [
        "Ilham Tohti",
        "Rebiya Kadeer",
        "Nazarbayev",
        "Dolqun Eysa",
        "مەمتىمىن",
        "Назарбаев",
    ] * 10
    return [("pinyin", name) for name in latin] + [("other letters", name) for name in other]


def _timed(asked: list[tuple[str, str]], ask: Callable[[str], Any]) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind, median and 95th of a hundred, and of all together."""
    times: dict[str, list[float]] = {}
    for kind, query in asked:
        started = time.perf_counter()
        ask(query)
        times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
    times["all"] = [t for each in list(times.values()) for t in each]
    return {
        kind: {
            "median": round(statistics.median(found), 2),
            "p95": round(sorted(found)[int(len(found) * 0.95)], 2),
        }
        for kind, found in times.items()
    }


def _list_of(asked: list[tuple[str, str]]) -> bytes:
    """A list of 1,000 lines: names found often, seldom and nowhere."""
    known = [query for kind, query in asked if kind in ("phrase", "Han phrase")]
    lines = [known[n % len(known)] if n % 3 else f"Nobody Known{n}" for n in range(1000)]
    return "\n".join(lines).encode()


def _update(case: Any, count: int) -> float:
    """Seconds until a document that was just read is found."""
    from muniment.case import catalogue as tables
    from muniment.reading.pages import Page
    from muniment.verbs.pages import page_row

    number = count + 10
    row = {"number": number, "document": f"d{number}", "reference": f"A1/{number}", "accession": 1,
           "path": "leak/new.txt", "name": "new.txt", "state": "extracted", "tried": 1, "pages": 1}  # fmt: skip
    page = page_row(
        number,
        Page(number=1, text="zyxwvutsrq arrives", boxes=None, width=0, height=0, source="text"),
    )
    with case.catalogue.write() as connection:
        connection.execute(tables.document.insert(), [row])
        connection.execute(tables.page.insert(), [page])
    started = time.perf_counter()
    while not case.find("zyxwvutsrq")["documents"]:
        pass
    return time.perf_counter() - started


def _over_http(folder: Path, asked: list[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """The same queries by POST /find of the workbench in a process of its own."""
    environment = {**os.environ, "MUNIMENT_PASSPHRASE": PASSPHRASE}
    command = [sys.executable, "-m", "muniment", "open", "large", "--no-browser"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = next(
            found
            for line in process.stdout
            if (found := re.search(r"127\.0\.0\.1:(\d+)(/\?token=\S+)", line))
        )
        connection = HTTPConnection("127.0.0.1", int(address[1]))
        connection.request("GET", address[2])
        answer = connection.getresponse()
        answer.read()
        cookie = str(answer.getheader("set-cookie")).split(";")[0]
        headers = {"Cookie": cookie, "Content-Type": "application/json"}

        def ask(query: str) -> None:
            connection.request("POST", "/find", json.dumps({"query": query}), headers)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body[:200]

        ask("warm")
        return _timed(asked, ask)
    finally:
        process.terminate()
        process.wait(60)


def part(name: str, count: int, folder: Path) -> dict[str, Any]:
    """One part in a process of its own."""
    command = [sys.executable, "-m", "bench.million", "--part", name, "--pages", str(count)]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(count: int, folder: Path) -> dict[str, Any]:
    """Every part over `count` pages; folders are deleted behind each."""
    found = {}
    for name in ("bare", "plain", "pairs", "bare-again", "case"):
        place = folder / f"{name}-{count}"
        found[name] = part(name, count, place)
        shutil.rmtree(place, ignore_errors=True)
    reference = (found["bare"]["seconds"] + found["bare-again"]["seconds"]) / 2
    case = found["case"]
    return {
        "pages": count,
        "bare_ms_per_page": round(reference / count * 1000, 4),
        "ratio_with_pairs": round(reference / found["pairs"]["seconds"], 3),
        "ratio_without_pairs": round(reference / found["plain"]["seconds"], 3),
        "index_bytes_to_bare": round(found["pairs"]["bytes"] / found["bare"]["bytes"], 3),
        "index_ms_per_page": round(found["pairs"]["seconds"] / count * 1000, 4),
        **case,
    }


def main() -> None:
    """Measure each size; print it and the growth; write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--part", choices=("bare", "bare-again", "plain", "pairs", "case"))
    chosen = parser.parse_args()
    if chosen.part:
        count, place = chosen.pages[0], chosen.folder
        if chosen.part.startswith("bare"):
            answer = bare(count, place)
        elif chosen.part == "case":
            place.mkdir()
            answer = filled(count, place)
        else:
            answer = ours(count, place, pairs=chosen.part == "pairs")
        print(json.dumps(answer))
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-million-", dir=chosen.folder))
    rows = []
    try:
        for count in chosen.pages:
            rows.append(measure(count, folder))
            print(json.dumps(rows[-1], indent=1), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    growth = round(rows[-1]["index_ms_per_page"] / rows[0]["index_ms_per_page"], 3)
    print(f"cost of a page in the index, last to first: {growth}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows, "growth": growth}, indent=1))


if __name__ == "__main__":
    main()
