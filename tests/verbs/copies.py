"""What the tests of copies share: papers with something in them, and a flipped byte."""

from __future__ import annotations

import os
import random
from pathlib import Path


def papers(folder: Path, *, seed: int = 7) -> Path:
    """Text files of a few lines, and one that takes several chunks of 64 KiB."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    for number in range(4):
        words = " ".join(
            chance.choice(["quay", "ledger", "barge", "permit", "berth"]) for _ in range(40)
        )
        (folder / f"memo-{number}.txt").write_text(f"Memo {seed}.{number}: {words}\n")
    (folder / "long.txt").write_text(
        "\n".join(f"line {number} {chance.random()}" for number in range(12_000))
    )
    return folder


def flip(path: Path, at: int | None = None) -> None:
    """Change one bit of one byte, in the middle unless `at` says where."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 1
    path.write_bytes(content)


def files_below(root: Path) -> list[str]:
    """Every file below a folder, as paths from it, sorted."""
    found = [
        os.path.relpath(Path(directory) / name, root)
        for directory, _, names in os.walk(root)
        for name in names
    ]
    return sorted(found)


def contents(root: Path) -> dict[str, bytes]:
    """Path and bytes of every file below a folder."""
    return {path: (root / path).read_bytes() for path in files_below(root)}


def originals(case) -> str:
    """The name of the object that holds originals, the first of them."""
    import sqlalchemy as sa

    from muniment.case import catalogue as tables

    with case.catalogue.read() as connection:
        query = sa.select(tables.batch.c.object).order_by(tables.batch.c.number)
        return str(connection.execute(query).scalars().first())
