"""Keeping a case open, interrupting what runs, and locking it for good."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from muniment.case.folder import open_folder
from muniment.case.working import in_memory


@pytest.fixture
def case(muniment):
    muniment.json("new", "x")
    leak = muniment.folder / "leak"
    leak.mkdir()
    for number in range(3000):
        (leak / f"note-{number:04d}.txt").write_text(f"note {number} of the quay")
    muniment.case = open_folder(muniment.folder / "x")
    return muniment


def _begin(program, *arguments, passphrase=True):
    environment = dict(program.environment)
    if not passphrase:
        del environment["MUNIMENT_PASSPHRASE"]
    return subprocess.Popen(
        [*program.program, *arguments],
        cwd=program.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_until(running, happened):
    """Until something can be seen of a running command."""
    while running.poll() is None and not happened():
        threading.Event().wait(0.02)
    assert running.poll() is None, running.communicate()


def _received_some(program):
    return lambda: len(list(program.case.journal.glob("*.age"))) > 1  # the first tells of the keys


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kept", [False, True], ids=["by passphrase", "kept open"])
def test_an_interrupted_add_ends_with_four_and_goes_on(case, kept, number):
    if kept:
        case.json("unlock", "x")
    running = _begin(case, "add", "x", "leak", "--json", passphrase=not kept)
    _wait_until(running, _received_some(case))
    running.send_signal(number)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 4 and '"interrupted"' in told and "Traceback" not in told
    assert case.json("audit", "x")["ok"] is True


@pytest.mark.parametrize("kept", [False, True], ids=["by passphrase", "kept open"])
def test_lock_stops_an_add_and_nothing_comes_back_in_clear(case, kept):
    if kept:
        case.json("unlock", "x")
    running = _begin(case, "add", "x", "leak", "--json", passphrase=not kept)
    _wait_until(running, _received_some(case))
    case.json("lock", "x")
    _, told = running.communicate(timeout=60)
    assert running.returncode == 4 and "Traceback" not in told
    assert not in_memory(case.case).exists() and not case.case.working.exists()


def test_a_second_unlock_changes_the_time(case):
    case.json("unlock", "x")
    case.json("unlock", "x", "--for", "1s")
    home = Path(case.environment["MUNIMENT_HOME"])
    [socket] = (home / "open").iterdir()
    while socket.exists():
        threading.Event().wait(0.1)
    case.error("status", "x", status=3, MUNIMENT_PASSPHRASE=None)


def _keeper(program):
    """The process that keeps the case, by the socket it listens on."""
    home = Path(program.environment["MUNIMENT_HOME"])
    [socket] = (home / "open").iterdir()
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            said = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"unlock" in said and program.mark.encode() in said:
            return int(process), socket
    raise AssertionError("nobody keeps the case")


@pytest.fixture
def kept(muniment):
    """A case that is kept open and has something in clear; `mark` tells its process from others."""
    muniment.json("new", "x")
    (muniment.folder / "memo.txt").write_text("the quay")
    muniment.json("add", "x", "memo.txt")
    muniment.case = open_folder(muniment.folder / "x")
    muniment.mark = str(muniment.folder / "x.muniment")
    muniment.json("unlock", muniment.mark, "--for", "1h")
    return muniment


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_keeping_process_that_is_ended_locks_first(kept, number):
    assert kept.json("find", "x", "quay")["documents"] == 1
    keeper, socket = _keeper(kept)
    assert in_memory(kept.case).exists()
    os.kill(keeper, number)
    while Path(f"/proc/{keeper}").exists():
        threading.Event().wait(0.05)
    assert not socket.exists() and not in_memory(kept.case).exists()
    kept.error("status", "x", status=3, MUNIMENT_PASSPHRASE=None)


_LOOK = """
import ctypes, os, sys
capabilities = os.open("/proc/self/status", os.O_RDONLY)
told = os.read(capabilities, 4096)
assert b"CapEff:\t0000000000000000" in told, told
for what in ("environ", "mem", "maps"):
    try:
        os.close(os.open(f"/proc/{sys.argv[1]}/{what}", os.O_RDONLY))
        print("open", what)
    except PermissionError:
        print("refused", what)
