"""What goes wrong at a desk: each ends in a clear error or a state, with the exit status promised."""

import os
import resource
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.journey


@pytest.fixture
def case(muniment):
    muniment.json("new", "x")
    return muniment


def _states(program):
    return {
        row["path"]: (row["state"], row["reason"])
        for row in program.json("documents", "x")["documents"]
    }


def test_a_path_that_is_not_there(case):
    error = case.error("add", "x", "nowhere", status=2)
    assert "nowhere" in error["message"]
    assert case.json("status", "x")["accounting"]["found"] == 0


def test_a_case_that_is_not_there(muniment):
    assert muniment.error("find", "nothing", "word", status=2)["code"] == "not-found"


def test_a_wrong_passphrase(case):
    assert case.error("status", "x", status=3, MUNIMENT_PASSPHRASE="wrong")["code"] == "no-key"


def test_a_locked_case_and_nobody_to_ask(case):
    error = case.error("status", "x", status=3, MUNIMENT_PASSPHRASE=None)
    assert "unlock" in error["next"]


def test_a_verb_or_option_that_does_not_exist(case):
    assert case.run("delete", "x").returncode == 2
    assert case.run("status", "x", "--loud").returncode == 2
    assert case.run("find", "x").returncode == 2


def test_a_case_made_by_a_later_version(case):
    description = case.folder / "x.muniment" / "case.toml"
    description.write_text(description.read_text().replace("format = 1", "format = 2"))
    assert case.error("status", "x", status=2)["code"] == "newer-version"


def test_a_folder_that_is_no_case(muniment):
    (muniment.folder / "y.muniment").mkdir()
    assert muniment.error("audit", "y", status=2)["code"] == "not-found"


def test_names_no_one_should_print_raw(case):
    leak = case.folder / "leak"
    leak.mkdir()
    names = [
        b"bell\x07.txt",
        b"broken-\xff\xfe.txt",
        b"turn\xe2\x80\xaegnp.txt",
        b"line\nbreak.txt",
        b"-rf",
        b"'quote'",
    ]
    for name in names:
        with open(os.path.join(os.fsencode(leak), name), "wb") as file:  # noqa: PTH118
            file.write(b"the same words")
    assert case.json("add", "x", leak)["states"] == {"extracted": 6}
    listed = case.run("documents", "x").stdout
    assert "\x07" not in listed and "\u202e" not in listed
    assert "leak/broken-\\xff\\xfe.txt" in listed and "leak/line\\x0abreak.txt" in listed
    assert case.json("find", "x", '"same words"')["documents"] == 6


def test_links_and_loops_are_told_not_followed(case):
    leak = case.folder / "leak"
    leak.mkdir()
    (leak / "memo.txt").write_text("a memo")
    (leak / "loop").symlink_to(leak)
    (leak / "gone").symlink_to("nowhere")
    os.mkfifo(leak / "pipe")
    case.json("add", "x", leak)
    states = _states(case)
    assert states["leak/memo.txt"][0] == "extracted"
    assert states["leak/loop"][0] == "unsupported" and "link" in states["leak/loop"][1]
    assert states["leak/gone"][0] == "unsupported"
    assert states["leak/pipe"][0] == "unsupported"
    assert len(states) == 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_an_unreadable_folder_and_file():
    """Walked as another account, since root may read everything."""
    from muniment.verbs.sources import check_paths, walk

    place = Path(tempfile.mkdtemp(prefix="muniment-test-"))
    try:
        place.chmod(0o755)
        (place / "closed").mkdir()
        (place / "closed" / "inside.txt").write_text("unseen")
        (place / "open.txt").write_text("seen")
        (place / "closed").chmod(0)
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            kept = {s.path.split("/", 1)[-1]: s.problem for s in walk(check_paths([place]))}
            told = "the folder could not be read" in kept.get("closed", "")
            os._exit(0 if told and kept.get("open.txt") == "" else 1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
    finally:
        shutil.rmtree(place)


def test_a_full_disk_loses_nothing(case):
    """A limit on file size stands in for the disk: the kernel refuses to write beyond it."""
    leak = case.folder / "leak"
    leak.mkdir()
    for number in range(5):
        (leak / f"small-{number}.txt").write_text(f"small {number}")
    (leak / "zz-large.txt").write_bytes(os.urandom(300_000).hex().encode())
    program = case.program
    limited = (
        "import resource,signal,sys,runpy; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400000, 400000));"
        "sys.argv=['muniment']+sys.argv[1:]; runpy.run_module('muniment', run_name='__main__')"
    )
    case.program = [sys.executable, "-c", limited]
    done = case.run("add", "x", leak, "--json")
    case.program = program
    assert done.returncode == 4, (done.stdout, done.stderr)
    assert '"next"' in done.stderr and "Traceback" not in done.stderr
    assert case.json("audit", "x")["ok"] is True
    assert case.json("add", "x", leak)["states"] == {"extracted": 6}
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 400000


def test_a_file_that_grows_while_it_is_read(case):
    """What was read is what is sealed, and that it changed is among the sealed properties."""
    leak = case.folder / "leak"
    leak.mkdir()
    growing = leak / "growing.txt"
    growing.write_text("the beginning of a log\n" * 500_000)
    begun = growing.stat().st_size
    stop = threading.Event()

    def grow():
        with growing.open("a") as file:
            for _ in range(4000):
                if stop.is_set():
                    break
                file.write("one more line\n" * 500)
                file.flush()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        case.json("add", "x", leak)
    finally:
        stop.set()
        thread.join()
    assert growing.stat().st_size > begun
    [row] = case.json("documents", "x")["documents"]
    assert row["state"] == "extracted"
    text = case.json("show", "x", row["document"], "--text")["text"]
    assert growing.read_text().startswith(text)
    assert row["size"] == len(text)
    assert case.json("audit", "x")["ok"] is True
