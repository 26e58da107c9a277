"""Mending case.toml and keys/: first of all, and needing no keys themselves."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path

from muniment.case.folder import Folder, describe, open_folder
from muniment.case.keys import CaseKeys, open_keys
from muniment.errors import Damaged, MunimentError, NoKey, NotFound
from muniment.evidence.custodians.files import digest_of, make_folders
from muniment.evidence.custodians.logs import vkey_of
from muniment.evidence.custodians.mending import NO_SOURCE, Mending

_AGE = b"age-encryption.org/v1\n"
_EVERY_CASE = ("keys/daily.json", "keys/passphrase.age", "keys/recovery.age", "keys/recipients.txt")
_RECIPIENT = re.compile(r"age1[a-z0-9]{58}\n")


def identifier_of(root: Path, mending: Mending) -> str:
    """The case's identifier: from case.toml, its log's name, or a copy. Raises NotFound."""
    try:
        return open_folder(root).identifier
    except (NotFound, Damaged):
        pass
    # Our own log before any copy: one of another case may have been named by mistake.
    described = [s.description.case for s in mending.sources if s.description is not None]
    for found in (_in_log(root), *described, *(_in_log(s.root) for s in mending.sources)):
        if found:
            return found
    raise NotFound(
        "This folder cannot be known as a case any more: case.toml and the log's vkey are gone.",
        next="Name a custodian's copy: muniment repair CASE --from CUSTODIAN",
    )


def _in_log(root: Path) -> str:
    key = vkey_of(root / "log")
    return "" if key is None else key.name.removeprefix("muniment/")


def mend_case_toml(folder: Folder, mending: Mending) -> None:
    """Write case.toml again where it is gone or damaged: it follows from the identifier."""
    try:
        open_folder(folder.root)
    except (NotFound, Damaged):
        if (folder.root / "case.toml").exists():
            mending.put_aside("case.toml", "it could not be read")
        describe(folder)
        mending.mended.repaired.append("case.toml")


def mend_gone_keys(mending: Mending) -> None:
    """Bring files of keys/ that are gone, or that anybody can see are torn. No keys are needed."""
    make_folders(mending.root, "keys")
    for path in sorted({*_EVERY_CASE, *mending.described("keys")}):
        if (
            _torn(mending.root / path)
            and not mending.file(path)
            and not _undescribed(mending, path)
        ):
            mending.fail(path, NO_SOURCE)


def _undescribed(mending: Mending, path: str) -> bool:
    """From a copy whose COPY.json is lost: better than nothing, and the passphrase shows whether it is right."""
    return any(
        not _torn(source.root / path) and mending.take(path, source)
        for source in mending.sources
        if source.description is None
    )


def _torn(path: Path) -> bool:
    """Whether a file of keys/ has not even its shape."""
    try:
        content = path.read_bytes()
    except OSError:
        return True
    if path.suffix == ".age":
        return not content.startswith(_AGE) or b"\n--- " not in content
    if path.name == "recipients.txt":
        return not _RECIPIENT.fullmatch(content.decode("ascii", "replace"))
    if path.name == "daily.json":
        try:
            fields = json.loads(content)
            for name in ("salt", "nonce", "box"):
                base64.b64decode(fields[name], validate=True)
            return min(int(fields[name]) for name in ("time", "memory_kib", "lanes")) < 1
        except (ValueError, KeyError, TypeError):
            return True
    return False


def open_mended(folder: Folder, mending: Mending, passphrase: str) -> CaseKeys:
    """The keys by the passphrase: from the case, or where its own are damaged, from a copy that it opens.

    Raises NoKey where it opens none of them.
    """
    try:
        return open_keys(folder, passphrase)
    except (NoKey, Damaged) as error:
        failed = error
    for source in mending.sources:
        try:
            keys = open_keys(Folder(source.root, folder.identifier), passphrase)
        except MunimentError:
            continue
        if keys.log_name == f"muniment/{folder.identifier}":
            return keys
    raise failed


def mend_altered_keys(mending: Mending, acts: Sequence[tuple[int, str]]) -> None:
    """With the keys at hand: a file that differs from a copy's though no act changed it since was altered.

    `acts`: number and name of each act of the journal.
    """
    keyed = max((number for number, act in acts if act == "keyed"), default=0)
    sources = mending.sources
    mending.sources = [
        source
        for source in sources
        if source.description is not None and source.description.acts >= keyed
    ]
    for path in mending.described("keys"):
        right = {source.file(path) for source in mending.sources} - {""}
        if right and digest_of(mending.root / path) not in right:
            mending.file(
                path, why="it differs from the copies, and no act says that it was changed"
            )
    mending.sources = sources
