"""Chinese phrases are found exactly as often as they occur, and the seeds as a person counts them."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from muniment.finding.folding import fold, is_han
from tests.finding.conftest import Shelf, Shelve

Corpus = Callable[[str], Path]


def test_seed_phrase_is_one_passage(shelve: Shelve, seeds: Path) -> None:
    texts = {n: [p.read_text(encoding="utf-8")] for n, p in enumerate(sorted(seeds.glob("*.txt")))}
    shelf = shelve(texts)
    found = shelf.ask('"absolutely no mercy"')
    assert (found.documents, found.passages, len(found.hits)) == (1, 1, 1)
    hit = found.hits[0]
    assert hit.span is not None
    raw = texts[hit.number][0]
    assert raw[slice(*hit.span)] == "absolutely no mercy"
    assert hit.text == raw[hit.start : hit.end]
    assert [hit.text[s:e] for s, e in hit.highlights] == ["absolutely no mercy"]
    assert [raw[s:e] for s, e in hit.marks] == ["absolutely no mercy"]
    assert hit.why == ""


def test_seed_not_is_what_a_person_counts(shelve: Shelve, seeds: Path) -> None:
    texts = {n: [p.read_text(encoding="utf-8")] for n, p in enumerate(sorted(seeds.glob("*.txt")))}
    found = shelve(texts).ask("Uighur AND NOT Reuters")
    assert found.documents == 4
    assert {hit.number for hit in found.hits} == {0, 1, 2, 3}


def _paragraphs(path: Path) -> dict[int, list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    groups = [lines[at : at + 3] for at in range(0, len(lines), 3)]
    return {number: ["\n".join(group)] for number, group in enumerate(groups)}


def _sentences(path: Path, each: int) -> dict[int, list[str]]:
    """Sentences joined from their tokens, some to a document, wrapped into lines of 20 code points."""
    sentences: list[str] = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [row.split("\t") for row in block.splitlines() if row and not row.startswith("#")]
        sentences.append("".join(row[1] for row in rows))
    documents: dict[int, list[str]] = {}
    for number, at in enumerate(range(0, len(sentences), each)):
        text = "\n".join(sentences[at : at + each])
        documents[number] = ["\n".join(text[cut : cut + 20] for cut in range(0, len(text), 20))]
    return documents


def _plain(raw: str) -> str:
    """The reference: line ends removed, each punctuation mark a break, nothing else changed."""
    kept = []
    for char in raw:
        if char in "\r\n":
            continue
        kept.append("|" if unicodedata.category(char)[0] in "PS" else char)
    return "".join(kept)


def _folded(raw: str) -> str:
    """The reference of folded search: the house's folding of each character, spaces gone."""
    return "".join("|" if c == "|" else fold(c).replace(" ", "") for c in _plain(raw))


def _strings(texts: dict[int, list[str]], number: int, seed: int) -> list[str]:
    """Random runs of 2 to 8 Han characters that stand somewhere, and a fifth that stand nowhere."""
    choose = random.Random(seed)
    runs = [
        run
        for pages in texts.values()
        for run in re.split(r"[^㐀-鿿]+", _plain(pages[0]))
        if len(run) >= 2 and all(map(is_han, run))
    ]
    strings = []
    while len(strings) < number:
        run = choose.choice(runs)
        length = min(choose.randint(2, 8), len(run))
        at = choose.randint(0, len(run) - length)
        string = run[at : at + length]
        strings.append(string[::-1] if choose.random() < 0.2 else string)
    return strings


@pytest.fixture(scope="module", params=["cmn_hans", "cmn_hant", "uner"])
def chinese(request: pytest.FixtureRequest, corpus: Corpus, shelve: Shelve) -> Shelf:
    if request.param == "uner":
        return shelve(_sentences(corpus("uner-zh-gsdsimp") / "zh_gsdsimp-ud-dev.iob2", 12))
    return shelve(_paragraphs(corpus("udhr") / f"{request.param}.txt"))


def test_han_strings_are_found_as_often_as_they_stand(chinese: Shelf) -> None:
    exact = {number: _plain(pages[0]) for number, pages in chinese.texts.items()}
    folded = {number: _folded(pages[0]) for number, pages in chinese.texts.items()}
    strings = _strings(dict(chinese.texts), 300, 7)  # type: ignore[arg-type]
    seen = 0
    for string in strings:
        wanted = {n for n, text in exact.items() if string in text}
        found = chinese.ask(f"={string}", limit=10_000)
        assert found.documents == len(wanted), string
        assert {hit.number for hit in found.hits} == wanted
        assert found.passages == sum(text.count(string) for text in exact.values()), string
        key = _folded(string)
        wanted_folded = {n for n, text in folded.items() if key in text}
        loose = chinese.ask(string)
        assert loose.documents == len(wanted_folded), string
        assert loose.passages == sum(text.count(key) for text in folded.values()), string
        seen += bool(wanted)
    assert seen > 200


def test_operators_agree_with_sets(chinese: Shelf) -> None:
    exact = {number: _plain(pages[0]) for number, pages in chinese.texts.items()}
    folded = {number: _folded(pages[0]) for number, pages in chinese.texts.items()}
    strings = _strings(dict(chinese.texts), 300, 11)  # type: ignore[arg-type]
    everything = set(exact)
    for a, b, c in zip(strings[0::3], strings[1::3], strings[2::3], strict=True):
        for sign, texts in (("=", exact), ("", folded)):
            fit = _folded if not sign else str
            has_a, has_b, has_c = (
                {n for n, text in texts.items() if fit(s) in text} for s in (a, b, c)
            )
            sa, sb, sc = sign + a, sign + b, sign + c
            wanted = {
                f"{sa} OR {sb}": has_a | has_b,
                f"{sa} NOT {sb}": has_a - has_b,
                f"({sa} OR {sb}) AND NOT {sc}": (has_a | has_b) - has_c,
                f"NOT ({sa} OR {sb} OR {sc})": everything - has_a - has_b - has_c,
                f"{sa} OR NOT {sb}": has_a | (everything - has_b),
                f'NOT ("{a}" {sb})': everything
                - ({n for n, text in folded.items() if _folded(a) in text} & has_b),
            }
            for query, numbers in wanted.items():
                found = chinese.ask(query)
                assert found.documents == len(numbers), query
                assert {hit.number for hit in found.hits} == numbers, query


def test_not_never_leaks_a_folded_form(shelve: Shelve, corpus: Corpus) -> None:
    """Both scripts in one index: what is left out in one is left out in the other."""
    both: dict[int, list[str]] = {}
    for name in ("cmn_hans", "cmn_hant"):
        for pages in _paragraphs(corpus("udhr") / f"{name}.txt").values():
            both[len(both)] = pages
    shelf = shelve(both)
    folded = {number: _folded(pages[0]) for number, pages in both.items()}
    for string in _strings(both, 60, 3):
        numbers = shelf.numbers(f"NOT {string}")
        assert not {n for n in numbers if _folded(string) in folded[n]}
        assert len(numbers) == len(both) - len(shelf.numbers(string))
