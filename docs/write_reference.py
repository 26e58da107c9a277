"""Writes the pages of docs that are made from the code. `make docs` runs it; a test says when it is due.

With `--check` nothing is written and the exit status is 1 where a page is not up to date.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = PROJECT / "src" / "muniment"


@dataclass(frozen=True)
class ErrorClass:
    """One class of error as its source says: no import, so that a page needs no set-up."""

    name: str
    parent: str
    code: str | None
    exit_status: int | None
    meaning: str
    module: str


def classes() -> dict[str, ErrorClass]:
    """Every class under src/muniment that has one plain parent."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = path.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.bases:
                found[node.name] = _class(node, module)
    return found


def _class(node: ast.ClassDef, module: str) -> ErrorClass:
    constants = {
        target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return ErrorClass(
        name=node.name,
        parent=ast.unparse(node.bases[0]).rsplit(".", 1)[-1],
        code=constants.get("code"),
        exit_status=constants.get("exit_status"),
        meaning=" ".join((ast.get_docstring(node) or "").split()),
        module=module.removesuffix(".__init__"),
    )


def lineage(error: ErrorClass, known: dict[str, ErrorClass]) -> list[ErrorClass]:
    """The class and its parents, as far as they are ours."""
    line = [error]
    while line[-1].parent in known and known[line[-1].parent] not in line:
        line.append(known[line[-1].parent])
    return line


def errors() -> list[tuple[ErrorClass, str, int]]:
    """Each error with its code and exit status, inherited where it has none of its own."""
    known = classes()
    found = []
    for error in known.values():
        line = lineage(error, known)
        if line[-1].name == "MunimentError":
            code = next(e.code for e in line if e.code is not None)
            status = next(e.exit_status for e in line if e.exit_status is not None)
            found.append((error, code, status))
    return sorted(found, key=lambda row: (row[2], row[1], row[0].name))


def errors_page() -> str:
    """docs/reference/errors.md."""
    rows = [
        f"| `{code}` | {error.meaning} | {status} | `{error.module}.{error.name}` |"
        for error, code, status in errors()
    ]
    return "\n".join(
        [
            "<!-- Written by `make docs` from the code. -->",
            "# Errors",
            "",
            "Each error says what happened, to which document, and what to do next. Programs may rely on `code`;",
            "the sentence may change. A Python library's own error that gets through is a bug worth reporting.",
            "",
            "| code | what it means | [exit](exit-codes.md) | class |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def commands_page() -> str:
    """docs/reference/commands.md: the help of every verb."""
    import click

    from muniment.command.program import VERBS, program

    top = click.Context(
        program, info_name="muniment", terminal_width=100, **program.context_settings
    )
    blocks = [("muniment", program.get_help(top))]
    for verb in VERBS:
        command = program.get_command(top, verb)
        if command is None:
            raise LookupError(verb)
        within = click.Context(command, info_name=verb, parent=top, terminal_width=100)
        blocks.append((verb, command.get_help(within)))
    sections = [f"## {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in blocks]
    head = "Help begins with the question a verb answers. `muniment VERB --help` prints the same."
    return "\n".join(
        ["<!-- Written by `make docs` from the code. -->", "# Commands", "", head, "", *sections]
    )


def decisions_page() -> str:
    """docs/decisions/README.md."""
    rows = []
    for path in sorted((PROJECT / "docs" / "decisions").glob("[0-9]*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        title = lines[0].lstrip("# ").removeprefix(path.name[:4]).lstrip(" .:–-")
        status = next(
            (s.removeprefix("Status:").strip() for s in lines[:8] if s.startswith("Status:")), ""
        )
        rows.append(f"| {path.name[:4]} | [{title}]({path.name}) | {status} |")
    return "\n".join(
        [
            "<!-- Written by `make docs`. -->",
            "# Decisions",
            "",
            "Why things are as they are, one page a decision. [0001](0001-decisions-are-recorded.md) says how.",
            "",
            "| | decision | status |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def formats_page() -> str:
    """docs/formats/README.md."""
    rows = []
    for path in sorted((PROJECT / "docs" / "formats").glob("*.md")):
        if path.name != "README.md":
            title = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
            rows.append(f"- [{title}]({path.name})")
    return "\n".join(
        [
            "<!-- Written by `make docs`. -->",
            "# Formats",
            "",
            "What muniment writes to disk, to the byte, so that somebody else can read and check it without",
            "our code. Each format has a version; what any version has sealed must verify in every later one.",
            "",
            *rows,
            "",
        ]
    )


def pages() -> dict[Path, str]:
    """Every generated page with the text it should have."""
    docs = PROJECT / "docs"
    return {
        docs / "reference" / "errors.md": errors_page(),
        docs / "reference" / "commands.md": commands_page(),
        docs / "decisions" / "README.md": decisions_page(),
        docs / "formats" / "README.md": formats_page(),
    }


def main() -> int:
    """Write the pages, or with --check name those that are not up to date."""
    stale = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(path.relative_to(PROJECT).as_posix())
        if "--check" not in sys.argv:
            path.write_text(pages()[path], encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
