"""The index of a case: documents go in folded, questions come back as passages.

A document of several pages has one entry for the whole (AND, OR and NOT are decided there) and one for
each page (passages are found there); a document of one page has one entry for both. The index holds no raw
text: passages are cut from what `text_of` gives. One writer, many readers; what is committed survives a
kill, and what is not was never there. The index is derived from the catalogue and may be thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import MunimentError
from muniment.finding import layout
from muniment.finding.asking import Question
from muniment.finding.entry import Entry, Found, Passage
from muniment.finding.matching import Leaf, Page
from muniment.finding.passages import count, cut, opening, spans
from muniment.finding.query import parse
from muniment.finding.taking_in import SCRIPTS, documents_of, script_label

if TYPE_CHECKING:
    import tantivy

TextOf = Callable[[int, int], str]
"""The raw text of a page: (number of the document, number of the page)."""

TextsOf = Callable[[Sequence[tuple[int, int]]], Mapping[tuple[int, int], str]]
"""The same for many pages at once."""

Arranged = Callable[[Sequence[int]], Sequence[int]]
"""Documents in the order in which they are to come."""

SameAs = Callable[[Sequence[int]], Mapping[int, Hashable]]
"""For documents of which there are several copies, what the copies share."""

_Ranked = tuple[float, int, int]

COUNTED = 500
"""Passages are counted one by one on at most this many pages; beyond, their number is a lower bound."""

COUNTED_IN_LARGE, LARGE = 60, 20_000
"""The same in an index of more than so many entries, where an answer has to come at once."""

AT_ONCE = 400
"""Pages that are read together while a leaf is checked on them."""

MEMORY = 96_000_000
"""Bytes the writer gathers before it writes a segment."""


class IndexBusy(MunimentError):
    """Another process is writing to the index."""

    code = "index-busy"


class Index:
    """The index of one case.

    `rebuild` is "" for an index opened as it was, otherwise a sentence that says why it is empty now: the
    caller gives every document again.
    """

    def __init__(self, directory: Path, files: tantivy.Index, rebuild: str) -> None:
        self.directory = directory
        self.rebuild = rebuild
        self._files = files
        self._schema = files.schema
        self._writer: tantivy.IndexWriter | None = None
        self._seen = (-1, -1)
        self._fresh: set[int] = set()

    @classmethod
    def open(cls, directory: Path) -> Index:
        """The index in a folder; made empty where there is none, or one of another layout, or a damaged one."""
        files, rebuild = layout.open_files(directory)
        return cls(directory, files, rebuild)

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            with layout.in_our_words():
                try:
                    self._writer = self._files.writer(MEMORY, 1)
                except ValueError as error:
                    if "LockBusy" not in str(error):
                        raise
                    raise IndexBusy(
                        "Another muniment is writing to the index of this case.",
                        next="Wait until it has finished, then run this again.",
                    ) from error
        return self._writer

    def add(self, entries: Iterable[Entry]) -> None:
        """Take documents in, in place of what the index held of them. Seen after `commit`."""
        writer = self._writing()
        committed = self._searcher()
        for entry in entries:
            # A deletion is paid for at the commit, so it is asked for only where there is something to delete.
            if entry.number in self._fresh or committed.doc_freq("number", entry.number):
                self.remove([entry.number])
            self._fresh.add(entry.number)
            documents = documents_of(entry)
            with layout.in_our_words():
                for document in documents:
                    writer.add_document(document)

    def remove(self, numbers: Iterable[int]) -> None:
        """Take documents out. Seen after `commit`."""
        from tantivy import Query

        writer = self._writing()
        with layout.in_our_words():
            for number in numbers:
                writer.delete_documents_by_query(Query.term_query(self._schema, "number", number))

    def commit(self) -> None:
        """Make what was added and removed last; readers see it at their next question."""
        if self._writer is not None:
            with layout.in_our_words():
                self._writer.commit()
            self._fresh.clear()

    def close(self) -> None:
        """Let go of the writer, its memory and its lock; what was not committed is dropped."""
        writer, self._writer = self._writer, None
        self._fresh.clear()
        if writer is not None:
            writer.rollback()
            writer.wait_merging_threads()

    def numbers(self) -> set[int]:
        """The documents the index holds, so that a caller can mend what a crash left between it and the catalogue."""
        searcher = self._searcher()
        from tantivy import Query

        whole = Query.term_query(self._schema, "whole", 1)
        return {number for number, _ in self._places(searcher, whole)}

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        offset: int = 0,
        text_of: TextOf,
        without: Collection[int] = (),
        arranged: Arranged | None = None,
        same_as: SameAs | None = None,
        texts_of: TextsOf | None = None,
    ) -> Found:
        """Answer a query with the hits from `offset` on, best documents first, in reading order within each.

        `arranged` puts the documents into another order; with `same_as` only the first of several copies
        has hits (all are counted). `texts_of` reads many pages at once, where that is quicker.

        Raises QueryError for a query that cannot be read. `text_of` is called only for pages that hold a
        match, or may hold one where the index cannot tell (near, exact form). Documents
        `without` are passed over as if they were not there.
        """
        searcher = self._searcher()
        asked = _Asked(text_of, texts_of)
        question = self._question(searcher, asked, query)
        matching = question.documents(without)
        limit, offset = max(0, limit), max(0, offset)
        counted_to = COUNTED if searcher.num_docs <= LARGE else COUNTED_IN_LARGE
        documents, ranked, shown = self._in_order(
            searcher, matching, max(offset + limit + 1, counted_to + 1), arranged, same_as
        )
        hits, passed = self._hits(searcher, question, asked, shown, limit, offset)
        counted, exact = documents, False
        if documents <= counted_to:
            counted, exact = self._count(searcher, question, asked, ranked, counted_to)
        return Found(
            documents=documents,
            passages=max(counted, passed),
            passages_exact=exact,
            hits=hits[:limit],
            facets=_facets(searcher, matching, documents),
            next=offset + limit if len(hits) > limit else None,
        )

    def count(
        self,
        query: str,
        *,
        text_of: TextOf,
        without: Collection[int] = (),
        texts_of: TextsOf | None = None,
    ) -> tuple[int, int, bool]:
        """How many documents and passages answer a query, and whether the passages were all counted."""
        searcher = self._searcher()
        asked = _Asked(text_of, texts_of)
        question = self._question(searcher, asked, query)
        counted_to = COUNTED if searcher.num_docs <= LARGE else COUNTED_IN_LARGE
        documents, ranked, _ = self._in_order(
            searcher, question.documents(without), counted_to + 1, None, None
        )
        if not documents:
            return 0, 0, True
        if documents > counted_to:
            return documents, documents, False
        return (documents, *self._count(searcher, question, asked, ranked, counted_to))

    def _question(self, searcher: tantivy.Searcher, asked: _Asked, query: str) -> Question:
        return Question(
            parse(query),
            self._schema,
            lambda leaf, pages: self._check(searcher, asked, leaf, pages),
            [script for script in SCRIPTS if searcher.doc_freq("label", script_label(script))],
        )

    def _in_order(
        self,
        searcher: tantivy.Searcher,
        matching: tantivy.Query,
        wanted: int,
        arranged: Arranged | None,
        same_as: SameAs | None,
    ) -> tuple[int, list[_Ranked], list[_Ranked]]:
        """How many documents match, the first of them in order, and those of them that have hits."""
        if arranged is not None:
            pages = dict(self._places(searcher, matching))
            ranked = [(0.0, number, pages[number]) for number in arranged(list(pages))]
            return len(ranked), ranked, _first_copies(ranked, same_as)
        while True:
            result = searcher.search(matching, limit=wanted, count=True)
            documents = _total(result)
            numbers = self._numbered(searcher, [address for _, address in result.hits])
            ranked = [
                (score, number, page)
                for (score, _), (number, page) in zip(result.hits, numbers, strict=True)
            ]
            shown = _first_copies(ranked, same_as)
            if len(shown) == len(ranked) or len(ranked) >= documents:
                return documents, ranked, shown
            wanted = min(documents, wanted * 8)  # copies took places that are to be filled

    def _hits(
        self,
        searcher: tantivy.Searcher,
        question: Question,
        asked: _Asked,
        shown: Sequence[_Ranked],
        limit: int,
        offset: int,
    ) -> tuple[list[Passage], int]:
        """The hits from `offset` on, one more than `limit`, and how many were passed on the way."""
        hits: list[Passage] = []
        passed = 0
        asked.fetch([(n, page) for _, n, page in shown[: limit + 1] if page] if not offset else [])
        for score, number, page in shown:
            if len(hits) > limit or passed >= offset + limit + 1:
                break
            for passage in self._passages(searcher, question, asked, number, page, score):
                if offset <= passed <= offset + limit:
                    hits.append(passage)
                passed += 1
        return hits, passed

    def _passages(
        self,
        searcher: tantivy.Searcher,
        question: Question,
        asked: _Asked,
        number: int,
        page: int,
        score: float,
    ) -> list[Passage]:
        """The passages of one matching document, in reading order; its opening when no span matched."""
        score = round(score, 4)
        found: list[Passage] = []
        for sheet in self._pages_of(searcher, question, [number], page):
            text = asked.page(*sheet)
            found += cut(*sheet, text, spans(text, question.leaves), score)
        if found:
            return found
        if page == 0:
            only = question.every((question.numbered([number]), question.flag("sheet")))
            page = min((sheet for _, sheet in self._places(searcher, only)), default=0)
        return [opening(number, page, asked.page(number, page).raw if page else "", score)]

    def _pages_of(
        self, searcher: tantivy.Searcher, question: Question, numbers: list[int], page: int
    ) -> list[tuple[int, int]]:
        """The pages of documents that hold a wanted leaf; `page` is known for a document of one page."""
        if not question.leaves:
            return []
        if page:
            return [(numbers[0], page)]
        return sorted(
            self._places(searcher, question.every((question.numbered(numbers), question.pages())))
        )

    def _count(
        self,
        searcher: tantivy.Searcher,
        question: Question,
        asked: _Asked,
        ranked: Sequence[tuple[float, int, int]],
        counted_to: int,
    ) -> tuple[int, bool]:
        """How many passages the documents hold, and whether that is exact (on at most `counted_to` pages)."""
        sheets = [(number, page) for _, number, page in ranked if page] if question.leaves else []
        longer = [number for _, number, page in ranked if not page]
        if longer:
            sheets += self._pages_of(searcher, question, longer, 0)
        if len(sheets) > counted_to:
            return max(len(ranked), len(sheets)), False
        asked.fetch(sheets)
        each = {number: 0 for _, number, _ in ranked}
        for number, page in sheets:
            each[number] += count(asked.page(number, page), question.leaves)
        return sum(max(1, held) for held in each.values()), True

    def _check(
        self, searcher: tantivy.Searcher, asked: _Asked, leaf: Leaf, pages: tantivy.Query
    ) -> list[int]:
        """The documents with a page where a leaf really matches, among its candidates."""
        found: set[int] = set()
        places = self._places(searcher, pages)
        for at in range(0, len(places), AT_ONCE):
            some = [place for place in places[at : at + AT_ONCE] if place[0] not in found]
            asked.fetch(some)
            found.update(number for number, page in some if leaf.find(asked.page(number, page)))
        return sorted(found)

    def _places(self, searcher: tantivy.Searcher, query: tantivy.Query) -> list[tuple[int, int]]:
        """(document, page) of every entry that matches."""
        count = _total(searcher.search(query, limit=1, count=True))
        if not count:
            return []
        hits = searcher.search(query, limit=count, count=False).hits
        return self._numbered(searcher, [address for _, address in hits])

    def _numbered(
        self, searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress]
    ) -> list[tuple[int, int]]:
        if not addresses:
            return []
        numbers = searcher.fast_field_values("number", addresses)
        pages = searcher.fast_field_values("page", addresses)
        return [(int(n or 0), int(p or 0)) for n, p in zip(numbers, pages, strict=True)]

    def _searcher(self) -> tantivy.Searcher:
        """A view of the last commit, whichever process made it."""
        meta = (self.directory / "meta.json").stat()
        stamp = (meta.st_mtime_ns, meta.st_ino)
        if stamp != self._seen:
            with layout.in_our_words():
                self._files.reload()
            self._seen = stamp
        return self._files.searcher()


def _first_copies(ranked: list[_Ranked], same_as: SameAs | None) -> list[_Ranked]:
    """The documents of which no earlier one is a copy."""
    if same_as is None:
        return ranked
    shared = same_as([number for _, number, _ in ranked])
    seen: set[Hashable] = set()
    kept = []
    for place in ranked:
        content = shared.get(place[1])
        if content is None or content not in seen:
            kept.append(place)
            seen.add(content)
    return kept


def _total(result: tantivy.SearchResult) -> int:
    """How many entries match; the package's own stub leaves the attribute out."""
    return int(result.count or 0)  # type: ignore[attr-defined]


