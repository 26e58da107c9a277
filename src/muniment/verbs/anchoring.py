"""Keeping proofs in `anchors/`, each known to the catalogue too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case.anchor_tables import anchor_file
from muniment.errors import BadUse, Damaged, MunimentError

if TYPE_CHECKING:
    from muniment.evidence.anchors.folder import AnchorFolder
    from muniment.verbs.case import Case


def anchors_of(case: Case) -> AnchorFolder:
    """The case's folder of public proofs."""
    from muniment.evidence.anchors.folder import AnchorFolder

    return AnchorFolder(case.folder.anchors)


def keep(case: Case, new: Mapping[str, bytes]) -> None:
    """Put files into anchors/, durable on return; what is there already with the same bytes stays."""
    folder = anchors_of(case)
    _settle(case, folder)
    with case.catalogue.write() as connection:
        known = set(connection.execute(sa.select(anchor_file.c.path)).scalars())
        rows = [
            {"path": path, "sha256": sha256(content).hexdigest(), "kept": False}
            for path, content in new.items()
            if path not in known
        ]
        if rows:
            connection.execute(sa.insert(anchor_file), rows)
    folder.add(new)
    with case.catalogue.write() as connection:
        connection.execute(
            sa.update(anchor_file).where(anchor_file.c.path.in_(list(new))).values(kept=True)
        )


def settle_anchors(case: Case) -> None:
    """Bring to its end what a killed run left half done."""
    folder = anchors_of(case)
    if folder.files():
        folder.add({})
        _settle(case, folder)


def _settle(case: Case, folder: AnchorFolder) -> None:
    """Bring to its end what a killed run announced: the file is there, or was never acknowledged."""
    with case.catalogue.read() as connection:
        waiting = connection.execute(
            sa.select(anchor_file.c.path, anchor_file.c.sha256).where(anchor_file.c.kept.is_(False))
        ).all()
    if not waiting:
        return
    folder.add({})
    there = folder.files()
    with case.catalogue.write() as connection:
        for row in waiting:
            one = anchor_file.c.path == row.path
            if there.get(row.path) == row.sha256:
                connection.execute(sa.update(anchor_file).where(one).values(kept=True))
            else:
                connection.execute(sa.delete(anchor_file).where(one))


def read_file(path: str, most: int) -> bytes:
    """A file that was handed over. Raises BadUse where it is not there or too large to be what it should be."""
    from pathlib import Path

    from muniment.case.folder import printable

    try:
        with open(Path(path), "rb") as file:
            content = file.read(most + 1)
    except OSError:
        raise BadUse(f"{printable(path)} cannot be read.", next="Check the path.") from None
    if len(content) > most:
        raise BadUse(
            f"{printable(path)} is too large to be what it should be.", next="Check the path."
        )
    return content


def check_anchors(case: Case) -> Iterator[tuple[str, str]]:
    """What `audit` finds with keys: files that the catalogue does not know, or knows otherwise."""
    try:
        there = anchors_of(case).files()
    except Damaged:
        yield "damaged", "anchors/index.json"
        return
    try:
        with case.catalogue.read() as connection:
            known = {row.path: row for row in connection.execute(sa.select(anchor_file))}
    except MunimentError:
        yield "damaged", "catalogue.db"
        return
    for path, row in known.items():
        if path not in there:
            if row.kept:
                yield "missing", f"anchors/{path}"
        elif there[path] != row.sha256:
            yield "damaged", f"anchors/{path}"
    for path in there:
        if path not in known:
            yield "unexpected", f"anchors/{path}"


def known_anchors(case: Case) -> dict[str, str]:
    """Path to SHA-256 of every file of anchors/ that the catalogue knows."""
    with case.catalogue.read() as connection:
        query = sa.select(anchor_file.c.path, anchor_file.c.sha256).where(anchor_file.c.kept)
        return {row.path: row.sha256 for row in connection.execute(query)}


def adopt_anchors(case: Case) -> None:
    """Let a catalogue that was made anew, or is of an earlier time, know what lies in anchors/, by its index."""
    try:
        there = anchors_of(case).files()
    except Damaged:
        return
    with case.catalogue.write() as connection:
        known = set(connection.execute(sa.select(anchor_file.c.path)).scalars())
        rows = [
            {"path": path, "sha256": digest, "kept": True}
            for path, digest in there.items()
            if path not in known
        ]
        if rows:
            connection.execute(sa.insert(anchor_file), rows)
