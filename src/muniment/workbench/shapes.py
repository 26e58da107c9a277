"""The shapes of docs/reference/json.md, for the API's own description. Answers may hold more than is named here."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Counts = dict[str, int]


class Shape(BaseModel):
    """Anything answered; fields may be added."""

    model_config = ConfigDict(extra="allow")


class Ask(BaseModel):
    """Anything asked; what we do not know is refused rather than passed over."""

    model_config = ConfigDict(extra="forbid")


class AskDocuments(Ask):
    """documents."""

    state: str | None = Field(None, description="only documents in this state")
    marked: str | None = Field(
        None, description="seen, unseen, starred, noted, tagged, translated or tag:NAME"
    )


class AskShow(Ask):
    """show."""

    document: str = Field(description="identifier or reference (A1/0007)")
    page: int | None = Field(None, ge=1)
    text: bool = False


class AskAdd(Ask):
    """add."""

    paths: list[str] = Field(min_length=1, description="whole paths on this machine")
    articles: bool = Field(False, description="published reports rather than documents")
    channel: str = Field("", description="how it came: a word of the list in docs, never a name")
    wait: bool = Field(
        True, description="answer when everything is read; else at once, with the progress"
    )


class AskRetry(Ask):
    """retry."""

    document: str | None = Field(None, description="identifier or reference; else all not read")
    passwords: list[str] = Field([], max_length=10_000, description="tried on what is encrypted")
    reader: str = Field(
        "", description="tika or kreuzberg instead of our own; rapidocr beside Tesseract"
    )
    limits: dict[str, int] = Field({}, max_length=20, description="limits to raise, by name")


class AskHold(Ask):
    """hold."""

    document: str = Field(description="identifier or reference (A1/0007)")
    release: bool = False


class AskWithdraw(Ask):
    """withdraw."""

    document: str = Field(description="identifier or reference (A1/0007) of an original")
    why: str = Field(description="source, privacy, privilege or unlawful")


class AskCustody(Ask):
    """custody."""

    act: int | None = Field(None, ge=1)


class AskKey(Ask):
    """key. New keys or a new passphrase are made on the command line: they need the case for themselves."""

    action: Literal["list", "add", "revoke"] = "list"
    recipient: str = Field("", description="with add: an age recipient (age1…)")
    label: str = Field("", description="with revoke: whom; with add: a plain word of the list")


class AskStamp(Ask):
    """stamp; with nothing, how things stand. Paths are whole paths on this machine."""

    authority: str | None = None
    roots: str | None = Field(None, description="file with its root certificate")
    chain: str | None = Field(None, description="file with certificates in between")
    crl: str | None = Field(None, description="file with its revocation list")
    url: str | None = None
    hash: Literal["sha512", "sha256"] | None = None
    request: str | None = Field(None, description="folder for request files")
    reply: list[str] | None = Field(None, description="files that came back")
    online: bool = False
    proxy: str | None = Field(None, description="SOCKS proxy, 127.0.0.1:9050")
    witness: str | None = None
    key: str | None = Field(None, description="vkey of the witness or of the log to cosign")
    bundle: str | None = Field(None, description="file for this log's checkpoint")
    since: int | None = Field(None, ge=0)
    cosign: str | None = Field(None, description="another newsroom's bundle")
    output: str | None = Field(None, description="file for the cosigned checkpoint")


class AskAudit(Ask):
    """audit."""

    custodian: str | None = Field(None, description="a custodian's name, or the path of a copy")
    sample: int | None = Field(None, ge=1, description="so many chunks instead of every byte")


class AskCopy(Ask):
    """copy."""

    custodian: str = Field(description="a folder of this machine, or the name of a known custodian")
    jurisdiction: str | None = None
    name: str | None = None
    anew: bool = False


class AskRepair(Ask):
    """repair."""

    sources: list[str] = Field(default_factory=list, description="names or paths; else all known")
    custodian: str | None = Field(None, description="mend this copy from the case instead")


class Complaint(Shape):
    """What went wrong and what to do next."""

    code: str
    message: str
    next: str


class Problem(Shape):
    """An error, as on the command line's standard error."""

    error: Complaint


class Trouble(Shape):
    """A document that was not wholly read."""

    document: str
    reference: str
    path: str
    state: str
    reason: str


class Accounting(Shape):
    """Every expected part and its state."""

    expected: int
    states: Counts
    seen: int
    doubtful: Counts
    problems: list[Trouble]


