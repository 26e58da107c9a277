"""Hold, release and withdraw at the workbench, with forms alone, and what its other screens then show."""

from __future__ import annotations

import zipfile
from urllib.parse import urlencode

import pytest
from PIL import Image

from tests.workbench.bench import muniment, workbench


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A workbench on a few papers; each test has some of its own among them."""
    home, leak = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("papers") / "leak"
    leak.mkdir()
    (leak / "memo.txt").write_text("the barge leaves on Thursday")
    (leak / "pilot.txt").write_text("the pilot sails on Friday")
    (leak / "lawyer.txt").write_text("dear counsel, the tugboat")
    (leak / "note by Quillfeather.txt").write_text("the ferry came late")
    Image.new("RGB", (80, 60), "red").save(leak / "photo.png")
    with zipfile.ZipFile(leak / "letters.zip", "w") as archive:
        archive.writestr("one.txt", "the raft is late")
    muniment(home, "new", "harbour")
    muniment(home, "add", "harbour", leak)
    with workbench(home, "open", "harbour") as held:
        held.home = home
        held.enter()
        yield held
    muniment(home, "lock", "harbour")


def _document(bench, ending):
    listed = bench.post("/documents")[1]["documents"]
    return next(row["document"] for row in listed if row["path"].endswith(ending))


def _get(bench, path):
    answer, body = bench.ask("GET", path)
    return answer.status, body.decode()


def _form(bench, path, **fields):
    answer, body = bench.ask("POST", path, urlencode(fields))
    return answer.status, answer.getheader("location") or "", body.decode()


def test_held_and_released_by_forms(bench):
    memo = _document(bench, "memo.txt")
    _, address, _ = _form(bench, "/search", query="barge")
    assert "Thursday" in _get(bench, address)[1]
    assert _form(bench, f"/document/{memo}/hold")[:2] == (303, f"/document/{memo}")
    status, page = _get(bench, f"/document/{memo}")
    assert status == 200 and "This document is held" in page and "Thursday" not in page
    assert "Thursday" in _get(bench, f"/document/{memo}?held=true")[1]
    again = _get(bench, address)[1]
    assert "Thursday" not in again and " held</a>" in again, "a search kept in memory knows it too"
    listed = _get(bench, "/documents?state=held")[1]
    assert "memo.txt" in listed and "Quillfeather" not in listed
    assert _form(bench, f"/document/{memo}/hold", release="yes")[0] == 303
    assert "Thursday" in _get(bench, f"/document/{memo}")[1]
    assert "Thursday" in _get(bench, address)[1]


def test_what_another_process_holds_is_hidden_here_at_once(bench):
    _, address, _ = _form(bench, "/search", query="friday")
    assert "pilot.txt" in _get(bench, address)[1]
    muniment(bench.home, "hold", "harbour", _document(bench, "pilot.txt"))
    assert "pilot.txt" not in _get(bench, address)[1]


def test_a_held_picture_has_no_thumbnail(bench):
    photo = _document(bench, "photo.png")
    assert _get_raw(bench, f"/image/{photo}/1") == 200
    _form(bench, f"/document/{photo}/hold")
    assert _get_raw(bench, f"/image/{photo}/1") == 409
    assert "/image/" not in _get(bench, f"/document/{photo}")[1]
    page = _get(bench, f"/document/{photo}?held=true")[1]
    assert f"/image/{photo}/1?dpi=36&amp;held=true" in page
    assert _get_raw(bench, f"/image/{photo}/1?held=true") == 200


def _get_raw(bench, path):
    return bench.ask("GET", path)[0].status


def test_a_withdrawal_is_asked_for_twice_and_then_done(bench):
    note = _document(bench, "Quillfeather.txt")
    _, address, _ = _form(bench, "/search", query="ferry")
    assert "came late" in _get(bench, address)[1]
    status, page = _get(bench, f"/document/{note}/withdraw")
    assert status == 200 and "cannot be undone" in page and "not erasing" in page
    for fields in ({}, {"why": "source"}, {"sure": "yes"}, {"why": "whim", "sure": "yes"}):
        assert _form(bench, f"/document/{note}/withdraw", **fields)[0] == 400
    assert "Quillfeather" in _get(bench, "/documents")[1]
    status, _, page = _form(bench, f"/document/{note}/withdraw", why="source", sure="yes")
    assert status == 200 and "is withdrawn" in page
    for path in ("/", "/documents", f"/document/{note}", address, "/documents.csv"):
        page = _get(bench, path)[1]
        assert "Quillfeather" not in page and "came late" not in page, path
    page = _get(bench, f"/document/{note}")[1]
    assert "the source&#39;s wish" in page and "entry 0 of the log" in page
    assert _get(bench, f"/document/{note}/withdraw")[0] == 200
    assert bench.post("/audit")[1]["ok"] is True


def test_the_same_by_json(bench):
    letter = _document(bench, "lawyer.txt")
    assert bench.post("/hold", document=letter) == (200, {"document": letter, "held": True})
    assert bench.post("/find", query="tugboat")[1]["documents"] == 0
    status, answer = bench.post("/hold", document=letter, release=True)
    assert (status, answer["held"]) == (200, False)
    assert bench.post("/withdraw", document=letter, why="whim")[0] == 400
    status, answer = bench.post("/withdraw", document=letter, why="privilege")
    assert status == 200 and answer["custodians_pending"] == []
    shown = bench.post("/show", document=letter)[1]
    assert (shown["state"], shown["path"]) == ("withdrawn", shown["reference"])
    assert bench.post("/hold", document=letter)[0] == 409


def test_a_part_is_told_where_it_lies(bench):
    whole = _document(bench, "letters.zip")
    [part] = bench.post("/show", document=whole)[1]["parts"]
    page = _get(bench, f"/document/{part}/withdraw")[1].split("<main")[1].split("</main")[0]
    assert f"/document/{whole}/withdraw" in page and "<form" not in page
    assert _form(bench, f"/document/{part}/withdraw", why="source", sure="yes")[0] == 409
