"""What every test shares: where the corpora are, and a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair: a busy one must not fail a property.
settings.register_profile("muniment", deadline=None, database=None)
settings.load_profile("muniment")

_PROJECT = Path(__file__).resolve().parent.parent


def corpora_root() -> Path:
    """The shared test data, from MUNIMENT_CORPORA or beside the checkout."""
    return Path(os.environ.get("MUNIMENT_CORPORA", _PROJECT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def project() -> Path:
    """The checkout this test runs from."""
    return _PROJECT


@pytest.fixture(scope="session")
def corpus():
    """`corpus("udhr")` is that folder of the corpora; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = corpora_root() / "corpora" / name
        if not path.exists():
            pytest.skip(
                f"corpus {name} is not here; set MUNIMENT_CORPORA to the folder that holds it"
            )
        return path

    return find


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The press reports that describe the case."""
    path = corpora_root() / "seeds"
    if not path.exists():
        pytest.skip("the seeds are not here; set MUNIMENT_CORPORA to the folder that holds them")
    return path


@pytest.fixture
def counted(record_property):
    """`counted("age", run, there, outside=n)`: how many official vectors of a family ran; none goes in silence.

    Those outside what muniment does are counted apart. The end of a test run prints what was counted.
    """

    def count(family: str, run: int, there: int, *, outside: int = 0) -> None:
        assert run + outside == there, f"{family}: {run} ran, {outside} outside, {there} are there"
        record_property("official vectors", f"{family} {run} of {there}, {outside} outside")

    return count


def pytest_terminal_summary(terminalreporter):
    """Say how many official vectors ran, and of which families there were none."""
    said = [
        value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("skipped")
        for name, value in getattr(report, "user_properties", ())
        if name == "official vectors" and report.when == "call"
    ]
    for line in sorted(set(said)):
        terminalreporter.write_line(f"official vectors: {line}")


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    """Keep MUNIMENT_HOME of the person who runs the tests out of the tests."""
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "muniment-home"))


PASSPHRASE = "bakoti rumesa dilovu hasita goluve"


class Muniment:
    """The real command line, in a process of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.environment = {
            **{n: v for n, v in os.environ.items() if not n.startswith("MUNIMENT_")},
            "MUNIMENT_HOME": str(home),
            "MUNIMENT_PASSPHRASE": PASSPHRASE,
            "HOME": str(home),
            "PYTHONIOENCODING": "utf-8",
        }
        self.program = [sys.executable, "-m", "muniment"]

    def run(self, *arguments: object, input: str | None = None, **environment: str | None):
        """Run a command; a variable set to None is taken away. Returns the finished process."""
        variables = {**self.environment, **environment}
        return subprocess.run(
            [*self.program, *map(str, arguments)],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def json(self, *arguments: object, status: int = 0, **more: str | None) -> dict:
        """Run a command with --json; returns what it printed, after checking the exit status."""
        done = self.run(*arguments, "--json", **more)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def error(self, *arguments: object, status: int, **more: str | None) -> dict:
        """Run a command that must fail with this status; returns its error."""
        done = self.run(*arguments, "--json", **more)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        error = json.loads(done.stderr)["error"]
        assert error["message"] and error["next"]
        return error


@pytest.fixture
def muniment(tmp_path):
    """The command line with a home and a folder of its own; whatever it keeps open is locked afterwards."""
    folder = tmp_path / "desk"
    folder.mkdir()
    program = Muniment(folder, tmp_path / "home")
    yield program
    for case in folder.glob("*.muniment"):
        if (case / "case.toml").exists():
            program.run("lock", case)
