"""Starts a program with nothing around it: no network, no home, no files but the ones named here, no other process.

The tier in force is bubblewrap with seccomp; where it is not installed or user namespaces are barred, Landlock with
seccomp (reading/landlock.py). Where neither can be had, nothing is read: there is no weaker way.
docs/decisions/0005-sandbox.md and 0028-landlock.md say what each wall is for.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import muniment
from muniment.errors import Refused
from muniment.reading import landlock, seccomp

_TMP_BYTES = 256 << 20
_START_SECONDS = 20.0
_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - a private tmpfs inside the sandbox
    "LC_ALL": "C.UTF-8",
    "MALLOC_MMAP_THRESHOLD_": "67108864",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "TMPDIR": "/tmp",  # noqa: S108 - as above
    "TZ": "UTC",
}
# Read-only, where they exist: libraries, libmagic's database, Tesseract's languages.
_SYSTEM = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/usr/share/file",
    "/usr/share/misc",
    "/usr/share/tesseract-ocr",
    "/usr/share/tessdata",
)
# Not where a page is drawn to be sealed: decision 0015.
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")
# Without namespaces: of a worker's own /proc, and of the machine's, what libraries ask for.
_OF_PROC = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
BUBBLEWRAP, LANDLOCK, NONE = "bubblewrap", "landlock", "none"


@dataclass(frozen=True, slots=True)
class Tier:
    """How documents are kept away from this machine. `missing` says why there is none, and what to do."""

    name: str
    description: str
    missing: Refused | None = None


@dataclass(slots=True)
class Confined:
    """A running program, reached through `popen.stdin` and `popen.stdout`; `pid` is its own, not bubblewrap's."""

    popen: subprocess.Popen[bytes]
    pid: int
    _handle: int

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        if self._handle >= 0:
            try:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(self._handle)
            self._handle = -1
        try:
            self.popen.wait(_START_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                pipe.close()


def tier() -> Tier:
    """The tier in force on this machine, tried for real, once."""
    return _tier(shutil.which("bwrap"), platform.system())


@functools.lru_cache(maxsize=8)
def _tier(bubblewrap: str | None, system: str) -> Tier:
    if system != "Linux":
        missing = Refused(
            "there is no sandbox for this system yet",
            next="run muniment on Linux, or in a Linux virtual machine",
        )
    elif bubblewrap is None:
        missing = Refused(
            "bubblewrap is not installed, so documents cannot be read safely",
            next="install it (Debian, Ubuntu: apt install bubblewrap), then run the command again",
        )
    else:
        found = _tried(bubblewrap)
        if found is None:
            said = "bubblewrap namespaces and two seccomp filters; no network"
            return Tier(BUBBLEWRAP, said)
        missing = found
    if system == "Linux" and landlock.version() >= landlock.LEAST:
        said = (
            f"Landlock and two seccomp filters, without namespaces ({missing.message}); no network"
        )
        return Tier(LANDLOCK, said)
    return Tier(NONE, f"no sandbox: {missing.message}", missing)


def interpreter() -> list[str]:
    """The command for this Python, isolated: no site folder, no environment, nothing written."""
    return [str(Path(sys.executable).resolve()), "-I", "-S", "-B"]


def python_path() -> list[str]:
    """Folders the worker imports from: this package, and the installed libraries."""
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    found += [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    package = str(Path(muniment.__file__).resolve().parent.parent)
    return list(dict.fromkeys([package, *found]))


def launch(
    program: Sequence[str],
    *,
    read_only: Sequence[Path] = (),
    forks: bool = False,
    fonts: bool = True,
) -> Confined:
    """Start a program in the sandbox, its standard input and output as pipes, its errors thrown away.

    `read_only` files and folders are seen at their own paths; with `forks` it may start them as programs; without
    `fonts` it sees none of this machine's.
    Raises Refused where there is no sandbox to be had.
    """
    found = tier()
    if found.missing is not None:
        raise found.missing
    if found.name == BUBBLEWRAP:
        return _in_bubblewrap(program, read_only, forks=forks, fonts=fonts)
    return _by_landlock(program, read_only, forks=forks, fonts=fonts)


def namespaces() -> bool:
    """Whether the tier in force gives a worker a file system of its own."""
    return tier().name == BUBBLEWRAP


def _in_bubblewrap(
    program: Sequence[str], read_only: Sequence[Path], *, forks: bool, fonts: bool
) -> Confined:
    told, tells = os.pipe()
    try:
        with _filter(forks=forks, namespaces=True) as descriptor:
            command = [
                shutil.which("bwrap") or "bwrap",
                *_walls(read_only, fonts=fonts),
                *("--info-fd", str(tells), "--seccomp", str(descriptor), "--", *program),
            ]
            popen = _started(command, (descriptor, tells))
        os.close(tells)
        tells = -1
        pid = _child(told, popen)
        _first_to_go(pid)
        return Confined(popen, pid, _handle(pid))
    finally:
        os.close(told)
        if tells >= 0:
            os.close(tells)


def _by_landlock(
    program: Sequence[str], read_only: Sequence[Path], *, forks: bool, fonts: bool
) -> Confined:
    read = [*_SYSTEM, *(_FONTS if fonts else ()), "/lib", "/lib32", "/lib64", *_OF_PROC]
    read += [*_python_files(), *map(str, read_only)]
    package = str(Path(muniment.__file__).resolve().parent.parent)
    code = f"import sys; sys.path[:0] = {[package]!r}; from muniment.reading.landlock import main; main()"
    nowhere = {"HOME": "/", "TMPDIR": "/nowhere"}
    with _filter(forks=forks, namespaces=False) as descriptor:
        asked = landlock.request(
            read=read,
            listed=[package],  # the import system wants its names
            devices=_DEVICES,
            filter_=descriptor,
            environment={**_ENVIRONMENT, **nowhere},
        )
        popen = _started([*interpreter(), "-c", code, asked, *program], (descriptor,), _ENVIRONMENT)
    _first_to_go(popen.pid)
    return Confined(popen, popen.pid, _handle(popen.pid))


@contextmanager
def _filter(*, forks: bool, namespaces: bool) -> Iterator[int]:
    """The first filter of system calls, as a descriptor to be inherited."""
    descriptor = os.memfd_create("muniment-filter")
    try:
        rules = seccomp.program(starts_programs=True, forks=forks, namespaces=namespaces)
        os.write(descriptor, rules)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _started(
    command: Sequence[str], inherited: tuple[int, ...], environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=inherited,
        bufsize=0,
        process_group=0,
        cwd="/",
        env=environment,
    )


def broken(what: str) -> Refused:
    """The worker never got ready, though the sandbox itself starts."""
    return Refused(
        f"the process that reads documents does not start: {what}",
        next="install muniment again in a fresh environment, then run the command again",
    )


def _walls(read_only: Sequence[Path], *, fonts: bool = True) -> list[str]:
    """Everything around the program, as arguments of bwrap(1)."""
    walls = ["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"]
    walls += ["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    walls += ["--clearenv"]
    for name, value in _ENVIRONMENT.items():
        walls += ["--setenv", name, value]
    for path in (*_SYSTEM, *(_FONTS if fonts else ())):
        walls += ["--ro-bind-try", path, path]
    for link in ("/lib", "/lib32", "/lib64"):
        if Path(link).is_symlink():
            walls += ["--symlink", str(Path(link).readlink()), link]
        else:
            walls += ["--ro-bind-try", link, link]
    # Before the interpreter and the package: they may lie in /tmp themselves.
    walls += ["--size", str(_TMP_BYTES), "--tmpfs", "/tmp"]  # noqa: S108 - inside
    for path in _python_files():
        walls += ["--ro-bind", path, path]
    walls += ["--proc", "/proc", "--remount-ro", "/proc"]
    walls += ["--dev", "/dev", "--remount-ro", "/dev"]
    for extra in read_only:
        walls += ["--ro-bind", str(extra), str(extra)]
    return [*walls, "--remount-ro", "/", "--chdir", "/tmp"]  # noqa: S108 - inside


def _python_files() -> list[str]:
    """The interpreter, its standard library, the installed libraries and this package."""
    executable = Path(sys.executable).resolve()
    home = Path(sys.base_prefix).resolve()
    if home in (Path("/usr"), Path("/usr/local")):
        found = [str(executable)]  # /usr/lib and /usr/local/lib are there already
    else:
        found = [str(home)]
        if not executable.is_relative_to(home):
            found.append(str(executable))
    package = str(Path(muniment.__file__).resolve().parent)
    libraries = [path for path in python_path()[1:] if Path(path).is_dir()]
    return list(dict.fromkeys([*found, *libraries, package]))


def _child(told: int, popen: subprocess.Popen[bytes]) -> int:
    """The pid of the confined program, from bubblewrap's --info-fd; Refused where it never started."""
    said = b""
    while select.select([told], [], [], _START_SECONDS)[0]:
        more = os.read(told, 4096)
        said += more
        if not more or b"}" in said:
            break
    try:
        return int(json.loads(said)["child-pid"])
    except (ValueError, KeyError, TypeError):
        popen.kill()
        popen.communicate()
        raise broken("bubblewrap ended before it") from None


def _handle(pid: int) -> int:
    """A descriptor that means this very process, whatever becomes of its number; -1 where it has ended already."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return -1


def _first_to_go(pid: int) -> None:
    """When the machine runs out of memory, the kernel ends this process before any other."""
    try:
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return


def _tried(bubblewrap: str) -> Refused | None:
    """Why this bubblewrap does not start, from what it says itself (no document is near); None where it does."""
    command = [bubblewrap, *_walls(()), "--", *interpreter(), "-c", "pass"]
    try:
        tried = subprocess.run(command, capture_output=True, timeout=_START_SECONDS, check=False)
        if tried.returncode == 0:
            return None
        said = tried.stderr.decode(errors="replace").strip().splitlines()
    except subprocess.TimeoutExpired:
        said = ["it did not start in time"]
    last = said[-1][:300] if said else "it said nothing"
    if "ermission" in last or "not permitted" in last or "namespace" in last:
        return Refused(
            f"this system bars user namespaces, which bubblewrap needs ({last})",
            next="allow them for bubblewrap (Ubuntu: an AppArmor profile for bwrap; others: "
            "sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone=1), then run it again",
        )
    return Refused(
        f"the sandbox does not start ({last})",
        next="run `muniment status` again after repairing the installation of Python and bubblewrap",
    )
