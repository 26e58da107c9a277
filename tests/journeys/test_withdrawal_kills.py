"""A withdrawal killed again and again, at counted system calls, is finished by the same command."""

import json
import shutil
import signal
import zipfile

import pytest
from tests.conftest import PASSPHRASE
from tests.verbs.leftovers import left

from muniment.case.folder import open_folder
from muniment.case.keys import open_keys
from muniment.verbs.case import Case

pytestmark = pytest.mark.journey

# In the order in which a withdrawal comes to them: the catalogue, the new object, the exchange, the old object, the
# act, the catalogue once more.
_KILLS = (
    ("pwrite64", 4),
    ("linkat", 4),
    ("renameat2", 1),
    ("renameat2", 2),
    ("unlinkat", 7),
    ("rename", 1),
    ("pwrite64", 40),
)


def _killed(program, strace, case, call, when):
    plain = program.program
    injected = ["-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={when}"]
    program.program = [strace, "-f", "-qq", "-o", "/dev/null", *injected, *plain]
    try:
        return program.run("withdraw", case, "A1/0001", "--why", "source").returncode
    finally:
        program.program = plain


def test_kills_and_the_same_command(muniment, tmp_path):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    leak = tmp_path / "leak"
    leak.mkdir()
    with zipfile.ZipFile(leak / "a letter by Quillfeather.zip", "w") as archive:
        archive.writestr("ladderback.txt", "Zubrowka pays Kestrelmann. " * 99)
    for number in range(20):
        (leak / f"note-{number:02d}.txt").write_text(f"note {number} of the quay")
    muniment.json("new", "harbour")
    muniment.json("add", "harbour", leak)
    whole = muniment.folder / "harbour.muniment"
    kills = 0
    for call, when in _KILLS:
        status = _killed(muniment, strace, "harbour", call, when)
        kills += status in (-signal.SIGKILL, 128 + signal.SIGKILL)
        report = json.loads(muniment.run("audit", "harbour", "--json").stdout)
        left_over = [path for path in report["unexpected"] if "/v1/content/" in path]
        assert report["unexpected"] == left_over, (call, when)
        assert not (report["damaged"] or report["missing"]), (call, when, report)
    assert kills == len(_KILLS)
    assert muniment.json("status", "harbour")["awaiting"]["withdrawals to finish"] == 1
    assert muniment.json("withdraw", "harbour", "A1/0001", "--why", "source")["document"]
    _check_gone(muniment, whole)


def _check_gone(program, whole):
    assert program.json("audit", "harbour")["ok"] is True
    assert program.json("status", "harbour")["awaiting"]["withdrawals to finish"] == 0
    assert program.json("find", "harbour", "quay")["documents"] == 20
    folder = open_folder(whole)
    with Case(folder, open_keys(folder, PASSPHRASE)) as case:
        assert left(case, b"zubrowka", b"kestrelmann", b"quillfeather", b"ladderback") == {}
        assert [a["act"] for a in case.journal.acts()].count("withdrawn") == 1
    assert list((whole / "staging").iterdir()) == []
