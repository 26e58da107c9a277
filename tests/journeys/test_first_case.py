"""A reporter's first hour: make a case, add the reports, find, look, prove, lock."""

import pytest

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def reporter(tmp_path_factory, seeds):
    from tests.conftest import Muniment

    folder = tmp_path_factory.mktemp("desk")
    program = Muniment(folder, tmp_path_factory.mktemp("home"))
    program.json("new", "x")
    program.added = program.json("add", "x", seeds)
    yield program
    program.run("lock", "x")


def test_everything_came_in(reporter):
    assert reporter.added == {
        "accession": "A1",
        "originals": 5,
        "documents": 5,
        "pages": 5,
        "states": {"extracted": 5},
    }


def test_the_phrase_is_in_one_document_once(reporter, seeds):
    found = reporter.json("find", "x", '"absolutely no mercy"')
    assert (found["documents"], found["passages"], len(found["hits"])) == (1, 1, 1)
    hit = found["hits"][0]
    [[start, end]] = hit["highlights"]
    assert hit["text"][start:end] == "absolutely no mercy"
    source = (seeds.parent / hit["path"]).read_text("utf-8")
    [[start, end]] = hit["marks"]
    assert source[start:end] == "absolutely no mercy"


def test_not_leaves_the_four_documents_a_person_counts(reporter, seeds):
    counted = {
        f"seeds/{path.name}"
        for path in seeds.glob("*.txt")
        if "uighur" in path.read_text("utf-8").lower()
        or "uyghur" in path.read_text("utf-8").lower()
        if "reuters" not in path.read_text("utf-8").lower()
    }
    found = reporter.json("find", "x", "Uighur AND NOT Reuters")
    assert found["documents"] == len(counted) == 4
    assert {hit["path"] for hit in found["hits"]} == counted


def test_a_query_can_come_from_standard_input(reporter):
    done = reporter.run("find", "x", "-", input='"absolutely no mercy"\n')
    assert done.returncode == 0
    assert "1 passage in 1 document" in done.stdout


def test_a_query_that_cannot_be_read_points_at_the_character(reporter):
    error = reporter.error("find", "x", '"unclosed', status=2)
    assert error["code"]


def test_status_accounts_for_everything(reporter):
    status = reporter.json("status", "x")
    assert status["accounting"]["expected"] == 5
    assert status["accounting"]["states"] == {"extracted": 5}
    assert status["accounting"]["problems"] == []
    assert status["log"]["size"] == 3
    assert (status["seals"]["documents"], status["seals"]["waiting"]) == (5, 0)


def test_a_document_can_be_shown(reporter, seeds):
    listed = reporter.json("documents", "x")["documents"]
    assert [row["path"] for row in listed] == sorted(f"seeds/{p.name}" for p in seeds.glob("*.txt"))
    first = reporter.json("show", "x", listed[0]["reference"], "--text")
    assert first["text"] == (seeds / listed[0]["path"].split("/")[1]).read_text("utf-8")
    received, read = first["receipts"]
    assert (received["layer"], received["index"]) == ("file", 0)
    assert (read["layer"], read["index"]) == ("document", 1)


def test_the_seal_holds(reporter):
    report = reporter.json("audit", "x")
    assert report["ok"] is True and report["log_ok"] is True and report["objects"] == 2


def test_adding_the_same_again_receives_nothing_twice(reporter, seeds):
    assert reporter.json("add", "x", seeds) == reporter.added
    assert reporter.json("status", "x")["accounting"]["expected"] == 5


def test_locking_leaves_nothing_in_clear_and_unlocking_brings_it_back(reporter, seeds):
    reporter.json("lock", "x")
    root = reporter.folder / "x.muniment"
    words = [b"absolutely no mercy", b"Reuters", b"New York Times", b"seeds/"]
    for file in (path for path in root.rglob("*") if path.is_file()):
        content = file.read_bytes()
        assert not [word for word in words if word in content], file.name
    assert (
        reporter.error("find", "x", "Reuters", status=3, MUNIMENT_PASSPHRASE=None)["code"]
        == "no-key"
    )
    opened = reporter.json("unlock", "x", "--for", "10m")
    assert opened["case"] == "x.muniment" and opened["until"]
    found = reporter.json("find", "x", '"absolutely no mercy"', MUNIMENT_PASSPHRASE=None)
    assert found["passages"] == 1
    reporter.json("lock", "x")
    reporter.error("status", "x", status=3, MUNIMENT_PASSPHRASE=None)
