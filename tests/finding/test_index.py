"""The index: pages and documents, fields, paging, replacement, crashes, layouts, readers and a writer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from muniment.finding import index as index_module
from muniment.finding.entry import Entry, Passage
from muniment.finding.index import Index, IndexBusy
from muniment.finding.mistakes import QueryError
from tests.finding.conftest import Shelf, Shelve


def _all_in_steps(shelf: Shelf, query: str, step: int) -> list[Passage]:
    hits: list[Passage] = []
    offset: int | None = 0
    while offset is not None:
        found = shelf.ask(query, limit=step, offset=offset)
        hits += found.hits
        offset = found.next
    return hits


def test_operators_work_on_documents_and_phrases_on_pages(shelve: Shelve) -> None:
    shelf = shelve({1: ["alpha bravo", "charlie delta"], 2: ["alpha"], 3: ["charlie alpha"]})
    assert shelf.numbers("alpha charlie") == {1, 3}
    assert shelf.numbers("alpha NOT charlie") == {2}
    assert shelf.numbers('"bravo charlie"') == set()
    assert shelf.numbers('"bravo charlie"~5') == set()
    found = shelf.ask("alpha charlie")
    assert [(h.page, h.span) for h in found.hits if h.number == 1] == [(1, (0, 5)), (2, (0, 7))]
    assert (found.documents, found.passages, found.passages_exact) == (2, 4, True)


def test_hits_come_page_by_page_and_none_twice(shelve: Shelve) -> None:
    texts = {n: [f"word{n} shared text " * (n + 1)] * (1 + n % 3) for n in range(1, 9)}
    shelf = shelve(texts)
    whole = shelf.ask("shared")
    assert whole.next is None
    assert whole.passages == len(whole.hits) == sum((n + 1) * (1 + n % 3) for n in texts)
    for step in (1, 7, 50):
        assert _all_in_steps(shelf, "shared", step) == whole.hits
    nothing = shelf.ask("shared", limit=0)
    assert (nothing.hits, nothing.documents) == ([], 8)


def test_passage_is_cut_from_the_page_between_words(shelve: Shelve) -> None:
    page = "lorem ipsum dolor " * 40 + "the NEEDLE here " + "sit amet elit " * 40
    hit = shelve({1: [page]}).ask("needle").hits[0]
    assert hit.text == page[hit.start : hit.end]
    assert hit.text.split()[0] in ("lorem", "ipsum", "dolor")
    assert hit.text.split()[-1] in ("sit", "amet", "elit")
    assert 100 < len(hit.text) < 260
    assert [hit.text[s:e] for s, e in hit.highlights] == ["NEEDLE"]
    assert hit.marks == [[s + hit.start, e + hit.start] for s, e in hit.highlights]


def test_near_marks_each_word_of_its_passage(shelve: Shelve) -> None:
    text = "no mercy at all against separatism; mercy"
    hit = shelve({1: [text]}).ask('"mercy separatism"~3').hits[0]
    assert hit.span is not None
    assert text[slice(*hit.span)] == "separatism; mercy" or text[slice(*hit.span)].startswith(
        "mercy at"
    )
    assert [text[s:e] for s, e in hit.marks[:1]] in (["mercy"], ["separatism"])


def test_near_counts_the_same_word_once(shelve: Shelve) -> None:
    shelf = shelve({1: ["mercy mercy mercy x separatism mercy"], 2: ["mercy mercy"]})
    assert shelf.numbers('"separatism mercy"~0') == {1}
    assert shelf.numbers('"mercy mercy"~3') == {1, 2}


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("uighurs", ""),
        ("uyghurs", "spelling: Uighurs = uyghurs"),
        ("uighur", "singular or plural: Uighurs"),
        ("发展", "traditional and simplified"),
        ("fiction", "width or form of characters"),
        ("internment", "word split at a line end"),
        ("secret", "invisible characters"),
        ("urumqi", "accents or letter forms"),
        ("merci~1", "near spelling: mercy"),
        ("mer*", ""),
    ],
)
def test_why_says_how_a_match_was_folded(shelve: Shelve, query: str, why: str) -> None:
    text = "Uighurs 發展 ﬁction intern-\nment se\u00adcret Ürümqi mercy"
    assert shelve({1: [text]}).ask(query).hits[0].why == why


def test_a_uyghur_word_split_at_a_line_end_is_joined(shelve: Shelve) -> None:
    shelf = shelve({1: ["بارلىق ئادەملەر ئەر-\nكىن بولۇپ"], 2: ["مەسىلەن ئەر\nكىن ئەمەس"]})
    assert shelf.numbers("ئەركىن") == {1}
    assert shelf.ask("ئەركىن").hits[0].why == "word split at a line end"


@pytest.fixture(scope="module")
def library(shelve: Shelve) -> Shelf:
    about: dict[int, dict[str, object]] = {
        1: {"type": "application/pdf", "languages": ["zh-Hant", "en"], "state": "extracted", "accession": "A1",
            "date": "2019-11-16T10:00:00Z", "path": "leak/memo 01.pdf", "tags": ["To read"]},
        2: {"type": "message/rfc822", "languages": ["ug"], "state": "partly-extracted", "accession": "A2",
            "date": "2019-12", "sender": "Zhu Hailun <zhu@example.org>", "recipients": "朱海侖, Wang",
            "path": "mail/02.eml", "tags": ["star", "a.b"]},
        3: {"type": "text/plain", "state": "failed", "accession": "A2", "path": "x/第三.txt"},
    }  # fmt: skip
    return shelve({1: ["one text"], 2: ["two", "text"], 3: []}, about)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("type:pdf", {1}),
        ("type:application", {1}),
        ("type:application/pdf", {1}),
        ("type:mail", {2}),
        ("type:text", {3}),
        ("type:app*", {1}),
        ("language:zh", {1}),
        ("language:zh-hant", {1}),
        ("language:zh-hans", set()),
        ("state:failed", {3}),
        ("NOT state:failed", {1, 2}),
        ("accession:a2", {2, 3}),
        ("date:2019", {1, 2}),
        ("date:2019-11", {1}),
        ("date:2019-11-16", {1}),
        ("date:2019-11-17..", {2}),
        ("date:2019-12-24", {2}),
        ("date:..2019-11-16", {1}),
        ("date:>2019-12", set()),
        ("NOT date:2019", {3}),
        ('from:"zhu hailun"', {2}),
        ("from:hailun", {2}),
        ("from:朱", set()),
        ("to:朱海仑", {2}),
        ("path:memo", {1}),
        ("path:eml", {2}),
        ('path:"leak/memo"', {1}),
        ("path:mem*", {1}),
        ("path:第三", {3}),
        ('tag:"to read"', {1}),
        ("tag:star", {2}),
        ("tag:a.*", {2}),
        ("tag:axb", set()),
        ("tag:to", set()),
        ("text type:pdf", {1}),
        ("text OR state:failed", {1, 2, 3}),
        ("text NOT type:pdf", {2}),
    ],
)
def test_fields(library: Shelf, query: str, numbers: set[int]) -> None:
    found = library.ask(query)
    assert {hit.number for hit in found.hits} == numbers
    assert found.documents == len(numbers)


def test_document_without_pages_is_found_by_its_fields(library: Shelf) -> None:
    found = library.ask("state:failed")
    assert [(hit.number, hit.page, hit.text, hit.span) for hit in found.hits] == [(3, 0, "", None)]
    assert found.passages == 1


def test_facets_count_documents(library: Shelf) -> None:
    facets = library.ask("text OR state:failed").facets
    assert facets["accession"] == {"A2": 2, "A1": 1}
    assert facets["language"] == {"zh-Hant": 1, "en": 1, "ug": 1}
    assert facets["state"] == {"extracted": 1, "partly-extracted": 1, "failed": 1}
    assert library.ask("nowhere").facets == {
        "type": {},
        "language": {},
        "accession": {},
        "state": {},
    }


def test_added_again_replaces_and_removed_is_gone(tmp_path: Path) -> None:
    index = Index.open(tmp_path / "index")
    index.add([Entry(1, pages=[(1, "old"), (2, "older")]), Entry(2, pages=[(1, "old")])])
    index.commit()
    index.add([Entry(1, pages=[(1, "new")])])
    index.remove([2])
    index.commit()
    shelf = Shelf(index, {1: ["new"], 2: ["old"]})
    assert shelf.numbers("old OR older") == set()
    assert shelf.numbers("new") == {1}
    assert index.numbers() == {1}


def test_same_document_twice_in_one_batch_stands_once(tmp_path: Path) -> None:
    index = Index.open(tmp_path / "index")
    index.add([Entry(1, pages=[(1, "word")]), Entry(1, pages=[(1, "word")])])
    index.commit()
    assert Shelf(index, {1: ["word"]}).ask("word").documents == 1


def test_more_pages_than_are_counted_give_a_lower_bound(
    shelve: Shelve, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelve({n: ["word word"] for n in range(30)})
    assert (shelf.ask("word").passages, shelf.ask("word").passages_exact) == (60, True)
    monkeypatch.setattr(index_module, "COUNTED", 20)
    found = shelf.ask("word", limit=5)
    assert (found.documents, found.passages_exact, len(found.hits)) == (30, False, 5)
    assert 30 <= found.passages <= 60


def test_long_queries_and_strange_texts(shelve: Shelve) -> None:
    shelf = shelve({1: ["x" * 70_000 + " end"], 2: ["\x00\ud800 tail"], 3: [""], 4: ["字" * 5000]})
    assert shelf.numbers("end") == {1}
    assert shelf.numbers("tail") == {2}
    assert shelf.numbers("字" * 300) == {4}
    assert shelf.numbers(" OR ".join(["end"] * 400)) == {1}
    with pytest.raises(QueryError):
        shelf.ask("a " * 9000)


def test_reader_sees_what_another_writer_commits(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    writer, reader = Index.open(directory), Index.open(directory)
    texts = {n: ["word"] for n in range(10)}
    for number in range(10):
        writer.add([Entry(number, pages=[(1, "word")])])
        assert Shelf(reader, texts).ask("word").documents == number
        writer.commit()
        assert Shelf(reader, texts).ask("word").documents == number + 1


def test_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    first, second = Index.open(tmp_path / "index"), Index.open(tmp_path / "index")
    first.add([Entry(1)])
    with pytest.raises(IndexBusy):
        second.add([Entry(2)])
    first.close()
    second.add([Entry(2)])
    second.commit()
    assert second.numbers() == {2}


def test_opening_says_when_it_had_to_begin_again(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    index = Index.open(directory)
    assert index.rebuild == "There was no index."
    index.add([Entry(1, pages=[(1, "word")])])
    index.commit()
    index.close()
    again = Index.open(directory)
    assert (again.rebuild, again.numbers()) == ("", {1})
    label = directory / "layout.json"
    label.write_text(json.dumps({**json.loads(label.read_text()), "layout": 0}))
    older = Index.open(directory)
    assert (older.rebuild, older.numbers()) == ("The index had another layout.", set())


@pytest.mark.parametrize("damage", ["meta", "label", "segment", "gone"])
def test_damaged_index_is_begun_again(tmp_path: Path, damage: str) -> None:
    directory = tmp_path / "index"
    index = Index.open(directory)
    index.add([Entry(1, pages=[(1, "word")])])
    index.commit()
    index.close()
    segment = next(directory.glob("*.idx"))
    if damage == "gone":
        segment.unlink()
    else:
        target = {
            "meta": directory / "meta.json",
            "label": directory / "layout.json",
            "segment": segment,
        }
        target[damage].write_bytes(b"{")
    again = Index.open(directory)
    assert again.rebuild
    again.add([Entry(1, pages=[(1, "word")])])
    again.commit()
    assert Shelf(again, {1: ["word"]}).numbers("word") == {1}


_CHILD = """
import sys
from pathlib import Path
from muniment.finding.entry import Entry
from muniment.finding.index import Index
index = Index.open(Path(sys.argv[1]))
number = max(index.numbers(), default=0)
while True:
    for _ in range(40):
        number += 1
        index.add([Entry(number, pages=[(1, f"word{number} shared " * 50)])])
    index.commit()
    print(number, flush=True)
