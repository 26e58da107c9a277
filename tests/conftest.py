"""What every test shares: where the corpora are, and a home of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
            pytest.skip(f"corpus {name} is not here; set MUNIMENT_CORPORA to the folder that holds it")
        return path

    return find


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The press reports that describe the case."""
    path = corpora_root() / "seeds"
    if not path.exists():
        pytest.skip("the seeds are not here; set MUNIMENT_CORPORA to the folder that holds them")
    return path


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    """Keep MUNIMENT_HOME of the person who runs the tests out of the tests."""
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "muniment-home"))
