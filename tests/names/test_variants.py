"""Which names are proposed as one, by which rule, and which never are."""

from __future__ import annotations

import pytest

from muniment.finding.folding import words
from muniment.names.variants import LETTERS, ORDER, PINYIN, PLACE, SPELLING, Spelled, pairs


def proposed(*names: str, kind: str = "person") -> dict[frozenset[str], str]:
    spelled = [Spelled(name, kind, tuple(words(name))) for name in names]
    return {frozenset((pair.one, pair.other)): pair.rule for pair in pairs(spelled)}


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("王永智", "Wang Yongzhi", PINYIN),
        ("邬廷榕", "Tingrong Wu", PINYIN),
        ("Wang Yongzhi", "Yongzhi Wang", ORDER),
        ("Wang Yongzhi", "WANG Yong-zhi", ORDER),
        ("Abdurehim Tursun", "ئابدۇرېھىم تۇرسۇن", LETTERS),
        ("Turghun Almas", "Тургун Алмас", LETTERS),
        ("Абдурехим Турсун", "ئابدۇرېھىم تۇرسۇن", LETTERS),
        ("Qadir Toxti", "Kadir Tokhti", SPELLING),
        ("Ertal Qumush", "ئەرتال قۇمۇش", LETTERS),
    ],
)
def test_one_name_in_other_letters_is_proposed_with_its_rule(one, other, rule):
    assert proposed(one, other) == {frozenset((one, other)): rule}


def test_places_are_one_by_the_list():
    names = ("Kashgar", "喀什", "قەشقەر", "Кашгар")
    found = proposed(*names, kind="place")
    assert len(found) == 6 and set(found.values()) == {PLACE}
    assert proposed(*names, "Hotan", kind="place").keys() == found.keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang Yongzhi", "王勇"),
        ("Wang Yongzhi", "Wang Yong"),
        ("John Smith", "Jane Smith"),
        ("Abdurehim Tursun", "Abdurehim Tursunay"),
        ("ئەلى", "Wu"),
    ],
)
def test_other_names_are_not(one, other):
    assert proposed(one, other) == {}


def test_kinds_are_never_mixed():
    one = Spelled("a", "person", ("kashgar",))
    other = Spelled("b", "place", ("喀", "什"))
    assert pairs([one, other]) == []
