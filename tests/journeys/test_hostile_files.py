"""Files made to take a reader down: each gets a state, and the case stays whole."""

from __future__ import annotations

import pytest
from tests.hostile_files import files

pytestmark = pytest.mark.hostile

# The state of each. The others of tests/hostile_files.py take minutes: bench/hostile.py tries them.
STATES = {
    "huge.png": "over-limit",
    "loop.pdf": "partly-extracted",
    "laughs.svg": "partly-extracted",
    "laughs.docx": "partly-extracted",
    "deep.html": "extracted",
    "deep.json": "extracted",
}


def test_each_has_a_state(muniment):
    leak = muniment.folder / "leak"
    leak.mkdir()
    for name, content in files(tuple(STATES)):
        (leak / name).write_bytes(content)
    (leak / "memo.txt").write_text("a memo among them")
    muniment.json("new", "story")
    muniment.json("add", "story", leak)
    rows = muniment.json("documents", "story")["documents"]
    assert {row["path"]: row["state"] for row in rows} == {
        **{f"leak/{name}": state for name, state in STATES.items()},
        "leak/memo.txt": "extracted",
    }
    assert all(row["reason"] for row in rows if row["state"] != "extracted")
    assert muniment.json("find", "story", "memo")["documents"] == 1
    assert muniment.json("audit", "story")["ok"]