"""


def test_killed_writer_loses_nothing_committed(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    Index.open(directory)
    for rounds in (1, 2, 4):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(directory)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        assert child.stdout is not None
        told = 0
        for _ in range(rounds):
            told = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
        child.wait()
        told = int(rest[-1]) if rest else told
        index = Index.open(directory)
        assert index.rebuild == ""
        numbers = index.numbers()
        assert numbers == set(range(1, len(numbers) + 1))
        assert told <= len(numbers) <= told + 40
        assert len(numbers) % 40 == 0
        found = index.search("shared", limit=1, text_of=lambda *_: "shared")
        assert found.documents == len(numbers)
        index.add([Entry(0, pages=[(1, "after")])])
        index.remove([0])
        index.commit()
        index.close()


_FULL = """
import resource, sys
from pathlib import Path
from muniment.finding.entry import Entry
from muniment.finding.index import Index
from muniment.finding.layout import IndexNotWritten

index = Index.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
try:
    index.add([Entry(1, pages=[(1, "word " * 1000)])])
    index.commit()
except IndexNotWritten as error:
    sys.exit(40 + error.exit_status)
"""


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    """In a process of its own whose files cannot grow; what was committed before is still there."""
    index = Index.open(tmp_path / "index")
    index.add([Entry(7, pages=[(1, "earlier")])])
    index.commit()
    index.close()
    done = subprocess.run([sys.executable, "-c", _FULL, tmp_path / "index"], capture_output=True)
    assert done.returncode == 44, done.stderr
    assert Index.open(tmp_path / "index").numbers() == {7}
