"""Other words a word asked for also finds: plurals, and loose spellings of one name.

The index holds words as they stand (folded for script and case only); widening happens when a question is
asked, so that a new rule needs no new index and each rule can say why it matched. A rule takes folded
tokens and gives other token sequences with the reason. Pinyin and transliteration of any Uyghur word are
more rules of the same kind.
"""

from __future__ import annotations

import re
import shlex
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from muniment.finding.folding import BREAK, words

_PLAIN = re.compile(r"[a-z]+")
_SIBILANT = ("s", "x", "z", "ch", "sh")
_SINGULAR_IN_S = ("ss", "us", "is", "news", "series", "species", "ous")


class Wider(NamedTuple):
    """A token sequence that answers as well as the one asked for, and why ("" for the one itself)."""

    tokens: tuple[str, ...]
    reason: str


@cache
def _spellings() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Each spelling in data/spellings.txt, folded, to its whole group."""
    groups: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    text = (files("muniment.finding") / "data" / "spellings.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        lexer = shlex.shlex(line, posix=True)
        lexer.quotes, lexer.whitespace_split, lexer.commenters = '"', True, ""
        group = tuple(dict.fromkeys(tuple(words(spelling)) for spelling in lexer))
        groups.update(dict.fromkeys(group, group))
    return groups


def plurals(word: str) -> list[str]:
    """The English plural of a word and the singular of a plural, by ending alone; letters a–z only."""
    if not _PLAIN.fullmatch(word) or len(word) < 4:
        return []
    found = []
    if not word.endswith("s") or word.endswith("ss"):
        if word.endswith("y") and word[-2] not in "aeiou":
            found.append(word[:-1] + "ies")
        else:
            found.append(word + ("es" if word.endswith(_SIBILANT) else "s"))
    elif len(word) > 4 and not word.endswith(_SINGULAR_IN_S):
        if word.endswith("ies") and len(word) > 5:
            found.append(word[:-3] + "y")
        elif word.endswith("es") and word[:-2].endswith(_SIBILANT):
            found.append(word[:-2])
        else:
            found.append(word[:-1])
    return found


def of_word(tokens: tuple[str, ...], joined: bool) -> list[Wider]:
    """The answers to one bare word: itself, then plurals and spellings.

    `joined` says that the word was written with a hyphen or an apostrophe inside (co-operate, Qur'an), so
    that it is also sought as one word.
    """
    found = {tokens: ""}
    if joined and BREAK not in tokens:
        found.setdefault(("".join(tokens),), "written as one word")
    groups = _spellings()
    for base in list(found):
        for other in groups.get(base, ()):
            found.setdefault(other, "spelling")
    for base, reason in list(found.items()):
        if len(base) == 1:
            for other_word in plurals(base[0]):
                found.setdefault((other_word,), reason or "singular or plural")
                for other in groups.get((other_word,), ()):
                    found.setdefault(other, "spelling")
    return [Wider(other, reason) for other, reason in found.items()]


def in_phrase(token: str) -> list[str]:
    """The spellings of one word inside a phrase (no plurals there: a phrase is as it was written)."""
    return [other[0] for other in _spellings().get((token,), ()) if len(other) == 1]
