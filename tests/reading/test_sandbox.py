"""From inside the real sandbox, everything that could reach out is tried, and denied."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from muniment.errors import Refused
from muniment.reading import sandbox, seccomp
from muniment.reading.pages import EXTRACTED
from muniment.reading.worker import Worker

pytestmark = pytest.mark.hostile

DENIED = ("PermissionError", "Operation not permitted")


def outcome(reading):
    assert reading.state == EXTRACTED, reading.reason
    return reading.pages[0].text


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
def test_no_socket_of_any_family(hostile, family):
    assert outcome(hostile("try", "socket", family)) == "PermissionError"


def test_what_libraries_need_is_allowed(hostile):
    assert outcome(hostile("try", "socketpair")) == "done"
    assert outcome(hostile("try", "thread")) == "done"
    assert outcome(hostile("try", "write", "/tmp/mine")) == "done"


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


def test_nothing_of_the_person_can_be_read(hostile, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for path in ("/etc/passwd", "/etc/hostname", "/etc/resolv.conf", secret):
        assert outcome(hostile("try", "read", str(path))) == "FileNotFoundError", path
    home = Path.home()
    for entry in home.iterdir():
        if Path(sys.base_prefix).is_relative_to(entry) or Path(sys.prefix).is_relative_to(entry):
            continue
        said = outcome(hostile("try", "list" if entry.is_dir() else "read", str(entry)))
        assert said == "FileNotFoundError", entry


def test_only_what_is_needed_is_there(hostile):
    seen = set(outcome(hostile("try", "list", "/")).split())
    assert seen.isdisjoint({"boot", "media", "mnt", "opt", "run", "srv", "sys", "var"})
    assert outcome(hostile("try", "list", "/etc")).split() in (
        ["alternatives", "ld.so.cache"],
        ["ld.so.cache"],
    )


def test_no_environment_no_capabilities_no_dumps(hostile, monkeypatch):
    assert "MUNIMENT_HOME" not in outcome(hostile("try", "environment"))
    assert set(outcome(hostile("try", "caps")).split()) == {"0000000000000000"}
    assert outcome(hostile("try", "dumps")) == "(0, 0) 0"


def test_other_processes_cannot_be_seen(hostile):
    numbers = [name for name in outcome(hostile("try", "list", "/proc")).split() if name.isdigit()]
    assert numbers == ["1"]


def test_the_tier_in_force_is_named():
    assert sandbox.tier().name == "bubblewrap"
    assert sandbox.tier().missing is None


def test_without_bubblewrap_nothing_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    tier = sandbox.tier()
    assert tier.name == "none"
    with pytest.raises(Refused, match="bubblewrap is not installed") as refusal, Worker() as one:
        one.read(b"text", "a.txt")
    assert "apt install bubblewrap" in refusal.value.next


def test_where_namespaces_are_barred_nothing_is_read(monkeypatch, tmp_path):
    # A program in bubblewrap's place that ends as bubblewrap does where the kernel refuses.
    stand = tmp_path / "bwrap"
    stand.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    stand.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Refused, match="bars user namespaces"), Worker() as one:
        one.read(b"text", "a.txt")


def test_it_dies_with_its_parent(project):
    """A host that is killed leaves no worker behind."""
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
