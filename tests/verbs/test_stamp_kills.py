"""Stamping killed at any of its calls: run again it comes to its end, and audit is content before and after."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

import pytest

from muniment.case.folder import open_folder
from muniment.case.seen import mark_path
from muniment.verbs.case import Case
from tests.verbs.stamping import answer, attest, know, requests, states
from tests.verbs.test_stamp_cosigning import bundle, cosign, desk, keys, other

__all__ = ["desk", "other"]

_EVENTS = {"os.mkdir", "os.rename", "open", "os.remove", "os.truncate"}


class Killed(BaseException):
    """The machine stops here."""


class _Counter:
    """Raises Killed at the n-th watched call; hooks cannot be taken away, so that one serves all runs."""

    def __init__(self) -> None:
        self.left = -1
        self.place = ""
        sys.addaudithook(self._watch)

    def _watch(self, event: str, arguments: tuple) -> None:
        if self.left < 0 or event not in _EVENTS or self.place not in str(arguments[0]):
            return
        self.left -= 1
        if self.left < 0:
            raise Killed

    def run(self, place: str, after: int, step: Callable[[], object]) -> bool:
        """Whether the step came to its end before its call number `after`."""
        self.place, self.left = place, after
        try:
            step()
        except Killed:
            return False
        finally:
            self.left = -1
        return True


@pytest.fixture(scope="module")
def counter():
    return _Counter()


def _copy(case: Case, place) -> Case:
    case.close()
    shutil.copytree(case.root, place)
    mark_path(case.folder).unlink(missing_ok=True)  # the copies go different ways
    return Case(open_folder(place), case.keys)


def _audited(root, keys, aside) -> dict:
    """The audit of a copy: an audit is an act, and would call for another checkpoint than the one begun."""
    shutil.copytree(root, aside)
    try:
        with Case(open_folder(aside), keys) as copy:
            return copy.audit()
    finally:
        mark_path(copy.folder).unlink(missing_ok=True)
        shutil.rmtree(aside)


def _kills(counter, case, tmp_path, step, check, stride: int) -> int:
    """Kill `step` on a copy of the case at every stride-th call, then take it again; returns how often."""
    number, done = 0, False
    while not done:
        place = tmp_path / f"killed-{number}.muniment"
        with _copy(case, place) as copy:
            done = counter.run(place.name, number * stride, lambda copy=copy: step(copy))
        report = _audited(place, case.keys, tmp_path / "aside.muniment")
        assert report["ok"] is True, (number, report)
        with Case(open_folder(place), case.keys) as again:
            step(again)
            check(again)
            assert again.audit()["ok"] is True, number
        shutil.rmtree(place)
        number += 1
    return number


def test_a_request(sealed, clock, stick, tmp_path, counter):
    know(sealed, clock, "clock")

    def check(case):
        assert states(case.stamp()) == [("clock", "pending")]
        assert case.log.size == 256 and len(list(stick.glob("*.tsq"))) == 1
        shutil.rmtree(stick)

    def step(case):
        shutil.rmtree(stick, ignore_errors=True)
        case.stamp(request=str(stick))

    assert _kills(counter, sealed, tmp_path, step, check, stride=5) > 5


def test_a_reply(sealed, clock, stick, tmp_path, counter):
    know(sealed, clock, "clock")
    (request,) = requests(sealed, stick)
    reply = answer(clock, request)

    def check(case):
        assert states(case.stamp()) == [("clock", "attested")]
        assert len(list(case.folder.anchors.glob("timestamps/*.tsr"))) == 1
        assert _acts(case, "attested") == 1

    assert _kills(counter, sealed, tmp_path, lambda case: case.stamp(reply=[reply]), check, 3) > 4


def test_a_cosignature_given(sealed, other, desk, tmp_path, counter):
    """Killed anywhere, what was seen is remembered once, and the cosignature leaves."""
    log, path = keys(sealed)[0], bundle(sealed, desk)

    def check(case):
        (seen,) = case.stamp()["cosigning"]["logs"]
        assert seen["size"] == 256 and _acts(case, "cosigned") == 1
        assert (desk / "ours.cosigned").exists()
        (desk / "ours.cosigned").unlink()

    def step(case):
        cosign(case, path, desk, key=log)

    assert _kills(counter, other, tmp_path, step, check, stride=2) > 4


def test_a_cosignature_taken(sealed, other, desk, tmp_path, counter):
    cosign(other, bundle(sealed, desk), desk, key=keys(sealed)[0])
    sealed.stamp(witness="desk", key=keys(other)[1])

    def check(case):
        (witness,) = case.stamp()["cosigning"]["witnesses"]
        assert witness["size"] == 256 and _acts(case, "cosigned") == 1

    def step(case):
        assert case.stamp(reply=[str(desk / "ours.cosigned")])["problems"] == []

    assert _kills(counter, sealed, tmp_path, step, check, stride=2) > 4


def _acts(case, act) -> int:
    return sum(one["act"] == act for one in case.journal.acts())


def test_an_audit_with_keys_misses_what_was_taken_with_its_line(sealed, clock, stick):
    """A token and its line in the index, both gone; and one that somebody put there with its line."""
    from muniment.evidence.anchors.folder import AnchorFolder
    from muniment.evidence.anchors.index import Index
    from muniment.verbs.case import audit_folder

    attest(sealed, clock, stick)
    place = sealed.folder.anchors / "index.json"
    good = place.read_bytes()
    index = Index.from_json(good)
    (token,) = [path for path in index.files if path.endswith(".tsr")]
    content = (sealed.folder.anchors / token).read_bytes()
    (sealed.folder.anchors / token).unlink()
    place.write_bytes(Index({p: d for p, d in index.files.items() if p != token}).to_json())
    assert audit_folder(sealed.folder)["ok"] is True, "nobody misses it without keys"
    assert f"anchors/{token}" in sealed.audit()["missing"]
    (sealed.folder.anchors / token).write_bytes(content)
    place.write_bytes(good)
    assert sealed.audit()["ok"] is True
    AnchorFolder(sealed.folder.anchors).add({"authorities/clock/roots-2.pem": b"another root"})
    assert audit_folder(sealed.folder)["ok"] is True
    assert "anchors/authorities/clock/roots-2.pem" in sealed.audit()["unexpected"]
    shutil.rmtree(sealed.folder.anchors)
    assert f"anchors/{token}" in sealed.audit()["missing"]


def test_audit_names_a_flipped_bit_without_keys(sealed, clock, stick):
    from muniment.verbs.case import audit_folder

    attest(sealed, clock, stick)
    (token,) = sealed.folder.anchors.glob("timestamps/*.tsr")
    good = token.read_bytes()
    token.write_bytes(good[:-1] + bytes((good[-1] ^ 1,)))
    report = audit_folder(sealed.folder)
    assert report["ok"] is False and report["log_ok"] is True
    assert report["damaged"] == [f"anchors/timestamps/{token.name}"]
