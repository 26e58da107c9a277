"""anchors/index.json: which files the folder holds, and their digests."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256

from muniment.errors import Damaged

INDEX = "index.json"
VERSION = 1
# authorities/NAME/roots-1.pem, timestamps/NAME.tsq, … : two or three names of these characters
_PATH = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,63}/){1,2}[a-z0-9][a-z0-9-]{0,63}\.[a-z]{2,12}")
RESTORE = "Run `muniment audit`, then restore anchors/ from another copy of the case."


@dataclass(frozen=True, slots=True)
class Index:
    """`files`: path to SHA-256 in hexadecimal. `adding`: the same of files that are being written."""

    files: dict[str, str] = field(default_factory=dict)
    adding: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """RFC 8785 JSON and a newline; `digest` is that of the same without it."""
        fields: dict[str, object] = {"files": self.files, "version": VERSION}
        if self.adding:
            fields["adding"] = self.adding
        return _encode({**fields, "digest": sha256(_encode(fields)).hexdigest()})

    @classmethod
    def from_json(cls, content: bytes) -> Index:
        """Read it, in its one form. Raises Damaged."""
        try:
            fields = json.loads(content)
            index = cls(fields["files"], fields.get("adding", {}))
            good = index.to_json() == content
            entries = {**index.files, **index.adding}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _damaged() from None
        if not good or not all(
            is_path(path) and re.fullmatch(r"[0-9a-f]{64}", digest)
            for path, digest in entries.items()
        ):
            raise _damaged()
        return index


def is_path(path: str) -> bool:
    """Whether a file of the folder may have this path."""
    return bool(_PATH.fullmatch(path))


def _encode(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _damaged() -> Damaged:
    return Damaged("anchors/index.json is damaged.", next=RESTORE)
