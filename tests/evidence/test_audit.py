"""The audit names every byte that changed, every file that went, and everything that was added."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from muniment.errors import NotFound
from muniment.evidence.audit import audit
from muniment.evidence.log.note import Signer
from muniment.evidence.log.store import Log
from muniment.evidence.vault.chunks import root_of

OBJECTS = ("firstobject", "secondobject", "thirdobject")
CHANGES = 500


@pytest.fixture
def case(shelf) -> Path:
    """A folder with a vault of three objects and a log of three entries; `vault`, `log`."""
    chance = random.Random(7)
    for name in OBJECTS:
        contents = [chance.randbytes(chance.choice([0, 10, 3000, 140_000])) for _ in range(3)]
        shelf.put(name, contents, b'{"version":1}')
    signer = Signer.generate("muniment.test/log")
    log = Log.create(shelf.folder / "log", "muniment.test/log", signer)
    log.append([chance.randbytes(32) for _ in OBJECTS])
    log.publish(signer)
    return shelf.folder


def report_of(case: Path):
    return audit(case / "vault", case / "log")


def paths_of(root: Path, *, folders: bool = False) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir() == folders
    )


def test_a_vault_as_it_was_sealed_is_sound(case):
    report = report_of(case)
    assert report.ok
    assert report.objects == len(OBJECTS)
    size = sum(path.stat().st_size for path in (case / "vault").rglob("*") if path.is_file())
    assert report.bytes == size


def test_an_audit_changes_nothing(case):
    def state() -> list[tuple[str, int, int]]:
        paths = sorted((case / "vault").rglob("*"))
        return [(str(p), p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in paths]

    before = state()
    assert report_of(case).ok
    assert state() == before


def flip(path: Path, chance: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)


def lengthen(path: Path, chance: random.Random) -> None:
    with open(path, "ab") as file:
        file.write(chance.randbytes(chance.randint(1, 5)))


def shorten(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size))


def insert(path: Path, chance: random.Random) -> None:
    raw = path.read_bytes()
    at = chance.randrange(len(raw))
    path.write_bytes(raw[:at] + chance.randbytes(1) + raw[at:])


def to_link(path: Path, chance: random.Random) -> None:
    """The same bytes, behind a symbolic link: they are somebody else's now."""
    away = Path(os.environ["MUNIMENT_HOME"]).parent / f"away-{chance.getrandbits(64)}"
    path.rename(away)
    path.symlink_to(away)


