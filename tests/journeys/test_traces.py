"""What a whole session touches: files only where they may be, and no network.

strace follows every process. The sandboxed readers (bubblewrap and what it starts) see a file system of
their own; tests/reading shows what they cannot do. For them only sockets are judged here.
"""

import re
import shutil

import pytest
from tests.conftest import Muniment

pytestmark = pytest.mark.journey

_CALLS = (
    "openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "unlink,unlinkat,truncate,mknod,mknodat,socket,connect,bind,sendto,sendmsg,execve,clone,clone3,fork,vfork"
)
_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
_MADE = re.compile(r"\) += (?P<value>\d+)")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE")


@pytest.fixture(scope="module")
def strace():
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed")
    return path


_SESSION = (
    ("new", "x"),
    ("add", "x", "LEAK"),
    ("find", "x", "harbour"),
    ("status", "x"),
    ("audit", "x"),
    ("lock", "x"),
)


@pytest.fixture
def session(tmp_path, strace, sample_folder):
    """A whole session under strace; returns the trace's lines and the places that may be written."""
    folder, home = tmp_path / "desk", tmp_path / "home"
    folder.mkdir()
    program = Muniment(folder, home)
    plain = program.program
    lines = []
    for number, words in enumerate(_SESSION):
        trace = tmp_path / f"trace.{number}"
        watched = [strace, "-f", "-qq", "-s", "4096", "-e", f"trace={_CALLS}", "-o", str(trace)]
        program.program = [*watched, *plain]
        done = program.run(*(sample_folder if word == "LEAK" else word for word in words))
        assert done.returncode == 0, done.stderr
        lines.append(trace.read_text("utf-8", "replace").splitlines())
    case = str(folder / "x.muniment")
    return lines, (case, str(home), "/dev/shm/muniment-", "/dev/null", "/dev/tty", "/proc/")


@pytest.fixture(scope="module")
def sample_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leak")
    (folder / "memo.txt").write_text("The harbour office knew of the leaking drums.\n")
    (folder / "page.html").write_text("<html><body><p>The harbour is closed.</p></body></html>")
    (folder / "mail.eml").write_text(
        "From: a@example.org\nSubject: harbour\n\nThe harbour again.\n"
    )
    (folder / "nothing.bin").write_bytes(bytes(range(256)) * 40)
    return folder


def _calls(lines):
    """(process, call, rest) of each line; a call that another process interrupted is joined again."""
    begun: dict[tuple[str, str], str] = {}
    for line in lines:
        if match := _RESUMED.match(line):
            pid, call = match["pid"], match["call"]
            yield pid, call, begun.pop((pid, call), "") + match["rest"]
        elif match := _LINE.match(line):
            pid, call, rest = match["pid"], match["call"], match["rest"]
            if rest.endswith("<unfinished ...>"):
                begun[pid, call] = rest.removesuffix("<unfinished ...>")
            else:
                yield pid, call, rest


def _unconfined(lines):
    """Calls of processes that are not in the sandbox, and of those that are."""
    calls = list(_calls(lines))
    parents: dict[str, str] = {}
    guarded = set()
    for pid, call, rest in calls:
        if call == "execve" and re.match(r'"[^"]*/bwrap"', rest) and " = 0" in rest:
            guarded.add(pid)
        made = _MADE.search(rest)
        if call in ("clone", "clone3", "fork", "vfork") and made:
            parents[made["value"]] = pid

    def confined(pid):
        while pid not in guarded and pid in parents:
            pid = parents[pid]
        return pid in guarded

    outside = [(call, rest) for pid, call, rest in calls if not confined(pid)]
    inside = [(call, rest) for pid, call, rest in calls if confined(pid)]
    return outside, inside


def test_files_are_written_only_where_they_may_be(session):
    sessions, allowed = session
    strangers = set()
    for lines in sessions:
        outside, _ = _unconfined(lines)
        for call, rest in outside:
            if " = -1 " in rest or call in (
                "socket",
                "connect",
                "bind",
                "sendto",
                "sendmsg",
                "execve",
            ):
                continue
            if call in ("open", "openat") and not _WRITES.search(rest):
                continue
            if call in ("clone", "clone3", "fork", "vfork"):
                continue
            for path in _PATH.findall(rest):
                if path.startswith("/") and not path.startswith(allowed):
                    strangers.add((call, path))
    assert not strangers


def test_nothing_speaks_to_a_network(session):
    sessions, _ = session
    spoken = [
        (call, rest)
        for lines in sessions
        for calls in _unconfined(lines)
        for call, rest in calls
        if re.search(r"AF_INET6?|AF_PACKET", rest) and " = -1 " not in rest
        # bubblewrap brings up the loopback of the empty network it makes, through a netlink socket
        if "AF_NETLINK" not in rest
    ]
    assert not spoken


def test_the_trace_would_show_a_stranger(tmp_path, strace):
    """The test itself can fail: a write and a socket elsewhere are in the trace."""
    import subprocess
    import sys

    target = tmp_path / "elsewhere"
    code = f"import socket; open({str(target)!r}, 'w'); socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    subprocess.run(
        [
            strace,
            "-f",
            "-qq",
            "-e",
            f"trace={_CALLS}",
            "-o",
            str(tmp_path / "t"),
            sys.executable,
            "-c",
            code,
        ],
        check=True,
    )
    outside, _ = _unconfined((tmp_path / "t").read_text().splitlines())
    assert any(
        call == "openat" and str(target) in rest and _WRITES.search(rest) for call, rest in outside
    )
    assert any("AF_INET" in rest for _, rest in outside)


def test_the_home_folder_stays_empty(muniment, sample_folder, tmp_path):
    home = tmp_path / "person"
    home.mkdir()
    for arguments in (("new", "x"), ("add", "x", sample_folder), ("find", "x", "harbour")):
        done = muniment.run(*arguments, HOME=str(home), XDG_CACHE_HOME=None)
        assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []
