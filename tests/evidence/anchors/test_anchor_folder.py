"""anchors/: what is put there stays, and whatever is changed, lacks or was added has a name."""

from __future__ import annotations

import os
import random
import secrets
import sys

import pytest

from muniment.errors import BadUse, Damaged
from muniment.evidence.anchors.examination import examine
from muniment.evidence.anchors.folder import AnchorFolder
from muniment.evidence.anchors.index import Index
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log


@pytest.fixture
def log(tmp_path):
    signer = Signer.from_private_bytes("muniment/example", b"k" * 32)
    log = Log.create(tmp_path / "log", "muniment/example", signer)
    log.append([secrets.token_bytes(32)])
    log.pad()
    log.publish(signer)
    return log


@pytest.fixture
def folder(tmp_path, log):
    folder = AnchorFolder(tmp_path / "anchors")
    folder.add({"checkpoints/256.note": log.checkpoint(), "timestamps/abc.tsq": b"request"})
    folder.add({"timestamps/abc-1.tsr": b"reply" * 30, "authorities/clock/roots-1.pem": b"root"})
    return folder


def everything(folder):
    return sorted(path for path in folder.directory.rglob("*") if path.is_file())


def test_what_is_put_there_is_there(folder, log):
    assert AnchorFolder(folder.directory).read("timestamps/abc.tsq") == b"request"
    assert folder.problems(log.directory) == []
    folder.add({"timestamps/abc.tsq": b"request"})
    with pytest.raises(BadUse):
        folder.add({"timestamps/abc.tsq": b"another"})
    assert folder.free("timestamps/abc-{}.tsr") == "timestamps/abc-2.tsr"


@pytest.mark.parametrize(
    "path", ["../vkey", "/etc/x.pem", "a.pem", "a/../b.pem", "a/b/c/d.pem", "A/b.pem", "a/b", ""]
)
def test_nothing_is_written_elsewhere(folder, path, log):
    with pytest.raises(BadUse):
        folder.add({path: b"x"})
    assert folder.problems(log.directory) == []


def test_before_anything_was_asked(tmp_path, log):
    folder = AnchorFolder(tmp_path / "anchors")
    assert folder.files() == {} and folder.problems(log.directory) == []
    assert not folder.directory.exists()


def test_every_flipped_bit_is_found(folder, log):
    """Each byte of each file, one bit of it at random; the file itself is named."""
    chance = random.Random(3161)
    for path in everything(folder):
        good = path.read_bytes()
        name = path.relative_to(folder.directory).as_posix()
        for at in range(len(good)):
            bad = bytearray(good)
            bad[at] ^= 1 << chance.randrange(8)
            path.write_bytes(bad)
            assert dict(folder.problems(log.directory)).get(name) == "damaged", (name, at)
        path.write_bytes(good)
    assert folder.problems(log.directory) == []


def test_missing_and_unexpected(folder, log, tmp_path):
    for path in everything(folder):
        good = path.read_bytes()
        name = path.relative_to(folder.directory).as_posix()
        path.unlink()
        assert (name, "missing") in folder.problems(log.directory)
        path.symlink_to(tmp_path / "elsewhere")
        assert dict(folder.problems(log.directory))[name] == "damaged"
        path.unlink()
        path.write_bytes(good)
    for extra in ("note.txt", "timestamps/abc-2.tsr", "authorities/clock/.x"):
        (folder.directory / extra).write_bytes(b"")
        assert folder.problems(log.directory) == [(extra, "unexpected")]
        (folder.directory / extra).unlink()
    (folder.directory / "authorities" / "tower").mkdir()
    assert folder.problems(log.directory) == [("authorities/tower", "unexpected")]


def test_a_checkpoint_of_another_log(folder, log, tmp_path):
    signer = Signer.from_private_bytes("muniment/example", b"x" * 32)
    other = Log.create(tmp_path / "other", "muniment/example", signer)
    other.append([secrets.token_bytes(32)])
    other.pad()
    folder.add({"checkpoints/512.note": other.publish(signer)})
    assert folder.problems(log.directory) == [("checkpoints/512.note", "damaged")]
    assert ("checkpoints/256.note", "damaged") in folder.problems(other.directory)


def test_files_as_they_were_read(folder):
    (folder.directory / "timestamps" / "abc.tsq").write_bytes(b"requesT")
    with pytest.raises(Damaged):
        folder.read("timestamps/abc.tsq")
    with pytest.raises(Damaged):
        folder.read("timestamps/never.tsq")


class _Killed(BaseException):
    """The machine stops here."""


def _add_and_die(folder: AnchorFolder, after: int) -> bool:
    """Add two files, stopping before the call number `after` to the operating system; True if it came to its end."""
    left = after
    events = {"os.mkdir", "os.rename", "open"}

    def watch(event: str, arguments: tuple) -> None:
        nonlocal left
        if left < 0 or event not in events or str(folder.directory) not in str(arguments[0]):
            return
        if left == 0:
            left = -1
            raise _Killed
        left -= 1

    sys.addaudithook(watch)
    try:
        folder.add({"timestamps/new.tsq": b"later", "authorities/tower/roots-1.pem": b"tower"})
    except _Killed:
        return False
    finally:
        left = -1
    return True


def test_killed_at_any_call(tmp_path, log):
    """An addition is there whole or not at all, and an audit accepts the folder at once."""
    done, number = False, 0
    while not done:
        place = AnchorFolder(tmp_path / f"anchors-{number}")
        if number % 2:
            place.add({"timestamps/abc.tsq": b"request"})
        done = _add_and_die(place, number // 2)
        assert place.problems(log.directory) == [], number
        place.add({"timestamps/after.tsq": b"after"})
        assert place.read("timestamps/after.tsq") == b"after"
        new = {"timestamps/new.tsq", "authorities/tower/roots-1.pem"} & set(place.files())
        assert all((place.directory / path).is_file() for path in new)
        assert not done or len(new) == 2
        number += 1
    assert number > 12
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_a_cut_off_addition_is_no_damage_where_nothing_may_be_written(folder, log):
    """Announced and not there, announced and there: both are accepted as they lie; other bytes are not."""
    index = Index.from_json((folder.directory / "index.json").read_bytes())
    digest = index.files["timestamps/abc.tsq"]
    files = {path: one for path, one in index.files.items() if path != "timestamps/abc.tsq"}
    adding = {"timestamps/abc.tsq": digest, "timestamps/never.tsq": digest}
    (folder.directory / "index.json").write_bytes(Index(files, adding).to_json())
    assert examine(folder.directory, log.directory) == []
    (folder.directory / "timestamps" / "never.tsq").write_bytes(b"other")
    assert examine(folder.directory, log.directory) == [("timestamps/never.tsq", "damaged")]
