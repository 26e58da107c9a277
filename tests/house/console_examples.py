"""Runs the `console` blocks of a page and compares what they print. docs/how-to/write-examples.md is the manual."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_SECONDS = 120
PREPARE = ("mkdir", "printf", "cp", "ls", "cat")
PASSPHRASE = "correct horse battery staple of the fictional port"


@dataclass(frozen=True)
class Example:
    """One command of a page, its line number, and the lines it should print."""

    line: int
    command: str
    expected: list[str]
    status: int


def fenced(text: str, kind: str) -> Iterator[tuple[int, list[str]]]:
    """The fenced blocks of a page marked `kind`: the number of the first line, and the lines."""
    inside: list[str] | None = None
    fence, begin = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None:
            opened = re.fullmatch(r"(`{3,})\s*(\w*).*", line)
            if opened:
                fence, inside, begin, wanted = opened[1], [], number + 1, opened[2] == kind
        elif line.rstrip() == fence:
            if wanted:
                yield begin, inside
            inside = None
        else:
            inside.append(line)


def examples(text: str) -> Iterator[Example]:
    """The commands of a page's `console` blocks, in order."""
    for begin, lines in fenced(text, "console"):
        starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
        if not starts or starts[0] != 0:
            raise ValueError(f"line {begin}: a console block begins with `$ `")
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            command, after = lines[start][2:], start + 1
            while command.endswith("\\") and after < end:
                command, after = command[:-1] + lines[after], after + 1
            status = re.fullmatch(r"\[exit (\d+)\]", lines[after]) if after < end else None
            expected = lines[after + bool(status) : end]
            yield Example(begin + start, command, expected, int(status[1]) if status else 0)


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether the printed lines are the expected ones; `…` stands for text, alone in a line for any lines."""
    parts = []
    for line in expected:
        if line.strip() == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(
                r"[^\n]*".join(re.escape(piece.rstrip()) for piece in line.split("…")) + r"[ ]*\n"
            )
    return (
        re.fullmatch("".join(parts), "".join(f"{line.rstrip()}\n" for line in printed)) is not None
    )


class Scene:
    """An empty folder in which the commands of one page run."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "place"
        home = folder / "home"
        for directory in (self.place, home):
            directory.mkdir()
        scripts = Path(sys.executable).parent
        self.environment = os.environ | {
            "HOME": str(home),
            "MUNIMENT_HOME": str(folder / "muniment-home"),
            "MUNIMENT_PASSPHRASE": PASSPHRASE,
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }

    def run(self, command: str) -> tuple[int, list[str]]:
        """Exit status and printed lines of one command."""
        words = shlex.split(command)
        if words[0] not in ("muniment", *PREPARE):
            raise ValueError(f"an example may not run {words[0]}")
        target = None
        if ">" in words[-2:]:
            *words, _, name = words
            target = self.place / name
            if not target.resolve().is_relative_to(self.place.resolve()):
                raise ValueError(f"{name} is outside the example's folder")
        done = subprocess.run(
            words,
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_SECONDS,
        )
        if target is not None:
            target.write_bytes(done.stdout)
            return done.returncode, []
        return done.returncode, done.stdout.decode("utf-8", "backslashreplace").splitlines()


def run_page(text: str, folder: Path) -> list[str]:
    """Run a page from top to bottom; what differs, one text for each example."""
    scene = Scene(folder)
    problems = []
    for example in examples(text):
        status, printed = scene.run(example.command)
        if status != example.status or not matches(example.expected, printed):
            shown = "\n".join(printed)
            problems.append(f"line {example.line}: $ {example.command}\n[exit {status}]\n{shown}\n")
    return problems
