"""What the demo hands in: a banner, work that begins at once, and a tour to stations that come as it fills."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.workbench.bench import Bench, environment

SCRIPT = """
import sys
from pathlib import Path
from muniment.verbs.case import Case
from muniment.workbench.serving import serve

case, _ = Case.new("shown", "kelibo maruti senado")
with case:
    serve(
        case, browser=False, banner="sample, public passphrase",
        on_start=lambda case, watch: case.add([Path(sys.argv[1])], watch=watch),
        tour=[
            {"title": "A phrase", "see": "What they wrote.", "query": '"northern basin"'},
            {"title": "A paper", "see": "How it looks.", "path": "leak/memo.txt", "page": 1},
            {"title": "Not yet", "see": "It never comes.", "path": "leak/absent.txt"},
        ],
    )
"""


def test_banner_filling_and_tour(tmp_path, leak):
    home = tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(leak)],
        cwd=home, env=environment(home), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    bench = Bench(process, process.stdout.readline().strip())
    try:
        bench.enter()
        assert bench.settled()["error"] is None
        _, body = bench.ask("GET", "/")
        page = body.decode()
        assert 'role="note">sample, public passphrase' in page
        buttons = re.findall(
            r'<button class="link" type="submit"( disabled)?>([^<]+)</button>', page
        )
        assert buttons == [("", "A phrase"), ("", "A paper"), (" disabled", "Not yet")]
        answer, _ = bench.ask("POST", "/tour/0")
        assert re.fullmatch("/search/[a-z2-7]{16}", answer.getheader("location"))
        answer, _ = bench.ask("POST", "/tour/1")
        assert b"barge seven" in bench.ask("GET", answer.getheader("location"))[1]
        assert answer.getheader("location").startswith("/document/")
        assert bench.ask("POST", "/tour/2")[0].getheader("location") == "/documents"
        assert bench.ask("POST", "/tour/99")[0].getheader("location") == "/"
    finally:
        assert bench.end() == 0
        process.stdout.close()
