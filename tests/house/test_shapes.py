"""docs/reference/json.md names every field that a verb prints, and every verb."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.authority import Authority

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
WITHOUT_JSON = {"open", "demo"}  # they print an address and stay
# Objects whose keys are data (states, properties, kinds of waiting), not fields.
OPEN = {"states", "properties", "page", "act", "not_searched", "awaiting", "facets", "details"}


def fields(report: Any) -> Iterator[str]:
    """The names of all fields of a report, inner ones too."""
    if isinstance(report, list):
        for item in report:
            yield from fields(item)
    elif isinstance(report, dict):
        for name, value in report.items():
            yield name
            if name not in OPEN:
                yield from fields(value)


@pytest.fixture
def reports(muniment) -> dict[str, Any]:
    """One report of each verb, from a case with a memo and a file that cannot be read."""
    papers = muniment.folder / "papers"
    papers.mkdir()
    (papers / "memo.txt").write_text("At least one container stays closed.\n")
    (papers / "minutes.pdf").write_bytes(b"%PDF-1.7\nthe rest was lost")
    (papers / "message.eml").write_bytes(
        b"From: clerk@port.example\r\nSubject: berth\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nsee the list\r\n"
        b"--x\r\nContent-Disposition: attachment; filename=list.txt\r\n\r\none container\r\n--x--\r\n"
    )
    # That of the other tests is too weak for a copy.
    muniment.environment["MUNIMENT_PASSPHRASE"] = "bakoti rumesa dilovu hasita goluve"
    return {
        "new": muniment.json("new", "story"),
        "add": muniment.json("add", "story", papers),
        "retry": muniment.json("retry", "story"),
        "status": muniment.json("status", "story"),
        "documents": muniment.json("documents", "story"),
        "show": muniment.json("show", "story", "A1/0001", "--text"),
        "find": muniment.json("find", "story", "container"),
        **claimed(muniment),
        "note": noted(muniment),
        "stamp": stamped(muniment),
        "verify": verified(muniment),
        "custody": [
            muniment.json("custody", "story"),
            muniment.json("custody", "story", "1", "--receipt", "proof"),
        ],
        **named(muniment),
        "key": muniment.json("key", "story", "rotate", "--only", "recovery"),
        "hold": muniment.json("hold", "story", "A1/0001"),
        "withdraw": muniment.json("withdraw", "story", "A1/0001", "--why", "source"),
        "copy": muniment.json("copy", "story", "stick"),
        "audit": [
            muniment.json("audit", "story"),
            muniment.json("audit", "story", "--custodian", "stick", "--sample", "3"),
        ],
        "repair": muniment.json("repair", "story", "--custodian", "stick"),
        "unlock": muniment.json("unlock", "story"),
        "lock": muniment.json("lock", "story"),
    }


def claimed(muniment) -> dict[str, Any]:
    """What is said and what is counted."""
    return {"figures": numbers(muniment), "statements": said(muniment)}


def said(muniment) -> dict[str, Any]:
    """Of a memo in which somebody says something."""
    (muniment.folder / "papers2").mkdir()
    (muniment.folder / "papers2" / "said.txt").write_text("“It is closed,” said Ilse Marrant.\n")
    muniment.json("add", "story", muniment.folder / "papers2")
    report = muniment.json("statements", "story")
    assert report["statements"]
    return report


def numbers(muniment) -> list[Any]:
    """Figures of the case, and of lines that give every field: figures, and relations with all they can say."""
    lines = muniment.folder / "lines.jsonl"
    lines.write_text(
        '{"text": "at least 3 drums"}\n{"a": "10万人", "b": "at least a million people"}\n'
        '{"a": "over 400 pages", "b": "403 pages"}\n'
    )
    return [muniment.json("figures", "story"), muniment.json("figures", "--lines", lines)]


def named(muniment) -> dict[str, Any]:
    """The list, one name with all that can be told of it, and a judgement."""
    papers = muniment.folder / "more"
    papers.mkdir()
    (papers / "list.txt").write_text(
        "Mr Wu Tingrong met Ms Wang Lan in Kashgar.\n邬廷榕在喀什说。\n"
    )
    muniment.json("add", "story", papers)
    listed = muniment.json("names", "story")
    pair = next(one["proposed"][0]["item"] for one in listed["names"] if one["proposed"])
    judged = muniment.json("judge", "story", pair, "accepted")
    one = muniment.json("names", "story", pair.split(".")[0], "--with", "Wang Lan")
    assert one["history"] and one["together"] and one["mentions"]
    return {"names": [listed, one], "judge": judged}


def noted(muniment) -> list[dict[str, Any]]:
    """What one does, and one that is not taken in."""
    said = muniment.json("note", "story", "A1/0001", "--text", "why?", "--passage", "stays closed")
    changed = muniment.json("note", "story", "--change", said["note"], "--text", "who?")
    exported = muniment.json("note", "story", "--export", "notes.jsonld")
    path = muniment.folder / "notes.jsonld"
    path.write_text(path.read_text().replace("who?", "where?"))
    taken = muniment.json("note", "story", "--import", path, status=1)
    assert taken["refused"] and changed["notes"][0]["passage"]
    return [said, changed, exported, taken]


def stamped(muniment) -> dict[str, Any]:
    """A report with an anchor, and one of each list that can be made without another newsroom."""
    clock = Authority(muniment.folder / "clock")
    key = muniment.json("stamp", "story")["cosigning"]["cosigner"]
    muniment.json("stamp", "story", "--authority", "clock", "--roots", clock.roots)
    muniment.json("stamp", "story", "--witness", "desk", "--key", key)
    return muniment.json("stamp", "story", "--request", muniment.folder / "stick")


def verified(muniment) -> dict[str, Any]:
    """Of a receipt with a timestamp that does not hold."""
    muniment.json("show", "story", "A1/0001", "--receipt", "receipt")
    anchors = muniment.folder / "receipt" / "anchors"
    anchors.mkdir()
    (anchors / "clock-1.tsr").write_bytes(b"no token")
    return muniment.json("verify", "receipt", status=1)


def test_every_verb_has_its_shape(reports):
    from muniment.command.program import VERBS

    assert set(VERBS) - WITHOUT_JSON == set(reports), "a verb without a report here"
    assert set(reports) <= set(SECTIONS), "a verb without a section in docs/reference/json.md"


def test_every_field_is_documented(reports):
    assert reports["find"]["hits"] and reports["status"]["accounting"]["problems"], json.dumps(
        reports
    )
    unknown = {
        verb: sorted({f for f in fields(report) if f"`{f}`" not in SECTIONS[verb]})
        for verb, report in reports.items()
    }
    assert not {verb: names for verb, names in unknown.items() if names}