"""


@pytest.fixture
def plain(muniment):
    """The command line as an account without privilege; a case kept open. `look` is how it asks."""
    muniment.look = [sys.executable, "-c", _LOOK]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv is not here, and root may look at everything")
        without = [setpriv, "--bounding-set=-all", "--inh-caps=-all"]
        muniment.program = [*without, *muniment.program]
        muniment.look = [*without, *muniment.look]
    muniment.json("new", "x")
    muniment.mark = str(muniment.folder / "x.muniment")
    muniment.json("unlock", muniment.mark, "--for", "1h")
    return muniment


def _looked_at(program, process):
    """What another process of this account may see of one: "open" or "refused"."""
    done = subprocess.run([*program.look, str(process)], capture_output=True, text=True, check=True)
    return set(done.stdout.split()[::2])


def test_nobody_of_the_same_account_can_look_into_a_process_with_keys(plain):
    other = subprocess.Popen(
        [*plain.look[:-1], "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert _looked_at(plain, other.pid) == {"open"}, "or the question means nothing"
    finally:
        other.communicate()
    keeper, _ = _keeper(plain)
    assert _looked_at(plain, keeper) == {"refused"}
    assert _limits(keeper) == ["0", "0"]
    plain.json("lock", "x")
    bench = _begin(plain, "open", "x", "--no-browser")
    try:
        assert "token=" in bench.stdout.readline()
        assert _looked_at(plain, bench.pid) == {"refused"}
    finally:
        bench.terminate()
        bench.communicate(timeout=60)


def _limits(process):
    for line in Path(f"/proc/{process}/limits").read_text().splitlines():
        if line.startswith("Max core file size"):
            return line.split()[4:6]
    return []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_workbench_locks_when_it_ends(muniment, number):
    muniment.json("new", "x")
    case = open_folder(muniment.folder / "x")
    bench = _begin(muniment, "open", "x", "--no-browser")
    assert "token=" in bench.stdout.readline()
    assert in_memory(case).exists()
    bench.send_signal(number)
    bench.communicate(timeout=60)
    assert not in_memory(case).exists()


def test_the_workbench_that_nobody_uses_ends_and_locks(muniment):
    muniment.json("new", "x")
    case = open_folder(muniment.folder / "x")
    bench = _begin(muniment, "open", "x", "--no-browser", "--for", "1s")
    assert "token=" in bench.stdout.readline()
    _, told = bench.communicate(timeout=60)
    assert bench.returncode == 0 and "Traceback" not in told
    assert not in_memory(case).exists()


def test_the_workbench_of_a_case_that_is_kept_open_leaves_it_open(kept):
    bench = _begin(kept, "open", "x", "--no-browser", "--for", "1s", passphrase=False)
    assert "token=" in bench.stdout.readline()
    bench.communicate(timeout=60)
    assert in_memory(kept.case).exists()
    kept.json("status", "x", MUNIMENT_PASSPHRASE=None)


def test_a_home_that_cannot_be_made_is_bad_use(case):
    (case.folder / "file").write_text("in the way")
    error = case.error("unlock", "x", status=2, MUNIMENT_HOME=str(case.folder / "file" / "home"))
    assert "MUNIMENT_HOME" in error["next"]


def test_the_passphrase_is_not_handed_on(case, monkeypatch):
    """Neither to a sandboxed worker nor to anything else that is started."""
    from muniment.command import opening
    from muniment.command.opening import passphrase

    monkeypatch.setattr(opening, "_from_environment", None)
    monkeypatch.setenv("MUNIMENT_PASSPHRASE", "bakoti")
    assert passphrase() == "bakoti" and "MUNIMENT_PASSPHRASE" not in os.environ
    assert passphrase() == "bakoti"


def test_a_terminal_without_chinese_gets_it_escaped(muniment):
    muniment.json("new", "x")
    leak = muniment.folder / "leak"
    leak.mkdir()
    (leak / "通知.txt").write_text("通知")
    muniment.json("add", "x", leak)
    listed = muniment.run("documents", "x", PYTHONIOENCODING="latin-1")
    assert listed.returncode == 0 and "\\u901a" in listed.stdout
