"""Notes: what a person said of a passage or a document, as records that never change.

A note is a chain of revisions. Each names those it takes the place of, so that two people who worked on copies of the
same case can put their work together in any order and any number of times: what nobody replaced stands, and where
both replaced the same, both stand until somebody decides. Deleting is a revision too.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from muniment.case.canonical import canonical
from muniment.case.folder import random_name
from muniment.errors import BadUse

KINDS = ("note", "tag", "star", "seen", "translation")
LONGEST = {"note": 100_000, "tag": 100, "star": 0, "seen": 0, "translation": 1_000_000}
"""Code points of what is said, by kind."""
LONGEST_PASSAGE = 1_000_000
AROUND = 32
"""Code points kept of what stands before and after a passage, by which it is found again."""
LONGEST_NAME = 100
MOST_PREVIOUS = 100

_IDENTIFIER = re.compile(r"[a-z2-7]{10,32}")
_REFERENCE = re.compile(r"A[1-9][0-9]{0,8}/[0-9]{4,9}(?:\.[1-9][0-9]{0,8}){0,40}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_TIME = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z")
_SALT = re.compile(r"[0-9a-f]{32}")
_HALF = re.compile("[\ud800-\udfff]")
_NOT_IN_A_NAME = re.compile(
    "[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a note. Offsets are code points of the page's text; `page` 0 is the whole document.

    `original` is the identifier of the original and `reference` that of the document in it: a part has no other
    name that outlives a catalogue. `exact` is "" where no passage is meant. `time` is UTC to the second.
    """

    note: str
    revision: str
    previous: tuple[str, ...]
    kind: str
    original: str
    reference: str
    page: int = 0
    exact: str = ""
    prefix: str = ""
    suffix: str = ""
    start: int = 0
    end: int = 0
    value: str = ""
    language: str = ""
    who: str = "local"
    time: str = ""
    deleted: bool = False
    salt: str = ""

    def record(self) -> dict[str, Any]:
        """As the journal encloses it."""
        return {**asdict(self), "previous": list(self.previous)}

    def root(self) -> str:
        """Its salted commitment, which stands in the act for ever (hexadecimal)."""
        return hashlib.sha256(canonical(self.record())).hexdigest()

    def version(self) -> dict[str, Any]:
        """What it says, for people."""
        names = ("revision", "value", "language", "who", "time", "deleted")
        return {name: getattr(self, name) for name in names}


_FIELDS = frozenset(field.name for field in fields(Revision))


def fresh(**said: Any) -> Revision:
    """A first revision of a new note. Raises BadUse for what no note can hold."""
    made = {"note": random_name(16), "previous": (), **_now(), **said}
    return checked(Revision(**made))


def following(heads: Iterable[Revision], **changed: Any) -> Revision:
    """The revision that takes the place of all `heads` of a note, which differs in what is `changed`."""
    heads = list(heads)
    said = {"deleted": False, **changed}
    previous = tuple(sorted(head.revision for head in heads))
    return checked(replace(heads[0], previous=previous, **_now(), **said))


def _now() -> dict[str, Any]:
    return {
        "revision": random_name(16),
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "salt": secrets.token_hex(16),
    }


def whole(text: str) -> str:
    """Text that can be written down: half of a pair of surrogates is a character nobody knows. Offsets stay."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def from_record(record: Mapping[str, Any]) -> Revision:
    """A revision that was enclosed, or came from somebody else. Raises BadUse where it is none."""
    if set(record) != _FIELDS or not isinstance(record["previous"], list | tuple):
        raise _bad("it has not the fields of one")
    return checked(Revision(**{**record, "previous": tuple(record["previous"])}))


def checked(revision: Revision) -> Revision:
    """The same revision. Raises BadUse where anything of it is out of bounds."""
    for problem in _problems(revision):
        raise _bad(problem)
    return revision


def name_of_a_person(text: str) -> str:
    """A name as it is kept with what somebody said. Raises BadUse."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or _NOT_IN_A_NAME.search(name):
        raise BadUse(
            "That name cannot be kept.",
            next=f"Give 1 to {LONGEST_NAME} characters on one line; a pseudonym does.",
        )
    return name


def _bad(problem: str) -> BadUse:
    return BadUse(f"This is no note: {problem}.", next="See: muniment note --help")


def _problems(one: Revision) -> Iterable[str]:
    texts = (one.exact, one.prefix, one.suffix, one.value, one.language, one.who, one.time)
    names = (one.note, one.revision, one.original, *one.previous)
    numbers = (one.page, one.start, one.end)
    if not all(type(text) is str for text in (*texts, *names, one.kind, one.reference, one.salt)):
        yield "a field that is text is none"
        return
    if (
        not all(type(n) is int and 0 <= n <= 2**31 for n in numbers)
        or type(one.deleted) is not bool
    ):
        yield "a number is out of range"
        return
    if not all(_IDENTIFIER.fullmatch(name) for name in names) or not _SALT.fullmatch(one.salt):
        yield "an identifier is none"
    if len(one.previous) > MOST_PREVIOUS or one.revision in one.previous:
        yield "it cannot take the place of those"
    if not _REFERENCE.fullmatch(one.reference) or not _TIME.fullmatch(one.time):
        yield "its document or its time cannot be read"
    if one.kind not in KINDS:
        yield "there is no such kind"
        return
    if any(_HALF.search(text) for text in texts):
        yield "it holds half a character"
    if one.who != " ".join(one.who.split()) or not one.who or _NOT_IN_A_NAME.search(one.who):
        yield "it does not say who said it"
    if len(one.who) > LONGEST_NAME or len(one.value) > LONGEST[one.kind]:
        yield f"it is longer than {LONGEST[one.kind]:,} characters"
    yield from _problems_of_kind(one)
    yield from _problems_of_place(one)


def _problems_of_kind(one: Revision) -> Iterable[str]:
    if one.kind in ("note", "tag", "translation") and not one.value.strip() and not one.deleted:
        yield "it says nothing"
    if one.kind == "tag" and (one.value != tag_of(one.value) or _NOT_IN_A_NAME.search(one.value)):
        yield "a tag is a few words on one line"
    if one.language and not _LANGUAGE.fullmatch(one.language):
        yield "its language is not a code such as en, zh-Hant or ug"
    if one.kind == "translation" and (not one.language or not one.page):
        yield "a translation has a language and is of a page"


def _problems_of_place(one: Revision) -> Iterable[str]:
    if not one.exact and (one.start or one.end or one.prefix or one.suffix):
        yield "its passage has no words"
    if one.exact and (not one.page or one.end - one.start != len(one.exact)):
        yield "its passage has no place"
    if len(one.exact) > LONGEST_PASSAGE or max(len(one.prefix), len(one.suffix)) > 2 * AROUND:
        yield "its passage is too long"


def tag_of(text: str) -> str:
    """A tag as it is kept: its words with one space between them."""
    return " ".join(text.split())


def heads_of(revisions: Iterable[Revision]) -> list[Revision]:
    """Those that nobody replaced, the latest first: what stands. One that is not deleted comes before one that is.

    Where somebody made revisions that replace each other in a ring, all of them stand.
    """
    ordered = in_order(revisions)
    replaced = {name for one in ordered for name in one.previous}
    standing = [one for one in ordered if one.revision not in replaced] or [*ordered]
    standing.reverse()
    return sorted(standing, key=lambda one: one.deleted)


def in_order(revisions: Iterable[Revision]) -> list[Revision]:
    """The revisions of a note as they came about: each behind those it replaces, else by time."""
    waiting = sorted(revisions, key=lambda one: (one.time, one.revision))
    done: list[Revision] = []
    before = {one.revision for one in waiting}
    while waiting:
        ready = [one for one in waiting if before.isdisjoint(one.previous)] or waiting
        done += ready
        before.difference_update(one.revision for one in ready)
        waiting = [one for one in waiting if one.revision in before]
    return done
