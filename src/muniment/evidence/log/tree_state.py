"""tree.json: how far a log has come."""

from __future__ import annotations

import json
from dataclasses import dataclass

from muniment.errors import Damaged
from muniment.evidence.log.shelf import ENTRY, RESTORE

TREE = "tree.json"


@dataclass(frozen=True, slots=True)
class TreeState:
    """tree.json: size and root, and entries being added after those."""

    size: int
    root: bytes
    adding: tuple[bytes, ...] = ()

    def to_json(self) -> bytes:
        """RFC 8785 JSON and a newline."""
        fields: dict[str, object] = {"root": self.root.hex(), "size": self.size, "version": 1}
        if self.adding:
            fields = {"adding": [entry.hex() for entry in self.adding], **fields}
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> TreeState:
        """Read it, in its one form. Raises Damaged."""
        try:
            fields = json.loads(content)
            adding = tuple(bytes.fromhex(entry) for entry in fields.get("adding", ()))
            state = cls(fields["size"], bytes.fromhex(fields["root"]), adding)
            good = state.to_json() == content and type(state.size) is int and state.size >= 0
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _damaged() from None
        if not good or len(state.root) != 32 or any(len(entry) != ENTRY for entry in adding):
            raise _damaged()
        return state


def _damaged() -> Damaged:
    return Damaged("The log's tree.json is damaged.", next=RESTORE)
