"""A log that is stopped at any call to the operating system heals when it is opened, and loses nothing."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import counted_calls
import pytest

from muniment.evidence.log.checkpoint import open_checkpoint
from muniment.evidence.log.merkle import leaf_hash, root_of
from muniment.evidence.log.store import Log

SCRIPT = Path(counted_calls.__file__)
SIGNER = counted_calls.SIGNER


def made(folder: Path, size: int) -> Path:
    log = Log.create(folder, SIGNER.name, SIGNER)
    log.append(counted_calls.entries(size))
    log.publish(SIGNER)
    return folder


def stopped(
    original: Path, copies: Path, kind: str, count: int, step: int = 1
) -> list[tuple[int, str]]:
    command = [sys.executable, SCRIPT, original, copies, kind, str(count), str(step)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [(call, told) for call, told in json.loads(done.stdout)]


def check(copy: Path, size: int, count: int, told: str) -> bool:
    """Open what a stopped process left; gives whether the entries are in it."""
    log = Log(copy)
    assert log.problems() == []
    there = log.size > size
    assert log.size == (size + count if there else size)
    assert there or not told, "acknowledged, and lost"
    if told == "published":
        assert open_checkpoint(log.checkpoint(), [SIGNER.key]).size == size + count
    fresh = counted_calls.entries(count, size)
    assert log.append(fresh) == range(size, size + count)
    log.publish(SIGNER)
    assert log.problems() == []
    if size < 10_000:
        everything = counted_calls.entries(size + count)
        assert log.root() == root_of([leaf_hash(entry) for entry in everything])
    return there


@pytest.fixture
def quick():
    """A folder in memory: hundreds of logs are made here, and nothing is asked of the disk itself."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="muniment-test-", dir=shared if shared.is_dir() else None
    ) as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("kind", "size", "count"),
    [
        ("kill", 0, 1),
        ("kill", 254, 3),
        ("kill", 5, 600),
        ("full", 254, 3),
    ],
)
def test_stopped_at_every_call(quick, kind, size, count):
    original = made(quick / "log", size)
    results = stopped(original, quick / "copies", kind, count)
    assert len(results) > 20
    kept = [check(quick / "copies" / str(call), size, count, told) for call, told in results]
    assert not kept[0] and kept[-1]
    first = kept.index(True)
    assert not any(kept[:first]) and all(kept[first:]), "from one call on, the entries stay"


def test_stopped_at_some_calls_across_65536(quick):
    original = made(quick / "log", 65_535)
    results = stopped(original, quick / "copies", "kill", 2, step=79)
    assert len(results) > 3
    kept = [check(quick / "copies" / str(call), 65_535, 2, told) for call, told in results]
    assert not kept[0] and kept[-1]


def test_stopped_again_while_healing(quick):
    """The second stop comes at a random call of the healing, the third of healing that."""
    size, count = 255, 3
    original = made(quick / "log", size)
    chance = random.Random(20171105)
    results = stopped(original, quick / "copies", "kill", count)
    for call, told in results:
        copy = quick / "copies" / str(call)
        for _ in range(2):
            counted_calls.run(original, copy, chance.randrange(2, 60), "kill", 0)
        check(copy, size, count, told)


def test_stopped_while_it_is_made(tmp_path):
    """`create` that was cut off is made again in the same folder; a finished log is not overwritten."""
    script = (
        "import sys, counted_calls as c; from pathlib import Path; from muniment.evidence.log.store import Log;"
        "c.stop_at(int(sys.argv[2]), 'kill'); Log.create(Path(sys.argv[1]), c.SIGNER.name, c.SIGNER)"
    )
    for call in range(1, 100, 2):
        folder = tmp_path / str(call)
        command = [sys.executable, "-c", script, str(folder), str(call)]
        environment = os.environ | {"PYTHONPATH": str(SCRIPT.parent)}
        if subprocess.run(command, env=environment).returncode == 0:
            break
        if not (folder / "checkpoint").exists():
            Log.create(folder, SIGNER.name, SIGNER)
        log = Log(folder)
        assert log.problems() == []
        assert log.append(counted_calls.entries(1)) == range(1)
        shutil.rmtree(folder)
    assert call > 15


def test_several_writers_take_turns(tmp_path):
    folder = made(tmp_path / "log", 250)
    script = (
        "import sys, counted_calls as c; from pathlib import Path; from muniment.evidence.log.store import Log;"
        "log = Log(Path(sys.argv[1])); first = int(sys.argv[2]);"
        "[(log.append(c.entries(1, n)), log.publish(c.SIGNER), log.inclusion(0, log.size))"
        " for n in range(first, first + 10)]"
    )
    environment = os.environ | {"PYTHONPATH": str(SCRIPT.parent)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder), str(1000 * n)], env=environment
        )
        for n in range(1, 4)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    log = Log(folder)
    assert log.size == 280
    assert log.problems() == []
    assert all(log.index_of(counted_calls.entries(1, 1000 * n + 9)[0]) for n in range(1, 4))
