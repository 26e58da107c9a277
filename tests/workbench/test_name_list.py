"""Name list and arranged searches on the real server, without a browser: everything works by forms."""

from __future__ import annotations

import csv
import io
import json
import time
from urllib.parse import urlencode

from tests.workbench.test_dropping import BOUNDARY

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def sent(bench, path, **fields):
    """A form; returns where it leads."""
    answer, body = bench.ask("POST", path, urlencode(fields), _FORM)
    assert answer.status == 303, body
    return answer.getheader("location")


def finished(bench, address) -> str:
    """The page of a list once all its lines are asked."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        _, body = bench.ask("GET", address)
        if b'http-equiv="refresh"' not in body:
            return body.decode()
    raise AssertionError("the list does not end")


def test_a_pasted_list_is_previewed_asked_and_exported(plain_bench):
    address = sent(plain_bench, "/list/text", text="name;n\nregister;1\n\nnowhereatall;2\n<b>x;3\n")
    assert "register" not in address
    _, preview = plain_bench.ask("GET", address)
    assert b"parted by semicolons" in preview and b"Search all lines" in preview
    assert sent(plain_bench, f"{address}/ask", column="1", go="ask") == address
    page = finished(plain_bench, address)
    assert "nowhereatall" in page and "<b>x" not in page and "&lt;b&gt;x" in page
    _, table = plain_bench.ask("GET", f"{address}/rows.csv")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert rows[0][:2] == ["line", "query"] and len(rows) == 5
    assert (
        rows[1][1] == "register" and int(rows[1][2]) > 0 and rows[3][1:3] == ["nowhereatall", "0"]
    )
    _, found = plain_bench.ask("GET", f"{address}/rows.json")
    assert [row["line"] for row in json.loads(found)["rows"]] == [2, 3, 4, 5]
    hits = sent(plain_bench, f"{address}/line", line="2")
    assert b"register" in plain_bench.ask("GET", hits)[1]
    _, zeros = plain_bench.ask("GET", f"{address}?show=zero")
    assert b"nowhereatall" in zeros and b'name="line" value="2"' not in zeros


def test_a_file_of_an_old_encoding(plain_bench):
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="n.csv"\r\n\r\n'
    ).encode()
    body += "内部通知\n港务局\n".encode("gb18030") + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer, said = plain_bench.ask("POST", "/list/file", body, headers)
    assert answer.status == 303, said
    _, page = plain_bench.ask("GET", answer.getheader("location"))
    assert "内部通知" in page.decode() and "gb18030" in page.decode()


def test_a_list_of_nothing_is_an_error_with_a_next_step(plain_bench):
    answer, body = plain_bench.ask("POST", "/list/text", urlencode({"text": "\n \n"}), _FORM)
    assert answer.status == 400 and b"The list is empty" in body
    assert plain_bench.ask("GET", "/list/nothing")[0].status == 404


def test_a_search_is_arranged_saved_and_exported(plain_bench):
    address = sent(plain_bench, "/search", query="register", sort="path", copies="each")
    _, page = plain_bench.ask("GET", address)
    assert b'<option value="path" selected>' in page
    assert sent(plain_bench, f"{address}/save", title="the <register>") == address
    _, empty = plain_bench.ask("GET", "/search")
    assert b"the &lt;register&gt;" in empty
    again = sent(plain_bench, "/search/saved", use="the <register>")
    assert b'<option value="path" selected>' in plain_bench.ask("GET", again)[1]
    _, table = plain_bench.ask("GET", f"{address}/hits.csv")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert rows and {row["query"] for row in rows} == {"register"}
    _, found = plain_bench.ask("GET", f"{address}/hits.json")
    assert json.loads(found)["query"] == "register"
    assert len(json.loads(found)["hits"]) == len(rows)
    sent(plain_bench, "/search/saved", forget="the <register>")
    assert b"Saved searches" not in plain_bench.ask("GET", "/search")[1]


def test_find_by_post_takes_lists_orders_and_saved_searches(plain_bench):
    _, grid = plain_bench.post("/find", list="register\nnowhereatall\n")
    assert [row["documents"] > 0 for row in grid["rows"]] == [True, False]
    _, found = plain_bench.post(
        "/find", query="register", sort="path", copies="grouped", save="kept"
    )
    assert [hit["path"] for hit in found["hits"]] == sorted(hit["path"] for hit in found["hits"])
    _, again = plain_bench.post("/find", use="kept")
    assert again["hits"] == found["hits"]
    assert plain_bench.post("/find", saved=True)[1]["searches"][0]["query"] == "register"
    assert plain_bench.post("/find", forget="kept")[1] == {"searches": []}
    assert plain_bench.post("/find", query="a", list="b")[0] == 400
    assert plain_bench.post("/find", query="register", sort="colour")[0] == 400
