"""Sealing a batch and reading it back."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest

from muniment.errors import BadUse, Damaged, MunimentError, Newer, NoKey, NotFound, Refused
from muniment.evidence.vault import Vault, stage, sync

OBJECT = "qmxy7t2kd5n3wz4pbravelzzzz"
MANIFEST = json.dumps({"version": 1, "files": ["Ürümchi", "乌鲁木齐"]}).encode()


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_what_was_sealed_is_read_back(shelf, contents):
    stored = shelf.put(OBJECT, contents, MANIFEST)
    vault = shelf.vault
    assert vault.objects() == [OBJECT]
    assert os.listdir(shelf.staging) == []
    for one, content in zip(stored, contents, strict=True):
        assert vault.read(OBJECT, one.name, one.size, shelf.key.identity) == content
        copy = io.BytesIO()
        vault.copy_to(OBJECT, one.name, one.size, shelf.key.identity, copy)
        assert copy.getvalue() == content
    assert vault.read_manifest(OBJECT, shelf.key.identity) == MANIFEST


def test_a_large_file_is_copied_out_in_pieces(shelf, tmp_path):
    source = tmp_path / "large"
    with open(source, "wb") as file:
        file.truncate(40_000_003)
        file.seek(20_000_000)
        file.write(os.urandom(100_000))
    with open(source, "rb") as file:
        stored = stage(file, shelf.staging, shelf.key.recipient)
    sync(shelf.staging)
    shelf.vault.seal(OBJECT, shelf.staging, [stored], MANIFEST, shelf.key.recipient)

    class Sink(io.RawIOBase):
        longest = 0
        written = 0

        def write(self, data) -> int:
            taken = min(len(data), 50_000)  # a sink may take less than it is offered
            self.longest = max(self.longest, len(data))
            self.written += taken
            kept.write(bytes(data[:taken]))
            return taken

    with open(tmp_path / "copy", "wb") as kept:
        sink = Sink()
        shelf.vault.copy_to(OBJECT, stored.name, stored.size, shelf.key.identity, sink)
    assert sink.longest <= 1 << 20
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()


def test_an_object_without_files_and_several_objects(shelf):
    names = [f"object{number}zz" for number in range(4)]
    for number, name in enumerate(names):
        shelf.put(name, [b"x"] * number, MANIFEST)
    assert shelf.vault.objects() == names
    assert shelf.vault.read_manifest(names[0], shelf.key.identity) == MANIFEST


def test_sealing_again_changes_nothing(shelf):
    stored = shelf.put(OBJECT, [b"one", b"two"], MANIFEST)
    before = files_of(shelf.folder)
    shelf.vault.seal(OBJECT, shelf.staging, stored, MANIFEST, shelf.key.recipient)
    assert files_of(shelf.folder) == before
    with pytest.raises(Refused):
        shelf.vault.seal(OBJECT, shelf.staging, stored[:1], MANIFEST, shelf.key.recipient)
    assert files_of(shelf.folder) == before


def test_times_in_the_vault_tell_nothing(shelf):
    shelf.put(OBJECT, [b"one", b"two"], MANIFEST)
    shelf.put("secondobject", [b"three"], MANIFEST)
    folders = [path for path in (shelf.folder / "vault").iterdir() if path.name != "extensions"]
    sealed = [p for f in folders if f.is_dir() for p in [f, *f.rglob("*")]]
    assert len(sealed) > 10
    assert {path.stat().st_mtime for path in sealed} == {946684800}


def test_nothing_in_clear_is_in_the_vault(shelf):
    content = b"the name of the source is Abdugheni" * 100
    shelf.put(OBJECT, [content], MANIFEST)
    everything = files_of(shelf.folder / "vault")
    joined = b"\0".join([*everything.values(), *(path.encode() for path in everything)])
    assert b"Abdugh" not in joined
    assert "Ürümchi".encode() not in joined


def test_another_key_opens_nothing(shelf):
    stored = shelf.put(OBJECT, [b"one", bytes(2_000_000)], MANIFEST)
    other = str(pyrage.x25519.Identity.generate())
    for one in stored:
        with pytest.raises(NoKey):
            shelf.vault.read(OBJECT, one.name, one.size, other)
        with pytest.raises(NoKey):
            shelf.vault.copy_to(OBJECT, one.name, one.size, other, io.BytesIO())
    with pytest.raises(NoKey):
        shelf.vault.read_manifest(OBJECT, other)
    with pytest.raises(NoKey):
        shelf.vault.read(OBJECT, stored[0].name, 3, "no identity")


def test_a_damaged_ciphertext_is_never_given_out(shelf):
    (one,) = shelf.put(OBJECT, [os.urandom(100_000)], MANIFEST)
    path = shelf.folder / "vault" / OBJECT / "v1/content" / one.name
    sealed = path.read_bytes()
    for forged in (
        sealed[:-1],
        sealed + b"\0",
        bytes([*sealed[:-1], sealed[-1] ^ 1]),
        # A well-formed file for the same recipient: only the digest tells.
        pyrage.encrypt(bytes(106_496), [pyrage.x25519.Recipient.from_str(shelf.key.recipient)]),
    ):
        path.write_bytes(forged)
        with pytest.raises(Damaged) as caught:
            shelf.vault.read(OBJECT, one.name, one.size, shelf.key.identity)
        assert "repair" in caught.value.next
        target = io.BytesIO()
        with pytest.raises(Damaged):
            shelf.vault.copy_to(OBJECT, one.name, one.size, shelf.key.identity, target)
        assert target.getvalue() == b""
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        shelf.vault.read(OBJECT, one.name, one.size, shelf.key.identity)


def test_one_whole_inventory_of_two_is_enough_to_read(shelf):
    (one,) = shelf.put(OBJECT, [b"one"], MANIFEST)
    folder = shelf.folder / "vault" / OBJECT
    (folder / "inventory.json").write_bytes(b"{}")
    assert shelf.vault.read(OBJECT, one.name, 3, shelf.key.identity) == b"one"
    (folder / "v1/inventory.json.sha512").unlink()
    with pytest.raises(Damaged, match="inventory"):
        shelf.vault.read(OBJECT, one.name, 3, shelf.key.identity)


def test_an_inventory_changed_after_it_was_read_is_noticed(shelf):
    (one,) = shelf.put(OBJECT, [b"one"], MANIFEST)
    vault = shelf.vault
    assert vault.read(OBJECT, one.name, 3, shelf.key.identity) == b"one"
    for place in ("", "v1/"):
        path = shelf.folder / "vault" / OBJECT / f"{place}inventory.json"
        path.write_bytes(path.read_bytes().replace(b'"v1"', b'"v2"'))
    with pytest.raises(Damaged):
        vault.read(OBJECT, one.name, 3, shelf.key.identity)


def test_a_size_that_is_not_the_files_is_refused(shelf):
    (one,) = shelf.put(OBJECT, [bytes(10_000)], MANIFEST)
    for size in (0, 5_000, 20_000):
        with pytest.raises(Damaged, match="size"):
            shelf.vault.read(OBJECT, one.name, size, shelf.key.identity)
        with pytest.raises(Damaged, match="size"):
            shelf.vault.copy_to(OBJECT, one.name, size, shelf.key.identity, io.BytesIO())


def test_what_is_not_there_is_said_not_to_be(shelf):
    shelf.put(OBJECT, [b"one"], MANIFEST)
    for object_name, name in [
        ("nosuchobject", "a" * 26),
        (OBJECT, "a" * 26),
        (OBJECT, "../../inventory.json"),
        ("../staging", "x"),
        ("", ""),
    ]:
        with pytest.raises(NotFound):
            shelf.vault.read(object_name, name, 1, shelf.key.identity)


def test_a_staged_file_that_changed_or_went_is_not_sealed(shelf):
    stored = [stage(io.BytesIO(b), shelf.staging, shelf.key.recipient) for b in (b"1", b"2", b"3")]
    path = shelf.staging / stored[1].name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 255]))
    with pytest.raises(Damaged) as caught:
        shelf.vault.seal(OBJECT, shelf.staging, stored, MANIFEST, shelf.key.recipient)
    assert caught.value.next
    assert shelf.vault.objects() == []
    # The others are not lost: without the damaged one they can be sealed, and it is given back.
    rest = [stored[0], stored[2]]
    shelf.vault.seal(OBJECT, shelf.staging, rest, MANIFEST, shelf.key.recipient)
    assert os.listdir(shelf.staging) == [stored[1].name]
    with pytest.raises(Damaged, match="no longer in staging"):
        shelf.vault.seal("another77", shelf.staging, rest, MANIFEST, shelf.key.recipient)


def test_requests_that_make_no_object_are_refused(shelf):
    one = stage(io.BytesIO(b"1"), shelf.staging, shelf.key.recipient)
    recipient = shelf.key.recipient
    for name, stored, key in [
        ("../escape", [one], recipient),
        ("short", [one], recipient),
        ("Upper-Case", [one], recipient),
        ("x" * 65, [one], recipient),
        (OBJECT, [one, one], recipient),
        (OBJECT, [one] * 10_001, recipient),
        (OBJECT, [one], "age1nobody"),
    ]:
        with pytest.raises(BadUse):
            shelf.vault.seal(name, shelf.staging, stored, MANIFEST, key)
    assert os.listdir(shelf.staging) == [one.name]
    assert shelf.vault.objects() == []


def test_a_vault_is_opened_only_where_one_is(tmp_path):
    with pytest.raises(NotFound):
        Vault(tmp_path / "nowhere")
    (tmp_path / "other").mkdir()
    with pytest.raises(Damaged):
        Vault(tmp_path / "other")
    (tmp_path / "other" / "0=ocfl_2.0").write_text("ocfl_2.0\n")
    with pytest.raises(Newer):
        Vault(tmp_path / "other")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("mine")
    with pytest.raises(Refused):
        Vault.create(tmp_path / "full")
    assert os.listdir(tmp_path / "full") == ["thesis.doc"]
    with pytest.raises(MunimentError):
        Vault.create(tmp_path / "no" / "parent")


def test_creating_twice_is_creating_once(shelf):
    before = files_of(shelf.folder)
    Vault.create(shelf.folder / "vault")
    assert files_of(shelf.folder) == before


def commands(project: Path, heading: str) -> str:
    """The shell commands under a heading of docs/formats/vault.md."""
    page = (project / "docs/formats/vault.md").read_text(encoding="utf-8")
    section = page.split(f"### {heading}\n", 1)[1]
    found = re.search(r"```sh\n(.*?)```", section, re.S)
    assert found
    return "set -e\n" + found[1]


def test_the_checksums_of_the_format_page_are_those_of_sha512sum(shelf, project):
    """docs/formats/vault.md, to the letter: every file of an object is checked, and a changed one is noticed."""
    stored = shelf.put(OBJECT, [os.urandom(n) for n in (10, 100_000)], MANIFEST)
    place = shelf.folder / "vault" / OBJECT
    check = ["sh", "-c", commands(project, "Check an object")]
    done = subprocess.run(check, cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(stored) + 3
    path = place / "v1/content" / stored[0].name
    path.write_bytes(path.read_bytes() + b"\0")
    assert subprocess.run(check, cwd=place, capture_output=True).returncode != 0


@pytest.mark.skipif(shutil.which("age") is None, reason="needs the age program")
def test_the_programs_of_the_format_page_restore_a_file(shelf, project):
    """docs/formats/vault.md, to the letter: age, head and sha512sum."""
    content = os.urandom(123_457)
    (one,) = shelf.put(OBJECT, [content], MANIFEST)
    place = shelf.folder / "vault" / OBJECT
    (place / "key.txt").write_text(shelf.key.identity + "\n")
    variables = {"NAME": one.name, "SIZE": str(one.size), "SHA512": one.sha512.hex()}
    restore = ["sh", "-c", commands(project, "Restore a file")]
    subprocess.run(restore, cwd=place, env=os.environ | variables, check=True)
    assert json.loads((place / "manifest.json").read_bytes()) == json.loads(MANIFEST)
    assert (place / "restored").read_bytes() == content
