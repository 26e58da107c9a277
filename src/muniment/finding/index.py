"""The index of a case: documents go in folded, questions come back as passages.

A document of several pages has one entry for the whole (AND, OR and NOT are decided there) and one for
each page (passages are found there); a document of one page has one entry for both. The index holds no raw
text: passages are cut from what `text_of` gives. One writer, many readers; what is committed survives a
kill, and what is not was never there. The index is derived from the catalogue and may be thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import MunimentError
from muniment.finding import layout
from muniment.finding.asking import Question, language_labels, type_labels
from muniment.finding.dates import span as span_of_days
from muniment.finding.entry import Entry, Found, Passage
from muniment.finding.folding import fold
from muniment.finding.matching import Leaf, Page
from muniment.finding.passages import count, cut, opening, spans
from muniment.finding.query import parse

if TYPE_CHECKING:
    import tantivy

TextOf = Callable[[int, int], str]
"""The raw text of a page: (number of the document, number of the page)."""

COUNTED = 1000
"""Passages are counted one by one on at most this many pages; beyond, their number is a lower bound."""

COUNTED_IN_LARGE, LARGE = 100, 20_000
"""The same in an index of more than so many entries, where an answer has to come at once."""

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
            documents = _documents(entry)
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
    ) -> Found:
        """Answer a query with the hits from `offset` on, best documents first, in reading order within each.

        Raises QueryError for a query that cannot be read. `text_of` is called only for pages that hold a
        match, or may hold one where the index cannot tell (near, exact form). Documents
        `without` are passed over as if they were not there.
        """
        searcher = self._searcher()
        asked = _Asked(text_of)
        question = Question(
            parse(query),
            self._schema,
            lambda leaf, pages: self._check(searcher, asked, leaf, pages),
        )
        matching = question.documents(without)
        return self._answer(searcher, question, matching, asked, max(0, limit), max(0, offset))

    def _answer(
        self,
        searcher: tantivy.Searcher,
        question: Question,
        matching: tantivy.Query,
        asked: _Asked,
        limit: int,
        offset: int,
    ) -> Found:
        wanted = max(1, offset + limit + 1)
        counted_to = COUNTED if searcher.num_docs <= LARGE else COUNTED_IN_LARGE
        result = searcher.search(matching, limit=max(wanted, counted_to + 1), count=True)
        documents = _total(result)
        numbers = self._numbered(searcher, [address for _, address in result.hits])
        ranked = [
            (score, number, page)
            for (score, _), (number, page) in zip(result.hits, numbers, strict=True)
        ]
        hits: list[Passage] = []
        passed = 0
        for score, number, page in ranked:
            if len(hits) > limit or passed >= offset + limit + 1:
                break
            for passage in self._passages(searcher, question, asked, number, page, score):
                if offset <= passed <= offset + limit:
                    hits.append(passage)
                passed += 1
        more = len(hits) > limit
        counted, exact = documents, False
        if documents <= counted_to:
            counted, exact = self._count(searcher, question, asked, ranked, counted_to)
        return Found(
            documents=documents,
            passages=max(counted, passed),
            passages_exact=exact,
            hits=hits[:limit],
            facets=_facets(searcher, matching, documents),
            next=offset + limit if more else None,
        )

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
        each = {number: 0 for _, number, _ in ranked}
        for number, page in sheets:
            each[number] += count(asked.page(number, page), question.leaves)
        return sum(max(1, held) for held in each.values()), True

    def _check(
        self, searcher: tantivy.Searcher, asked: _Asked, leaf: Leaf, pages: tantivy.Query
    ) -> list[int]:
        """The documents with a page where a leaf really matches, among its candidates."""
        found: set[int] = set()
        for number, page in self._places(searcher, pages):
            if number not in found and leaf.find(asked.page(number, page)):
                found.add(number)
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


def _total(result: tantivy.SearchResult) -> int:
    """How many entries match; the package's own stub leaves the attribute out."""
    return int(result.count or 0)  # type: ignore[attr-defined]


class _Asked:
    """The pages read for one question, folded once each; only the last few hundred are kept."""

    def __init__(self, text_of: TextOf) -> None:
        self._text_of = text_of
        self._pages: dict[tuple[int, int], Page] = {}

    def page(self, number: int, page: int) -> Page:
        found = self._pages.get((number, page))
        if found is None:
            if len(self._pages) > COUNTED:
                self._pages.clear()
            found = self._pages[number, page] = Page(self._text_of(number, page))
        return found


def _documents(entry: Entry) -> list[tantivy.Document]:
    """The entries of one document: the whole, and each page when there are several."""
    from tantivy import Document

    folded = [(page, fold(text)) for page, text in entry.pages]
    whole = Document()
    whole.add_unsigned("number", entry.number)
    whole.add_unsigned("page", folded[0][0] if len(folded) == 1 else 0)
    whole.add_unsigned("whole", 1)
    whole.add_unsigned("sheet", 1 if len(folded) == 1 else 0)
    for _, text in folded:  # a value for each page, so that no phrase runs from one into the next
        whole.add_text("text", text)
    _fields(whole, entry)
    if len(folded) == 1:
        return [whole]
    found = [whole]
    for page, text in folded:
        sheet = Document()
        sheet.add_unsigned("number", entry.number)
        sheet.add_unsigned("page", page)
        sheet.add_unsigned("whole", 0)
        sheet.add_unsigned("sheet", 1)
        sheet.add_text("text", text)
        found.append(sheet)
    return found


def _fields(document: tantivy.Document, entry: Entry) -> None:
    for name, value in (("path", entry.path), ("from", entry.sender), ("to", entry.recipients)):
        document.add_text(name, fold(value))
    facets = {
        "type": [entry.type],
        "language": entry.languages,
        "accession": [entry.accession],
        "state": [entry.state],
    }
    for name, values in facets.items():
        for value in filter(None, values):
            document.add_text(name, value)
    for label in _labels(entry):
        document.add_text("label", label)
    days = span_of_days(entry.date)
    document.add_unsigned("first", days[0] if days else 0)
    document.add_unsigned("last", days[1] if days else 0)


def _labels(entry: Entry) -> list[str]:
    """What `type:`, `language:`, `state:`, `accession:`, `tag:` and what persons said compare with, lower-cased."""
    labels = [f"type:{name}" for name in type_labels(entry.type)]
    for language in entry.languages:
        labels += [f"language:{name}" for name in language_labels(language)]
    labels += [f"tag:{tag.strip().lower()}" for tag in entry.tags]
    labels += entry.labels
    labels += [f"state:{entry.state.lower()}", f"accession:{entry.accession.lower()}"]
    return labels


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
