"""class Log on disk: sizes across tiles, proofs, idempotent appends, and every change to a file found."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import known_answer
import pytest

from muniment.errors import BadUse, Damaged, NotFound
from muniment.evidence.log.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.log.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from muniment.evidence.log.note import Signer, VerifierKey
from muniment.evidence.log.policy import Policy
from muniment.evidence.log.proof import TlogProof
from muniment.evidence.log.store import Log
from muniment.evidence.log.tiles import tiles_of

SIGNER = Signer.from_private_bytes("muniment/store", bytes(range(32)))


def entries(count: int, first: int = 0) -> list[bytes]:
    return [hashlib.sha256(i.to_bytes(8, "big")).digest() for i in range(first, first + count)]


def made(folder: Path, size: int, unsigned: int = 0) -> Log:
    log = Log.create(folder, SIGNER.name, SIGNER)
    log.append(entries(size))
    log.publish(SIGNER)
    log.append(entries(unsigned, size))
    return log


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_page_s_known_answer_is_what_the_code_makes(project):
    page = (project / "docs" / "formats" / "log.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in page.split("```answer\n")[1:]]
    assert blocks == known_answer.log_answer()
    vkey, _, receipt = blocks
    entry = bytes.fromhex(dict(known_answer.commitment_answer())["batch root"])
    TlogProof.parse(receipt.encode()).verify(entry, Policy.of_log(vkey.strip()))


def test_an_empty_log(tmp_path):
    log = Log.create(tmp_path / "log", SIGNER.name, SIGNER)
    assert (log.size, log.root(), log.problems()) == (0, EMPTY_ROOT, [])
    assert open_checkpoint(log.checkpoint(), [log.key]) == Checkpoint(SIGNER.name, 0, EMPTY_ROOT)
    assert files(log.directory) == ["checkpoint", "tree.json", "vkey"]
    assert log.append([]) == range(0)
    assert log.index_of(bytes(32)) is None
    assert log.pad() == range(0)


def test_sizes_across_tiles(tmp_path):
    log = Log.create(tmp_path / "log", SIGNER.name, SIGNER)
    size = 0
    leaves: list[bytes] = []
    heads: list[tuple[int, bytes]] = []
    for count in (1, 1, 253, 1, 1, 254, 2, 300, 64_722, 1, 1, 300):
        fresh = entries(count, size)
        assert log.append(fresh) == range(size, size + count)
        size += count
        leaves += [leaf_hash(entry) for entry in fresh]
        log = Log(log.directory)
        root = root_of(leaves)
        assert (log.size, log.root()) == (size, root)
        assert open_checkpoint(log.publish(SIGNER), [log.key]).root == root
        if size < 10_000 or size == 65_536:
            assert log.problems() == []
        expected = {tile.path for tile in tiles_of(size)} | {"vkey", "checkpoint", "tree.json"}
        assert set(files(log.directory)) == expected
        for index in {0, size // 2, size - 1}:
            verify_inclusion(leaves[index], index, size, log.inclusion(index, size), root)
            assert log.entry(index) == entries(1, index)[0]
        for size1, root1 in heads:
            verify_consistency(size1, root1, size, root, log.consistency(size1, size))
            assert log.root(size1) == root1
        heads.append((size, root))
    assert size == 65_837 and 65_536 in [head for head, _ in heads]
    assert log.index_of(entries(1, 65_500)[0]) == 65_500
    assert log.pad() == range(65_837, 66_048)
    assert log.problems() == []


def test_an_append_made_again_gives_the_same_indexes(tmp_path):
    log = made(tmp_path / "log", 300)
    before = log.root()
    assert log.append(entries(10, 280)) == range(280, 290)
    assert log.append(entries(1, 299)) == range(299, 300)
    assert (log.size, log.root()) == (300, before)
    mixed = [entries(2, 299), entries(3, 0)[::-1], [*entries(1, 5), *entries(1, 7)]]
    mixed += [entries(1, 400) * 2, [b"short"]]
    for bad in mixed:
        with pytest.raises(BadUse):
            log.append(bad)
    assert log.root() == before


def test_receipts_under_earlier_checkpoints(tmp_path):
    log = made(tmp_path / "log", 700)
    earlier = log.checkpoint()
    log.append(entries(100, 700))
    log.publish(SIGNER)
    policy = Policy.of_log(SIGNER.vkey)
    for note in (None, earlier):
        receipt = log.receipt(650, note)
        assert TlogProof.parse(receipt.serialise()).verify(entries(1, 650)[0], policy)
    with pytest.raises(BadUse):
        log.receipt(750, earlier)
    for ask in (
        lambda: log.inclusion(0, 801),
        lambda: log.consistency(1, 801),
        lambda: log.consistency(0, 800),
        lambda: log.root(801),
        lambda: log.entry(800),
        lambda: log.entry(-1),
    ):
        with pytest.raises(BadUse):
            ask()


def test_a_log_signs_no_second_story(tmp_path):
    folder = made(tmp_path / "log", 5).directory
    shutil.copytree(folder, tmp_path / "old")
    log = Log(folder)
    log.append(entries(2, 5))
    note = log.publish(SIGNER)
    assert log.publish(SIGNER) == note
    (tmp_path / "old" / "checkpoint").write_bytes(note)
    rewound = Log(tmp_path / "old")
    assert dict(rewound.problems()) == {"checkpoint": "does not sign what the log holds"}
    with pytest.raises(Damaged):
        rewound.publish(SIGNER)
    rewound.append(entries(2, 100))
    with pytest.raises(Damaged):
        rewound.publish(SIGNER)
    assert "checkpoint" in dict(rewound.problems())
    other = Signer.generate(SIGNER.name)
    with pytest.raises(BadUse):
        log.publish(other)


def test_opening_and_making(tmp_path):
    with pytest.raises(NotFound):
        Log(tmp_path)
    log = made(tmp_path / "log", 1)
    assert log.origin == SIGNER.name
    assert log.key == VerifierKey.parse(SIGNER.vkey)
    with pytest.raises(BadUse):
        Log.create(tmp_path / "log", SIGNER.name, SIGNER)
    with pytest.raises(BadUse):
        Log.create(tmp_path / "other", "other", SIGNER)


SIZES = [(3, 0), (256, 0), (700, 0), (700, 3), (300, 400), (2000, 0)]
WAYS = ("flip", "remove", "add", "cut", "longer", "insert", "swap", "empty", "link", "folder")


def harm(folder: Path, chance: random.Random, way: str) -> str:
    """Change one thing in a log's folder; gives its path."""
    path = folder / chance.choice(files(folder))
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    if way == "remove":
        path.unlink()
        return path.relative_to(folder).as_posix()
    if way in ("add", "folder"):
        places = [path.parent, folder, folder / "tile", folder / "tile" / "entries"]
        names = ["x", "001x", ".hidden", "0x7", "1000", "000.q"]
        path = chance.choice(places) / chance.choice(names)
        if way == "folder":
            path.mkdir()
            return path.relative_to(folder).as_posix() + "/"
        content = bytearray(chance.randbytes(chance.randrange(9000)))
    elif way == "link":
        target = folder.parent / "elsewhere"
        target.write_bytes(content)
        path.unlink()
        path.symlink_to(target)
        return path.relative_to(folder).as_posix()
    elif way == "flip":
        content[at] ^= 1 << chance.randrange(8)
    elif way == "swap":
        content[at] = (content[at] + chance.randrange(1, 256)) % 256
    elif way == "cut":
        del content[at:]
    elif way == "longer":
        content += chance.randbytes(chance.choice([1, 32, 34]))
    elif way == "insert":
        content[at:at] = chance.randbytes(1)
    else:
        content = bytearray()
    path.write_bytes(content)
    return path.relative_to(folder).as_posix()


