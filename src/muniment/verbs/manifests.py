"""The objects of a vault by their manifests: what each says was sealed in it, in the words of an act."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from muniment.errors import MunimentError
from muniment.evidence.page_manifest import KIND
from muniment.evidence.vault import ocfl
from muniment.evidence.vault.chunks import Chunked, decode_chunks

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_FIELDS = ("document", "reference", "key", "tree", "root", "sha256", "sha512", "properties")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An object: its manifest, the SHA-512 of each file in it, and what chunks.json says of the ciphertexts."""

    name: str
    manifest: Mapping[str, Any]
    contents: Mapping[str, str]
    chunked: Mapping[str, Chunked]

    @property
    def pages(self) -> bool:
        """Whether it holds page seals, and no originals."""
        return self.manifest.get("kind") == KIND

    def withdrawn(self) -> Iterator[Mapping[str, Any]]:
        """The entries of which only root and reason are left."""
        return (file for file in self.manifest["files"] if file.get("state") == "withdrawn")

    def stored(self, content: str) -> dict[str, str]:
        """What is told of a ciphertext: `stored`, `cipher_sha512`, `cipher_size`, `chunk_root`."""
        chunked = self.chunked.get(content)
        return {
            "stored": content,
            "cipher_sha512": self.contents.get(content, ""),
            "cipher_size": str(chunked.size if chunked is not None else 0),
            "chunk_root": chunked.root.hex() if chunked is not None else "",
        }

    def files(self) -> Iterator[dict[str, Any]]:
        """The originals in it, as an enclosure has them; where they lay is not known."""
        for file in self.manifest["files"]:
            if file.get("state") == "withdrawn" or file["content"] not in self.contents:
                continue
            yield {
                **{name: file[name] for name in _FIELDS},
                **self.stored(file["content"]),
                "size": str(file["size"]),
                "location": "",
                "modified": "0",
            }


def sealed_objects(case: Case) -> Iterator[Sealed]:
    """Each object whose manifest can be opened."""
    for name in case.vault.objects():
        try:
            contents = case.vault.contents(name)
            manifest = json.loads(case.vault.read_manifest(name, case.keys.identity))
        except (MunimentError, ValueError):
            continue  # the audit of the vault names it
        if isinstance(manifest, dict) and manifest.get("files"):
            yield Sealed(name, manifest, contents, _chunked(case, name))


def _chunked(case: Case, name: str) -> Mapping[str, Chunked]:
    try:
        raw = (case.folder.vault / name / ocfl.CONTENT / ocfl.CHUNKS).read_bytes()
        return decode_chunks(raw)[0]
    except (OSError, ValueError):
        return {}
