"""A query tree as a tantivy query.

The tree is always built here, never by tantivy's parser, which finds nothing for `a AND NOT b`: each NOT
stands beside an all-query, and a phrase never leaves its leaf. A leaf that the index cannot answer exactly
(near, exact form, a phrase with a prefix) is first answered from the pages of its candidates and stands in
the tree as the set of documents it really matches, so that NOT around it is exact too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from muniment.finding.folding import words
from muniment.finding.matching import Leaf, leaf_of
from muniment.finding.pairs import pairs_of
from muniment.finding.query import And, Field, Node, Not, Or, Phrase, Word
from muniment.finding.rows import Row
from muniment.finding.widening import with_names

if TYPE_CHECKING:
    import tantivy

Checked = Callable[[Leaf, "tantivy.Query"], list[int]]
"""Given a leaf and the query of its candidate pages, the documents where the leaf really matches."""

_TYPES = {
    "pdf": "application/pdf",
    "word": "doc",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "mail": "message/rfc822",
    "eml": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
    "txt": "text/plain",
    "zip": "application/zip",
}


@lru_cache(maxsize=1000)
def type_labels(media_type: str) -> tuple[str, ...]:
    """The words a media type answers to in `type:`: itself, its two halves, and its everyday name."""
    whole = media_type.split(";")[0].strip().lower()
    names = [name for name, meant in _TYPES.items() if meant == whole]
    if whole == _TYPES["doc"] or whole == _TYPES["docx"]:
        names.append("word")
    return tuple(dict.fromkeys([whole, *whole.split("/"), *names])) if whole else ()


def language_labels(code: str) -> list[str]:
    """The words a language answers to in `language:`: zh-Hant to zh-hant and zh."""
    plain = code.strip().lower().replace("_", "-")
    return list(dict.fromkeys([plain, plain.split("-")[0]])) if plain else []


class Question:
    """One query, compiled for one schema; `leaves` are the ones whose matches are passages."""

    def __init__(
        self, node: Node, schema: tantivy.Schema, checked: Checked, scripts: Collection[str]
    ) -> None:
        import tantivy

        self._q = tantivy.Query
        self._must, self._not = tantivy.Occur.Must, tantivy.Occur.MustNot
        self._should = tantivy.Occur.Should
        self._unsigned = tantivy.FieldType.Unsigned
        self._schema = schema
        self._checked = checked
        self._scripts = scripts
        self._patterns: dict[tuple[str, str], tantivy.Query] = {}
        self.leaves: list[Leaf] = []
        self.tree = self._node(with_names(node), wanted=True)

    def documents(self, without: Collection[int] = ()) -> tantivy.Query:
        """Entries that stand for a whole document and match the tree, but for some documents."""
        matching = self.every((self.tree, self.flag("whole")))
        if not without:
            return matching
        left_out = self.numbered(list(without))
        return self._q.boolean_query([(self._must, matching), (self._not, left_out)])

    def pages(self) -> tantivy.Query:
        """Entries that stand for one page and hold a match of a wanted leaf (or may, where it is checked)."""
        return self.every((self.any([self.leaf(leaf) for leaf in self.leaves]), self.flag("sheet")))

    def flag(self, name: str) -> tantivy.Query:
        """The entries with a flag, without a weight in the score."""
        return self._q.const_score_query(self._q.term_query(self._schema, name, 1), 0.0)

    def numbered(self, numbers: list[int]) -> tantivy.Query:
        """The entries of some documents."""
        if not numbers:
            return self._q.empty_query()
        return self._q.const_score_query(
            self._q.term_set_query(self._schema, "number", numbers), 0.0
        )

    def every(self, parts: tuple[tantivy.Query, ...] | list[tantivy.Query]) -> tantivy.Query:
        """The entries that match all parts."""
        return self._q.boolean_query([(self._must, part) for part in parts])

    def any(self, parts: list[tantivy.Query]) -> tantivy.Query:
        """The entries that match at least one part; none where there is no part."""
        if not parts:
            return self._q.empty_query()
        if len(parts) == 1:
            return parts[0]
        return self._q.boolean_query([(self._should, part) for part in parts])

    def _node(self, node: Node, wanted: bool) -> tantivy.Query:
        if isinstance(node, And):
            return self.every([self._node(part, wanted) for part in node.parts])
        if isinstance(node, Or):
            return self.any([self._node(part, wanted) for part in node.parts])
        if isinstance(node, Not):
            inside = self._node(node.part, not wanted)
            everything = self._q.const_score_query(self._q.all_query(), 0.0)
            return self._q.boolean_query([(self._must, everything), (self._not, inside)])
        if isinstance(node, Field):
            return self._q.const_score_query(self._field(node), 0.0)
        return self._asked(node, wanted)

    def _asked(self, node: Word | Phrase, wanted: bool) -> tantivy.Query:
        leaf = leaf_of(node).within(self._scripts)
        if wanted:
            self.leaves.append(leaf)
        sure, rest = leaf.halves()
        parts = [] if sure is None else [self.leaf(sure)]
        if rest is not None:
            candidates = self.every((self.leaf(rest), self.flag("sheet")))
            parts.append(self.numbered(self._checked(rest, candidates)))
        return self.any(parts)

    def leaf(self, leaf: Leaf) -> tantivy.Query:
        """The entries where a leaf matches; for one that is not sure, those where it may."""
        if leaf.near is not None:
            return self.every([self.leaf(word) for word in leaf.words])
        if leaf.fuzzy:
            word = leaf.sequences[0].slots[0][0]
            return self._q.fuzzy_term_query(self._schema, "text", word, leaf.fuzzy)
        return self.any([self._row(row, "text") for row in leaf.sequences])

    def _row(self, row: Row, field: str) -> tantivy.Query:
        if row.prefix and not row.is_unspaced_end:
            last = self._beginning(field, row.slots[-1][0])
            if len(row.slots) == 1:
                return last
            return self.every([self._row(Row(row.slots[:-1]), field), last])
        written = row.phrases
        if written is not None:
            return self.any([self._phrase(phrase, field) for phrase in written])
        if field == "text" and (pairs := row.pairs):
            return self.every(
                [self._q.term_set_query(self._schema, "pairs", several) for several in pairs]
            )
        return self.every([self._slot(row, place, field) for place in range(len(row.slots))])

    def _slot(self, row: Row, place: int, field: str) -> tantivy.Query:
        """The entries with a token that may stand at one place of a row."""
        parts = []
        if row.slots[place]:
            parts.append(self._q.term_set_query(self._schema, field, list(row.slots[place])))
        if row.patterns and row.patterns[place]:
            parts.append(self._pattern(field, row.patterns[place]))
        return self.any(parts)

    def _pattern(self, field: str, pattern: str) -> tantivy.Query:
        """Terms that a pattern matches whole; compiling it costs, so that it is done once for a question."""
        key = (field, pattern)
        if key not in self._patterns:
            self._patterns[key] = self._q.regex_query(self._schema, field, pattern)
        return self._patterns[key]

    def _beginning(self, field: str, text: str) -> tantivy.Query:
        """Terms with a beginning; folded text holds no sign that a pattern would read as its own."""
        return self._q.regex_query(self._schema, field, f"{text}.*")

    def _phrase(self, phrase: tuple[str, ...], field: str) -> tantivy.Query:
        """Tokens in a row; a phrase query of one token makes tantivy panic.

        Pairs of characters find the few entries that a Han phrase can be in; two characters are a pair.
        """
        if len(phrase) == 1:
            return self._q.term_query(self._schema, field, phrase[0])
        pairs = pairs_of(phrase) if field == "text" else []
        parts = [self._q.term_query(self._schema, "pairs", pair) for pair in pairs]
        if len(phrase) == 2 and parts:
            return parts[0]
        row = self._q.phrase_query(self._schema, field, list(phrase))
        return self.every([*parts, row]) if parts else row

    def _field(self, node: Field) -> tantivy.Query:
        if node.name == "date":
            return self._date(node)
        if node.name in ("path", "from", "to"):
            slots = tuple((word,) for word in words(node.value))
            row = Row(slots, node.prefix)
            return self._row(row, node.name)
        value = node.value.strip().lower()
        label = f"{node.name}:{value}"
        if node.prefix:
            return self._beginning("label", _escaped(label))
        return self._q.term_query(self._schema, "label", label)

    def _date(self, node: Field) -> tantivy.Query:
        """Documents whose own day, month or year meets the range."""
        parts = [
            self._q.range_query(
                self._schema,
                "first",
                self._unsigned,
                1,
                99999999 if node.high is None else node.high,
            )
        ]
        if node.low is not None:
            parts.append(
                self._q.range_query(self._schema, "last", self._unsigned, node.low, 99999999)
            )
        return self.every(parts)


_SIGNS = frozenset("\\.+*?()|[]{}^$")


def _escaped(text: str) -> str:
    """A label inside a pattern: every sign that might be read as one is taken literally."""
    return "".join(f"\\{char}" if char in _SIGNS else char for char in text)
