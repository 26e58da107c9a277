"""From inside the real sandbox, everything that could reach out is tried, and denied."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from muniment.reading import landlock, sandbox, seccomp
from muniment.reading.pages import EXTRACTED
from muniment.reading.worker import Worker

pytestmark = pytest.mark.hostile

DENIED = ("PermissionError", "Operation not permitted")


HOSTILE = Path(__file__).with_name("hostile_format.py")
BARRED = "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"


@pytest.fixture(scope="module", params=[sandbox.BUBBLEWRAP, sandbox.LANDLOCK])
def walls(request, tmp_path_factory):
    """The tier, and the PATH on which it is the one in force."""
    if request.param == sandbox.BUBBLEWRAP:
        return request.param, os.environ["PATH"]
    if landlock.version() < landlock.LEAST:
        pytest.skip("this kernel has no Landlock of version 3")
    return request.param, str(tmp_path_factory.mktemp("without-bubblewrap"))


@pytest.fixture(scope="module")
def hostile(walls):
    """As in conftest.py, behind each tier in turn."""
    name, path = walls
    with pytest.MonkeyPatch.context() as patch, Worker(formats=[HOSTILE]) as one:

        def run(kind, what, detail="", budget=None):
            with patch.context() as now:
                now.setenv("PATH", path)
                assert sandbox.tier().name == name
                return one.read(f"HOSTILE:{kind}:{what}:{detail}".encode(), "harmless.txt", budget)

        yield run


def outcome(reading):
    assert reading.state == EXTRACTED, reading.reason
    return reading.pages[0].text


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
def test_no_socket_of_any_family(hostile, family):
    assert outcome(hostile("try", "socket", family)) == "PermissionError"


def test_what_libraries_need_is_allowed(hostile, walls):
    assert outcome(hostile("try", "socketpair")) == "done"
    assert outcome(hostile("try", "thread")) == "done"
    assert outcome(hostile("try", "read", str(HOSTILE))).isdigit()
    written = outcome(hostile("try", "write", "/tmp/mine"))
    assert written == ("done" if walls[0] == sandbox.BUBBLEWRAP else "PermissionError")


@pytest.mark.parametrize("way", ["fork", "exec", "spawn"])
def test_no_other_process(hostile, way):
    assert outcome(hostile("try", way)) == "PermissionError"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize(
    "name",
    ["clone", "fork", "vfork", "execve", "ptrace", "mount", "keyctl", "unshare", "setns", "io_uring_setup", "bpf",
     "process_vm_readv", "userfaultfd", "kill", "perf_event_open", "add_key"],
)  # fmt: skip
def test_system_calls_by_number(hostile, name):
    assert outcome(hostile("try", "call", name)) == "Operation not permitted"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize("name", ["clone3", "memfd_secret"])
def test_what_is_not_listed_does_not_exist(hostile, name):
    assert outcome(hostile("try", "call", name)) == "Function not implemented"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
def test_no_process_of_the_person_is_reached(hostile, walls):
    """Not by its limits, not by a signal, not by a file that sends one (F_SETOWN, F_SETSIG)."""
    mine = os.getpid()
    assert outcome(hostile("try", "call", f"prlimit64 {mine} 0 0 0")) == "Operation not permitted"
    assert outcome(hostile("try", "call", "prlimit64 0 0 0 0")) == "done"
    for command in (8, 10, 15):
        said = outcome(hostile("try", "call", f"fcntl 0 {command} {mine}"))
        assert said == "Function not implemented", command
    signalled = outcome(hostile("try", "call", f"tgkill {mine} {mine} 0"))
    if walls[0] == sandbox.BUBBLEWRAP:
        assert signalled == "No such process", "it does not see anybody else"
    else:
        assert signalled == "Operation not permitted"


def test_nothing_can_be_written_but_in_its_own_tmp(hostile, tmp_path):
    for path in ("/x", "/usr/lib/x", "/dev/x", "/proc/sys/kernel/hostname", tmp_path / "x"):
        said = outcome(hostile("try", "write", str(path)))
        assert said in ("OSError", "PermissionError", "FileNotFoundError"), path
    # Where the checkout lies in /tmp this may be written inside, into the sandbox's own /tmp; never outside.
    here = Path(__file__)
    before = here.read_bytes()
    outcome(hostile("try", "write", str(here)))
    assert here.read_bytes() == before
    assert not (tmp_path / "x").exists()
    assert not Path("/tmp/mine").exists()


@pytest.fixture
def hidden(walls):
    """How what is not for a worker looks to it: without namespaces it can be seen to be there."""
    return "FileNotFoundError" if walls[0] == sandbox.BUBBLEWRAP else "PermissionError"


def test_nothing_of_the_person_can_be_read(hostile, hidden, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    there = Path.is_file
    for path in ("/etc/passwd", "/etc/hostname", "/etc/resolv.conf", secret):
        assert there(Path(path)) and outcome(hostile("try", "read", str(path))) == hidden, path
    home = Path.home()
    for entry in home.iterdir():
        if Path(sys.base_prefix).is_relative_to(entry) or Path(sys.prefix).is_relative_to(entry):
            continue
        said = outcome(hostile("try", "list" if entry.is_dir() else "read", str(entry)))
        assert said == hidden, entry


def test_only_what_is_needed_is_there(hostile, walls):
    if walls[0] == sandbox.LANDLOCK:
        for folder in ("/", "/etc", "/home", "/tmp", "/proc", "/dev", "/sys", "/var", "/run"):
            assert outcome(hostile("try", "list", folder)) == "PermissionError", folder
        return
    seen = set(outcome(hostile("try", "list", "/")).split())
    assert seen.isdisjoint({"boot", "media", "mnt", "opt", "run", "srv", "sys", "var"})
    assert outcome(hostile("try", "list", "/etc")).split() in (
        ["alternatives", "ld.so.cache"],
        ["ld.so.cache"],
    )


def test_no_file_of_the_person_can_be_changed_in_any_way(hostile, walls, tmp_path):
    """Also not by what Landlock does not look at: its mode, its times, its length."""
    if walls[0] == sandbox.BUBBLEWRAP:
        pytest.skip("there its files are not to be seen at all")
    mine = tmp_path / "mine"
    mine.write_text("mine")
    mine.chmod(0o640)
    before = mine.stat()
    for what in ("mode", "times", "cut", "remove", "rename", "folder", "write", "link"):
        assert outcome(hostile("try", what, str(mine))) == "PermissionError", what
    after = mine.stat()
    assert (before.st_mode, before.st_mtime_ns, before.st_nlink) == (
        after.st_mode,
        after.st_mtime_ns,
        after.st_nlink,
    )
    assert os.listdir(tmp_path) == ["mine"] and mine.read_text() == "mine"


def test_no_environment_no_capabilities_no_dumps(hostile, monkeypatch):
    assert "MUNIMENT_HOME" not in outcome(hostile("try", "environment"))
    assert set(outcome(hostile("try", "caps")).split()) == {"0000000000000000"}
    assert outcome(hostile("try", "dumps")) == "(0, 0) 0"


def test_other_processes_cannot_be_seen(hostile, walls):
    if walls[0] == sandbox.LANDLOCK:
        for name in ("status", "environ", "maps", "cmdline"):
            path = f"/proc/{os.getpid()}/{name}"
            assert outcome(hostile("try", "read", path)) == "PermissionError", path
        return
    numbers = [name for name in outcome(hostile("try", "list", "/proc")).split() if name.isdigit()]
    assert numbers == ["1"]


def test_the_tier_in_force_is_named():
    assert sandbox.tier().name == "bubblewrap"
    assert sandbox.tier().missing is None


@pytest.mark.parametrize("why", ["it is not installed", "namespaces are barred"])
def test_where_bubblewrap_does_not_start_landlock_takes_its_place(monkeypatch, tmp_path, why):
    if landlock.version() < landlock.LEAST:
        pytest.skip("this kernel has no Landlock of version 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    said = "not installed"
    if why == "namespaces are barred":
        # A program in bubblewrap's place that ends as bubblewrap does where the kernel refuses.
        stand = tmp_path / "bwrap"
        stand.write_text(BARRED)
        stand.chmod(0o755)
        said = "bars user namespaces"
    tier = sandbox.tier()
    assert tier.name == "landlock" and said in tier.description and tier.missing is None
    with Worker() as one:
        assert one.read(b"text", "a.txt").pages[0].text == "text"


# Bars the call that Landlock begins with, for itself and all it starts: as on a kernel that has none.
WITHOUT_LANDLOCK = """
import ctypes, sys
library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(0x7FFF0000)))
assert library.seccomp_rule_add(context, ctypes.c_uint32(0x00050026), 444, 0) == 0
assert library.seccomp_load(context) == 0
from muniment.errors import Refused
from muniment.reading import sandbox
from muniment.reading.worker import Worker
try:
    with Worker() as one:
        print(one.read(b"text", "a.txt"))
