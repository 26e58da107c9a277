"""What comes out of one file is bounded as a whole, and what is not opened says so."""

from __future__ import annotations

import io
import zipfile
from collections import Counter

from muniment.verbs import expansion


def _zip(members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def _nested(depth, width):
    inner, name = b"the innermost text of all", "text.txt"
    for _ in range(depth):
        inner, name = _zip({f"{n}-{name}": inner for n in range(width)}), "inner.zip"
    return inner


def test_archives_in_archives_stop_as_a_whole(case, leak, monkeypatch):
    monkeypatch.setattr(expansion, "FREE_PARTS", 60)
    monkeypatch.setattr(expansion, "BYTES_FOR_A_PART", 10**9)
    (leak / "nested.zip").write_bytes(_nested(4, 4))  # 340 documents, if all were opened
    (leak / "beside.zip").write_bytes(_nested(2, 4))
    case.add([leak / "nested.zip", leak / "beside.zip"])
    rows = case.documents()["documents"]
    inside = [row for row in rows if row["path"].startswith("nested.zip/")]
    assert 40 < len(inside) <= 60
    states = Counter(row["state"] for row in inside)
    assert set(states) == {"extracted", "over-limit"}
    closed = [row for row in inside if row["state"] == "over-limit"]
    assert all("more than 60 documents" in row["reason"] for row in closed)
    assert all(row["path"].endswith(".zip") for row in closed)
    beside = [row for row in rows if row["path"].startswith("beside.zip")]
    assert {row["state"] for row in beside} == {"extracted"} and len(beside) == 21
    accounting = case.status()["accounting"]
    assert accounting["expected"] > accounting["found"], "what did not come out is missed"
    case.retry()
    assert len(case.documents()["documents"]) == len(rows), "the limit holds when it is tried again"
    assert case.audit()["ok"]


def test_bytes_count_too(case, leak, monkeypatch):
    monkeypatch.setattr(expansion, "FREE_BYTES", 50_000)
    monkeypatch.setattr(expansion, "RATIO", 1)
    inner = _zip({"a.txt": b"x" * 40_000, "b.txt": b"y" * 40_000})
    (leak / "outer.zip").write_bytes(_zip({"inner.zip": inner, "note.txt": b"a note"}))
    case.add([leak / "outer.zip"])
    states = {row["path"].rsplit("/")[-1]: row["state"] for row in case.documents()["documents"]}
    assert states == {"outer.zip": "extracted", "inner.zip": "over-limit", "note.txt": "extracted"}
