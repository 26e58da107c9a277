"""Whatever is changed in a case, an audit with its keys says so, and one custodian's copy is enough to mend it.

Where nobody could tell, or nothing can be brought back, it is listed in docs/explanation/faults.md.
"""

from __future__ import annotations

import itertools
import random
import shutil

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.catalogue_pages import PAGE, frames_hold, pages_hold
from muniment.case.folder import open_folder
from muniment.case.seen import mark_path
from muniment.errors import MunimentError
from muniment.verbs.case import Case
from tests.authority import Authority
from tests.verbs import damage
from tests.verbs.mended import Trials
from tests.verbs.stamping import attest

FLIPS, SEED = 1000, 20191124  # in quarters, for as many processes


@pytest.fixture(scope="module")
def whole(tmp_path_factory, _made_once):
    """A closed case of two accessions, stamped: a text, one of several chunks, an empty one; and its copy."""
    folder, keys = _made_once
    place = tmp_path_factory.mktemp("every-bit")
    root = damage.copied(folder.root, place / "harbour.muniment")
    leak = place / "leak"
    leak.mkdir()
    chance = random.Random(SEED)
    for name, content in (
        ("memo.txt", b"a memo"),
        ("dump.bin", bytes(byte % 16 for byte in chance.randbytes(150_000))),  # nothing to read
        ("nothing", b""),
    ):
        (leak / name).write_bytes(content)
    with Case(open_folder(root), keys) as case:
        case.add([leak / "memo.txt"])
        case.add([leak / "dump.bin", leak / "nothing"])
        attest(case, Authority(place / "clock"), place / "stick")
        _leave_free_pages(case)
        assert case.copy(place / "custodian")["state"] == "current"
        case.lock()
    yield root, keys, place / "custodian"
    shutil.rmtree(place)


def _leave_free_pages(case) -> None:
    """Pages of the database that nothing uses any more: they hold what was deleted, and no query reads them."""
    with case.catalogue.write() as connection:
        connection.execute(sa.text("CREATE TABLE filler (content BLOB)"))
        connection.execute(sa.text("INSERT INTO filler VALUES (zeroblob(40000))"))
        connection.execute(sa.text("DROP TABLE filler"))


@pytest.fixture
def audit(whole, tmp_path, monkeypatch):
    """Whether an audit with the keys is content; a refusal that says what to do is none.

    Of a copy: an audit is an act, and a case goes on with each.
    """
    root, keys, _ = whole
    copy = tmp_path / "copy.muniment"

    def content() -> bool:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.rmtree(tmp_path / "home", ignore_errors=True)
        monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "home"))
        damage.copied(root, copy)
        try:
            with Case(open_folder(copy), keys) as case:
                return bool(case.audit()["ok"])
        except MunimentError as error:
            assert error.next
            return False

    assert content()
    yield content
    assert content(), "all was made good again"


@pytest.fixture
def trials(whole, tmp_path, monkeypatch):
    """Trials of harm, with one custodian."""
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path / "home"))
    return Trials(*whole, place=tmp_path, home=tmp_path / "home")


SEEN = ("vault", "log", "anchors", "keys", "journal", "catalogue.db", "case.toml")