class _Asked:
    """The pages read for one question, folded once each; only the last few hundred are kept."""

    def __init__(self, text_of: TextOf, texts_of: TextsOf | None) -> None:
        self._text_of = text_of
        self._texts_of = texts_of
        self._pages: dict[tuple[int, int], Page] = {}

    def fetch(self, places: Sequence[tuple[int, int]]) -> None:
        """Read pages that will be asked for, all at once."""
        missing = [place for place in places if place not in self._pages]
        if self._texts_of is None or len(missing) < 2:
            return
        if len(self._pages) + len(missing) > COUNTED:
            self._pages.clear()
        for place, text in self._texts_of(missing).items():
            self._pages[place] = Page(text)

    def page(self, number: int, page: int) -> Page:
        found = self._pages.get((number, page))
        if found is None:
            if len(self._pages) > COUNTED:
                self._pages.clear()
            found = self._pages[number, page] = Page(self._text_of(number, page))
        return found


def _facets(
    searcher: tantivy.Searcher, matching: tantivy.Query, documents: int
) -> dict[str, dict[str, int]]:
    """How many matching documents have each type, language, accession and state, most frequent first."""
    if not documents:
        return {name: {} for name in layout.FACETS}
    asked = {name: {"terms": {"field": name, "size": 1000}} for name in layout.FACETS}
    answer = searcher.aggregate(matching, asked)
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]}
        for name in layout.FACETS
    }
