"""A verb whose calls to the disk fail, one at a time, loses nothing; and the harness that says so can see."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults.overseer import missing, oversee
from tests.faults.sampling import FAULTS, Served, every, place_of, some

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "calls can be overseen")

SEED = 20191124
# For each verb: how many trials, in which places it makes calls, and calls that once were met badly (name, end of the
# path, fault; the last such call is meant).
VERBS = {
    "add": (12, {"staging", "journal", "log", "vault", "in memory"}, []),
    "copy": (10, {"journal", "log", "catalogue.db-wal", "beside the case"}, []),
    "copy-again": (
        4,
        {"journal", "catalogue.db-wal", "beside the case"},
        [("fsync", "stick/vault", "ENOSPC")],  # what was brought ahead was told to be damaged
    ),
    "key-rotate": (
        0,  # a second and a half of each is the new passphrase being stretched
        {".keys-next", ".keys-before", "keys", "journal", "catalogue.db", "catalogue.db-journal"},
        [
            ("pwrite64", "catalogue.db-journal", "ENOSPC"),  # the catalogue was told to be damaged
            ("fsync", "catalogue.db-journal", "EIO"),  # SQLCipher said nothing of a rollback
            ("rename", ".keys-next", "SIGKILL"),  # the moment in which there is no keys/
        ],
    ),
    "withdraw": (
        10,
        {"staging", "vault", "journal", "in memory", "catalogue.db", "beside the case"},
        [("openat", "stick/incoming/catalogue.db-journal", "ENOSPC+")],  # a traceback
    ),
}


def _the_last(calls, name, end):
    return max(
        which for which, call in enumerate(calls, 1) if call[0] == name and call[1].endswith(end)
    )


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_meets_a_fault_at_any_call(verb):
    """Some of every kind of call in every place; `python -m bench.faults --all` tries each of them."""
    many, places, before = VERBS[verb]
    with Served(verb) as served:
        assert places <= {place_of(path) for _, path in served.calls}
        trials = some(served.calls, many, SEED)
        trials += [(_the_last(served.calls, name, end), fault) for name, end, fault in before]
        outcomes = list(served.run(trials))
    wrong = [(one["which"], one["fault"], one["call"], one["problems"]) for one in outcomes]
    assert not [one for one in wrong if one[3]]
    reached = [one for one in outcomes if one["call"]]
    assert len(reached) > 0.7 * len(trials)
    assert {one["fault"] for one in reached} >= set(FAULTS)


def _some_work(folder: Path) -> int:
    (folder / "a").write_bytes(b"x")
    (folder / "a").rename(folder / "b")
    other = threading.Thread(target=(folder / "c").write_bytes, args=(b"y",))
    other.start()
    other.join()
    descriptor = os.open(folder, os.O_RDONLY)
    os.mkdir("d", dir_fd=descriptor)
    (folder / "b").read_bytes()
    return 5


CALLS = ["openat", "write", "rename", "openat", "write", "mkdirat"]


def test_calls_of_every_thread_are_counted_and_others_are_not(tmp_path):
    (tmp_path / "here").mkdir()
    seen = oversee(lambda: _some_work(tmp_path / "here"), [tmp_path / "here"])
    assert [call.name for call in seen.calls] == CALLS and seen.status == 5
    assert [Path(call.path).name for call in seen.calls] == list("aaaccd")
    elsewhere = oversee(lambda: len(os.listdir(tmp_path)), [tmp_path / "nowhere"])
    assert elsewhere.calls == [] and elsewhere.status == 1


def test_the_call_that_was_chosen_fails(tmp_path):
    for which, name in enumerate(CALLS, 1):
        folder = tmp_path / str(which)
        folder.mkdir()
        killed = oversee(lambda f=folder: _some_work(f), [folder], which=which, fault="SIGKILL")
        assert (killed.status, killed.struck.name) == (-9, name)
    (tmp_path / "full").mkdir()

    def told() -> int:
        try:
            return _some_work(tmp_path / "full")
        except OSError as error:
            return error.errno

    full = oversee(told, [tmp_path / "full"], which=3, fault="ENOSPC")
    assert full.status == 28 and full.struck.name == "rename"
    assert os.listdir(tmp_path / "full") == ["a"]


def test_a_sample_has_some_of_every_kind():
    calls = [("write", "/x.muniment/log/a")] * 50 + [("fsync", "/x.muniment/journal")]
    trials = some(calls, 10, 1)
    assert len(trials) == len(set(trials)) == 10 and 51 in {which for which, _ in trials}
    assert trials == some(calls, 10, 1) != some(calls, 10, 2)
    assert len(every(calls)) == 3 * 51


_SEARCH = """
import sys
from pathlib import Path
from muniment.finding.entry import Entry
from muniment.finding.index import Index
from muniment.finding.layout import IndexNotWritten
from tests.faults.overseer import oversee

place = Path(sys.argv[1])

def work():
    try:
        index = Index.open(place)
        assert not index.rebuild and 7 in index.numbers()
        index.add([Entry(8, pages=[(1, "later")])])
        index.commit()
    except IndexNotWritten:
        return 44
    return 0

first = Index.open(place)
first.add([Entry(7, pages=[(1, "earlier")])])
first.commit()
first.close()
calls = oversee(work, [place]).calls
told = [oversee(work, [place], which=n, fault="ENOSPC") for n in range(1, len(calls) + 1)]
assert len(told) > 10 and {seen.status for seen in told} <= {0, 44}
assert [1 for seen in told if seen.status == 44 and seen.struck and "lock" in seen.struck.path]
assert 7 in Index.open(place).numbers()
"""


def test_an_index_in_a_full_place_says_so_and_stays(project, tmp_path):
    """Also where it is only read: tantivy makes a lock file for that. A whole index is not taken for a torn one."""
    script = [sys.executable, "-c", _SEARCH, str(tmp_path / "index")]
    done = subprocess.run(script, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
