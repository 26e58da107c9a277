"""A name found in one form is found in all, and NOT leaves out all: random names, every layout."""

from __future__ import annotations

import random

from muniment.finding import pinyin
from tests.finding.conftest import Shelf, Shelve

_NAMES = 40


def _chosen() -> list[tuple[str, tuple[str, ...]]]:
    """Random names: characters and their syllables, no two read alike."""
    choose = random.Random(17)
    table = pinyin._table()
    single = pinyin._surnames()[0]
    common = {s: [c for c in chars if _is_common(c)] for s, chars in table.items()}
    surnames = sorted(s for s, chars in single.items() if any(map(_is_common, chars)))
    given = sorted(s for s, chars in common.items() if chars and "v" not in s and len(s) > 2)
    names: dict[tuple[str, ...], str] = {}
    while len(names) < _NAMES:
        syllables = (choose.choice(surnames), *choose.sample(given, choose.choice((1, 2, 2))))
        first = choose.choice([c for c in single[syllables[0]] if _is_common(c)])
        rest = "".join(choose.choice(common[s]) for s in syllables[1:])
        names.setdefault(syllables, first + rest)
    return [(han, syllables) for syllables, han in names.items()]


def _is_common(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _forms(han: str, syllables: tuple[str, ...]) -> list[str]:
    one, two = syllables[0].capitalize(), "".join(syllables[1:]).capitalize()
    return [
        han,
        f"{one} {two}",
        f"{two} {one}",
        f"{one.upper()} {'-'.join(syllables[1:])}",
        "".join(syllables) if len(syllables) > 2 else f"{one} {two.lower()}",
    ]


def test_every_form_of_a_name_finds_every_other_and_not_leaves_all_out(shelve: Shelve) -> None:
    texts: dict[int, list[str]] = {}
    groups: list[tuple[list[str], set[int]]] = []
    for han, syllables in _chosen():
        forms = _forms(han, syllables)
        numbers = set(range(len(texts), len(texts) + len(forms)))
        texts.update(zip(sorted(numbers), ([f"了：{form}。"] for form in forms), strict=True))
        groups.append((forms, numbers))
    shelf: Shelf = shelve(texts)
    for forms, numbers in groups:
        for form in forms:
            found = shelf.numbers(form)
            assert numbers <= found, (form, [texts[n] for n in numbers - found])
            assert shelf.numbers(f"NOT ({form})") == set(texts) - found, form
            exact = shelf.numbers(f'="{form}"')
            assert exact and all(form in texts[n][0] for n in exact), form
