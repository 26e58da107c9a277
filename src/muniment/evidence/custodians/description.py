"""COPY.json: what a custodian's folder holds, so that all of it can be audited without keys.

It is canonical (RFC 8785 and a newline) and tells nothing that the folder does not show: names of objects and
files, digests of ciphertext, size and root of the log. Before files that were there already are replaced it is
written with what is `coming` beside what is there, so that a copy that was cut off anywhere is still a good one
(docs/formats/copy.md).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from muniment.case.writing import write_whole
from muniment.errors import Damaged, Newer

COPY = "COPY.json"
VERSION = 1
CATALOGUE = "catalogue.db"
CASE_TOML = "case.toml"
FOLDERS = ("journal", "anchors", "keys")  # described file by file

_SHA512 = re.compile(r"[0-9a-f]{128}")
_OBJECT = re.compile(r"[a-z0-9]{8,64}")
_IDENTIFIER = re.compile(r"[a-z2-7]{1,64}")
_PATH = re.compile(
    r"(?:journal|anchors|keys)(?:/[A-Za-z0-9_@=+,-][A-Za-z0-9._@=+,-]*)+|catalogue\.db|case\.toml"
)


@dataclass(frozen=True, slots=True)
class Description:
    """What is there. `objects`: name to SHA-512 of its inventory; `files`: path to SHA-512; both hexadecimal.

    On the disk `check` is the SHA-512 of the document without it: a flipped digit is damage of COPY.json itself.
    """

    case: str
    log_size: int = 0
    log_root: str = ""
    objects: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    coming: Description | None = None

    @property
    def acts(self) -> int:
        """How many acts of the journal are there."""
        return sum(path.startswith("journal/") for path in self.files)

    @property
    def begun(self) -> bool:
        """Whether a copy ever came to its end here."""
        return CASE_TOML in self.files

    def versions(self) -> Iterator[Description]:
        """What is described: what is there and, while it is replaced, what is coming."""
        yield self
        if self.coming is not None:
            yield self.coming

    def finished(self) -> Description:
        """The same without anything coming."""
        return replace(self, coming=None)

    def to_json(self) -> bytes:
        """Canonical JSON and a newline."""
        document = {"case": self.case, "version": VERSION, **self._body()}
        if self.coming is not None:
            document["coming"] = self.coming._body()
        check = hashlib.sha512(_canonical(document)).hexdigest()
        return _canonical({**document, "check": check}) + b"\n"

    def _body(self) -> dict[str, Any]:
        return {
            "files": dict(self.files),
            "log": {"root": self.log_root, "size": self.log_size},
            "objects": dict(self.objects),
        }

    @classmethod
    def from_json(cls, content: bytes) -> Description:
        """Read it, in its one form. Raises Damaged, or Newer for a later version."""
        try:
            document = json.loads(content)
            if isinstance(document["version"], int) and document["version"] > VERSION:
                raise Newer(
                    f"This copy has version {document['version']}; this muniment knows {VERSION}.",
                    next="Use the muniment that wrote it, or a later one. Nothing was changed.",
                )
            found = cls(document["case"], **_fields(document))
            if "coming" in document:
                coming = cls(document["case"], **_fields(document["coming"]))
                found = replace(found, coming=coming)
            good = found.to_json() == content and _IDENTIFIER.fullmatch(found.case) is not None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _damaged() from None
        if not good:
            raise _damaged()
        return found


def _canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785, for documents of ASCII and whole numbers."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    size, root = body["log"]["size"], body["log"]["root"]
    objects, files = body["objects"], body["files"]
    sound = (
        type(size) is int
        and size >= 0
        and re.fullmatch(r"[0-9a-f]{64}|", root) is not None
        and all(_OBJECT.fullmatch(name) for name in objects)
        and all(_PATH.fullmatch(path) for path in files)
        and all(_SHA512.fullmatch(digest) for digest in (*objects.values(), *files.values()))
    )
    if not sound:
        raise ValueError("a field has not its form")
    return {"log_size": size, "log_root": root, "objects": objects, "files": files}


def _damaged() -> Damaged:
    return Damaged(
        f"{COPY} of this copy is damaged.",
        next="Run `muniment repair CASE --custodian NAME`, or copy to it once more.",
    )


def read_description(place: Path) -> Description:
    """The description of the copy in a folder. Raises Damaged (also where it cannot be read) or Newer."""
    try:
        return Description.from_json((place / COPY).read_bytes())
    except OSError:
        raise _damaged() from None


def write_description(place: Path, description: Description) -> None:
    """Put it in its place, durable. Raises OSError, Damaged."""
    write_whole(place / COPY, description.to_json())


def describable(path: str) -> bool:
    """Whether a file's path can stand in a description."""
    return _PATH.fullmatch(path) is not None
