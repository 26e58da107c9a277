"""What any earlier version sealed verifies and opens in this one (docs/explanation/compatibility.md)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from muniment.case.folder import open_folder
from muniment.verbs.case import Case, audit_copy_at, audit_folder

HERE = Path(__file__).resolve().parent
VERSIONS = sorted(path.parent.name for path in HERE.glob("*/expected.json"))


def test_there_is_one():
    assert VERSIONS


@pytest.fixture(params=VERSIONS)
def sealed(request, tmp_path):
    """A fixture in a folder of its own, as a case and as its copy, and what must be found in it."""
    shutil.copytree(HERE / request.param / "copy", tmp_path / "copy")
    shutil.copytree(tmp_path / "copy", tmp_path / "case.muniment")
    (tmp_path / "case.muniment" / "COPY.json").unlink()
    (tmp_path / "case.muniment" / "staging").mkdir()
    return tmp_path, json.loads((HERE / request.param / "expected.json").read_text("utf-8"))


def _reads(case, expected):
    listed = case.documents()["documents"]
    texts = {one["path"]: case.show(one["document"], text=True)["text"] for one in listed}
    assert texts == expected["texts"]
    for one in listed:
        assert case.show(one["document"])["receipts"]
    assert case.status()["log"] == expected["log"]


def test_without_keys(sealed):
    place, _ = sealed
    assert audit_folder(open_folder(place / "case"))["ok"] is True
    assert audit_copy_at(place / "copy")["ok"] is True


@pytest.mark.parametrize("by", ["passphrase", "recovery_identity"])
def test_with_keys(sealed, by):
    place, expected = sealed
    with Case.open(place / "case", expected[by]) as case:
        assert case.audit()["ok"] is True
        assert case.audit(custodian=place / "copy")["ok"] is True
        _reads(case, expected)
        assert case.find("million")["documents"] == 1
    case.lock()


def test_from_the_copy(sealed):
    place, expected = sealed
    case, report = Case.restore(place / "again", place / "copy", expected["passphrase"])
    with case:
        assert report["lost"] == [] and report["not_repaired"] == []
        assert case.audit()["ok"] is True
        _reads(case, expected)
    case.lock()
    for path in (place / "again.muniment").glob("catalogue.db*"):
        path.unlink()
    (place / "more").mkdir()
    (place / "more" / "note.txt").write_text("A later note.")
    with Case.open(place / "again", expected["passphrase"]) as case:
        assert case.repair()["lost"] == []
        case.add([place / "more"])
        texts = {
            one["path"]: case.show(one["document"], text=True)["text"]
            for one in case.documents()["documents"]
        }
        assert texts.items() >= expected["texts"].items()
    case.lock()
