"""Whether an object of the vault is what was sealed, and is without what was withdrawn since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from muniment.errors import MunimentError
from muniment.evidence.custodians.mending import Vouched
from muniment.evidence.page_manifest import KIND, batch_root_of

if TYPE_CHECKING:
    from muniment.verbs.case import Case


def withdrawn_documents(case: Case) -> frozenset[str]:
    """The identifiers of what was withdrawn, by the acts as far as they can be read."""
    found = set()
    try:
        for act in case.journal.acts():
            if act["act"] == "withdrawn":
                found |= {act["details"]["document"], act["details"]["reference"]}
    except MunimentError:
        pass
    return frozenset(found)


def vouch_for(case: Case, manifest: Mapping[str, Any], withdrawn: frozenset[str]) -> Vouched:
    """What a manifest tells: whether its root stands in the log, what is withdrawn in it, and what still should be.

    Raises one of NOT_A_MANIFEST where it is none.
    """
    from muniment.verbs.audit import root_of_manifest

    pages = manifest.get("kind") == KIND
    root = batch_root_of(manifest) if pages else root_of_manifest(dict(manifest))
    gone = [file for file in manifest["files"] if file.get("state") == "withdrawn"]
    leaving = frozenset(
        str(file["content"])
        for file in manifest["files"]
        if file.get("state") != "withdrawn" and _is_of(file, withdrawn)
    )
    return Vouched(case.log.index_of(root) is not None, len(gone), leaving)


def _is_of(file: Mapping[str, Any], withdrawn: frozenset[str]) -> bool:
    """Whether an entry is of a withdrawn original, or of a part found in it."""
    original = str(file["reference"]).partition(".")[0]
    return file["document"] in withdrawn or original in withdrawn