class Log(Shape):
    """The transparency log."""

    size: int
    root: str


class Anchor(Shape):
    """A timestamp of a checkpoint. `time` and `revocation` (a day) are null where there is none."""

    anchor: str
    authority: str
    state: str
    reason: str
    time: str | None
    size: int
    revocation: str | None


class Cosigning(Shape):
    """Who cosigns this log, which logs are cosigned here, and which of those told two stories."""

    vkey: str
    cosigner: str
    witnesses: list[dict[str, object]]
    logs: list[dict[str, object]]
    contradictions: list[dict[str, object]]


class Stamped(Shape):
    """stamp."""

    anchors: list[Anchor]
    authorities: list[dict[str, object]]
    cosigning: Cosigning
    proxy: str | None
    written: list[str]
    problems: list[dict[str, str]]
    cosigned: dict[str, object] | None


class Unsealed(Shape):
    """A document whose pages could not be sealed."""

    document: str
    reference: str
    reason: str


class Seals(Shape):
    """Page seals; `pictures` in bytes."""

    documents: int
    pages: int
    waiting: int
    pictures: int
    reasons: Counts
    problems: list[Unsealed]


class Status(Shape):
    """status."""

    accounting: Accounting
    log: Log
    seals: Seals
    anchors: list[Anchor]
    cosigning: Cosigning
    custodians: list[dict[str, object]]
    awaiting: Counts
    working: str
    warnings: list[str]


class Document(Shape):
    """A line of `documents`."""

    document: str
    reference: str
    path: str
    type: str
    state: str
    pages: int
    parent: str | None
    languages: list[str]
    seen_by: list[str]
    starred: bool
    tags: list[str]
    notes: int
    doubtful: int
    translated: list[str]


class Documents(Shape):
    """documents."""

    documents: list[Document]


class Shown(Shape):
    """show."""

    document: str
    path: str
    title: str
    type: str
    languages: list[str]
    state: str
    reason: str
    parent: str | None
    parts: list[str]
    pages: int
    properties: dict[str, object]
    text: str | None = None
    other_readings: list[dict[str, object]] | None = None
    receipts: list[dict[str, object]]


class Added(Shape):
    """add."""

    accession: str
    originals: int
    documents: int
    pages: int
    states: Counts


class RetriedDocument(Shape):
    """One document of retry."""

    document: str
    reference: str
    path: str
    before: str
    state: str
    reason: str
    changed: bool
    pages: int
    parts: int


class Retried(Shape):
    """retry."""

    tried: int
    changed: int
    found: int
    states: Counts
    documents: list[RetriedDocument]


class Audited(Shape):
    """audit."""

    ok: bool | None
    objects: int
    bytes: int
    damaged: list[str]
    missing: list[str]
    unexpected: list[str]
    log_ok: bool
    with_keys: bool
    act: int | None = None


class Act(Shape):
    """A line of `custody`; `entry` of the log, null while it is in none."""

    act: int
    day: str
    who: str
    kind: str
    event: str
    words: str
    entry: int | None


class Custody(Shape):
    """custody."""

    acts: list[Act]
    uncommitted: int
    log: Log
    watched: bool


class ActShown(Act):
    """custody, of one act."""

    details: dict[str, object]
    committed_by: int | None
    leaf: int | None
    receipt: list[str]


class Held(Shape):
    """hold."""

    document: str
    held: bool


class Withdrawn(Shape):
    """withdraw."""

    document: str
    custodians_pending: list[str]
    copies: list[str]


class Keyholder(Shape):
    """Who can open the case."""

    name: str
    kind: str
    recipient: str | None
    strength: str | None


class Keyed(Shape):
    """key."""

    recipients: list[Keyholder]
    still_readable: list[str]


class Undone(Shape):
    """A path that was not copied or repaired, and why."""

    path: str
    reason: str


class Copied(Shape):
    """copy."""

    custodian: str
    kind: str
    jurisdiction: str
    location: str
    objects: int
    bytes: int
    state: str
    problems: list[Undone]


class Repaired(Shape):
    """repair."""

    repaired: list[str]
    not_repaired: list[Undone]
    aside: list[dict[str, str]]
    lost: list[dict[str, object]] | None
    forgotten: list[str]


class Locked(Shape):
    """lock."""

    case: str
    until: str | None


class Working(Shape):
    """The background work."""

    running: bool
    sentence: str
    done: int
    total: int | None
    pace: str
    rate: float | None
    left: float | None
    error: Complaint | None
    report: dict[str, object] | None
