"""The set-up scripts on systems that lack something. The packages themselves are put in place by `make test`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NEEDED = ("bash", "sed", "dirname", "env", "mkdir", "tail", "grep")


@pytest.fixture
def bare_system(tmp_path: Path) -> Path:
    """A folder for PATH with the least a system has. Programs are added with `program`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def program(folder: Path, name: str, *lines: str) -> None:
    path = folder / name
    path.write_text("\n".join(["#!" + str(shutil.which("bash")), *lines, ""]))
    path.chmod(0o755)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "PATH")}
    return subprocess.run(
        ["bash", *words],
        cwd=PROJECT,
        env=inherited | {"PATH": str(folder)},
        capture_output=True,
        text=True,
    )


def debian(folder: Path, *, missing: str, unknown: str = "-") -> None:
    """A Debian on which everything but `missing` is installed; `unknown` is in no package list."""
    program(
        folder,
        "dpkg-query",
        f'for last; do :; done; [[ " {missing} " == *" $last "* ]] || printf installed',
    )
    program(folder, "apt-cache", f'[ "$2" = {unknown} ] && exit; echo "  Candidate: 1.0"')
    program(folder, "id", "echo 1000")


def test_a_package_is_offered_however_long_its_list_of_versions(bare_system: Path):
    """apt-cache ends badly where its reader is gone before it has said everything."""
    debian(bare_system, missing="chromium")
    program(
        bare_system,
        "apt-cache",
        'echo "  Candidate: 1.0"',
        'for ((n = 0; n < 20000; n++)); do echo "  1.$n 500" || exit 141; done',
    )
    done = run(bare_system, "setup/install-programs.sh", "test")
    assert (
        done.returncode == 1
        and "apt-get install --no-install-recommends -y chromium" in done.stderr
    )


def test_when_all_is_there_nothing_is_said(bare_system: Path):
    debian(bare_system, missing="libmagic1")  # libmagic1t64 will do as well
    done = run(bare_system, "setup/install-programs.sh", "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_root_the_one_command_to_run_is_said(bare_system: Path):
    debian(bare_system, missing="bubblewrap tesseract-ocr-uig chromium", unknown="chromium")
    done = run(bare_system, "setup/install-programs.sh", "test")
    assert done.returncode == 1
    (command,) = [line for line in done.stderr.splitlines() if "sudo" in line]
    assert command.split("-y ")[1].split() == ["bubblewrap", "tesseract-ocr-uig"]
    assert "chromium is not offered" in done.stderr


def test_where_there_is_no_debian_it_says_what_is_missing_and_goes_on(bare_system: Path):
    program(bare_system, "tesseract", "")
    done = run(bare_system, "setup/install-programs.sh", "run")
    assert done.returncode == 0
    assert "Not found: bwrap." in done.stderr


def test_a_name_on_the_path_that_does_not_start_is_passed_over(bare_system: Path):
    program(bare_system, "python3.13", "echo not found >&2; exit 127")
    program(bare_system, "python3", "echo /somewhere/python3")
    assert run(bare_system, "setup/find-python.sh").stdout == "/somewhere/python3\n"


def test_without_a_suitable_python_it_says_what_to_do(bare_system: Path):
    program(bare_system, "python3", "exit 1")
    done = run(bare_system, "setup/find-python.sh")
    assert done.returncode == 1
    assert "No Python from 3.11 to 3.13" in done.stderr and "Next: " in done.stderr
