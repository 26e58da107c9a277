"""Other words a word asked for also finds: plurals, and loose spellings of one name.

The index holds words as they stand (folded for script and case only); widening happens when a question is
asked, so that a new rule needs no new index and each rule can say why it matched. A rule takes folded
tokens and gives rows of tokens with the reason: plurals, spellings of data/spellings.txt, loose spellings and
other scripts (finding/sounds.py), pinyin (finding/pinyin.py).
"""

from __future__ import annotations

import re
import shlex
from functools import cache
from importlib.resources import files

from muniment.finding import pinyin, sounds
from muniment.finding.folding import BREAK, is_unspaced, words
from muniment.finding.query import And, Node, Not, Or, Phrase, Word
from muniment.finding.rows import MOST_PHRASES, Row

_PLAIN = re.compile(r"[a-z]+")
_SIBILANT = ("s", "x", "z", "ch", "sh")
_SINGULAR_IN_S = ("ss", "us", "is", "news", "series", "species", "ous")


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


def of_word(tokens: tuple[str, ...], joined: bool) -> list[Row]:
    """The answers to one bare word: itself, then plurals, spellings, other scripts, pinyin.

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
    for base in [tokens, *([("".join(tokens),)] if joined else [])]:
        if len(base) == 1:
            found.update(
                {(other,): "spelling" for other in sounds.loosely(base[0]) if (other,) not in found}
            )
    rows = [Row.of(other, reason) for other, reason in found.items()]
    return [*rows, *_other_scripts(tokens), *_pinyin(tokens, set(found), joined)]


def of_phrase(tokens: tuple[str, ...]) -> list[Row]:
    """The answers to a phrase: its words in their spellings (no plurals: a phrase is as it was written),
    other scripts, pinyin."""
    slots = [tuple(dict.fromkeys((word, *in_phrase(word)))) for word in tokens]
    while _written(slots) > MOST_PHRASES:
        longest = max(range(len(slots)), key=lambda n: len(slots[n]))
        slots[longest] = slots[longest][:-1]
    rows = [Row(tuple(slots), reason="spelling")]
    whole = [other for other in _spellings().get(tokens, ()) if other != tokens]
    rows += [Row.of(other, "spelling") for other in whole]
    return [*rows, *_other_scripts(tokens), *_pinyin(tokens, {tokens, *whole})]


def in_phrase(token: str) -> list[str]:
    """The spellings of one word inside a phrase."""
    listed = [other[0] for other in _spellings().get((token,), ()) if len(other) == 1]
    return [*listed, *sounds.loosely(token)]


def _written(slots: list[tuple[str, ...]]) -> int:
    number = 1
    for slot in slots:
        number *= len(slot)
    return number


def _other_scripts(tokens: tuple[str, ...]) -> list[Row]:
    """The same words in the letters of another script, all of them in one."""
    if not any(len(token) >= sounds.SHORTEST for token in tokens) or len(tokens) > 8:
        return []
    written = [sounds.elsewhere(token) for token in tokens]
    scripts = {sounds.script_of(token) for token in tokens}
    if len(scripts) != 1 or scripts == {""}:
        return []
    rows = []
    for script in written[0]:
        patterns = tuple(patterns[script] for patterns in written)
        if all(patterns):
            empty: tuple[tuple[str, ...], ...] = ((),) * len(tokens)
            rows.append(Row(empty, patterns=patterns, reason="other letters", script=script))
    return rows


def _pinyin(
    tokens: tuple[str, ...], known: set[tuple[str, ...]], one_word: bool = False
) -> list[Row]:
    """A Han word in pinyin; a pinyin name in its other layouts, and in Han characters."""
    if tokens and all(map(is_unspaced, tokens)):
        latin, han = pinyin.in_latin(tokens), []
    else:
        name = pinyin.name_of(tokens, one_word=one_word)
        if name is None:
            return []
        latin, han = list(name.latin), list(name.han)
    rows = [Row.of(row, "pinyin", "latin") for row in latin if row not in known]
    for classes in han:
        slots = tuple(tuple(chars) for chars in classes)
        rows.append(Row(slots, reason="pinyin", script="han"))
    return rows


def with_names(node: Node) -> Node:
    """The tree with the words side by side that are one pinyin name also sought as that name.

    Wang Yongzhi asks for both words, or for 王永智, or for WANG Yong-zhi.
    """
    if isinstance(node, Or):
        return Or(tuple(with_names(part) for part in node.parts))
    if isinstance(node, Not):
        return Not(with_names(node.part))
    if not isinstance(node, And):
        return node
    parts: list[Node] = []
    place = 0
    while place < len(node.parts):
        run = _name_at(node.parts, place)
        if run:
            first, last = run[0], run[-1]
            text = " ".join(word.text for word in run)
            name = Phrase(text, first.start, last.end)
            parts.append(Or((And(tuple(run)), name)))
            place += len(run)
        else:
            parts.append(with_names(node.parts[place]))
            place += 1
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _name_at(parts: tuple[Node, ...], place: int) -> list[Word]:
    """The longest row of plain words from a place on that is a pinyin name of several words; [] for none."""
    run: list[Word] = []
    for part in parts[place : place + 4]:
        if not isinstance(part, Word) or part.prefix or part.fuzzy or part.exact:
            break
        run.append(part)
    while len(run) > 1:
        if pinyin.name_of([token for word in run for token in words(word.text)]):
            return run
        run.pop()
    return []
