"""What stands around the code: imports, requirements, decisions."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
REQUIREMENTS = sorted((PROJECT / "requirements").glob("*.txt"))
DECISIONS = sorted((PROJECT / "docs" / "decisions").glob("[0-9]*.md"))


def test_imports_run_only_downwards():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_has_its_place_in_the_order_of_imports():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    layers = " ".join(settings["tool"]["importlinter"]["contracts"][0]["layers"])
    rooms = {p.stem for p in (PROJECT / "src" / "muniment").iterdir() if not p.name.startswith("_")}
    listed = set(re.findall(r"muniment\.(\w+)", layers))
    assert rooms <= listed, "a room that import-linter does not know"


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda p: p.name)
def test_requirements_are_pinned_with_hashes_and_say_no_address(path: Path):
    text = path.read_text()
    assert "://" not in text, "an address; those come from the environment"
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    pins = [line for line in joined.splitlines() if line.strip()]
    bad = [p.split()[0] for p in pins if not re.match(r"[\w.\[\]-]+==\S+.* --hash=sha256:", p)]
    assert pins and not bad, "an option, or not pinned with a hash"


def test_what_the_project_asks_for_is_what_is_pinned():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    pinned = set(
        re.findall(r"^([\w.-]+)==", (PROJECT / "requirements" / "run.txt").read_text(), re.M)
    )
    assert set(settings["project"]["dependencies"]) <= pinned


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.name)
def test_a_decision_has_number_title_and_status(path: Path):
    number = path.name[:4]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert re.match(rf"# {number}\b.*\w", lines[0]), f"begin with `# {number} Title`"
    status = [
        line
        for line in lines[:8]
        if re.match(r"Status: (accepted|proposed|superseded by \d{4})\b", line)
    ]
    assert len(status) == 1, (
        "say `Status: accepted` (or proposed, or superseded by NNNN) under the title"
    )


def test_decisions_have_a_number_each_and_stand_in_the_index():
    numbers = [p.name[:4] for p in DECISIONS]
    assert len(numbers) == len(set(numbers)), "two decisions with one number"
    index = (PROJECT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert not [p.name for p in DECISIONS if f"({p.name})" not in index], (
        "not in docs/decisions/README.md"
    )
