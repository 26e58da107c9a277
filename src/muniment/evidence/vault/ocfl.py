"""The OCFL 1.1 storage root and objects of the vault, in one canonical form.

Source: https://ocfl.io/1.1/spec/ and community extension 0002 (flat direct storage layout). Every file but the
content is determined, byte for byte, by the object's name and the digests of its content: nothing in it tells
a time, a person or a size. docs/formats/vault.md describes the layout.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

LAYOUT = "0002-flat-direct-storage-layout"
ROOT_NAMASTE = "0=ocfl_1.1"
OBJECT_NAMASTE = "0=ocfl_object_1.1"
OBJECT_NAMASTE_CONTENT = b"ocfl_object_1.1\n"
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha512"
VERSION = "v1"
CONTENT = "v1/content"
MANIFEST = "manifest.age"
CHUNKS = "chunks.json"
# 2000-01-01: when something came in is nobody's business but the log's.
CREATED = "2000-01-01T00:00:00Z"
CREATED_SECONDS = 946684800

OBJECT_NAME = re.compile(r"[a-z0-9]{8,64}")
CONTENT_NAME = re.compile(r"[a-z2-7]{26}|manifest\.age|chunks\.json")
_SHA512 = re.compile(r"[0-9a-f]{128}")


def _pretty(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, indent=2).encode() + b"\n"


# The whole of a storage root beside its objects: path to content.
ROOT_FILES: Mapping[str, bytes] = {
    "ocfl_layout.json": _pretty(
        {
            "description": "Each object lies in a folder of the root that bears its identifier.",
            "extension": LAYOUT,
        }
    ),
    ROOT_NAMASTE: b"ocfl_1.1\n",
}


def encode_inventory(object_name: str, files: Mapping[str, str]) -> bytes:
    """inventory.json of an object. `files`: content name to SHA-512 of the file in lower-case hexadecimal."""
    manifest: dict[str, list[str]] = {}
    state: dict[str, list[str]] = {}
    for name in sorted(files):
        manifest.setdefault(files[name], []).append(f"{CONTENT}/{name}")
        state.setdefault(files[name], []).append(name)
    document = {
        "digestAlgorithm": "sha512",
        "head": VERSION,
        "id": object_name,
        "manifest": manifest,
        "type": "https://ocfl.io/1.1/spec/#inventory",
        "versions": {
            VERSION: {
                "created": CREATED,
                "message": "Sealed",
                "state": state,
                "user": {
                    "address": "urn:uuid:00000000-0000-0000-0000-000000000000",
                    "name": "muniment",
                },
            }
        },
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def decode_inventory(raw: bytes, object_name: str) -> dict[str, str]:
    """Content name to SHA-512 (hexadecimal) of every file of an object.

    Only the canonical form of `encode_inventory` is read. Raises ValueError for anything else, other valid
    OCFL included: what muniment did not write it does not vouch for.
    """
    try:
        document = json.loads(raw)
        files = {
            name: digest for digest, names in _state(document).items() for name in _names(names)
        }
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the inventory has not the shape of a muniment object") from error
    if not all(CONTENT_NAME.fullmatch(name) for name in files):
        raise ValueError("the inventory names content muniment does not write")
    if not all(_SHA512.fullmatch(digest) for digest in files.values()):
        raise ValueError("the inventory holds something that is no SHA-512")
    if encode_inventory(object_name, files) != raw:
        raise ValueError("the inventory is not the canonical one of this object")
    return files


def _state(
    document: Mapping[str, Mapping[str, Mapping[str, dict[str, object]]]],
) -> dict[str, object]:
    return document["versions"][VERSION]["state"]


def _names(names: object) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("a state lists names")
    return names


def encode_sidecar(inventory_digest: str) -> bytes:
    """inventory.json.sha512, as `sha512sum -c` reads it. `inventory_digest`: SHA-512 in hexadecimal."""
    return f"{inventory_digest}  {INVENTORY}\n".encode()
