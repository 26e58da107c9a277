"""Copying and restoring, killed at counted calls to the system: what is there is a whole copy, and it goes on."""

import errno
import os
import random
import shutil
import signal
import traceback

import pytest

from muniment.errors import MunimentError
from muniment.evidence.custodians.examination import examine_copy
from muniment.verbs.case import Case, audit_copy_at
from muniment.verbs.copy import settle_case
from tests.verbs.copies import contents, papers

COUNTED = ("open", "write", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir", "utime")


def _stop_at(call, kind):
    """From now on count calls, and stop at the one numbered `call`; half a write is done first."""
    left = [call]

    def counted(name, real):
        def instead(*arguments, **more):
            left[0] -= 1
            if left[0] != 0:
                return real(*arguments, **more)
            if name == "write":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            if kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, "No space left on device")

        return instead

    for name in COUNTED:
        setattr(os, name, counted(name, getattr(os, name)))
    return left


def _forked(work, call, kind):
    """Run work in a process of its own that is stopped at a call: (its status, calls counted if it ended)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        tell, status = os.write, 1
        try:
            left = _stop_at(call, kind)
            work()
            tell(writer, str(call - left[0]).encode())
            status = 0
        except OSError as error:
            status = 2 if error.errno == errno.ENOSPC else 1
        except MunimentError as error:
            status = 2 if error.exit_status == 4 else 1
            if status == 1:
                traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    return os.waitpid(child, 0)[1], int(said or 0)


def _good_end(status):
    return os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 2


@pytest.fixture
def two(case, leak):
    """A case with something in it."""
    case.add([papers(leak / "first")])
    return case


def _copying(case, stick):
    """The engine alone, so that a kill changes nothing but the copy."""
    from muniment.verbs.copy import begin, carry

    def work():
        with Case(case.folder, case.keys) as opened:
            carry(opened, stick, begin(opened, stick, mended=False))

    return work


def test_a_copy_killed_anywhere_is_a_whole_earlier_copy(two, leak, tmp_path):
    earlier = tmp_path / "earlier"
    two.copy(earlier)
    two.add([papers(leak / "second", seed=9)])
    two.key_rotate(only="recovery")
    settle_case(two)
    two.close()
    whole = tmp_path / "whole"
    shutil.copytree(earlier, whole)
    status, calls = _forked(_copying(two, whole), 10**9, "kill")
    assert status == 0 and calls > 100
    chance = random.Random(20261101)
    for number, call in enumerate(sorted(chance.sample(range(1, calls), 10))):
        stick = tmp_path / f"stick-{number}"
        shutil.copytree(earlier, stick)
        kind = "kill" if number % 3 else "full"
        status, _ = _forked(_copying(two, stick), call, kind)
        assert _good_end(status), (call, status)
        found = examine_copy(stick)
        assert found.sound, (call, found)
        assert _forked(_copying(two, stick), 10**9, "kill")[0] == 0, call
        assert audit_copy_at(stick)["ok"] is True and not (stick / "incoming").exists(), call
        same = {p: c for p, c in contents(stick).items() if p not in ("catalogue.db", "COPY.json")}
        assert same == {p: c for p, c in contents(whole).items() if p in same} and len(same) > 20
        shutil.rmtree(stick)


def test_the_first_copy_killed_shows_no_object_before_it_is_whole(two, tmp_path):
    two.close()
    status, calls = _forked(_copying(two, tmp_path / "whole"), 10**9, "kill")
    assert status == 0
    chance = random.Random(20261102)
    for number, call in enumerate(sorted(chance.sample(range(1, calls), 6))):
        stick = tmp_path / f"stick-{number}"
        status, _ = _forked(_copying(two, stick), call, "kill")
        assert _good_end(status), (call, status)
        if (stick / "COPY.json").exists():
            report = audit_copy_at(stick)
            assert report["damaged"] == [] and report["missing"] == [], (call, report)
        assert _forked(_copying(two, stick), 10**9, "kill")[0] == 0, call
        assert audit_copy_at(stick)["ok"] is True, call
        shutil.rmtree(stick)


def test_a_restoring_that_is_killed_goes_on(two, tmp_path, monkeypatch):
    from muniment.verbs.repair import mend
    from muniment.verbs.restoring import _begin

    stick = tmp_path / "stick"
    two.copy(stick)
    two.close()
    whole = audit_copy_at(stick)
    assert whole["ok"] is True

    def restoring(name):
        def work():
            from muniment.case.folder import describe

            root = _begin(tmp_path / name, two.folder.identifier)
            mend(root, [stick], keys=two.keys, restoring=two.folder.identifier)
            describe(type(two.folder)(root, two.folder.identifier))

        return work

    status, calls = _forked(restoring("whole"), 10**9, "kill")
    assert status == 0
    chance = random.Random(20261103)
    for call in sorted(chance.sample(range(8, calls), 4)):
        name = f"case-{call}"
        monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / f"home-{call}"))  # the audit is an act
        status, _ = _forked(restoring(name), call, "kill")
        assert _good_end(status), (call, status)
        assert _forked(restoring(name), 10**9, "kill")[0] == 0, call
        folder = type(two.folder)(tmp_path / f"{name}.muniment", two.folder.identifier)
        with Case(folder, two.keys) as case:
            report = case.audit()
            assert report["ok"] is True, (call, report)
        shutil.rmtree(folder.root)
