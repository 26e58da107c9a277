"""An object made anew without something in it: valid at every moment, and nothing else of it changes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from counted_rewriting import WITHDRAWN, rewrite

from muniment.errors import Damaged, NotFound
from muniment.evidence.audit import audit
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log
from muniment.evidence.vault import Vault, rewriting

PROGRAM = Path(__file__).with_name("counted_rewriting.py")
BEFORE = b'{"version":1}'


@pytest.fixture
def asked(shelf, contents):
    """A vault of two objects, of the second of which two files are to go; `shelf.folder` holds all of it."""
    shelf.put("object1zz", contents[:2], BEFORE)
    stored = shelf.put("object2zz", contents[2:8], BEFORE)
    signer = Signer.generate("muniment.test/log")
    Log.create(shelf.folder / "log", "muniment.test/log", signer)
    what = {
        "object": "object2zz",
        "drop": [stored[1].name, stored[5].name],
        "recipient": shelf.key.recipient,
        "identity": shelf.key.identity,
    }
    (shelf.folder / "asked.json").write_text(json.dumps(what))
    return what | {"stored": stored, "folder": shelf.folder}


def _check_gone(folder: Path, asked, contents) -> None:
    """What was to go is nowhere, the rest is as it was, for our audit and for a validator we did not write."""
    report = audit(folder / "vault", folder / "log")
    assert report.ok and report.objects == 2, report
    vault = Vault(folder / "vault")
    there = vault.contents("object2zz")
    assert not set(asked["drop"]) & set(there)
    for one, content in zip(asked["stored"], contents[2:8], strict=True):
        if one.name in asked["drop"]:
            assert not list(folder.rglob(one.name))
            with pytest.raises(NotFound):
                vault.read("object2zz", one.name, one.size, asked["identity"])
        else:
            assert vault.read("object2zz", one.name, one.size, asked["identity"]) == content
            assert there[one.name] == one.cipher_sha512
    assert vault.read_manifest("object2zz", asked["identity"]) == WITHDRAWN
    assert os.listdir(folder / "staging") == []
    assert {path.stat().st_mtime for path in (folder / "vault").rglob("object*/**/*")} == {
        946684800
    }
    assert {path.stat().st_nlink for path in (folder / "vault").rglob("*.age")} == {1}


def _check_ocfl(folder: Path) -> None:
    storage_root = pytest.importorskip("ocfl.storage_root")
    root = storage_root.StorageRoot(root=str(folder / "vault"))
    assert root.validate() and (root.num_objects, root.good_objects) == (2, 2), root.errors


def test_what_goes_is_gone_and_the_rest_is_as_it_was(asked, contents):
    folder = asked["folder"]
    before = {p: p.stat().st_ino for p in (folder / "vault").rglob("*") if len(p.name) == 26}
    assert rewrite(folder) is True
    _check_gone(folder, asked, contents)
    _check_ocfl(folder)
    kept = {p: p.stat().st_ino for p in before if p.exists()}
    assert kept.items() <= before.items(), "not a byte of what stays is written again"
    assert rewrite(folder) is False, "a second time there is nothing to do"
    _check_gone(folder, asked, contents)


def test_all_of_an_object_may_go(asked):
    folder = asked["folder"]
    drop = [one.name for one in asked["stored"]]
    (folder / "asked.json").write_text(json.dumps({**_plain(asked), "drop": drop}))
    assert rewrite(folder) is True
    assert set(Vault(folder / "vault").contents("object2zz")) == {"manifest.age", "chunks.json"}
    assert audit(folder / "vault", folder / "log").ok
    _check_ocfl(folder)


def _plain(asked):
    return {name: asked[name] for name in ("object", "drop", "recipient", "identity")}


def test_a_disk_without_links_copies(asked, contents, monkeypatch):
    def refuse(*arguments, **named):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert rewrite(asked["folder"]) is True
    _check_gone(asked["folder"], asked, contents)


def test_damage_of_what_stays_is_neither_hidden_nor_in_the_way(asked):
    folder = asked["folder"]
    content = folder / "vault/object2zz/v1/content"
    kept = [one.name for one in asked["stored"] if one.name not in asked["drop"]]
    (content / kept[0]).write_bytes(b"flipped")
    (content / kept[1]).unlink()
    assert rewrite(folder) is True
    report = audit(folder / "vault", folder / "log")
    assert report.damaged == [f"vault/object2zz/v1/content/{kept[0]}"]
    assert report.missing == [f"vault/object2zz/v1/content/{kept[1]}"]


@pytest.mark.parametrize("name", ["chunks.json", "manifest.age"])
def test_an_object_whose_own_files_are_damaged_is_repaired_first(asked, name):
    folder = asked["folder"]
    path = folder / "vault/object2zz/v1/content" / name
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"4") if name == "chunks.json" else -1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Damaged):
        rewrite(folder)
    assert (folder / "vault/object2zz/v1/content" / asked["drop"][0]).exists()


@pytest.mark.parametrize("kind", ["kill", "ENOSPC", "plain-kill"])
def test_any_call_may_go_wrong(asked, contents, place, kind):
    """At each moment the vault is sound (between two renames, where no exchange is, an object is missing)."""
    command = [sys.executable, PROGRAM, asked["folder"], place, kind]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *statuses, last = json.loads(done.stdout)
    assert last == 0 and len(statuses) > 30, (statuses, done.stderr)
    expected = -signal.SIGKILL if kind.endswith("kill") else 3
    # Of a disk without exchange, the refused exchange is a call too, which is answered by the renames.
    assert set(statuses) <= {expected} and statuses
    missing = 0
    for call in range(1, len(statuses) + 1):
        copy = place / str(call)
        report = audit(copy / "vault", copy / "log")
        assert report.ok, (call, report)
        missing += report.objects < 2
        assert rewrite(copy) in (True, False)
        _check_gone(copy, asked, contents)
        shutil.rmtree(copy)
    assert missing == kind.startswith("plain-")


def test_an_exchange_is_one_step(tmp_path):
    """Two folders change places, and neither name is ever without a folder: the call itself is atomic or refused."""
    for name in ("fresh", "final"):
        (tmp_path / "a" / name).mkdir(parents=True)
        (tmp_path / "a" / name / name).write_text(name)
    rewriting.exchange(tmp_path / "a/fresh", tmp_path / "a/final")
    assert (tmp_path / "a/final/fresh").read_text() == "fresh"
    assert (tmp_path / "a/fresh/final").read_text() == "final"
