"""What is locked in a leak is opened with a list of passwords, which afterwards is nowhere."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import signal
import unicodedata
from pathlib import Path

import pytest
from tests.verbs.encrypting import docx_with, pdf_with, zip_with

pytestmark = pytest.mark.journey

PASSWORD = "krähe auf dem dach 7"
SECOND = "second-of-the-night"


@pytest.fixture
def leak(tmp_path):
    folder = tmp_path / "leak"
    folder.mkdir()
    inner = zip_with({"deep.txt": b"cormorant roster"}, SECOND.encode(), aes=True)
    (folder / "plan.pdf").write_bytes(
        pdf_with("Drums behind the quay", PASSWORD, {"list.txt": b"seventeen barrels of lye"})
    )
    members = {"a.txt": b"ledger of the night shift", "in.zip": inner}
    (folder / "box.zip").write_bytes(zip_with(members, PASSWORD.encode()))
    (folder / "aes.zip").write_bytes(
        zip_with({"b.txt": b"ferry manifest " * 50}, PASSWORD.encode(), aes=True)
    )
    (folder / "memo.docx").write_bytes(docx_with("Minutes of the harbour board", PASSWORD))
    (folder / "open.txt").write_text("a plain note")
    return folder


@pytest.fixture
def kept(muniment):
    """A new case that is kept open, so that each command takes no passphrase."""
    muniment.json("new", "x")
    muniment.json("unlock", "x")
    yield muniment
    muniment.json("lock", "x")


def _states(muniment, case="x"):
    listed = muniment.json("documents", case)["documents"]
    return {one["path"].removeprefix("leak/"): one["state"] for one in listed}


def _retry(muniment, *passwords, case="x", more=()):
    done = muniment.run(
        "retry",
        case,
        *more,
        "--passwords",
        "-",
        "--json",
        input="".join(f"{p}\r\n" for p in passwords),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_right_password_opens_and_everything_follows(kept, leak):
    kept.json("add", "x", leak)
    locked = {"plan.pdf", "memo.docx", "aes.zip/b.txt", "box.zip/a.txt", "box.zip/in.zip"}
    assert {path for path, state in _states(kept).items() if state == "encrypted"} == locked
    before = kept.json("documents", "x")

    report = _retry(kept, "falsch", "")
    assert (report["tried"], report["changed"], report["found"]) == (5, 0, 0)
    assert report["states"] == {"encrypted": 5}
    assert kept.json("documents", "x") == before

    report = _retry(kept, "falsch", PASSWORD)
    assert (report["tried"], report["changed"], report["found"]) == (5, 5, 2)
    assert report["states"] == {"extracted": 5}
    assert {one["before"] for one in report["documents"]} == {"encrypted"}

    report = _retry(kept, SECOND, PASSWORD, more=("A1/0002",))
    assert report["states"] == {"extracted": 2}
    acts = _all_is_there(kept)
    tried = [act["words"] for act in acts if act["kind"] == "retried"]
    assert tried == [
        "Tried 5 documents again, with passwords",
        "Tried 5 documents again, with passwords",
        "Tried 2 documents again, with passwords",
    ]
    _nowhere(kept)
    report = kept.json("retry", "x")
    assert (report["tried"], report["states"]) == (0, {})


def _opened(muniment):
    from muniment.verbs.case import Case

    return Case.open(muniment.folder / "x.muniment", muniment.environment["MUNIMENT_PASSPHRASE"])


def _all_is_there(muniment):
    """Everything is read, found and sealed; returns the acts."""
    with _opened(muniment) as case:
        listed = case.documents()["documents"]
        assert len(listed) == 10 and {one["state"] for one in listed} == {"extracted"}
        for word in ("drums", "barrels", "ledger", "manifest", "minutes", "cormorant"):
            assert case.find(word)["documents"] == 1, word
        seals = case.status()["seals"]
        assert (seals["waiting"], seals["documents"]) == (0, 10)
        plan = next(one["document"] for one in listed if one["path"].endswith("plan.pdf"))
        picture = case.page_image(plan, 1, dpi=72)  # as it was sealed: nobody has the password now
        assert picture.startswith(b"\x89PNG") and int.from_bytes(picture[16:20], "big") == 400
        assert case.audit()["ok"] is True
        return case.custody()["acts"]


def _nowhere(muniment):
    """The passwords are in no file and in nothing a file holds encrypted."""
    from muniment.case.catalogue import metadata

    home = Path(muniment.environment["MUNIMENT_HOME"])
    with _opened(muniment) as case:
        shared = Path("/dev/shm") / f"muniment-{case.folder.identifier}"
    places = [muniment.folder / "x.muniment", home, shared]
    files = [f for place in places for f in place.rglob("*") if f.is_file()]
    said = [file.read_bytes() for file in files]
    with _opened(muniment) as case:
        with case.catalogue.read() as connection:
            for table in metadata.sorted_tables:
                said += [repr(tuple(row)).encode() for row in connection.execute(table.select())]
        said += [
            json.dumps(case.journal.noted(n).entry, ensure_ascii=False).encode()
            for n in case.journal.numbers()
        ]
    assert len(files) > 20 and any(b"ledger" in one or b"plan.pdf" in one for one in said)
    for password in (PASSWORD, SECOND, unicodedata.normalize("NFD", PASSWORD)):
        for written in {password.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")}:
            assert not any(written in one for one in said)


def test_a_list_that_is_none_is_refused(kept, leak):
    kept.json("add", "x", leak / "open.txt")
    (kept.folder / "list").write_bytes(b"\xff\xfe\x00")
    for words in (("--passwords", "list"), ("--passwords", "no such list"), ("A1/0009",)):
        done = kept.run("retry", "x", *words)
        assert done.returncode == 2 and done.stderr, words
    kept.json("withdraw", "x", "A1/0001", "--why", "source")
    assert kept.run("retry", "x", "A1/0001").returncode == 2
    assert kept.json("custody", "x")["acts"][-1]["kind"] != "retried"


def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(muniment, leak):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    muniment.json("new", "x")
    muniment.json("add", "x", leak)
    chance, kills, plain = random.Random(20260301), 0, muniment.program
    for _ in range(25):
        call = chance.choice(("fsync", "pwrite64", "rename", "unlink", "write", "openat"))
        inject = f"inject={call}:signal=SIGKILL:when={chance.randrange(1, 60)}"
        muniment.program = [
            strace,
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            f"trace={call}",
            "-e",
            inject,
            *plain,
        ]
        done = muniment.run("retry", "x", "--passwords", "-", input=f"{PASSWORD}\n{SECOND}\n")
        muniment.program = plain
        kills += done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        if kills == 4:
            break
    assert kills == 4
    _retry(muniment, PASSWORD, SECOND)
    acts = _all_is_there(muniment)
    assert [act["words"] for act in acts if act["kind"] == "extracted"][-1].endswith("10 extracted")
    _nowhere(muniment)


def test_documents_as_a_table(kept, tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "=cmd|' _C calc'!A0.txt").write_text("a note")
    (papers / 'two, "three".zip').write_bytes(zip_with({"@SUM(1).txt": b"x"}, b"p"))
    kept.json("add", "x", papers / "=cmd|' _C calc'!A0.txt")
    kept.json("add", "x", papers)

    def table(*words):
        done = kept.run("documents", "x", "--csv", *words)
        assert done.returncode == 0 and done.stdout.startswith("\ufeff")
        return list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))

    rows, listed = table(), kept.json("documents", "x")["documents"]
    assert [row["reference"] for row in rows] == [one["reference"] for one in listed]
    assert [row["state"] for row in rows] == [one["state"] for one in listed]
    assert rows[0]["path"] == "'=cmd|' _C calc'!A0.txt"
    [locked] = table("--state", "problems")
    assert locked["path"] == 'papers/two, "three".zip/@SUM(1).txt'
    assert (locked["state"], locked["reason"]) == ("encrypted", "this member is encrypted")
    assert table("--state", "failed") == []
