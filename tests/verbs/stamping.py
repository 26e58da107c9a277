"""What tests of stamping share: a case with something sealed, and authorities that know it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from muniment.case.folder import describe, open_folder, random_name
from muniment.verbs.case import Case
from muniment.verbs.committing import commit_custody
from tests.authority import Authority


@pytest.fixture(scope="session")
def _sealed_once(_made_once, tmp_path_factory):
    """A case with one memo in it, locked: reading and indexing take a second, and once is enough."""
    folder, keys = _made_once
    place = tmp_path_factory.mktemp("sealed")
    shutil.copytree(folder.root, place / "harbour.muniment")
    describe(type(folder)(root=place / "harbour.muniment", identifier=random_name(20)))
    (place / "memo.txt").write_text("One container stays closed.\n")
    with Case(open_folder(place / "harbour.muniment"), keys) as made:
        made.add([place / "memo.txt"])
    made.lock()
    return made.folder, keys


@pytest.fixture
def sealed(tmp_path, _sealed_once):
    """A case of its own with one memo in it."""
    folder, keys = _sealed_once
    shutil.copytree(folder.root, tmp_path / "harbour.muniment")
    describe(type(folder)(root=tmp_path / "harbour.muniment", identifier=random_name(20)))
    with Case(open_folder(tmp_path / "harbour.muniment"), keys) as made:
        made.key_rotate(only="recovery")  # lists keys/ again, with the new case.toml
        yield made
    made.lock()


@pytest.fixture
def stick(tmp_path):
    """A folder that is not there yet, to carry files in."""
    return tmp_path / "stick"


@pytest.fixture
def clock(tmp_path):
    """An authority."""
    return Authority(tmp_path / "clock")


def grow(case) -> None:
    """An entry more in the log: an act, committed."""
    case.record("copied", {})
    commit_custody(case)


def know(case, authority, name: str, **more) -> None:
    case.stamp(authority=name, roots=str(authority.roots), **more)


def requests(case, folder: Path) -> list[Path]:
    case.stamp(request=str(folder))
    return sorted(folder.glob("*.tsq"))


def answer(authority, request: Path) -> str:
    """The authority's reply to a request file, as a file beside it."""
    path = request.with_suffix(".tsr")
    path.write_bytes(authority.reply(request.read_bytes()))
    return str(path)


def attest(case, authority, folder: Path, name: str = "clock") -> dict:
    """From nothing to an attested anchor; gives the report."""
    know(case, authority, name)
    wanted = [p for p in requests(case, folder) if p.name.startswith(f"{name}-")]
    return case.stamp(reply=[answer(authority, path) for path in wanted])


def states(report: dict) -> list[tuple[str, str]]:
    return [(one["authority"], one["state"]) for one in report["anchors"]]
