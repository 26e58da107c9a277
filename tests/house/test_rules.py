"""The rules of the house, walked over the tree. CONTRIBUTING.md gives the reasons."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OUTSIDE = {".git", ".venv", ".tools", "__pycache__", ".mypy_cache", ".ruff_cache", "build", "dist"}
OUTSIDE |= {".hypothesis", ".import_linter_cache", "built", "node_modules"}
CODE = ("src", "verifier", "tests", "bench", "samples", "docs", "setup")
FORBIDDEN_NAMES = {"util", "utils", "core", "helper", "helpers", "manager", "service", "base"}
FORBIDDEN_NAMES |= {"misc", "common"}
LONGEST_FILE = 500
LONGEST_FUNCTION = 40

# path:function -> why it is longer. Keep it short: a list like this grows by itself.
LONGER_FUNCTIONS: dict[str, str] = {}
LONGER_FILES: dict[str, str] = {}
# path -> why it may
MAY_SLEEP = {"tests/reading/hostile_format.py": "a reader that hangs is what it plays"}
MAY_NAME_A_MACHINES_PATH = {
    "tests/reading/formats/test_archive.py": "names as a hostile archive declares them",
}
# Where a panic becomes a recorded state, and nowhere else; one handler a file.
OUTERMOST_FRAMES = {"src/muniment/reading/inside.py"}


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Every file of the tree that people write, with one of the suffixes (all where none is given)."""
    found = []
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [
            f for f in folders if f not in OUTSIDE and not f.endswith((".muniment", ".egg-info"))
        ]
        found += [Path(folder) / n for n in names if not suffixes or n.endswith(suffixes)]
    return tuple(sorted(found))


def shown(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def python_files(*tops: str) -> list[Path]:
    return [p for p in files(".py") if shown(p).split("/")[0] in (tops or CODE)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=shown(path))


def text_files() -> Iterator[tuple[Path, str]]:
    for path in files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_names_are_words_of_a_reporter_or_an_archivist():
    bad = []
    for path in files():
        for part in path.relative_to(PROJECT).parts:
            words = set(re.split(r"[^a-z]+", part.lower().split(".")[0]))
            if words & FORBIDDEN_NAMES:
                bad.append(shown(path))
    assert not bad, "names that say nothing; name what is inside"


def test_files_end_in_time():
    written = files(".py", ".js", ".css", ".html", ".sh")
    lengths = {shown(p): len(p.read_text(encoding="utf-8").splitlines()) for p in written}
    long = {name: n for name, n in lengths.items() if n > LONGEST_FILE and name not in LONGER_FILES}
    assert not long, f"files over {LONGEST_FILE} lines; give each half a room of its own"
    assert not set(LONGER_FILES) - set(lengths), "excused, but not there"


def length(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code from `def` to the end: docstring, comments and empty lines are free."""
    lines = path.read_text(encoding="utf-8").splitlines()
    numbers = set(range(function.lineno, (function.end_lineno or function.lineno) + 1))
    if ast.get_docstring(function, clean=False) is not None:
        first = function.body[0]
        numbers -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return sum(
        1 for n in numbers if lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#")
    )


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{shown(path)}:{node.name}", node


def test_functions_end_in_time():
    # samples are left out: a function there lays one document out, from its top to its bottom.
    paths = python_files(*(top for top in CODE if top != "samples"))
    lengths = {name: length(path, f) for path in paths for name, f in functions(path)}
    long = {n: k for n, k in lengths.items() if k > LONGEST_FUNCTION and n not in LONGER_FUNCTIONS}
    assert not long, f"functions over {LONGEST_FUNCTION} lines"
    assert not {n for n in LONGER_FUNCTIONS if lengths.get(n, 0) <= LONGEST_FUNCTION}, (
        "no excuse needed"
    )


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        n is None or (isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"})
        for n in names
    )


def ends_by_raising(handler: ast.ExceptHandler) -> bool:
    """Cleaning up and raising again hides nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_no_broad_except_but_at_a_workers_outermost_frame():
    bad = {
        shown(path): [
            node.lineno
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.ExceptHandler) and is_broad(node) and not ends_by_raising(node)
        ]
        for path in python_files()
    }
    bad = {name: lines for name, lines in bad.items() if len(lines) > (name in OUTERMOST_FRAMES)}
    assert not bad, "catch what you can mend, by name"


def called(path: Path, *names: str) -> list[str]:
    """Where the path calls one of the dotted names."""
    return [
        f"{shown(path)}:{node.lineno}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names
    ]


def test_nobody_sleeps():
    paths = [p for p in python_files("src", "tests") if shown(p) not in MAY_SLEEP]
    bad = [at for path in paths for at in called(path, "time.sleep", "sleep")]
    assert not bad, "wait for the event itself, with a limit"


def test_only_the_command_line_prints():
    bad = [
        at
        for path in python_files("src")
        if not shown(path).startswith("src/muniment/command/")
        for at in called(path, "print")
    ]
    assert not bad, "text from a document must not reach a terminal by accident"


UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|raise NotImplemented")
MACHINE_PATHS = re.compile(r"(?<![\w.<-])/(work/|root/|home/" + r"[a-z]|Users/" + r"[A-Za-z])")
REGISTRY_HOSTS = re.compile(
    r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|deb\.debian\.org|archive\.ubuntu\.com|crates\.io"
    r"|proxy\.golang\.org|yarnpkg\.com|unpkg\.com|jsdelivr\.net|ghcr\.io|docker\.io)\b".replace(
        "\\.", "[.]"
    )
)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (UNFINISHED, "finish it, or write it down as an issue"),
        (MACHINE_PATHS, "a path of one machine"),
        (REGISTRY_HOSTS, "an address of a registry; those come from the environment"),
    ],
    ids=["unfinished", "machine paths", "registry hosts"],
)
def test_the_tree_does_not_hold(pattern: re.Pattern[str], why: str):
    here = Path(__file__)
    bad = [
        f"{shown(path)}:{number}"
        for path, text in text_files()
        if path != here
        and not (pattern is MACHINE_PATHS and shown(path) in MAY_NAME_A_MACHINES_PATH)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not bad, why


def public(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The classes and functions a stranger may call, methods too."""
    for child in getattr(node, "body", []):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if child.name.startswith("_"):
                continue
            yield child.name, child
            if isinstance(child, ast.ClassDef):
                yield from ((f"{child.name}.{name}", inner) for name, inner in public(child))


def test_everything_public_in_src_says_what_it_is():
    bad = []
    for path in python_files("src", "verifier"):
        module = tree_of(path)
        if path.stat().st_size and not ast.get_docstring(module):
            bad.append(shown(path))
        if path.name.startswith("_") and path.name != "__init__.py":
            continue
        bad += [
            f"{shown(path)}:{name}" for name, node in public(module) if not ast.get_docstring(node)
        ]
    assert not bad, "no docstring"
