"""A small index made from texts, asked through the public door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from muniment.finding.entry import Entry, Found
from muniment.finding.index import Index


@dataclass
class Shelf:
    """An index and the texts in it: document number to the texts of its pages."""

    index: Index
    texts: Mapping[int, Sequence[str]]

    def text_of(self, number: int, page: int) -> str:
        return self.texts[number][page - 1]

    def ask(self, query: str, limit: int = 10_000, offset: int = 0) -> Found:
        return self.index.search(query, limit=limit, offset=offset, text_of=self.text_of)

    def numbers(self, query: str) -> set[int]:
        return {hit.number for hit in self.ask(query).hits}


Shelve = Callable[..., Shelf]


@pytest.fixture(scope="session")
def shelve(tmp_path_factory: pytest.TempPathFactory) -> Shelve:
    """`shelve({1: ["page", "page"]})` indexes texts; `about` gives the other fields of a document."""

    def make(
        texts: Mapping[int, Sequence[str]], about: Mapping[int, dict[str, object]] | None = None
    ) -> Shelf:
        directory: Path = tmp_path_factory.mktemp("shelf") / "index"
        index = Index.open(directory)
        about = about or {}
        index.add(
            Entry(number, pages=list(enumerate(pages, 1)), **about.get(number, {}))  # type: ignore[arg-type]
            for number, pages in texts.items()
        )
        index.commit()
        index.close()
        return Shelf(index, texts)

    return make
