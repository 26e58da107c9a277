"""Whatever call fails or is the last one: nothing acknowledged is lost, and going on leads to a sound vault.

Every call that changes the disk, from an empty folder to a sealed object, may be the last, and may be refused;
failing_disk.py counts them in processes of their own. (Cut off after a call is cut off before the next.)
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing_disk import MANIFEST, OBJECT, acknowledged, stored_of

from muniment.evidence.audit import audit
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log
from muniment.evidence.vault import Vault

PROGRAM = Path(__file__).with_name("failing_disk.py")


@pytest.fixture(scope="module")
def beginning(tmp_path_factory) -> Path:
    """A folder with five files to receive, one of them streamed, and a log."""
    folder = tmp_path_factory.mktemp("beginning")
    (folder / "sources").mkdir()
    (folder / "staging").mkdir()
    for number, size in enumerate((0, 10, 10_000, 70_000, 1_100_000)):
        (folder / "sources" / f"{number}").write_bytes(os.urandom(size))
    signer = Signer.generate("muniment.test/log")
    Log.create(folder / "log", "muniment.test/log", signer)
    return folder


class Runs:
    """The program failing_disk.py, asked for one run after the other."""

    def __init__(self, recipient: str) -> None:
        command = [sys.executable, PROGRAM, recipient]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def __call__(self, folder: Path, which: int, how: str) -> tuple[int, str]:
        """The status of a run and what it said."""
        assert self.process.stdin and self.process.stdout
        print(which, how, folder, file=self.process.stdin, flush=True)
        status, said = json.loads(self.process.stdout.readline())
        return status, said


@pytest.fixture(scope="module")
def run(age_key) -> Iterator[Runs]:
    runs = Runs(age_key.recipient)
    yield runs
    assert runs.process.stdin
    runs.process.stdin.close()
    assert runs.process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def calls(beginning, run, tmp_path_factory) -> int:
    """How many calls an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("undisturbed") / "case"
    shutil.copytree(beginning, folder)
    status, said = run(folder, 0, "none")
    assert status == 0
    return int(said)


def check_sound(folder: Path, key) -> None:
    """The vault is sound, holds every source as it is, and staging is empty."""
    report = audit(folder / "vault", folder / "log")
    assert report.ok, report
    assert report.objects == 1
    vault = Vault(folder / "vault")
    lines = [line for line in acknowledged(folder) if "source" in line]
    assert len({line["source"] for line in lines}) == len(lines) == 5
    for line in lines:
        stored = stored_of(line)
        content = vault.read(OBJECT, stored.name, stored.size, key.identity)
        assert content == (folder / "sources" / line["source"]).read_bytes()
    assert vault.read_manifest(OBJECT, key.identity) == MANIFEST
    assert os.listdir(folder / "staging") == []


def check_nothing_lost(folder: Path, key) -> None:
    """Right after the accident: each acknowledged ciphertext is somewhere, and the vault is sound as it is."""
    there = {path.name: path for path in folder.rglob("*") if path.is_file()}
    for line in acknowledged(folder):
        if "source" in line:
            stored = stored_of(line)
            assert there[stored.name].stat().st_size == stored.cipher_size
    if (folder / "vault" / "0=ocfl_1.1").exists():
        assert audit(folder / "vault", folder / "log").ok


def disturb(beginning: Path, folder: Path, key, run: Runs, which: int, how: str) -> None:
    """One accident and what comes after it."""
    shutil.copytree(beginning, folder)
    status, said = run(folder, which, how)
    if how == "kill":
        assert status == -signal.SIGKILL, (which, said)
    elif how == "short":
        assert status == 0, (which, said)
    else:
        expected = "disk-full" if how == "ENOSPC" else "disk-failed"
        assert (status, said) == (3, expected), which
    check_nothing_lost(folder, key)
    status, said = run(folder, 0, "none")
    assert status == 0, (which, said)
    check_sound(folder, key)
    shutil.rmtree(folder)


@pytest.mark.parametrize(("how", "step"), [("kill", 1), ("ENOSPC", 2), ("EIO", 5)])
def test_any_call_may_go_wrong(beginning, run, calls, age_key, place, how, step):
    assert calls > 40
    for which in range(1, calls + 1, step):
        disturb(beginning, place / str(which), age_key, run, which, how)


def test_every_write_may_take_less_than_it_is_given(beginning, run, age_key, place):
    disturb(beginning, place / "short", age_key, run, 1, "short")


def test_two_accidents_in_a_row(beginning, run, calls, age_key, place):
    """Going on is interrupted too, at a call chosen by a seed, again and again, until it is done."""
    chance = random.Random(2019)
    for number in range(12):
        folder = place / str(number)
        shutil.copytree(beginning, folder)
        accidents = [(chance.randint(1, calls), chance.choice(["kill", "EIO"])) for _ in range(4)]
        for which, how in accidents:
            run(folder, which, how)
            check_nothing_lost(folder, age_key)
        assert run(folder, 0, "none")[0] == 0, accidents
        check_sound(folder, age_key)


def test_what_is_acknowledged_does_not_need_its_source_any_more(
    beginning, run, calls, age_key, place
):
    """Killed while sealing, then the sources are gone: the vault is made from staging alone."""
    for back in range(1, 30, 4):
        folder = place / str(back)
        shutil.copytree(beginning, folder)
        assert run(folder, calls - back, "kill")[0] == -signal.SIGKILL
        noted = [line["source"] for line in acknowledged(folder) if "source" in line]
        assert len(noted) == 5
        (folder / "sources").rename(folder / "gone")
        (folder / "sources").mkdir()
        assert run(folder, 0, "none")[0] == 0
        (folder / "sources").rmdir()
        (folder / "gone").rename(folder / "sources")
        check_sound(folder, age_key)
