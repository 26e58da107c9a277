"""An `add` killed again and again, at counted system calls with a seed, ends as if nothing had happened."""

import random
import shutil
import signal
import zipfile

import pytest

pytestmark = pytest.mark.journey

_CALLS = ("fsync", "fdatasync", "pwrite64", "rename", "unlink", "write", "openat", "ftruncate")


@pytest.fixture
def leak(tmp_path):
    """A folder with plain files, a mailbox of parts and things that cannot be read."""
    folder = tmp_path / "leak"
    (folder / "deep" / "er").mkdir(parents=True)
    for number in range(230):
        place = folder / ("deep/er" if number % 3 else ".") / f"note-{number:03d}.txt"
        place.write_text(f"Note {number} of the harbour office.\n" + f"drum {number} leaks " * 20)
    with zipfile.ZipFile(folder / "papers.zip", "w") as archive:
        for number in range(12):
            archive.writestr(f"inside/paper-{number}.txt", f"paper {number} about the quay")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "unknown.bin").write_bytes(random.Random(5).randbytes(3000))
    (folder / "link").symlink_to("nowhere")
    return folder


def _account(program, case):
    rows = program.json("documents", case)["documents"]
    return sorted((row["path"], row["state"], row["pages"]) for row in rows)


def _killed(program, strace, case, leak, call, when):
    plain = program.program
    program.program = [
        strace,
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:signal=SIGKILL:when={when}",
        *plain,
    ]
    try:
        return program.run("add", case, leak).returncode
    finally:
        program.program = plain


def test_ten_kills_and_a_resumption(muniment, leak):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    muniment.json("new", "whole")
    muniment.json("add", "whole", leak)
    muniment.json("new", "killed")
    chance = random.Random(20260101)
    kills = 0
    for _ in range(60):
        status = _killed(
            muniment, strace, "killed", leak, chance.choice(_CALLS), chance.randrange(1, 150)
        )
        if status == -signal.SIGKILL or status == 128 + signal.SIGKILL:
            kills += 1
            assert muniment.run("audit", "killed", "--json").returncode == 0
        if kills == 10:
            break
    assert kills == 10
    report = muniment.json("add", "killed", leak)
    assert report["states"].get("waiting", 0) == 0
    assert _account(muniment, "killed") == _account(muniment, "whole")
    for query in ('"drum 77 leaks"', "quay", "harbour AND NOT drum"):
        first, second = (
            muniment.json("find", "whole", query),
            muniment.json("find", "killed", query),
        )
        assert (first["documents"], first["passages"]) == (second["documents"], second["passages"])
    assert muniment.json("audit", "killed")["ok"] is True
    assert muniment.json("find", "killed", "quay")["documents"] == 12
