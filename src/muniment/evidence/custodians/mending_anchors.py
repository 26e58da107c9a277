"""Mending anchors/: proofs that are gone or damaged, from copies that have them.

No file is ever replaced by another. What belongs there is told by the folder's own index, and by what the catalogue
knows. Only where the folder is gone and no catalogue is left is a copy's word taken for it: timestamps prove
themselves, an authority's root does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from muniment.case.writing import write_whole
from muniment.errors import Damaged
from muniment.evidence.anchors.folder import AnchorFolder
from muniment.evidence.anchors.index import INDEX, Index
from muniment.evidence.custodians.files import make_folders
from muniment.evidence.custodians.mending import NO_SOURCE, Mending

ANCHORS = "anchors"


def mend_anchors(mending: Mending, known: Mapping[str, str] | None) -> None:
    """Bring anchors/ right. `known`: path to SHA-256 as the catalogue has them, None where it is not at hand."""
    ours = _index(mending.root)
    theirs: dict[str, str] = {}
    for source in mending.sources:
        for path, digest in (_index(source.root) or {}).items():
            theirs.setdefault(path, digest)
    wanted = {**(known or {}), **(ours or {})}
    if not wanted and known is None:
        wanted = theirs
    if not wanted:
        return
    index = {}
    for path, digest in sorted(wanted.items()):
        if _there(mending, path, digest):
            index[path] = digest
        else:
            mending.fail(f"{ANCHORS}/{path}", NO_SOURCE)
            if ours is not None and path in ours:
                index[path] = digest  # named as missing by every audit
    if index != ours:
        if ours is None and (mending.root / ANCHORS / INDEX).exists():
            mending.put_aside(f"{ANCHORS}/{INDEX}", "it could not be read")
        make_folders(mending.root, ANCHORS)
        write_whole(mending.root / ANCHORS / INDEX, Index(index).to_json())
        mending.mended.repaired.append(f"{ANCHORS}/{INDEX}")


def _index(root: Path) -> dict[str, str] | None:
    """What an index lists; None where there is none that can be read."""
    try:
        return AnchorFolder(root / ANCHORS).files() if (root / ANCHORS / INDEX).is_file() else None
    except Damaged:
        return None


def _there(mending: Mending, path: str, digest: str) -> bool:
    """Whether a file is there as it was kept, if need be from a copy."""
    if _digest(mending.root / ANCHORS / path) == digest:
        return True
    return any(
        _digest(source.root / ANCHORS / path) == digest
        and mending.take(f"{ANCHORS}/{path}", source)
        for source in mending.sources
    )


def _digest(path: Path) -> str:
    try:
        return "" if path.is_symlink() else sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
