"""Timestamps of the log's checkpoint: requests written, replies taken in, how each anchor stands."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case.anchor_tables import anchor, authority
from muniment.case.folder import printable, random_name
from muniment.case.writing import write_whole
from muniment.errors import BadUse
from muniment.verbs.anchoring import anchors_of, keep
from muniment.verbs.committing import checkpoint_to_leave

if TYPE_CHECKING:
    from muniment.evidence.anchors.reply import Reply
    from muniment.verbs.case import Case

NOTE = "HOW-TO-SEND.txt"
_NAME_LENGTH = 12


def anchors_as_json(case: Case) -> list[dict[str, Any]]:
    """Every anchor, oldest first, as `status` and `stamp` show it."""
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(anchor).order_by(anchor.c.number)).all()
    return [
        {
            "anchor": row.anchor,
            "authority": row.authority,
            "state": row.state,
            "reason": row.reason,
            "time": row.time or None,
            "size": row.size,
            "revocation": row.revocation or None,
        }
        for row in rows
    ]


def make_requests(case: Case) -> list[Any]:
    """A pending anchor of each authority over the padded checkpoint; those there already are given again.

    An authority that has attested this very checkpoint is left out. Raises BadUse where the case has none.
    """
    from muniment.evidence.anchors.request import make_request
    from muniment.evidence.anchors.standing import checkpoint_path, request_path
    from muniment.evidence.log.checkpoint import Checkpoint
    from muniment.evidence.log.note import Note

    with case.catalogue.read() as connection:
        authorities = connection.execute(sa.select(authority).order_by(authority.c.name)).all()
    if not authorities:
        raise BadUse(
            "No timestamp authority is set.",
            next="Name two, each with its root: muniment stamp CASE --authority NAME --roots FILE.pem",
        )
    if case.log.size == 0:
        raise BadUse(
            "Nothing is sealed yet, so there is nothing to stamp.",
            next="Receive first: muniment add CASE FOLDER",
        )
    note = checkpoint_to_leave(case)
    size = Checkpoint.parse(Note.parse(note).text).size
    with case.catalogue.read() as connection:
        here = connection.execute(sa.select(anchor).where(anchor.c.size == size)).all()
    for one in authorities:
        if any(row.authority == one.name and row.state != "failed" for row in here):
            continue
        name = random_name(_NAME_LENGTH)
        request = make_request(note, one.hash)
        keep(case, {checkpoint_path(size): note, request_path(name): request})
        values = {"anchor": name, "authority": one.name, "size": size, "state": "pending"}
        with case.catalogue.write() as connection:
            connection.execute(sa.insert(anchor).values(**values))
        case.record("stamped", {"anchor": name, "authority": one.name, "size": size})
    return _pending(case, size)


def _pending(case: Case, size: int) -> list[Any]:
    with case.catalogue.read() as connection:
        query = (
            sa.select(anchor, authority.c.url)
            .join(authority, authority.c.name == anchor.c.authority)
            .where(anchor.c.size == size, anchor.c.state == "pending")
            .order_by(anchor.c.number)
        )
        return list(connection.execute(query))


def write_requests(case: Case, directory: str) -> list[str]:
    """Requests as files to carry away, with a note on how to send them. Gives their paths."""
    from muniment.evidence.anchors.standing import request_path

    place = Path(directory)
    if place.exists() and not place.is_dir():
        raise BadUse(f"{printable(place)} is no folder.", next="Name a folder to write to.")
    if not place.parent.is_dir():
        raise BadUse(f"The folder {printable(place.parent)} does not exist.", next="Make it first.")
    pending = make_requests(case)
    if not pending:
        return []
    place.mkdir(exist_ok=True)
    written = []
    for row in pending:
        path = place / f"{row.authority}-{row.anchor}.tsq"
        write_whole(path, anchors_of(case).read(request_path(row.anchor)))
        written.append(str(path))
    write_whole(place / NOTE, _how_to_send(pending).encode())
    return [*written, str(place / NOTE)]


def _how_to_send(pending: list[Any]) -> str:
    lines = [
        "Each .tsq file is a request for a timestamp. It holds a digest and a random number, and nothing of the",
        "documents. Send it from a machine that may have a network, and bring back the reply, a .tsr file.",
        "Who sees the request sees that somebody at this address asks for a timestamp: send it through Tor.",
        "",
    ]
    for row in pending:
        name = f"{row.authority}-{row.anchor}"
        url = row.url or "ADDRESS-OF-THE-AUTHORITY"
        lines += [
            "curl --fail --socks5-hostname 127.0.0.1:9050 -H 'Content-Type: application/timestamp-query' \\",
            f"  --data-binary @{name}.tsq -o {name}.tsr '{url}'",
            "",
        ]
    lines += ["Then, on the machine with the case:  muniment stamp CASE --reply *.tsr", ""]
    return "\n".join(lines)


def take_reply(case: Case, content: bytes, stem: str = "") -> str:
    """Take in an authority's reply; gives the anchor's name. `stem` is the file's name without its ending.

    A token is known by what it says, a refusal only by its file's name. Raises Malformed, or BadUse where nothing
    of this case was asked.
    """
    from muniment.evidence.anchors.reply import read_reply
    from muniment.evidence.anchors.standing import replies_of

    row = _asked_by(case, read_reply(content), stem)
    folder = anchors_of(case)
    if not any(folder.read(path) == content for path in replies_of(folder, row.anchor)):
        path = folder.free(f"timestamps/{row.anchor}-{{}}.tsr")
        keep(case, {path: content})
    assess(case, row)
    return str(row.anchor)


def _asked_by(case: Case, reply: Reply, stem: str) -> Any:
    from muniment.evidence.anchors.request import read_request
    from muniment.evidence.anchors.standing import request_path

    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(anchor).order_by(anchor.c.number.desc())).all()
    for row in rows:
        if reply.refusal and stem == f"{row.authority}-{row.anchor}":
            return row
        asked = read_request(anchors_of(case).read(request_path(row.anchor)))
        if reply.answers(asked):
            return row
    raise BadUse(
        "This reply answers no request of this case.",
        next="Check that it came for this case; a refusal is known by its file's name, which must be the request's.",
    )


def assess(case: Case, row: Any) -> None:
    """Look again how an anchor stands, and note it where that changed."""
    from muniment.evidence.anchors.standing import standing_of

    folder = anchors_of(case)
    standing = standing_of(folder, row.anchor, row.authority, row.size)
    before = (row.state, row.reason, row.time, row.revocation, row.reply)
    now = (
        standing.state,
        standing.reason,
        standing.time,
        standing.revocation,
        standing.reply,
    )
    if before == now:
        return
    details = {"anchor": row.anchor, "authority": row.authority, "size": row.size}
    if standing.state == "attested" and (row.state, row.reply) != ("attested", standing.reply):
        digest = sha256(folder.read(standing.reply)).hexdigest()
        case.record(
            "attested",
            {**details, "time": standing.time, "file": standing.reply, "token_sha256": digest},
        )
    elif standing.state == "failed":
        case.record("refused", {**details, "reason": standing.reason})
    columns = ("state", "reason", "time", "revocation", "reply")
    with case.catalogue.write() as connection:
        connection.execute(
            sa.update(anchor)
            .where(anchor.c.anchor == row.anchor)
            .values(**dict(zip(columns, now, strict=True)))
        )


def assess_all(case: Case, name: str) -> None:
    """Look again at all anchors of an authority: its roots or revocation lists are others now."""
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(anchor).where(anchor.c.authority == name)).all()
    for row in rows:
        assess(case, row)


def finish_assessing(case: Case) -> None:
    """Look at replies that were taken in by a run which was cut off before it looked at them."""
    from muniment.evidence.anchors.standing import replies_of

    with case.catalogue.read() as connection:
        waiting = connection.execute(sa.select(anchor).where(anchor.c.state == "pending")).all()
    for row in waiting:
        if replies_of(anchors_of(case), row.anchor):
            assess(case, row)


def ask_online(case: Case, proxy: str) -> list[dict[str, str]]:
    """Ask each authority that has an address, through the proxy; gives what went wrong, by authority."""
    from muniment.errors import Interrupted, Refused
    from muniment.evidence.anchors.online import ask, read_proxy
    from muniment.evidence.anchors.standing import request_path
    from muniment.evidence.refusals import Malformed

    if not proxy:
        raise Refused(
            "No SOCKS proxy is set, so nothing is sent.",
            next="Name one: muniment stamp CASE --online --proxy 127.0.0.1:9050. Or carry files: --request DIR",
        )
    read_proxy(proxy)
    pending = make_requests(case)
    troubles = []
    if pending and not any(row.url for row in pending):
        raise BadUse(
            "No authority that is waited for has an address.",
            next="Give it: muniment stamp CASE --authority NAME --url ADDRESS",
        )
    for row in pending:
        if not row.url:
            continue
        request = anchors_of(case).read(request_path(row.anchor))
        try:
            take_reply(case, ask(row.url, request, proxy), f"{row.authority}-{row.anchor}")
        except (Interrupted, Malformed, BadUse) as error:
            troubles.append({"authority": row.authority, "problem": error.message})
    return troubles
