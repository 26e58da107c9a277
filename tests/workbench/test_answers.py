"""The same data as JSON and CSV, at the words of the verbs, and the description of it all."""

from __future__ import annotations

import csv
import io
import json

import pytest

WORDS = (
    "status",
    "documents",
    "show",
    "find",
    "statements",
    "figures",
    "names",
    "judge",
    "note",
    "add",
    "retry",
    "stamp",
    "audit",
    "copy",
    "repair",
    "custody",
    "key",
    "hold",
    "withdraw",
    "lock",
    "progress",
)


def test_the_description_names_every_verb(plain_bench):
    answer, body = plain_bench.ask("GET", "/openapi.json")
    paths = json.loads(body)["paths"]
    assert answer.status == 200
    assert sorted(paths) == sorted(f"/{word}" for word in WORDS)
    assert all(list(methods) == ["post"] for methods in paths.values())
    for page in ("/docs", "/redoc"):
        assert plain_bench.ask("GET", page)[0].status == 404


def test_find_by_post_answers_as_the_command_does(plain_bench):
    status, found = plain_bench.post("/find", query='"seven. The register"')
    assert status == 200
    assert (found["documents"], found["passages"]) == (1, 1)
    [hit] = found["hits"]
    [[start, end]] = hit["highlights"]
    assert hit["text"][start:end] == "seven. The register"
    assert hit["path"] == "leak/memo.txt"


def test_show_documents_status_audit(plain_bench):
    _, listed = plain_bench.post("/documents")
    first = listed["documents"][0]
    _, shown = plain_bench.post("/show", document=first["reference"], text=True)
    assert (
        shown["document"] == first["document"] and shown["text"] == "The barge ledger, line one\n"
    )
    _, status = plain_bench.post("/status")
    assert status["accounting"]["expected"] == len(listed["documents"])
    assert plain_bench.post("/audit")[1]["ok"] is True


def test_copy_audit_of_the_copy_and_repair(plain_bench, tmp_path):
    _, copied = plain_bench.post("/copy", custodian=str(tmp_path / "stick"), jurisdiction="IS")
    assert copied["state"] == "current" and copied["problems"] == []
    _, audited = plain_bench.post("/audit", custodian=copied["custodian"], sample=1)
    assert audited["ok"] is None and audited["sampled"]["chunks"] == 1
    _, mended = plain_bench.post("/repair")
    assert mended["repaired"] == [] and mended["not_repaired"] == []


@pytest.mark.parametrize(
    ("path", "asked", "code", "word"),
    [
        ("/find", {"query": '"open'}, 400, "bad-query"),
        ("/find", {}, 400, "bad-use"),
        ("/find", {"query": "x", "surprise": 1}, 400, "bad-use"),
        ("/show", {"document": "nothing"}, 404, "not-found"),
        ("/documents", {"state": "lost"}, 400, "bad-use"),
        ("/add", {"paths": ["/nowhere/at/all"]}, 400, "bad-use"),
        ("/add", {"paths": ["relative"]}, 400, "bad-use"),
    ],
)
def test_errors_have_the_shape_of_the_command_line(plain_bench, path, asked, code, word):
    status, body = plain_bench.post(path, **asked)
    assert status == code
    assert body["error"]["code"] == word and body["error"]["message"] and body["error"]["next"]


@pytest.mark.parametrize("path", ["/", "/documents", "/documents?state=failed"])
def test_a_page_is_json_for_a_client_that_asks(plain_bench, path):
    answer, body = plain_bench.ask("GET", path, headers={"Accept": "application/json"})
    assert answer.getheader("content-type") == "application/json" and json.loads(body)
    answer, body = plain_bench.ask(
        "GET", path, headers={"Accept": "text/html,application/json;q=0.9"}
    )
    assert answer.getheader("content-type").startswith("text/html")


def test_the_list_as_csv_holds_no_formula(plain_bench):
    answer, body = plain_bench.ask("GET", "/documents.csv")
    assert answer.getheader("content-type").startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert len(table) == len(plain_bench.post("/documents")[1]["documents"])
    assert not [v for row in table for v in row.values() if v.startswith(("=", "+", "@"))]


def test_hits_as_csv(plain_bench):
    answer, _ = plain_bench.ask("POST", "/search", "query=inspected")
    address = answer.getheader("location")
    _, body = plain_bench.ask("GET", address + "/hits.csv")
    found = json.loads(plain_bench.ask("GET", address + ".json")[1])
    assert len(list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))) == found["passages"]


def test_add_for_a_program_waits_and_reports(empty, leak):
    empty.enter()
    status, added = empty.post("/add", paths=[str(leak / "minutes")])
    assert status == 200
    assert added["originals"] == 30 and added["states"] == {"extracted": 30}
    status, begun = empty.post("/add", paths=[str(leak / "memo.txt")], wait=False)
    assert status == 202 and begun["running"] is True
    assert empty.settled()["report"]["originals"] == 1


def test_who_can_open_the_case_is_asked_and_changed(plain_bench):
    from pyrage import x25519

    recipient = str(x25519.Identity.generate().to_public())
    status, added = plain_bench.post("/key", action="add", recipient=recipient)
    assert status == 200 and recipient in [entry["recipient"] for entry in added["recipients"]]
    status, _ = plain_bench.post("/key", action="rotate")
    assert status == 400
    status, revoked = plain_bench.post("/key", action="revoke", label=added["label"])
    assert status == 200 and revoked["still_readable"]
    status, left = plain_bench.post("/key")
    assert status == 200 and recipient not in json.dumps(left)


def test_the_desk_tells_what_this_machine_may_keep_in_clear(plain_bench):
    _, status = plain_bench.post("/status")
    _, page = plain_bench.ask("GET", "/")
    text = page.decode() if isinstance(page, bytes) else page
    assert ("This machine" in text) is bool(status["warnings"])
