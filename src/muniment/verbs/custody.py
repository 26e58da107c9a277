"""custody: what was done with the case, by whom and when; one act of it can be proved without the others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import custody_tables as tables
from muniment.case.acts import details_of, event_type, in_words, leaf_of, told
from muniment.case.folder import printable
from muniment.case.seen import read_mark
from muniment.case.writing import write_whole
from muniment.errors import BadUse, NotFound, Refused
from muniment.verbs.committing import (
    IDLE,
    commit_custody,
    custody_tree,
    leaves_of,
    pad_log,
    signer_of,
)
from muniment.verbs.noting import carried_out
from muniment.verbs.put_back import catch_up

if TYPE_CHECKING:
    from muniment.evidence.act_receipt import ActReceipt
    from muniment.evidence.log.standing import Standing
    from muniment.verbs.case import Case, Report

README = "README.txt"
_README = """This folder proves one act of custody and tells nothing of the others.

  {body}   what was done, as it was sealed
  disclosure.json  that it is a leaf of the custody tree whose root is in the file `entry`
  entry            that root: 32 bytes, hexadecimal, an entry of the log
  act.tlog-proof   that the entry is in the log (c2sp.org/tlog-proof)
  checkpoint       the head of the log, signed

It proves that these words were sealed before this checkpoint, and unchanged since. It does not prove that
they are true. Get the log's key from its owner, never with a receipt. How to check it by hand, and with
which tools: docs/formats/custody.md of muniment.
"""


def custody(
    case: Case, act: int | None = None, *, receipt: str | os.PathLike[str] | None = None
) -> Report:
    """Every act, or the act of that number and, with `receipt`, what proves it in that new folder.

    Raises NotFound for an act that is not there, BadUse where the folder is.
    """
    _learn_of_earlier_acts(case)
    if act is None:
        if receipt is not None:
            raise BadUse(
                "A receipt is for one act.", next="Name its number, as `custody` lists it."
            )
        return _all_acts(case)
    return _one_act(case, act, receipt)


def _learn_of_earlier_acts(case: Case) -> None:
    """A case of an earlier muniment: its catalogue learns the acts now."""
    with case.catalogue.read() as connection:
        known = carried_out(connection)
    if known is None and case.journal.path(1).exists():
        catch_up(case)


def _all_acts(case: Case) -> Report:
    with case.catalogue.read() as connection:
        rows = connection.execute(sa.select(tables.act).order_by(tables.act.c.number)).all()
        spans = connection.execute(
            sa.select(tables.commitment).order_by(tables.commitment.c.first)
        ).all()
    entries: dict[int, int | None] = {}
    for span in spans:
        entries.update(dict.fromkeys(range(span.first, span.last + 1), span.log_index))
    acts = [_line(row, entries.get(row.number)) for row in rows]
    return {
        "acts": acts,
        "uncommitted": sum(row.number not in entries and row.act not in IDLE for row in rows),
        "log": {"size": case.log.size, "root": case.log.root().hex()},
        "watched": read_mark(case.folder, case.keys) is not None,
    }


def _line(row: Any, entry: int | None) -> dict[str, Any]:
    details = details_of(row.details)
    return {
        "act": row.number,
        "day": row.day,
        "who": row.who,
        "kind": row.act,
        "event": event_type(row.act),
        "words": in_words(row.act, details),
        "entry": entry,
    }


def _one_act(case: Case, number: int, receipt: str | os.PathLike[str] | None) -> Report:
    row = _row(case, number)
    written: list[str] = []
    if receipt is not None:
        written = _write(case, number, Path(receipt))
    span = _span(case, number)
    return {
        **_line(row, None if span is None else span.log_index),
        "details": details_of(row.details),
        "committed_by": None if span is None else span.act,
        "leaf": None if span is None else number - span.first + 1,
        "receipt": written,
    }


def _row(case: Case, number: int) -> Any:
    with case.catalogue.read() as connection:
        query = sa.select(tables.act).where(tables.act.c.number == number)
        row = connection.execute(query).first()
    if row is None:
        raise NotFound(
            f"There is no act {number}.", next="List the acts with: muniment custody CASE"
        )
    return row


def _span(case: Case, number: int) -> Any:
    """The commitment that covers an act, or None."""
    span = tables.commitment.c
    query = sa.select(tables.commitment).where(span.first <= number, span.last >= number)
    with case.catalogue.read() as connection:
        return connection.execute(query).first()


def receipt_of(case: Case, number: int) -> ActReceipt:
    """What proves one act: committed now if it is not yet, under a checkpoint of a log that is padded.

    Raises NotFound, and Refused for an act that only notes a commitment nobody asked for yet.
    """
    from muniment.evidence.act_receipt import ActReceipt

    _row(case, number)
    commit_custody(case)
    checkpoint = pad_log(case)
    span = _span(case, number)
    if span is None:
        raise Refused(
            "This act only notes what the log holds; it is committed with the next act after it.",
            next="Ask again when something else has been done with the case.",
        )
    details = case.journal.noted(span.act).entry["details"]
    tree = custody_tree(details, leaves_of(case, span.first, span.last))
    noted = case.journal.noted(number)
    proof = case.log.receipt(span.log_index, checkpoint)
    body = leaf_of(noted)
    is_token = noted.entry["act"] == "attested" and "token_sha256" in noted.entry["details"]
    return ActReceipt.of(tree, number - span.first + 1, body, proof, is_token=is_token)


def receipt_files(case: Case, number: int) -> dict[str, bytes]:
    """The files of a receipt, with words for who opens it."""
    files = receipt_of(case, number).files()
    body = next(name for name in files if name.startswith("act.") and name != "act.tlog-proof")
    return {**files, README: _README.format(body=body.ljust(14)).encode()}


def _write(case: Case, number: int, folder: Path) -> list[str]:
    if folder.exists() or not folder.parent.is_dir():
        raise BadUse(
            f"The receipt cannot be put into {printable(folder)}.",
            next="Name a folder that is not there yet, in one that is.",
        )
    files = receipt_files(case, number)
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        write_whole(folder / name, content)
    return sorted(str(folder / name) for name in files)


def verify_receipt(folder: Path, vkey: str) -> Report:
    """Check the receipt in a folder against the log's key, which comes from elsewhere; needs no case.

    Gives `act` (what was told; null for a timestamp), `token_sha256`, `index` of the entry, `size` and
    `origin` of the log. Raises Malformed or Unproved.
    """
    from muniment.evidence.act_receipt import ActReceipt
    from muniment.evidence.log.policy import Policy

    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    receipt = ActReceipt.parse(files)
    checkpoint = receipt.verify(Policy.of_log(vkey))
    return {
        "act": None if receipt.is_token else json.loads(receipt.body),
        "token_sha256": receipt.body.hex() if receipt.is_token else None,
        "index": receipt.proof.index,
        "size": checkpoint.size,
        "origin": checkpoint.origin,
    }


def continues(case: Case, checkpoint: bytes) -> Standing:
    """How this case's log stands to a checkpoint signed with its key and seen elsewhere: at a custodian, say.

    "continues", "behind" (the log here is older) or "forked". Raises Malformed or Unproved.
    """
    from muniment.evidence.log.note import VerifierKey
    from muniment.evidence.log.standing import standing

    return standing(case.log, VerifierKey.parse(signer_of(case.keys).vkey), checkpoint)


def told_act(case: Case, number: int) -> Report:
    """One act as a receipt would tell it."""
    _row(case, number)
    return told(case.journal.noted(number))
