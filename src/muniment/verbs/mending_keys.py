"""Mending case.toml and keys/: first of all, and needing no keys themselves."""

from __future__ import annotations

from pathlib import Path

from muniment.case.folder import Folder, describe, description, open_folder
from muniment.case.journal import numbers_in
from muniment.case.keyring import last_change
from muniment.case.keys import CaseKeys, open_keys
from muniment.case.listing import (
    DESCRIPTION,
    LISTING,
    decode_listing,
    differs,
    listing_digest,
    made_before_listings,
    problems,
    small_file,
)
from muniment.errors import Damaged, MunimentError, NoKey, NotFound
from muniment.evidence.custodians.files import digest_of, make_folders
from muniment.evidence.custodians.logs import vkey_of
from muniment.evidence.custodians.mending import NO_SOURCE, UNDECIDED, Mending, Source


def identifier_of(root: Path, mending: Mending) -> str:
    """The case's identifier: from case.toml, its log's name, or a copy. Raises NotFound."""
    try:
        if not _altered(root):
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
    path = folder.root / "case.toml"
    why = "it is not what keys/ lists"
    try:
        if not _altered(folder.root) or small_file(path) == description(folder):
            open_folder(folder.root)
            return
    except (NotFound, Damaged):
        why = "it could not be read"
    if path.exists():
        mending.put_aside("case.toml", why)
    describe(folder)
    mending.mended.repaired.append("case.toml")


def _altered(root: Path) -> bool:
    """Whether case.toml is there and is not the one that keys/ lists, though it may still be read."""
    return (root / "case.toml").is_file() and differs(root / "keys", DESCRIPTION)


def mend_gone_keys(mending: Mending) -> None:
    """Bring files of keys/ that are gone or damaged, as the listing beside them tells. No keys are needed.

    A file comes from a copy only where the two listings are one, or where ours is lost and nothing else of ours
    speaks against theirs: files of two times would not open together.
    """
    make_folders(mending.root, "keys")
    if not _wrong(mending.root):
        return
    roots = [mending.root, *(source.root for source in sorted(mending.sources, key=_age))]
    root = next((root for root in roots if _listed(root) and _speaks_for(root, mending.root)), None)
    if root is not None:
        wanted = {f"keys/{name}": digest for name, digest in _listed(root).items()}
        wanted[f"keys/{LISTING}"] = digest_of(root / "keys" / LISTING)
        for path, digest in wanted.items():
            if digest_of(mending.root / path) != digest:
                any(
                    digest_of(source.root / path) == digest and mending.take(path, source)
                    for source in mending.sources
                )
    undecided = root is None and any(_listed(source.root) for source in mending.sources)
    for path in _wrong(mending.root):
        mending.fail(path, UNDECIDED if undecided else NO_SOURCE)


def _age(source: Source) -> int:
    """The more acts a copy has, the sooner it is asked."""
    return -max(numbers_in(source.root / "journal"), default=0)


def _wrong(root: Path) -> list[str]:
    """What is damaged or missing of a folder of keys by its own listing; case.toml is looked at by itself."""
    keys = root / "keys"
    if made_before_listings(keys):
        return []
    return sorted(
        path for what, path in problems(keys) if what != "unexpected" and path != "case.toml"
    )


def _listed(root: Path) -> dict[str, str]:
    """What the listing says lies in keys/; nothing where it cannot be read."""
    try:
        listed = decode_listing(small_file(root / "keys" / LISTING) or b"")
    except ValueError:
        return {}
    return {name: digest for name, digest in listed.items() if name != DESCRIPTION}


def _speaks_for(root: Path, ours: Path) -> bool:
    """Whether the listing in one place is of the files in ours: its own is, another's where no file differs."""
    there = [name for name in _listed(root) if (ours / "keys" / name).exists()]
    return root == ours or all(
        digest_of(ours / "keys" / name) == _listed(root)[name] for name in there
    )


def open_mended(folder: Folder, mending: Mending, passphrase: str) -> tuple[CaseKeys, bool]:
    """The keys by the passphrase, and whether they are the case's own: where those are damaged, from a copy.

    Raises NoKey where it opens none of them.
    """
    try:
        return open_keys(folder, passphrase), True
    except (NoKey, Damaged) as error:
        failed = error
    for source in mending.sources:
        try:
            keys = open_keys(Folder(source.root, folder.identifier), passphrase)
        except MunimentError:
            continue
        if keys.log_name == f"muniment/{folder.identifier}":
            return keys, False
    raise failed


def mend_other_keys(folder: Folder, keys: CaseKeys, mending: Mending) -> None:
    """With the keys at hand: keys/ must be what the journal's last act about it names; it comes whole."""
    try:
        act = last_change(folder, keys)
    except MunimentError:
        return  # the journal is named as damaged
    if act is None or _is(mending.root, act["listing"]):
        return
    for source in mending.sources:
        if _is(source.root, act["listing"]):
            why = "it is not the one that the journal names"
            for name in (*_listed(source.root), LISTING):
                mending.take(f"keys/{name}", source, why=why)
            there = {path.name for path in (mending.root / "keys").iterdir()}
            for name in sorted(there - {*_listed(source.root), LISTING}):
                mending.put_aside(f"keys/{name}", why)
            mending.mended.not_repaired[:] = [
                one for one in mending.mended.not_repaired if not one[0].startswith("keys/")
            ]
            return
    if not any(path.startswith("keys/") for path, _ in mending.mended.not_repaired):
        mending.fail(f"keys/{LISTING}", NO_SOURCE)


def _is(root: Path, listing: str) -> bool:
    return listing_digest(root / "keys") == listing and not _wrong(root)
