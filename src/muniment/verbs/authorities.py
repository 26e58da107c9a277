"""Timestamp authorities of a case: names, roots, chains, revocation lists, where they are asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from muniment.case.anchor_tables import authority
from muniment.errors import BadUse, NotFound
from muniment.verbs.anchoring import anchors_of, keep, read_file

if TYPE_CHECKING:
    from muniment.verbs.case import Case

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def authorities_of(case: Case) -> list[dict[str, Any]]:
    """Every authority of the case: name, url, hash, and how much is kept to check its tokens with."""
    files = anchors_of(case).files()
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(authority).order_by(authority.c.name)).all()
    answer = []
    for row in rows:
        place = f"authorities/{row.name}/"
        kept = [path.removeprefix(place) for path in files if path.startswith(place)]
        answer.append(
            {
                "authority": row.name,
                "url": row.url,
                "hash": row.hash,
                "roots": sum(name.startswith("roots-") for name in kept),
                "revocation_lists": sum(name.startswith("crl-") for name in kept),
            }
        )
    return answer


def configure(
    case: Case,
    name: str,
    *,
    roots: str | None = None,
    chain: str | None = None,
    crl: str | None = None,
    url: str | None = None,
    hash_name: str | None = None,
) -> None:
    """Add an authority, or to what is kept of one. `roots`, `chain`, `crl` are paths of files.

    What was kept before stays: tokens made under an earlier root are checked with that.
    """
    if not _NAME.fullmatch(name):
        raise BadUse(
            "An authority's name is of a-z, 0-9 and hyphens, 32 at most.",
            next="Choose a short one; custodians and readers of receipts see it.",
        )
    known = name in {row["authority"] for row in authorities_of(case)}
    if not known and roots is None:
        raise BadUse(
            "A new authority needs its root certificate.",
            next=f"Take it from the authority's own page: muniment stamp CASE --authority {name} --roots FILE.pem",
        )
    if url is not None:
        _check_url(url)
    files = _certificates(roots, chain)
    if crl is not None:
        files["crl"] = _lists(crl)
    _keep_new(case, name, files)
    with case.catalogue.write() as connection:
        if not known:
            connection.execute(sa.insert(authority).values(name=name, url="", hash="sha512"))
        values = {n: v for n, v in (("url", url), ("hash", hash_name)) if v is not None}
        if values:
            connection.execute(
                sa.update(authority).where(authority.c.name == name).values(**values)
            )


def authority_named(case: Case, name: str) -> dict[str, Any]:
    """One authority. Raises NotFound."""
    for row in authorities_of(case):
        if row["authority"] == name:
            return row
    raise NotFound(
        "The case has no such authority.", next="See those it has with: muniment stamp CASE"
    )


def _keep_new(case: Case, name: str, files: dict[str, bytes]) -> None:
    """Each under the next free number, unless it is kept already."""
    folder = anchors_of(case)
    new = {}
    for kind, content in files.items():
        place = f"authorities/{name}/{kind}-"
        if not any(
            folder.read(path) == content for path in folder.files() if path.startswith(place)
        ):
            new[folder.free(place + "{}.pem")] = content
    if new:
        keep(case, new)


def _certificates(roots: str | None, chain: str | None) -> dict[str, bytes]:
    """Only what stands in `--roots` and vouches for itself becomes a root; the rest leads there."""
    from muniment.evidence.anchors.certificates import (
        LARGEST,
        as_pem,
        is_root,
        read_certificates,
    )

    files = {}
    between = read_certificates(read_file(chain, LARGEST)) if chain is not None else []
    if roots is not None:
        given = read_certificates(read_file(roots, LARGEST))
        chosen = [one for one in given if is_root(one)]
        between = [*between, *(one for one in given if one not in chosen)]
        if not chosen:
            raise BadUse(
                "There is no root certificate in that file: none vouches for itself.",
                next="Give the authority's root with --roots; other certificates go to --chain.",
            )
        files["roots"] = as_pem(chosen)
    if between:
        files["chain"] = as_pem(between)
    return files


def _lists(path: str) -> bytes:
    from muniment.evidence.anchors.certificates import as_pem, read_lists
    from muniment.evidence.anchors.online import LARGEST_LIST

    return as_pem(read_lists(read_file(path, LARGEST_LIST)))


def _check_url(url: str) -> None:
    parts: Sequence[str | None] = ()
    try:
        split = urlsplit(url)
        _ = split.port
        parts = (split.scheme, split.hostname)
        plain = split.username is None and split.password is None and not split.fragment
    except ValueError:
        plain = False
    good = plain and len(parts) == 2 and parts[0] in ("http", "https") and bool(parts[1])
    if not good or not url.isascii() or any(c <= " " for c in url):
        raise BadUse(
            "An authority's address begins with http:// or https:// and holds no password.",
            next="Copy it from the authority's own page.",
        )