def test_500_changes_to_a_log_are_all_found_and_named(tmp_path):
    chance = random.Random(500)
    logs = [made(tmp_path / f"{a}-{b}", a, b).directory for a, b in SIZES]
    for _ in range(500):
        copy = tmp_path / "copy"
        shutil.copytree(chance.choice(logs), copy)
        way = chance.choice(WAYS)
        path = harm(copy, chance, way)
        found = dict(Log(copy).problems())
        assert list(found) == [path], (way, path, found)
        shutil.rmtree(copy)


def test_several_changes_at_once_are_all_named(tmp_path):
    original = made(tmp_path / "log", 1500).directory
    chance = random.Random(7)
    for _ in range(60):
        copy = tmp_path / "copy"
        shutil.copytree(original, copy)
        harmed = {harm(copy, chance, "flip") for _ in range(3)}
        assert harmed <= set(dict(Log(copy).problems()))
        shutil.rmtree(copy)


def test_a_damaged_log_says_so_when_it_is_asked(tmp_path):
    log = made(tmp_path / "log", 300)
    bundle = log.directory / "tile" / "entries" / "000"
    good = bundle.read_bytes()
    for bad in (b"", good[:-1], good + b"\0", b"\xff\xff" + good):
        bundle.write_bytes(bad)
        with pytest.raises(Damaged):
            log.entry(0)
    bundle.write_bytes(good)
    tile = log.directory / "tile" / "0" / "001.p" / "44"
    content = tile.read_bytes()
    tile.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Damaged):
        log.append(entries(1, 300))
    tile.unlink()
    with pytest.raises(Damaged):
        log.inclusion(0, 300)
    for name in ("tree.json", "vkey", "checkpoint"):
        (log.directory / name).write_bytes(b"\xff")
    for ask in (lambda: log.size, lambda: log.key, lambda: log.publish(SIGNER)):
        with pytest.raises(Damaged):
            ask()
    assert {"tree.json", "vkey", "checkpoint"} <= set(dict(Log(log.directory).problems()))


def test_what_an_interrupted_write_left_is_cleared(tmp_path):
    log = made(tmp_path / "log", 3)
    (log.directory / "writing").write_bytes(b"half")
    assert dict(log.problems()) == {"writing": "unexpected"}
    assert Log(log.directory).problems() == []


def test_reading_needs_no_right_to_write(tmp_path):
    """A custodian's copy: nothing in it changes by being examined."""
    log = made(tmp_path / "log", 300, 5)
    before = {name: (log.directory / name).stat().st_mtime_ns for name in files(log.directory)}
    again = Log(log.directory)
    assert again.problems() == []
    again.receipt(3)
    after = {name: (log.directory / name).stat().st_mtime_ns for name in files(log.directory)}
    assert after == before
