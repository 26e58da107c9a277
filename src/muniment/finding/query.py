"""The query language: a text a person types becomes a tree whose leaves know where they stand in it.

    words "a phrase" AND OR NOT ( ) prefix* fuzzy~1 "near words"~5 field:value =word ="exact phrase"

Words side by side are joined by AND; NOT binds tighter than AND, AND tighter than OR; AND, OR and NOT are
operators only in capitals. The whole language is described in docs/reference/query-language.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from muniment.finding.dates import days
from muniment.finding.folding import is_unspaced, words
from muniment.finding.mistakes import QueryError

FIELDS = (
    "type", "language", "state", "tag", "seen", "starred", "noted", "accession", "from", "to", "path", "date",
)  # fmt: skip
STATES = (
    "extracted", "partly-extracted", "failed", "encrypted", "unsupported", "over-limit", "waiting", "withdrawn",
)  # fmt: skip
LONGEST = 20_000
DEEPEST = 40
MOST_LEAVES = 500
WIDEST_NEAR = 100


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word; `prefix` for word*, `fuzzy` 1 or 2 for word~1, `exact` for =word."""

    text: str
    start: int
    end: int
    prefix: bool = False
    fuzzy: int = 0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in quotes; `near` is the number of other words allowed between them, None for a phrase proper."""

    text: str
    start: int
    end: int
    near: int | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """`name:value`; for dates `low` and `high` are days as yyyymmdd, both included, None where open."""

    name: str
    value: str
    start: int
    end: int
    prefix: bool = False
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class And:
    """Documents that match every part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Documents that match at least one part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Documents that do not match the part."""

    part: Node


Node = Word | Phrase | Field | And | Or | Not

# What closes each quotation mark: the first that stands anywhere after it.
_QUOTES = {'"': '"＂”', "“": '”"＂', "”": '”"', "＂": '＂"”'}
_OPEN, _CLOSE = "(（", ")）"
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*)[:：](?!//)")
_WORD_ENDS = re.compile(r'[\s()（）"“”＂]')


def parse(query: str) -> Node:
    """Read a query; raise QueryError, with the position of the character meant, when it cannot be read."""
    if len(query) > LONGEST:
        raise QueryError(
            f"A query is at most {LONGEST} characters long.",
            query,
            LONGEST,
            next="Search for a shorter passage, or use a list.",
        )
    return _Parser(query).read()


class _Parser:
    """Reads one query from left to right; `self.at` is the next character."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.leaves = 0
        self.skipped: int | None = None

    def fail(self, message: str, position: int, next: str) -> NoReturn:
        raise QueryError(message, self.query, position, next=next)

    def read(self) -> Node:
        node = self.either(0)
        self.spaces()
        if self.at < len(self.query):
            self.fail(
                "This closing parenthesis has no opening one.",
                self.at,
                "Take it out, or open a parenthesis before it.",
            )
        if node is None:
            self.fail(
                "There is nothing to search for.",
                self.skipped or 0,
                'Type words, a "phrase", or a field such as type:pdf.',
            )
        return node

    def spaces(self) -> None:
        while self.at < len(self.query) and self.query[self.at].isspace():
            self.at += 1

    def operator(self, name: str) -> bool:
        """Step over AND, OR or NOT when it stands here as a word of its own."""
        self.spaces()
        end = self.at + len(name)
        if self.query[self.at : end] != name:
            return False
        if end < len(self.query) and not _WORD_ENDS.match(self.query[end]):
            return False
        self.at = end
        return True

    def either(self, depth: int) -> Node | None:
        """Parts joined by OR."""
        parts: list[Node] = []
        place = self.at
        first = self.both(depth)
        if first is not None:
            parts.append(first)
        while True:
            self.spaces()
            place = self.at
            if not self.operator("OR"):
                break
            if not parts:
                self.missing("OR", place, "before")
            part = self.both(depth)
            if part is None:
                self.missing("OR", place, "after")
            parts.append(part)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def missing(self, name: str, place: int, side: str) -> NoReturn:
        self.fail(
            f"{name} has nothing {side} it.",
            place,
            f"Put a word {side} {name}; to search for the word itself write it in small letters or in quotes.",
        )

    def both(self, depth: int) -> Node | None:
        """Parts joined by AND, written or not."""
        parts: list[Node] = []
        joined: int | None = None
        while True:
            self.spaces()
            place = self.at
            if self.operator("AND"):
                if not parts:
                    self.missing("AND", place, "before")
                if joined is not None:
                    self.missing("AND", joined, "after")
                joined = place
                continue
            part = self.one(depth)
            if part is None:
                break
            if isinstance(part, _Nothing):
                continue
            parts.append(part)
            joined = None
        if joined is not None:
            self.missing("AND", joined, "after")
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def one(self, depth: int) -> Node | _Nothing | None:
        """One part: NOT and a part, a group, a phrase, a field or a word; None where the row of parts ends."""
        self.spaces()
        if self.at >= len(self.query) or self.query[self.at] in _CLOSE:
            return None
        place = self.at
        if self.operator("OR"):
            self.at = place
            return None
        if self.operator("NOT"):
            if depth >= DEEPEST:
                self.too_deep(place)
            part = self.one(depth + 1)
            while isinstance(part, _Nothing):
                part = self.one(depth + 1)
            if part is None:
                self.missing("NOT", place, "after")
            return Not(part)
        if self.operator("AND"):
            self.at = place
            self.missing("AND", place, "before")
        if self.query[place] in _OPEN:
            return self.group(depth)
        return self.leaf()

    def too_deep(self, place: int) -> NoReturn:
        self.fail(
            f"A query holds at most {DEEPEST} levels of parentheses and NOT.",
            place,
            "Write the query with fewer levels.",
        )

    def group(self, depth: int) -> Node:
        place = self.at
        if depth >= DEEPEST:
            self.too_deep(place)
        self.at += 1
        inside = self.either(depth + 1)
        self.spaces()
        if self.at >= len(self.query):
            self.fail(
                "This parenthesis is never closed.", place, "Close it with ), or take it out."
            )
        self.at += 1
        if inside is None:
            self.fail(
                "There is nothing between these parentheses.",
                place,
                "Put words between them, or take them out.",
            )
        return inside

    def leaf(self) -> Node | _Nothing:
        self.leaves += 1
        if self.leaves > MOST_LEAVES:
            self.fail(
                f"A query holds at most {MOST_LEAVES} words and phrases.",
                self.at,
                "Use a list, which takes one query a line.",
            )
        field = _FIELD.match(self.query, self.at)
        if field and field.group(1).lower() in FIELDS:
            return self.field(field)
        if field and self.query[field.end() : field.end() + 1].strip():
            self.fail(
                "There is no field of this name.",
                self.at,
                f"Use one of {', '.join(FIELDS)}; to search for a word with a colon put it in quotes.",
            )
        exact = self.query[self.at] == "="
        start = self.at
        after = self.query[start + 1 : start + 2]
        if exact and (not after or after.isspace() or after in _OPEN + _CLOSE):
            self.fail(
                "= has no word after it.", start, 'Write =word or ="exact phrase" without a space.'
            )
        if exact:
            self.at += 1
        if self.query[self.at] in _QUOTES:
            return self.phrase(start, exact)
        return self.word(start, exact)

    def quoted(self) -> str:
        """What stands between the quotation mark here and the one that closes it."""
        place = self.at
        closing = _QUOTES[self.query[place]]
        ends = (self.query.find(mark, place + 1) for mark in closing)
        end = next((found for found in ends if found >= 0), -1)
        if end < 0:
            self.fail(
                "This quotation mark is never closed.",
                place,
                "Close the phrase with another quotation mark.",
            )
        self.at = end + 1
        return self.query[place + 1 : end]

    def phrase(self, start: int, exact: bool) -> Node:
        place = self.at
        text = self.quoted()
        if not words(text):
            self.fail(
                "There is nothing to search for between these quotation marks.",
                place,
                "Put at least one letter, digit or character between them.",
            )
        near = None
        if self.query[self.at : self.at + 1] == "~":
            near = self.number(
                "near", 0, WIDEST_NEAR, 'Write "two words"~5 for at most 5 words between them'
            )
            if exact:
                self.fail(
                    "= and ~ cannot stand on the same phrase.", start, "Take one of the two out."
                )
        return Phrase(text, start, self.at, near, exact)

    def number(self, what: str, low: int, high: int, help: str) -> int:
        """The number after the ~ that stands here; 1 when a fuzzy word has none."""
        place = self.at
        digits = re.compile(r"[0-9]*").match(self.query, place + 1)
        assert digits is not None
        self.at = digits.end()
        text = digits.group()[:6]
        if self.at < len(self.query) and not _WORD_ENDS.match(self.query, self.at):
            self.fail("Only a number can follow ~.", self.at, f"{help}.")
        if not text and what == "fuzzy":
            return 1
        if not text or not low <= int(text) <= high:
            self.fail(f"~ takes a number from {low} to {high} here.", place, f"{help}.")
        return int(text)

    def word(self, start: int, exact: bool) -> Node | _Nothing:
        place = self.at
        end = _WORD_ENDS.search(self.query, place)
        stop = end.start() if end else len(self.query)
        cut = self.query.find("~", place, stop)
        text = self.query[place : stop if cut < 0 else cut]
        self.at = place + len(text)
        prefix = text.endswith("*")
        bare = text.rstrip("*") if prefix else text
        star = bare.find("*")
        if star >= 0 and words(bare[star + 1 :]):
            self.fail(
                "* stands only at the end of a word.",
                place + star,
                "Write the beginning of the word and * after it.",
            )
        if not exact:
            self.no_sign(bare, place)
        if not words(bare):
            return self.nothing(place, prefix, cut)
        fuzzy = 0
        if cut >= 0:
            fuzzy = self.number(
                "fuzzy", 1, 2, "Write word~1 or word~2 for one or two letters different"
            )
            self.fuzzy_fits(bare, prefix, exact, cut)
        if prefix and exact:
            self.fail("= and * cannot stand on the same word.", start, "Take one of the two out.")
        return Word(bare, start, self.at, prefix, fuzzy, exact)

    def no_sign(self, bare: str, place: int) -> None:
        """-word, +word and !word mean something elsewhere; here they are an error, never a guess."""
        if bare[:1] not in ("-", "+", "!") or not words(bare) or bare[1].isdigit():
            return
        if bare[0] == "+":
            help = "Words side by side are all required already"
        else:
            help = "To leave a word out write NOT before it"
        self.fail(
            "This sign means nothing before a word.",
            place,
            f"{help}; to search for the sign use quotes.",
        )

    def fuzzy_fits(self, bare: str, prefix: bool, exact: bool, place: int) -> None:
        found = words(bare)
        if prefix or exact:
            self.fail("~ cannot stand with * or = on one word.", place, "Keep one of them.")
        if len(found) > 1 or is_unspaced(found[0]):
            self.fail(
                "~ works on one word written with letters.",
                place,
                "In Chinese give the spellings with OR; between words of a phrase use quotes and ~.",
            )

    def nothing(self, place: int, prefix: bool, cut: int) -> _Nothing:
        """A mark that stands alone is passed over, unless it is one of the language."""
        if prefix or cut >= 0:
            self.fail(
                f"{'*' if prefix else '~'} has no word before it.",
                place if prefix else cut,
                "Write the beginning of a word before *." if prefix else "Write a word before ~.",
            )
        self.skipped = place if self.skipped is None else self.skipped
        return _Nothing()

    def field(self, match: re.Match[str]) -> Node:
        start = self.at
        name = match.group(1).lower()
        self.at = match.end()
        place = self.at
        prefix = False
        if self.query[place : place + 1].strip() == "" or self.query[place] in _OPEN + _CLOSE:
            self.fail(f"{name}: has no value.", start, f"Write the {name} right after the colon.")
        if self.query[place] in _QUOTES:
            value = self.quoted()
        else:
            end = _WORD_ENDS.search(self.query, place)
            self.at = end.start() if end else len(self.query)
            value = self.query[place : self.at]
            prefix = value.endswith("*")
            value = value.rstrip("*")
        if name == "date":
            low, high = days(value, self.query, place)
            return Field(name, value, start, self.at, False, low, high)
        if not words(value):
            self.fail(
                f"{name}: has no value.", start, f"Write what the {name} should be after the colon."
            )
        if name == "state" and value.lower() not in STATES and not prefix:
            self.fail("There is no such state.", place, f"Use one of {', '.join(STATES)}.")
        return Field(name, value, start, self.at, prefix)


class _Nothing:
    """A punctuation mark between the words of a query."""
