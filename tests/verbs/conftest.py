"""Cases in this process, for the verbs that need no other."""

import shutil

import pytest

from muniment.case.folder import describe, open_folder, random_name
from muniment.verbs.case import Case
from tests.conftest import PASSPHRASE
from tests.verbs.stamping import _sealed_once, clock, sealed, stick

__all__ = ["_sealed_once", "clock", "sealed", "stick"]


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory):
    """An empty case and its keys: stretching the passphrase takes seconds, and once is enough."""
    made, _ = Case.new(tmp_path_factory.mktemp("made") / "harbour", PASSPHRASE)
    with made:
        return made.folder, made.keys


@pytest.fixture
def case(tmp_path, _made_once):
    """An empty case under an identifier of its own; locked again afterwards."""
    folder, keys = _made_once
    shutil.copytree(folder.root, tmp_path / "harbour.muniment")
    own = type(folder)(root=tmp_path / "harbour.muniment", identifier=random_name(20))
    describe(own)
    with Case(open_folder(own.root), keys) as made:
        made.key_rotate(only="recovery")  # lists keys/ again, with the new case.toml
        yield made
    made.lock()


@pytest.fixture
def leak(tmp_path):
    """An empty folder for what a source handed over."""
    folder = tmp_path / "leak"
    folder.mkdir()
    return folder
