"""Trying again at the workbench: a form with passwords, and the same for programs."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import urlencode

import pytest

from tests.verbs.encrypting import pdf_with, zip_with
from tests.workbench.bench import muniment, workbench

PASSWORD = "bridge & 桥 = 7"


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    home, leak = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("papers") / "leak"
    leak.mkdir()
    (leak / "plan.pdf").write_bytes(pdf_with("Drums behind the quay", PASSWORD))
    (leak / "box.zip").write_bytes(zip_with({"a.txt": b"ledger"}, b"second", aes=True))
    swollen = io.BytesIO()
    with zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tides.txt", b"tide table\n" * 3_000_000)
    (leak / "swollen.zip").write_bytes(swollen.getvalue())
    (leak / "memo.txt").write_text("the barge leaves on Thursday")
    muniment(home, "new", "harbour")
    muniment(home, "add", "harbour", leak)
    with workbench(home, "open", "harbour") as held:
        held.enter()
        yield held
    muniment(home, "lock", "harbour")


def test_by_the_form_and_by_a_program(bench):
    everything = bench.ask("GET", "/documents")[1].decode()
    assert 'action="/documents/retry"' not in everything
    problems = bench.ask("GET", "/documents?state=problems")[1].decode()
    assert 'method="post" action="/documents/retry"' in problems

    answer, _ = bench.ask(
        "POST", "/documents/retry", urlencode({"passwords": f"falsch\r\n{PASSWORD}\r\n"})
    )
    assert (answer.status, answer.getheader("location")) == (303, "/")
    done = bench.settled()
    assert done["error"] is None and done["report"]["states"] == {
        "extracted": 1, "encrypted": 1, "over-limit": 1,
    }  # fmt: skip
    assert PASSWORD not in json.dumps(done, ensure_ascii=False)
    assert bench.post("/find", query="drums")[1]["documents"] == 1
    plan = next(d for d in bench.post("/documents")[1]["documents"] if d["path"].endswith(".pdf"))
    answer, picture = bench.ask("GET", f"/image/{plan['document']}/1?dpi=72")
    assert answer.status == 200 and picture.startswith(b"\x89PNG")

    status, report = bench.post("/retry", passwords=["second"])
    assert status == 200 and (report["tried"], report["changed"]) == (2, 1)
    assert bench.post("/retry", document="A1/0099")[0] == 404

    assert bench.post("/retry", reader="pdfbox")[0] == 400
    assert bench.post("/retry", limits={"ratio": 1})[0] == 400
    status, report = bench.post("/retry", reader="tika", limits={"ratio": 300})
    assert status == 200 and (report["changed"], report["states"]) == (0, {"over-limit": 1})
    assert 'name="limit-ratio"' in problems and '<option value="tika">' in problems
    answer, _ = bench.ask("POST", "/documents/retry", urlencode({"limit-ratio": "many"}))
    assert answer.status == 400
    form = {"passwords": "", "reader": "", "limit-pages": "", "limit-ratio": "5000"}
    answer, _ = bench.ask("POST", "/documents/retry", urlencode(form))
    assert answer.status == 303
    done = bench.settled()
    assert done["error"] is None and done["report"]["found"] == 1
    assert done["report"]["states"] == {"extracted": 1}
    assert (
        'action="/documents/retry"' not in bench.ask("GET", "/documents?state=problems")[1].decode()
    )
