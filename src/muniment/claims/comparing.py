"""How two figures stand to each other, read from the first to the second.

    same            the same bounds
    rounds to       one is a round number, or "about" it, and the other rounds to it: 403 pages and 400 pages
    weaker than     the first follows from the second: "at least one million" from "1.2 million"
    conflicts       no number is within both
    not comparable  something else is counted, elsewhere or at another time; or neither says anything of the other

Where the first is the stronger one the relation is "weaker than" too, and `weaker` names the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from muniment.claims.figures import Figure, figures
from muniment.claims.modifiers import ABOUT_WORDS

SAME, ROUNDS, WEAKER, CONFLICTS, NOT_COMPARABLE = (
    "same",
    "rounds to",
    "weaker than",
    "conflicts",
    "not comparable",
)
_PEOPLE = frozenset(
    (
        "people", "person", "men", "women", "children", "residents", "inhabitants", "citizens", "detainees",
        "prisoners", "inmates", "internees", "muslims", "minorities", "members", "civilians", "villagers",
        "workers", "victims", "others", "individuals", "souls", "families", "adults", "refugees",
    )
)  # fmt: skip
_HAN_PEOPLE = ("人", "者", "民", "族", "囚", "口")
_SLIP = 10


@dataclass(frozen=True, slots=True)
class Relation:
    """`weaker` is "a" or "b" where the relation is "weaker than"; `slip` where 万 or 亿 may be mistaken by ten."""

    relation: str
    why: str
    weaker: str = ""
    slip: bool = False


def relation_of_texts(a: str, b: str) -> Relation:
    """How the figures of two texts stand to each other: the first pair that can be compared, else the first pair."""
    ones, others = figures(a), figures(b)
    if not ones or not others:
        return Relation(
            NOT_COMPARABLE, f"there is no figure in the {'first' if not ones else 'second'} text"
        )
    pairs = [relation(one, other) for one in ones for other in others]
    return next((pair for pair in pairs if pair.relation != NOT_COMPARABLE), pairs[0])


def relation(a: Figure, b: Figure) -> Relation:
    """How `a` stands to `b`."""
    apart = _apart(a, b)
    if apart:
        return Relation(NOT_COMPARABLE, apart)
    slip = _is_slip(a, b)
    if (a.low, a.high, a.closed) == (b.low, b.high, b.closed):
        return Relation(SAME, "both have the same bounds")
    if _rounds(a, b) or _rounds(b, a):
        return Relation(ROUNDS, f"{a.text} and {b.text} are the same number, rounded")
    if _excludes(a, b):
        why = f"no number is both {a.text} and {b.text}"
        return Relation(
            CONFLICTS,
            why + ("; one is ten times the other, as 万 and 亿 are mistaken" if slip else ""),
            slip=slip,
        )
    if _entails(b, a):
        return Relation(WEAKER, f"{b.text} entails {a.text}", weaker="a", slip=slip)
    if _entails(a, b):
        return Relation(WEAKER, f"{a.text} entails {b.text}", weaker="b", slip=slip)
    return Relation(NOT_COMPARABLE, "neither follows from the other, and both may hold", slip=slip)


def _apart(a: Figure, b: Figure) -> str:
    if a.counted and b.counted and not _same_kind(a.counted, b.counted):
        return f"one counts {a.counted}, the other {b.counted}"
    if a.fate and b.fate and a.fate != b.fate:
        return f"one is of those {a.fate}, the other of those {b.fate}"
    if a.scope and b.scope and _folded(a.scope) != _folded(b.scope):
        return f"one is of {a.scope}, the other of {b.scope}"
    if a.as_of and b.as_of and _folded(a.as_of) != _folded(b.as_of):
        return f"one holds {a.as_of}, the other {b.as_of}"
    return ""


def _same_kind(a: str, b: str) -> bool:
    """Whether two noun phrases count the same kind of thing: the same head noun, or people of whatever name."""
    one, other = _heads(a), _heads(b)
    return bool(one & other) or (_are_people(a, one) and _are_people(b, other))


def _heads(phrase: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[%$€£¥]", phrase.casefold())
    heads = {re.sub(r"(?<=[^s])s$", "", word) for word in words[-1:]}
    joined = re.split(r"\s+and\s+(?:other\s+)?", phrase.casefold())
    return heads | {re.sub(r"(?<=[^s])s$", "", part.split()[-1]) for part in joined if part.split()}


def _are_people(phrase: str, heads: set[str]) -> bool:
    if any("\u4e00" <= char <= "\u9fff" for char in phrase):
        return phrase.endswith(_HAN_PEOPLE)
    if heads & {re.sub(r"(?<=[^s])s$", "", word) for word in _PEOPLE}:
        return True
    last = phrase.split()[-1] if phrase.split() else ""
    return last[:1].isupper() and last.endswith("s")


def _folded(text: str) -> str:
    return re.sub(
        r"^(?:the|in|since|by|as of|on|between|during|from)\s+", "", text.casefold().strip()
    )


def _rounds(exact: Figure, rounded: Figure) -> bool:
    """Whether `rounded` is a round number, bare or "about", that `exact` would be rounded to."""
    loose = rounded.bare and rounded.low != rounded.high
    about = rounded.modifier.casefold() in ABOUT_WORDS
    if not (loose or about) or rounded.value is None:
        return False
    if exact.value is not None and exact.value == rounded.value:
        return not _bounded(exact) or (exact.high is None and not exact.closed)
    precise = exact.value is not None and not _bounded(exact) and exact.bare
    return (
        precise
        and exact.low is not None
        and exact.high is not None
        and rounded.low is not None
        and rounded.high is not None
        and rounded.low <= exact.low
        and exact.high <= rounded.high
    )


def _bounded(figure: Figure) -> bool:
    """Whether it is open to one side: at least, more than, at most, less than."""
    return figure.high is None or (figure.low == 0 and figure.value != 0 and not figure.bare)


def _excludes(a: Figure, b: Figure) -> bool:
    for one, other in ((a, b), (b, a)):
        if one.high is not None and other.low is not None:
            if one.high < other.low:
                return True
            strict = _strict(one, "high") or _strict(other, "low")
            if one.high == other.low and strict:
                return True
    return False


def _strict(figure: Figure, side: str) -> bool:
    """Whether the bound of an open figure is itself left out: "more than n", "fewer than n"."""
    return not figure.closed and ((figure.high is None) if side == "low" else (figure.low == 0))


def _entails(strong: Figure, weak: Figure) -> bool:
    """Whether everything `strong` allows is allowed by `weak`. Against an open bound a bare number is itself."""
    low, high = strong.low, strong.high
    if strong.bare and strong.value is not None and _bounded(weak):
        low = high = strong.value
    return _not_below(low, strong, weak) and _not_above(high, strong, weak)


def _not_below(low: Fraction | None, strong: Figure, weak: Figure) -> bool:
    if weak.low is None or (weak.low == 0 and not weak.bare):
        return True
    if low is None or low < weak.low:
        return False
    return low > weak.low or not _strict(weak, "low") or _strict(strong, "low")


def _not_above(high: Fraction | None, strong: Figure, weak: Figure) -> bool:
    if weak.high is None:
        return True
    if high is None or high > weak.high:
        return False
    return high < weak.high or not _strict(weak, "high") or _strict(strong, "high")


def _is_slip(a: Figure, b: Figure) -> bool:
    """Whether one is ten times the other and one of them Chinese, as 万 and 亿 are mistaken in translation."""
    if a.value is None or b.value is None or not a.value or not b.value:
        return False
    ratio = max(a.value, b.value) / min(a.value, b.value)
    return ratio == _SLIP and "zh" in (a.written_in, b.written_in) and min(a.value, b.value) >= 1000
