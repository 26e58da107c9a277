"""The acts of custody: their words, what PREMIS calls them, and how an act is told outside the case.

A name never stands in an act: how something came is one word of a fixed list. What must stay in the case (keys,
unsalted digests, places on this machine) is kept back when an act is told: docs/formats/custody.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from muniment.case.canonical import canonical
from muniment.case.journal import Noted
from muniment.errors import BadUse

CHANNELS = (
    "handed-over",
    "post",
    "securedrop",
    "globaleaks",
    "hushline",
    "onionshare",
    "found",
    "other",
)
HOW = {
    "handed-over": "handed over",
    "post": "by post",
    "securedrop": "through SecureDrop",
    "globaleaks": "through GlobaLeaks",
    "hushline": "through Hush Line",
    "onionshare": "through OnionShare",
    "found": "found",
    "other": "another way",
}

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """`event` is the PREMIS event type, `words` a sentence from what is told of an act."""

    event: str
    words: Callable[[Details], str]


def _plain(words: str) -> Callable[[Details], str]:
    return lambda _: words


def _counted(number: object, one: str, many: str) -> str:
    return f"{number} {one if str(number) == '1' else many}"


def _received(details: Details) -> str:
    how = HOW.get(str(details.get("channel", "")), "")
    files = _counted(details.get("files", "0"), "file", "files")
    return f"Received {files}, {how}" if how else f"Received {files}"


def _sealed(details: Details) -> str:
    place = f"entry {details.get('entry', '?')} of the log"
    if details.get("layer") != "document":
        return f"Sealed what was received, {place}"
    if "documents" not in details:
        return f"Sealed what was read, page by page, {place}"
    return f"Sealed the pages of {_counted(details['documents'], 'document', 'documents')}, {place}"


def _extracted(details: Details) -> str:
    states = details.get("states") or {}
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    return f"Read accession {details.get('accession', '?')}: {counts or 'nothing in it'}"


def _retried(details: Details) -> str:
    tried = _counted(details.get("documents", "0"), "document", "documents")
    means = ["with passwords"] if details.get("passwords") == "given" else []
    if "reader" in details:
        means.append(f"by {details['reader']}")
    limits = details.get("limits") or {}
    means += [f"with up to {most} for the limit {name}" for name, most in limits.items()]
    return ", ".join([f"Tried {tried} again", *means])


def _committed(details: Details) -> str:
    first, last = details.get("first"), details.get("last")
    which = f"act {first}" if first == last else f"acts {first} to {last}"
    return f"Committed {which} in the log"


def _padded(details: Details) -> str:
    entries = _counted(details.get("count", "0"), "random entry", "random entries")
    return f"Filled the log up with {entries}"


def _copied(details: Details) -> str:
    where = str(details.get("jurisdiction", ""))
    law = f", under the law of {where}" if where else ""
    return f"Copied to the custodian {details.get('custodian', '?')}{law}"


def _repaired(details: Details) -> str:
    if "custodian" in details:
        return f"Repaired the copy of {details['custodian']}"
    return f"Repaired {_counted(details.get('repaired', '?'), 'thing', 'things')} from other copies"


def _audited(details: Details) -> str:
    if "custodian" in details:
        return f"Audited the copy of {details['custodian']}: {details.get('outcome', '?')}"
    if details.get("ok") is True:
        return "Audited: every byte is what was sealed"
    if details.get("ok") is None:
        return "Audited a sample of the bytes"
    named = (f"{details.get(what, '0')} {what}" for what in ("damaged", "missing", "unexpected"))
    return f"Audited, NOT in order: {', '.join(named)}"


_WHY = {
    "source": "the source's wish",
    "privacy": "privacy",
    "privilege": "privileged",
    "unlawful": "unlawful images",
}


def _withdrawn(details: Details) -> str:
    why = _WHY.get(str(details.get("reason")), "")
    return f"Withdrew {_document(details)}" + (f": {why}" if why else "")


def _document(details: Details) -> str:
    return str(details.get("reference") or details.get("document") or "a document")


def _held(details: Details) -> str:
    return f"Held {_document(details)}: it is not found and not shown"


def _released(details: Details) -> str:
    return f"Released {_document(details)}: it is found and shown again"


_KEYED = {
    "made": "Made the case and its keys",
    "added": "Let one holder more open the case",
    "revoked": "Took a holder's way into the case away",
    "recovery": "Replaced the recovery identity",
    "passphrase": "Replaced the passphrase",
    "rotated": "Replaced all keys of the case",
}


def _keyed(details: Details) -> str:
    return _KEYED.get(str(details.get("change")), "Changed who can open the case")


def _stamped(details: Details) -> str:
    return f"Asked {details.get('authority', '?')} for a timestamp of {_log_of(details)}"


def _attested(details: Details) -> str:
    said = f"{details.get('authority', '?')} attested {_log_of(details)}"
    time = str(details.get("time") or "")
    return said + (f", {time[:10]} {time[11:16]} UTC" if time else "")


def _refused(details: Details) -> str:
    """A timestamp that was refused or does not hold; or another newsroom's log that told two stories."""
    if "log" in details:
        return f"Did NOT sign {details['log']}: it contradicts itself ({details.get('kind', '?')})"
    reason = str(details.get("reason") or "no reason given")
    return f"NOT stamped by {details.get('authority', '?')}: {reason}"


