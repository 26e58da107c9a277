"""Docs that cannot lie: examples run, links lead somewhere, pages made from the code are up to date."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from console_examples import examples, fenced, matches, run_page

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
WITH_EXAMPLES = [p for p in PAGES if any(fenced(p.read_text(encoding="utf-8"), "console"))]
COMMAND = Path(sys.executable).with_name("muniment")


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name)
def test_the_examples_of_a_page_print_what_it_says(page: Path, tmp_path: Path):
    problems = run_page(page.read_text(encoding="utf-8"), tmp_path)
    assert not problems, "\n".join(["the page says otherwise:", *problems])


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in found}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / path).resolve() if path else page
        inside = target.is_relative_to(PROJECT) and target.exists()
        if not inside or (anchor and target.suffix == ".md" and anchor not in headings(target)):
            broken.append(link)
    assert not broken


def test_pages_made_from_the_code_are_up_to_date():
    check = [sys.executable, PROJECT / "docs" / "write_reference.py", "--check"]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, f"run `make docs` and commit: {done.stdout}{done.stderr}"


def test_every_error_is_documented_and_says_what_it_means():
    spec = importlib.util.spec_from_file_location(
        "write_reference", PROJECT / "docs" / "write_reference.py"
    )
    assert spec and spec.loader
    reference = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = reference
    spec.loader.exec_module(reference)
    page = (PROJECT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    errors = reference.errors()
    assert len(errors) > 5
    assert not [e.name for e, _, _ in errors if f".{e.name}`" not in page or not e.meaning]


def test_every_variable_of_the_environment_is_documented():
    page = (PROJECT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    source = "".join(p.read_text(encoding="utf-8") for p in (PROJECT / "src").rglob("*.py"))
    names = set(re.findall(r"\bMUNIMENT_[A-Z_]+\b", source))
    assert names and not [n for n in names if f"`{n}`" not in page]


def commands_in(kind: str) -> list[tuple[str, list[str]]]:
    """Page and words of each command line in the blocks marked `kind`, and in `make …` spans."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for _, block in fenced(text, kind) for line in block if line.strip()]
        found += [(name(page), line.split()) for line in lines]
        found += [(name(page), span.split()) for span in re.findall(r"`(make [a-z][^`]*)`", text)]
    return found


def test_make_targets_in_docs_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (PROJECT / "Makefile").read_text(), re.M))
    bad = [
        (page, w)
        for page, w in commands_in("sh")
        if w[0] == "make" and w[1:] and w[1] not in targets
    ]
    assert not bad


@pytest.mark.skipif(not COMMAND.exists(), reason="muniment is not installed here")
def test_verbs_in_docs_exist():
    used = {w[1] for _, w in commands_in("sh") if Path(w[0]).name == "muniment" and len(w) > 1}
    helped = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    verbs = set(re.findall(r"^\s+([a-z]+)\b", helped, re.M))
    assert used and not used - verbs


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["A1/… sealed"], ["A1/0001 sealed"], True),
        (["A1/… sealed"], ["A1/0001", "sealed"], False),
        (["first", "…", "last"], ["first", "last"], True),
        (["first", "…", "last"], ["first", "a", "b", "last"], True),
        (["…"], [], True),
        (["(a.b)"], ["(aXb)"], False),
        ([], ["something"], False),
    ],
)
def test_dots_stand_for_what_changes_and_for_nothing_else(expected, printed, same):
    assert matches(expected, printed) is same


def test_a_page_is_run_in_order_and_told_what_differs(tmp_path: Path):
    page = "\n".join(
        [
            "```console",
            "$ mkdir papers",
            "$ printf 'a memo' \\",
            "  > papers/memo.txt",
            "$ ls papers",
            "memo.txt",
            "```",
            "```console",
            "$ cat papers/other.txt",
            "[exit 1]",
            "…",
            "$ cat papers/memo.txt",
            "a letter",
            "```",
        ]
    )
    assert [e.status for e in examples(page)] == [0, 0, 0, 1, 0]
    (problem,) = run_page(page, tmp_path)
    assert "line 12" in problem and "a memo" in problem


@pytest.mark.parametrize("command", ["rm -r x", "printf x > ../escaped"])
def test_an_example_keeps_to_its_folder(command: str, tmp_path: Path):
    with pytest.raises(ValueError):
        run_page(f"```console\n$ {command}\n```", tmp_path)
    assert not any((tmp_path / "place").iterdir())