except Refused as refused:
    print(sandbox.tier().name, "|", refused.message, "|", refused.next)
"""


@pytest.mark.parametrize(
    ("stands", "said"), [("", "bubblewrap is not installed"), (BARRED, "bars user namespaces")]
)
def test_without_either_nothing_is_read(tmp_path, stands, said):
    if stands:
        (tmp_path / "bwrap").write_text(stands)
        (tmp_path / "bwrap").chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LANDLOCK],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    tier, message, following = done.stdout.split(" | ")
    assert tier == "none" and said in message
    assert ("apt install bubblewrap" if not stands else "AppArmor") in following


def test_it_dies_with_its_parent(walls, monkeypatch):
    """A host that is killed leaves no worker behind."""
    monkeypatch.setenv("PATH", walls[1])
    code = (
        "import sys; from muniment.reading.worker import Worker; w = Worker(); "
        "w.read(b'text', 'a.txt'); print(w._process._confined.pid, flush=True); sys.stdin.read()"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        pid = int(host.stdout.readline())
        watched = os.pidfd_open(pid)
        host.kill()
        host.wait()
        import select

        assert select.select([watched], [], [], 10)[0], "the worker outlived its host"
        os.close(watched)
    finally:
        host.kill()
        host.communicate()


def test_both_filters_are_compiled_once():
    assert seccomp.program(starts_programs=True) is seccomp.program(starts_programs=True)
    assert len(seccomp.program(starts_programs=False)) % 8 == 0
