"""How an anchor stands: pending, attested or failed, told from the files of `anchors/` alone.

timestamps/ANCHOR.tsq      the request          authorities/NAME/roots-N.pem   whom the authority's tokens lead to
timestamps/ANCHOR-N.tsr    its replies          authorities/NAME/chain-N.pem   certificates in between
checkpoints/SIZE.note      what is stamped      authorities/NAME/crl-N.pem     revocation lists
"""

from __future__ import annotations

from dataclasses import dataclass

from muniment.evidence.anchors.certificates import Trust, read_certificates, read_lists
from muniment.evidence.anchors.folder import AnchorFolder
from muniment.evidence.anchors.request import read_request
from muniment.evidence.anchors.verification import verify_reply
from muniment.evidence.refusals import Malformed, Unproved

PENDING, ATTESTED, FAILED = "pending", "attested", "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """`time` (UTC, ISO 8601) and `reply` (a path) where attested; `reason` where failed.

    revocation  the day of the revocation lists that were looked at, "" where one was lacking
    """

    state: str
    reason: str = ""
    time: str = ""
    revocation: str = ""
    reply: str = ""


def checkpoint_path(size: int) -> str:
    """Where the checkpoint of this size lies."""
    return f"checkpoints/{size}.note"


def request_path(anchor: str) -> str:
    """Where the request of an anchor lies."""
    return f"timestamps/{anchor}.tsq"


def replies_of(folder: AnchorFolder, anchor: str) -> list[str]:
    """Paths of the replies taken in for an anchor, oldest first."""
    found = [
        path
        for path in folder.files()
        if path.startswith(f"timestamps/{anchor}-") and path.endswith(".tsr")
    ]
    return sorted(found, key=lambda path: (len(path), path))


def trust_of(folder: AnchorFolder, authority: str) -> Trust:
    """What is kept to check an authority's tokens with. Raises Damaged."""
    kept: dict[str, list[bytes]] = {"roots": [], "chain": [], "crl": []}
    for path in sorted(folder.files(), key=lambda path: (len(path), path)):
        place, _, name = path.rpartition("/")
        kind = name.partition("-")[0]
        if place == f"authorities/{authority}" and kind in kept:
            kept[kind].append(folder.read(path))
    return Trust(
        tuple(one for content in kept["roots"] for one in read_certificates(content)),
        tuple(one for content in kept["chain"] for one in read_certificates(content)),
        tuple(one for content in kept["crl"] for one in read_lists(content)),
    )


def standing_of(folder: AnchorFolder, anchor: str, authority: str, size: int) -> Standing:
    """How an anchor stands. One good reply is enough; else the last one says why not. Raises Damaged."""
    replies = replies_of(folder, anchor)
    if not replies:
        return Standing(PENDING)
    trust = trust_of(folder, authority)
    message = folder.read(checkpoint_path(size))
    asked = read_request(folder.read(request_path(anchor)))
    reason = ""
    for path in replies:
        try:
            good = verify_reply(folder.read(path), message, trust, asked)
        except (Unproved, Malformed) as refusal:
            reason = refusal.message
            continue
        day = good.revocation.isoformat() if good.revocation else ""
        return Standing(ATTESTED, "", good.time.strftime("%Y-%m-%dT%H:%M:%SZ"), day, path)
    return Standing(FAILED, reason)