def _cosigned(details: Details) -> str:
    if "witness" in details:
        return f"{details['witness']} cosigned {_log_of(details)}"
    return f"Cosigned {details.get('log', 'the log of another newsroom')}, {_entries(details)}"


def _disclosed(details: Details) -> str:
    of = f"page {details['page']} of " if "page" in details else ""
    path = ", with the place where its file lay" if details.get("properties") is True else ""
    return f"Wrote a receipt of {of}{_document(details)}{path}"


def _noted(details: Details) -> str:
    return f"Wrote down {_counted(len(details.get('items', ())), 'remark', 'remarks')} of a reader"


def _judged(details: Details) -> str:
    return f"Decided on {_counted(len(details.get('items', ())), 'name', 'names')}"


def _log_of(details: Details) -> str:
    return f"our log of {_entries(details)}"


def _entries(details: Details) -> str:
    return _counted(details.get("size", "?"), "entry", "entries")


# Rooms of the house add their own; an act that is not here is told by its own word.
KINDS: dict[str, Kind] = {
    "received": Kind("ingestion", _received),
    "sealed": Kind("information package creation", _sealed),
    "extracted": Kind("extraction", _extracted),
    "retried": Kind("extraction", _retried),
    "committed": Kind("message digest calculation", _committed),
    "padded": Kind("modification", _padded),
    "audited": Kind("fixity check", _audited),
    "put-back": Kind("recovery", _plain("An older copy of the case was accepted on this machine")),
    "copied": Kind("replication", _copied),
    "repaired": Kind("recovery", _repaired),
    "redacted": Kind("redaction", _plain("Redacted a document")),
    "published": Kind("dissemination", _plain("Published a release")),
    "withdrawn": Kind("deletion", _withdrawn),
    "held": Kind("quarantine", _held),
    "released": Kind("unquarantine", _released),
    "keyed": Kind("policy assignment", _keyed),
    "stamped": Kind("digital signature generation", _stamped),
    "attested": Kind("digital signature generation", _attested),
    "refused": Kind("digital signature validation", _refused),
    "cosigned": Kind("digital signature generation", _cosigned),
    "disclosed": Kind("dissemination", _disclosed),
    "judged": Kind("modification", _judged),
    "noted": Kind("modification", _noted),
}

# act: the details that stay in the case. Of `received` only how many files there were is told.
# This table is part of the format of a custody leaf (docs/formats/custody.md): what is told is what was committed.
# Any change to it changes leaves that stand in logs already, and no receipt of those would verify any more. A new
# act is told as it stands unless it is here from its first day on; anything else needs a new version of the format.
KEPT_BACK: dict[str, frozenset[str]] = {
    "received": frozenset(["files"]),
    "sealed": frozenset(["object", "root"]),
    "committed": frozenset(["key", "tree"]),
    "padded": frozenset(["seed"]),
    "keyed": frozenset(["listing", "label"]),
}


def told(noted: Noted) -> dict[str, Any]:
    """An act as it is told: as it stands, or, where something is kept back, without that and the salt.

    Then `whole` is the SHA-256 of its plaintext, so that the rest can be shown later to who must see it.
    """
    entry = noted.entry
    kept_back = KEPT_BACK.get(str(entry["act"]), frozenset())
    if kept_back.isdisjoint(entry["details"]):
        return entry
    details = {name: value for name, value in entry["details"].items() if name not in kept_back}
    if entry["act"] == "received":
        details["files"] = str(len(entry["details"]["files"]))
    shown = {name: value for name, value in entry.items() if name != "salt"}
    return {**shown, "details": details, "whole": noted.digest}


def leaf_of(noted: Noted) -> bytes:
    """What the custody tree holds of an act: RFC 8785 of what is told; for a timestamp the token's SHA-256."""
    entry = noted.entry
    token = entry["details"].get("token_sha256")
    if entry["act"] == "attested" and isinstance(token, str):
        return bytes.fromhex(token)
    return canonical(told(noted))


def token_digest(token: bytes) -> str:
    """What `token_sha256` of an act `attested` holds for a timestamp's bytes."""
    return hashlib.sha256(token).hexdigest()


def in_words(act: str, details: Details) -> str:
    """An act as a sentence."""
    kind = KINDS.get(act)
    return kind.words(details) if kind is not None else act.replace("-", " ").capitalize()


def event_type(act: str) -> str:
    """What PREMIS calls it; "" for what it has no word for."""
    kind = KINDS.get(act)
    return kind.event if kind is not None else ""


def check_channel(channel: str) -> str:
    """A channel of the list, or "" for none. Raises BadUse for anything else: a name could be in it."""
    if channel and channel not in CHANNELS:
        raise BadUse(
            "How it came is told by one word of a list, never by a name.",
            next=f"Choose one of: {', '.join(CHANNELS)}.",
        )
    return channel


def details_of(text: str) -> dict[str, Any]:
    """Details as the catalogue keeps them."""
    return dict(json.loads(text))
