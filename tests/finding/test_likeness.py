"""Whether two names may be one: what is plain, and the labelled pairs of other people."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from muniment.finding.likeness import ALIKE, likeness

Corpus = Callable[[str], Path]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang Yongzhi", "王永智"),
        ("WANG Yong-zhi", "Yongzhi Wang"),
        ("Ilham Tohti", "ئىلھام توختى"),
        ("Ilham Tokhti", "Ilham Tohti"),
        ("Nursultan Nazarbayev", "Нурсултан Назарбаев"),
        ("Sergei Lavrov", "Sergey Viktorovich Lavrov"),
        ("Friedrich Lindenberg", "Lindenberg, Friedrich"),
        ("Siemens AG", "Siemens Aktiengesellschaft"),
        ("N. Nazarbayev", "Nursultan Nazarbayev"),
    ],
)
def test_may_be_one(one: str, other: str) -> None:
    assert likeness(one, other) >= ALIKE
    assert likeness(other, one) >= ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang Yongzhi", "王永杰"),
        ("习近平", "习近朋"),
        ("Ilham Tohti", "Ilham Tursun"),
        ("Barack Obama", "Michelle Obama"),
        ("Salman bin Muhammad al-Rawi", "Muhammad bin Salman al-Rawi"),
        ("Crystalord Systems Limited", "Crystalord Ltd"),
        ("", "Wang Yongzhi"),
    ],
)
def test_is_another(one: str, other: str) -> None:
    assert likeness(one, other, kind="organisation" if "Ltd" in other else "person") < ALIKE


def test_labelled_pairs(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = {"Person": "person", "Company": "organisation", "Organization": "organisation"}
    counted = {(want, got): 0 for want in (True, False) for got in (True, False)}
    with (corpus("nomenklatura-names") / "cases_shared.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kind = kinds.get(row["schema"], "")
            got = likeness(row["name1"], row["name2"], kind=kind) >= ALIKE
            counted[row["is_match"] == "true", got] += 1
    precision = counted[True, True] / (counted[True, True] + counted[False, True])
    recall = counted[True, True] / (counted[True, True] + counted[True, False])
    measure = 2 * precision * recall / (precision + recall)
    with capsys.disabled():
        print(f"\nname pairs: precision {precision:.3f}, recall {recall:.3f}, F1 {measure:.3f}")
    assert measure >= 0.85