def to_folder(path: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()


DAMAGE = (flip, flip, flip, flip, lengthen, shorten, insert, to_link, to_folder)


def test_every_change_to_a_file_is_found_and_named(case):
    """Seeded flips, insertions, cuts, links: each is named alone, in its list, and all is well when undone."""
    chance = random.Random(20191116)
    vault = case / "vault"
    files = paths_of(vault)
    for _ in range(CHANGES):
        name = chance.choice(files)
        how = chance.choice(DAMAGE)
        whole = (vault / name).read_bytes()
        how(vault / name, chance)
        if (vault / name).is_file() and (vault / name).read_bytes() == whole and how is not to_link:
            continue  # an insertion may repeat the byte before it at the end of a run; nothing changed
        report = report_of(case)
        assert report.damaged == [f"vault/{name}"], (how.__name__, report)
        assert (report.missing, report.unexpected) == ([], []), how.__name__
        if how is to_folder:
            (vault / name).rmdir()
        else:
            (vault / name).unlink()
        (vault / name).write_bytes(whole)
    assert report_of(case).ok


def test_one_chunk_can_be_checked_without_the_others(case):
    """What an audit of samples needs: docs/formats/vault.md on chunks.json, for every chunk of every ciphertext."""
    checked = 0
    for name in OBJECTS:
        content = case / "vault" / name / "v1/content"
        described = json.loads((content / "chunks.json").read_bytes())
        assert set(described["files"]) == {p.name for p in content.iterdir()} - {"chunks.json"}
        for file, entry in described["files"].items():
            assert entry["size"] == (content / file).stat().st_size
            leaves = entry.get("leaves", entry["root"])
            for at in range(0, len(leaves), 64):
                with open(content / file, "rb") as opened:
                    opened.seek(at // 64 * described["chunk"])
                    chunk = opened.read(described["chunk"])
                assert hashlib.sha256(b"\0" + chunk).hexdigest() == leaves[at : at + 64]
                checked += 1
            assert root_of(bytes.fromhex(leaves)).hex() == entry["root"]
    assert checked > 4 * len(OBJECTS)


def test_every_missing_file_is_named(case):
    vault = case / "vault"
    for name in paths_of(vault):
        whole = (vault / name).read_bytes()
        (vault / name).unlink()
        report = report_of(case)
        assert report.missing == [f"vault/{name}"]
        assert (report.damaged, report.unexpected) == ([], [])
        (vault / name).write_bytes(whole)
    assert report_of(case).ok


def test_every_added_file_folder_and_link_is_named(case):
    vault = case / "vault"
    for number, folder in enumerate([".", *paths_of(vault, folders=True)]):
        for name in (f"new{number}", ".hidden", "inventory.json.bak", "0=ocfl_1.0"):
            path = vault / folder / name
            shown = f"vault/{path.relative_to(vault).as_posix()}"
            for add, remove in (
                (lambda p: p.write_bytes(b""), os.unlink),
                (lambda p: p.mkdir(), os.rmdir),
                (lambda p: p.symlink_to("."), os.unlink),
                (os.mkfifo, os.unlink),
            ):
                add(path)
                report = report_of(case)
                assert report.unexpected == [shown]
                assert (report.damaged, report.missing) == ([], [])
                remove(path)
    assert report_of(case).ok


def test_a_removed_object_is_missed_by_those_sealed_after_it(case):
    for name in OBJECTS[:2]:
        (case / "vault" / name).rename(case / name)
        report = report_of(case)
        assert report.missing == [f"vault/{name}"]
        (case / "vault" / name).mkdir()
        assert f"vault/{name}" in report_of(case).missing
        (case / "vault" / name).rmdir()
        (case / name).rename(case / "vault" / name)
    assert report_of(case).ok


def test_a_copied_or_renamed_object_is_not_taken_for_an_object(case):
    shutil.copytree(case / "vault" / OBJECTS[0], case / "vault" / "forgedobject")
    report = report_of(case)
    assert not report.ok
    assert any(path.startswith("vault/forgedobject/") for path in report.damaged)


def test_an_object_without_any_inventory_is_damaged_as_a_whole(case):
    folder = case / "vault" / OBJECTS[0]
    for path in folder.rglob("inventory.json"):
        path.write_bytes(b"{}")
    report = report_of(case)
    inside = [f"vault/{OBJECTS[0]}/{name}" for name in paths_of(folder)]
    assert {path for path in inside if "/content/" in path} <= set(report.damaged)
    assert not report.unexpected


def test_an_inventory_forged_with_its_digest_is_found(case):
    """Two witnesses against two: both are named, whichever copy was forged."""
    for place in ("", "v1/"):
        path = case / "vault" / OBJECTS[1] / f"{place}inventory.json"
        before = {p: p.read_bytes() for p in (path, path.with_name("inventory.json.sha512"))}
        document = json.loads(before[path])
        digest = next(iter(document["manifest"]))
        raw = before[path].replace(digest.encode(), b"0" * 128)
        path.write_bytes(raw)
        said = f"{hashlib.sha512(raw).hexdigest()}  inventory.json\n"
        path.with_name("inventory.json.sha512").write_text(said)
        report = report_of(case)
        assert path.relative_to(case).as_posix() in report.damaged
        for kept, content in before.items():
            kept.write_bytes(content)
    assert report_of(case).ok


@pytest.mark.parametrize(
    "noise", [b"", b"[", b"null", b"[" * 200_000, b'{"versions":{"v1":{"state":{"a":1}}}}', b"\xff"]
)
def test_an_inventory_of_noise_is_a_damaged_file_and_no_accident(case, noise):
    path = case / "vault" / OBJECTS[1] / "inventory.json"
    path.write_bytes(noise)
    assert report_of(case).damaged == [f"vault/{OBJECTS[1]}/inventory.json"]


def test_names_that_would_harm_a_terminal_are_escaped(case):
    (case / "vault" / "a\x1b[2Jb\n").write_bytes(b"")
    (case / "vault" / os.fsdecode(b"\xff\xfe")).write_bytes(b"")
    report = report_of(case)
    assert len(report.unexpected) == 2
    assert all(text.isprintable() for text in report.unexpected)


def test_a_damaged_log_is_not_ok(case):
    files = [path for path in (case / "log").rglob("*") if path.is_file()]
    assert files
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        report = report_of(case)
        assert not report.log_ok
        assert any(text.startswith("log") for text in report.damaged + report.missing)
        path.write_bytes(whole)
    (case / "log" / "added").mkdir()
    assert report_of(case).unexpected == ["log/added"]
    (case / "log" / "added").rmdir()
    assert report_of(case).ok


def test_a_vault_or_log_that_is_gone_is_missing(case, tmp_path):
    (case / "vault").rename(tmp_path / "away")
    assert report_of(case).missing == ["vault"]
    (case / "log").rename(tmp_path / "away-too")
    with pytest.raises(NotFound):
        report_of(case)
    (tmp_path / "away").rename(case / "vault")
    report = report_of(case)
    assert report.missing == ["log"]
    assert not report.log_ok
