"""Keeping a case open, interrupting what runs, and locking it for good."""

import os
import signal
import subprocess
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
    return lambda: any(program.case.journal.glob("*.age"))


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
