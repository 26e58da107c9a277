"""Every act that is noted anywhere has words, a PREMIS event type and a line in docs/formats/journal.md."""

from __future__ import annotations

import ast
import hashlib
import re

import pytest

from muniment.case import keyring
from muniment.case.acts import KEPT_BACK, KINDS, canonical, event_type, in_words, leaf_of
from muniment.case.journal import Noted

# https://id.loc.gov/vocabulary/preservation/eventType, those that can be told of a case.
PREMIS = {
    "accession",
    "appraisal",
    "capture",
    "deaccession",
    "decryption",
    "deletion",
    "digital signature generation",
    "digital signature validation",
    "dissemination",
    "encryption",
    "extraction",
    "fixity check",
    "format identification",
    "information package creation",
    "ingestion",
    "message digest calculation",
    "metadata extraction",
    "migration",
    "modification",
    "normalization",
    "policy assignment",
    "quarantine",
    "recovery",
    "redaction",
    "replication",
    "transfer",
    "unquarantine",
    "validation",
}


def _noted_in(source):
    """The first arguments of `….record(…)` and `….journal.append(…)` in a module, as syntax."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        on = node.func.value
        name = on.attr if isinstance(on, ast.Attribute) else getattr(on, "id", "")
        records = node.func.attr == "record" and name in ("case", "made", "_case")
        if (records or (node.func.attr == "append" and name == "journal")) and node.args:
            yield node.args[0]


def _words(node):
    if isinstance(node, ast.IfExp):
        return _words(node.body) + _words(node.orelse)
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.Attribute) and node.attr == "ACT":
        return [keyring.ACT]
    return [f"not a word: {ast.unparse(node)}"]


@pytest.fixture(scope="module")
def noted(project):
    """act: the files that note it."""
    found: dict[str, set[str]] = {}
    for path in sorted((project / "src").rglob("*.py")):
        for node in _noted_in(path.read_text("utf-8")):
            for word in _words(node):
                found.setdefault(word, set()).add(path.name)
    return found


@pytest.fixture(scope="module")
def listed(project):
    """act: PREMIS event type, as docs/formats/journal.md has them."""
    text = (project / "docs" / "formats" / "journal.md").read_text("utf-8")
    table = text[text.index("## The acts") : text.index("## Enclosures")]
    found = {}
    for names, events in re.findall(r"^\| (`.*?`) \| (.*?) \|", table, re.M):
        split = [one.strip() for one in events.split(",")]
        acts = re.findall(r"`([a-z-]+)`", names)
        found.update(
            zip(acts, split if len(split) == len(acts) else split * len(acts), strict=False)
        )
    return found


def test_every_act_that_is_noted_is_known(noted, listed):
    assert noted.pop("not a word: act") == {"case.py"}, "Case.record passes on what it is given"
    assert len(noted) >= 16, sorted(noted)
    assert set(noted) <= set(KINDS)
    assert set(noted) <= set(listed)


def test_the_page_and_the_code_say_the_same(listed):
    assert listed == {act: kind.event for act, kind in KINDS.items()}
    assert {event_type(act) for act in KINDS} <= PREMIS
    assert set(KEPT_BACK) <= set(KINDS)


# SHA-256 of the leaf of an act with everything in it that is kept back, made by hand from the page. The act is below.
LEAVES = {
    "received": "b751a706596bf6c597d7292a07b20f881a4b8d9cee793cf7d0048c978929b21f",
    "sealed": "24738bb47cc0def8a31911eb95eb39480ee97c196ca181d5c9789b107fad71f3",
    "committed": "eb32a39091c332ec93d24b46d7ca7e4098f79d5cc481e1796d303a84720b5fee",
    "padded": "70451604f55e89c9c1489c39c0db8fb0c7ff08f9aec09e269bfe1489e4f07184",
    "keyed": "290025a165f9adbf80fad6589f3e441b64b132a459d3abac56e0fa18b42426a8",
}


def test_what_is_kept_back_is_part_of_the_format_of_a_custody_leaf():
    """Changed, this table would give other leaves than those that stand in logs: that needs a new version of it.

    docs/formats/custody.md has the same table.
    """
    assert {act: sorted(names) for act, names in KEPT_BACK.items()} == {
        "received": ["files"],
        "sealed": ["object", "root"],
        "committed": ["key", "tree"],
        "padded": ["seed"],
        "keyed": ["label", "listing"],
    }
    for act in KINDS:
        names = KEPT_BACK.get(act, frozenset())
        details = {"count": "1", **{name: name for name in names}}
        if act == "received":
            details["files"] = [{"document": "abc"}, {"document": "def"}]
        entry = {
            "sequence": 7,
            "previous": "00" * 32,
            "day": "2026-11-28",
            "who": "local",
            "act": act,
            "details": details,
            "salt": "11" * 16,
        }
        leaf = leaf_of(Noted(7, canonical(entry)))
        if names:
            assert hashlib.sha256(leaf).hexdigest() == LEAVES.get(act), act
        else:
            assert leaf == canonical(entry), "told as it stands"
    assert set(LEAVES) == set(KEPT_BACK)


def test_the_page_has_the_same_table(project):
    text = (project / "docs" / "formats" / "custody.md").read_text("utf-8")
    table = text[text.index("| act | kept back |") : text.index("This table is part of version 1")]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|", table, re.M)
    said = {act: frozenset(re.findall(r"`(\w+)`", names)) for act, names in rows}
    assert said == KEPT_BACK


def test_each_has_words_whatever_its_details_are(noted):
    """Also where details are missing, as in acts of another version."""
    for act in noted.keys() & KINDS.keys():
        for details in ({}, {"size": None, "page": None, "states": None, "reason": None}):
            words = in_words(act, details)
            assert words and words[0] == words[0].upper(), (act, words)
            assert words != act.capitalize(), act


@pytest.mark.parametrize(
    ("act", "details", "words"),
    [
        ("sealed", {"entry": "3"}, "Sealed what was received, entry 3 of the log"),
        (
            "sealed",
            {"entry": "3", "layer": "document", "documents": 12},
            "Sealed the pages of 12 documents, entry 3 of the log",
        ),
        (
            "sealed",
            {"entry": "3", "layer": "document"},
            "Sealed what was read, page by page, entry 3 of the log",
        ),
        ("withdrawn", {"reference": "A1/0003", "reason": "source"}, "Withdrew A1/0003: the source's wish"),
        ("held", {"reference": "A1/0003"}, "Held A1/0003: it is not found and not shown"),
        ("keyed", {"change": "revoked"}, "Took a holder's way into the case away"),
        ("stamped", {"authority": "clock", "size": 256}, "Asked clock for a timestamp of our log of 256 entries"),
        (
            "attested",
            {"authority": "clock", "size": 256, "time": "2026-11-28T12:00:00Z"},
            "clock attested our log of 256 entries, 2026-11-28 12:00 UTC",
        ),
        ("refused", {"authority": "clock", "reason": "too late"}, "NOT stamped by clock: too late"),
        (
            "refused",
            {"log": "muniment/other", "kind": "split-view"},
            "Did NOT sign muniment/other: it contradicts itself (split-view)",
        ),
        ("cosigned", {"witness": "north", "size": 256}, "north cosigned our log of 256 entries"),
        ("cosigned", {"log": "muniment/other", "size": "1"}, "Cosigned muniment/other, 1 entry"),
        ("disclosed", {"document": "k3vq5zt2am", "layer": "file"}, "Wrote a receipt of k3vq5zt2am"),
        (
            "disclosed",
            {"document": "k3vq5zt2am", "layer": "page", "page": 2},
            "Wrote a receipt of page 2 of k3vq5zt2am",
        ),
    ],
)  # fmt: skip
def test_words(act, details, words):
    assert in_words(act, details) == words


def test_what_a_withdrawal_says_is_what_it_can_be_asked_for():
    from muniment.verbs.withdraw import WHY

    for reason, sentence in WHY.items():
        assert in_words("withdrawn", {"reason": reason}).endswith(
            sentence.removeprefix("withdrawn")
        )