@pytest.mark.parametrize("quarter", range(4))
def test_every_flipped_bit_is_found_and_repaired(whole, trials, quarter):
    """All thousand in each test run: an audit, a repair and an audit take 0.2 s of a core together."""
    root, *_ = whole
    assert set(damage.files_of(root)) == set(SEEN), "every part of a case is looked at"
    assert _unmended(root, trials, damage.flip, FLIPS // 4, SEED + quarter) == []


@pytest.mark.parametrize("how", [damage.cut, damage.lengthen, damage.remove, damage.zero])
def test_every_other_harm_is_found_and_repaired(whole, trials, how):
    root, *_ = whole
    assert _unmended(root, trials, how, 21, SEED) == []


def _unmended(root, trials, how, many, seed) -> list[str]:
    """Do so much harm, evenly over the parts and the files in them; gives what went wrong."""
    chance = random.Random(seed)
    files = damage.files_of(root)
    said = []
    for number in range(many):
        path = chance.choice(files[SEEN[number % len(SEEN)]]).relative_to(root)
        wrong = trials.wrong(lambda copy, path=path: how(copy / path, chance))
        said += [f"{how.__name__} {path} (trial {number}): {one}" for one in wrong]
    return said


@pytest.mark.parametrize("part", SEEN)
def test_a_part_that_is_gone_whole_is_found_and_repaired(trials, part):
    def gone(copy):
        path = copy / part
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    assert trials.wrong(gone) == []


def test_two_files_in_each_others_place_are_found_and_repaired(whole, trials):
    root, *_ = whole
    chance = random.Random(SEED)
    files = damage.files_of(root)
    for part in ("vault", "log", "anchors", "keys", "journal"):
        pairs = [
            pair
            for pair in itertools.combinations(files[part], 2)
            if pair[0].read_bytes() != pair[1].read_bytes()
        ]
        for one, other in chance.sample(pairs, min(6, len(pairs))):

            def exchange(copy, one=one, other=other):
                for path, source in ((one, other), (other, one)):
                    (copy / path.relative_to(root)).write_bytes(source.read_bytes())

            assert trials.wrong(exchange) == [], (one, other)


def test_a_file_more_is_found(whole, audit):
    root, *_ = whole
    last = sorted((root / "journal").iterdir())[-1]
    number = int(last.stem)
    for path, content in (
        (root / "vault" / "more", b""),
        (root / "log" / "more", b""),
        (root / "log" / "tile" / "0" / "001", bytes(32 * 256)),
        (root / "journal" / f"{number + 1:08d}.age", last.read_bytes()),
        (root / "journal" / f"{number + 2:08d}.age", last.read_bytes()),
        (root / "journal" / "00000000.age", b"x"),
    ):
        with damage.added(path, content):
            assert not audit(), path


def test_each_page_of_the_catalogue_has_evidence_free_ones_and_the_salt_too(whole, audit):
    root, keys, _ = whole
    path = root / "catalogue.db"
    content = path.read_bytes()
    assert pages_hold(path, keys.catalogue)
    for at in [*range(0, 16, 5), 16, 99, *range(PAGE - 81, len(content), PAGE * 3 + 17)]:
        path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        assert not pages_hold(path, keys.catalogue), at
    for changed in (
        b"",
        content[:-PAGE],
        content[PAGE:],
        content + content[-PAGE:],
        content[:PAGE]
        + content[2 * PAGE : 3 * PAGE]
        + content[PAGE : 2 * PAGE]
        + content[3 * PAGE :],
    ):
        path.write_bytes(changed)
        # Cut between two pages, each that is left is whole: its first page says how many there are.
        assert pages_hold(path, keys.catalogue) == (changed == content[:-PAGE])
        assert not audit()
    path.write_bytes(content)


def test_sqlcipher_says_the_same_of_a_page(whole, tmp_path):
    """The library's own check, over the same flips: our reading of its format is right."""
    from sqlcipher3 import dbapi2

    root, keys, _ = whole
    content = (root / "catalogue.db").read_bytes()
    chance = random.Random(SEED)
    for trial in range(30):
        path = tmp_path / f"{trial}.db"
        flipped = bytearray(content)
        if trial:
            flipped[chance.randrange(PAGE, len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        connection = dbapi2.connect(str(path))
        connection.execute(f"PRAGMA key = \"x'{keys.catalogue}'\"")
        said = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        connection.close()
        assert pages_hold(path, keys.catalogue) == (said == []) == (trial == 0)


def test_a_write_ahead_log_left_by_a_kill(whole, tmp_path):
    """Every flip in it is found but in its last frame; cut off anywhere at its end it is what a kill leaves."""
    root, keys, _ = whole
    copy = damage.copied(root, tmp_path / "copy")
    with Case(open_folder(copy), keys) as case:
        for number in range(4):
            case.catalogue.keep_setting("seen", "x" * 5000 * number)
        left = damage.copied(copy, tmp_path / "left")
    path, database = left / "catalogue.db-wal", left / "catalogue.db"
    content = path.read_bytes()
    frames = (len(content) - 32) // (PAGE + 24)
    assert frames > 6 and frames_hold(database, keys.catalogue)
    last = 32 + (frames - 1) * (PAGE + 24)
    chance = random.Random(SEED)
    for trial in range(200):
        at = chance.randrange(32) if trial % 5 == 0 else chance.randrange(last)
        path.write_bytes(
            content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
        )
        in_salts = (at - 32) % (PAGE + 24) in range(8, 16) and at >= 32
        assert frames_hold(database, keys.catalogue) == in_salts, at
    for _ in range(20):
        path.write_bytes(content[: chance.randrange(len(content))])
        assert frames_hold(database, keys.catalogue)
    path.write_bytes(content)
    with Case(open_folder(left), keys) as case:
        assert case.audit()["ok"] is True
        assert case.catalogue.setting("seen") == "x" * 15000


def test_a_write_ahead_log_of_which_the_beginning_is_not_taken(whole, leak, tmp_path):
    """A salt that differs ends the log for SQLite; what it held is then missing beside vault, log and journal."""
    root, keys, _ = whole
    copy = damage.copied(root, tmp_path / "harbour.muniment")
    (leak / "later.txt").write_text("later")
    with Case(open_folder(copy), keys) as case:
        case.add([leak])
        left = damage.copied(copy, tmp_path / "left.muniment")
        case.lock()
    mark_path(case.folder).unlink()
    path = left / "catalogue.db-wal"
    content = path.read_bytes()
    path.write_bytes(content[:42] + bytes([content[42] ^ 1]) + content[43:])
    with Case(open_folder(left), keys) as case:
        report = case.audit()
    assert report["ok"] is False and any(name.startswith("vault/") for name in report["unexpected"])


def test_a_staged_file_that_was_altered_is_named(case, leak):
    (leak / "memo.txt").write_text("a memo")

    class Kill(Exception):
        pass

    def kill(progress):
        if progress.stage == "sealing":
            raise Kill

    with pytest.raises(Kill):
        case.add([leak], watch=kill)
    with case.catalogue.read() as connection:
        name = connection.execute(sa.select(tables.original.c.stored)).scalar_one()
    assert case.audit()["ok"] is True
    with damage.harmed(case.folder.staging / name, damage.flip, random.Random(1)):
        assert case.audit()["damaged"] == [f"staging/{name}"]
    with damage.harmed(case.folder.staging / name, damage.remove, random.Random(1)):
        assert case.audit()["missing"] == [f"staging/{name}"]
    assert case.add([leak])["states"] == {"extracted": 1}
