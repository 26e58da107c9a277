"""The manifest of an object of page seals: which package is which document's, and how its root follows.

docs/formats/page-seals.md describes it. Nothing here believes a root: each is computed again from what is below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from muniment.errors import MunimentError
from muniment.evidence import layers
from muniment.evidence.page_commitment import check_page
from muniment.evidence.page_package import PageRecord, Unpacking, damaged

VERSION = 1
KIND = "pages"
NOT_A_MANIFEST = (MunimentError, ValueError, KeyError, TypeError, AttributeError)
"""What reading a manifest raises where it is none."""

Manifest = Mapping[str, Any]


def batch_root_of(manifest: Manifest) -> bytes:
    """The root of a batch, from the document roots its manifest names. Raises one of NOT_A_MANIFEST.

    Of a document that was withdrawn its root is all there is, and it stands in its place.
    """
    if manifest["version"] != VERSION or manifest["kind"] != KIND:
        raise ValueError("not a manifest of page seals")
    roots = [bytes.fromhex(file["root"]) for file in manifest["files"]]
    key, tree = bytes.fromhex(manifest["key"]), bytes.fromhex(manifest["tree"])
    return layers.batch_root(key, tree, roots)


def document_root_of(entry: Manifest, pages: Sequence[bytes]) -> bytes:
    """The root of a document, from one of the manifest's `files` and the roots of its pages.

    Raises one of NOT_A_MANIFEST, Damaged where the root of its file is not the one named.
    """
    key, file = bytes.fromhex(entry["key"]), entry["file"]
    root = layers.file_root(
        key,
        bytes.fromhex(file["tree"]),
        int(file["size"]),
        bytes.fromhex(file["sha256"]),
        bytes.fromhex(file["sha512"]),
        file["properties"],
    )
    if root.hex() != file["root"]:
        raise damaged()
    bodies = layers.document_bodies(root, entry["tools"], pages)
    return layers.layer_tree("document", key, bytes.fromhex(entry["tree"]), bodies).root


def package_holds(entry: Manifest, write_to: Callable[[Unpacking], None]) -> bool:
    """Whether a package gives the root its entry in a manifest names, every tree of every page computed again.

    `write_to` writes the package to what it is given. Roots of pictures that are not kept are taken as they stand.
    """
    roots: list[bytes] = []
    pages = [0]

    def take(record: PageRecord) -> None:
        if record.page <= pages[-1]:
            raise damaged()
        pages.append(record.page)
        roots.append(check_page(bytes.fromhex(entry["key"]), record))

    unpacking = Unpacking(take)
    try:
        write_to(unpacking)
        whole = unpacking.close() == entry["pages"]
        return bool(whole and document_root_of(entry, roots).hex() == entry["root"])
    except NOT_A_MANIFEST:
        return False
