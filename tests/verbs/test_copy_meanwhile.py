"""A case that goes on while it is copied: the copy is of one state, and what leaves is signed and filled up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from muniment.case.folder import open_folder
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.note import Note
from muniment.verbs.case import Case, audit_copy_at
from muniment.verbs.committing import pad_log
from muniment.verbs.copy import begin, carry, settle_case
from muniment.verbs.restoring import restore
from tests.conftest import PASSPHRASE
from tests.verbs.stamping import attest, grow


def checked(stick, place, monkeypatch) -> None:
    """The copy is whole, its checkpoint tells no size, and what is restored from it is in order."""
    audited = audit_copy_at(stick)
    assert audited["ok"] is True, audited
    shown = Checkpoint.parse(Note.parse((stick / "log" / "checkpoint").read_bytes()).text)
    assert shown.size % 256 == 0
    monkeypatch.setenv("MUNIMENT_HOME", str(place / "home"))
    place.mkdir()
    case, report = restore(place / "again", stick, PASSPHRASE)
    with case:
        assert (report["not_repaired"], report["lost"]) == ([], [])
        audited = case.audit()
        assert audited["ok"] is True, audited
        assert case.log.size % 256 == 0 and case.log.size == shown.size
    case.lock()


@pytest.mark.parametrize("where", ["before the turn", "after the turn"])
def test_the_log_grows_between_two_steps(sealed, tmp_path, monkeypatch, where):
    with Case(open_folder(sealed.root), sealed.keys) as other:
        settle_case(sealed)
        consent = begin(sealed, tmp_path / "stick", mended=False)

        def note(_):
            if where == "before the turn":
                grow(other)

        @contextmanager
        def turn():
            with consent.turn():
                yield
            if where == "after the turn":
                grow(other)

        carried = carry(sealed, tmp_path / "stick", replace(consent, note=note, turn=turn))
        assert carried.problems == []
        assert sealed.log.size % 256 == (1 if where == "after the turn" else 0)
    checked(tmp_path / "stick", tmp_path / "place", monkeypatch)


def test_anchors_grow_after_they_were_described(sealed, clock, stick, tmp_path):
    """Its index is another one then: the copy says that it is behind, and the next one is not."""
    settle_case(sealed)
    attest(sealed, clock, stick)
    consent = begin(sealed, tmp_path / "copy", mended=False)

    @contextmanager
    def turn():
        with consent.turn():
            yield
        grow(sealed)
        sealed.stamp(request=str(stick))

    carried = carry(sealed, tmp_path / "copy", replace(consent, note=lambda _: None, turn=turn))
    assert [path for path, _ in carried.problems] == ["anchors/index.json"]
    assert audit_copy_at(tmp_path / "copy")["missing"] == ["anchors/index.json"]
    assert sealed.copy(tmp_path / "copy")["state"] == "current"
    assert audit_copy_at(tmp_path / "copy")["ok"] is True


def test_another_works_on_all_the_while(sealed, tmp_path, monkeypatch):
    done = threading.Event()

    def work():
        with Case(open_folder(sealed.root), sealed.keys) as other:
            while not done.is_set():
                grow(other)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            for number in range(4):
                assert Checkpoint.parse(Note.parse(pad_log(sealed)).text).size % 256 == 0
                report = sealed.copy(tmp_path / f"stick-{number}")
                assert report["problems"] == []
        finally:
            done.set()
        working.result()
    assert sealed.audit()["ok"] is True
    for number in (0, 3):
        checked(tmp_path / f"stick-{number}", tmp_path / f"place-{number}", monkeypatch)
