"""Checking a folder that holds a receipt, from its files alone (docs/formats/receipt.md)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import BadUse, MunimentError
from muniment.evidence.layers import FILE
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.merkle import leaf_hash, verify_inclusion
from muniment.evidence.log.note import Note
from muniment.evidence.log.policy import Policy
from muniment.evidence.log.proof import TlogProof
from muniment.evidence.receipt import LARGEST, NEXT, Chain, Link, page_told
from muniment.evidence.refusals import Malformed, Unproved

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList

RECEIPT, PROOF, CHECKPOINT = "receipt.json", "receipt.tlog-proof", "checkpoint.note"
DOCUMENT, DOCUMENT_PROOF = "document.json", "document.tlog-proof"
POLICY, README, SUMS = "policy.txt", "README.txt", "SHA256SUMS"
ANCHORS = "anchors"
_HEADER = 104  # bytes: u64 size, SHA-256, SHA-512


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp that holds. `known`: under a root the caller gave, not only under one that came along."""

    authority: str
    time: str
    known: bool


@dataclass(slots=True)
class Checked:
    """What a receipt proves. `failures`: (file, reason); where there is any, nothing of it is to be relied on.

    signer       "known" where the log is one of the caller's policy, else "unknown"
    layers       each layer of the chain with the indexes of the leaves shown, the lowest first
    file         size, sha256 and sha512 (hexadecimal) of the original, where its header is shown
    properties   name to value, as far as they are shown
    page         the header of the page that is shown (page, width, height, dpi, channels, renderer, fonts) and its
                 `layers`; what they hold was derived from the file by programs, and that is not proved here
    document     the root of the document the page belongs to, or that was made of the file (hexadecimal)
    since        the earliest time before which the checkpoint, and so all of this, was there; "" without a timestamp
    """

    signer: str = "unknown"
    index: int = 0
    size: int = 0
    layers: list[tuple[str, list[int]]] = field(default_factory=list)
    file: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    page: dict[str, str] = field(default_factory=dict)
    document: str = ""
    stamps: list[Stamped] = field(default_factory=list)
    since: str = ""
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def check_receipt(
    directory: Path,
    policy: Policy | None = None,
    *,
    roots: tuple[Certificate, ...] | None = None,
    original: Path | None = None,
) -> Checked:
    """Check a receipt. `policy` says which logs are believed, `roots` which authorities; both from elsewhere.

    With `original` the file itself is compared with the header that was sealed. Raises BadUse where there is no
    receipt; everything else is told in `failures`.
    """
    if not (directory / RECEIPT).is_file():
        raise BadUse("There is no receipt in this folder.", next="Give the folder of receipt.json.")
    return _Check(directory, policy, roots, original).run()


class _Check:
    def __init__(
        self,
        directory: Path,
        policy: Policy | None,
        roots: tuple[Certificate, ...] | None,
        original: Path | None,
    ) -> None:
        self._directory = directory
        self._policy = policy
        self._roots = roots
        self._original = original
        self._checked = Checked()
        self._sealed_file = b""  # the root of the file that receipt.json shows

    def run(self) -> Checked:
        self._try(SUMS, self._sums)
        self._try(RECEIPT, self._chain)
        if {DOCUMENT, DOCUMENT_PROOF} & set(os.listdir(self._directory)):
            self._try(DOCUMENT, self._document)
        for path in sorted((self._directory / ANCHORS).glob("*.tsr")):
            self._try(f"{ANCHORS}/{path.name}", partial(self._stamp, path))
        stamps = self._checked.stamps
        self._checked.since = min((one.time for one in stamps), default="")
        return self._checked

    def _try(self, name: str, step: Callable[[], None]) -> None:
        try:
            step()
        except (MunimentError, OSError) as error:
            said = error.message if isinstance(error, MunimentError) else "it cannot be read"
            self._fail(name, said)

    def _fail(self, name: str, reason: str) -> None:
        self._checked.failures.append((name, reason))

    def _read(self, name: str) -> bytes:
        with open(self._directory / name, "rb") as file:
            return file.read(LARGEST + 1)

    def _sums(self) -> None:
        """Each file and its SHA-256, as sha256sum writes them; nothing more and nothing less lies there."""
        there = {path for path in _walk(self._directory) if path != SUMS}
        lines = [f"{hashlib.sha256(self._read(path)).hexdigest()}  {path}\n" for path in there]
        said = self._read(SUMS).decode("utf-8", "replace").splitlines(keepends=True)
        for line in sorted({*lines} ^ {*said}):
            name = line.rstrip("\n").partition("  ")[2]
            self._fail(name or SUMS, "it is not as it was when the receipt was made")

    def _chain(self) -> None:
        chain, index, size = self._proved(RECEIPT, PROOF)
        checked = self._checked
        checked.index, checked.size = index, size
        checked.layers = [(link.layer, sorted(link.shown)) for link in chain.links]
        for link, above in zip(chain.links, chain.links[1:], strict=False):
            if link.layer == "file":
                self._file(link)
                self._sealed_file = above.shown[link.at]
            elif link.layer == "page":
                self._checked.page = page_told(link)
            elif link.layer == "document":
                checked.document = above.shown[link.at].hex()

    def _document(self) -> None:
        """That a document was sealed of the very file which receipt.json shows."""
        chain, _, _ = self._proved(DOCUMENT, DOCUMENT_PROOF)
        layers = [link.layer for link in chain.links]
        file = chain.links[0].shown.get(FILE)
        if layers != ["document", "batch"] or not file or file != self._sealed_file:
            raise Unproved("It is not of the file in receipt.json.", next=NEXT)
        self._checked.document = chain.links[1].shown[chain.links[0].at].hex()

    def _proved(self, name: str, proof_name: str) -> tuple[Chain, int, int]:
        """A chain that holds up to the log: with the index of its entry and the size of the log."""
        chain = Chain.from_json(self._read(name))
        proof = TlogProof.parse(self._read(proof_name))
        checkpoint = self._head(proof)
        leaf = leaf_hash(chain.entry)
        verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
        chain.verify()
        return chain, proof.index, checkpoint.size

    def _head(self, proof: TlogProof) -> Checkpoint:
        """The checkpoint, as the log signed it and as it was stamped, and whether the signer is known."""
        stamped = Note.parse(self._read(CHECKPOINT))
        policy = self._policy or Policy.parse(self._read(POLICY))
        if Note.parse(proof.checkpoint).text != stamped.text:
            self._fail(CHECKPOINT, "it is another one than that of the proof")
        checkpoint = policy.check(proof.checkpoint)
        if self._policy is not None:
            self._checked.signer = "known"
        return checkpoint

    def _file(self, link: Link) -> None:
        for index, body in link.shown.items():
            if index and body:
                name, value = _property(body)
                self._checked.properties[name] = value
        header = link.shown.get(0)
        if header is None:
            return
        if len(header) != _HEADER:
            raise Malformed("The header of the file is not 104 bytes.", next=NEXT)
        size = int.from_bytes(header[:8], "big")
        self._checked.file = {
            "size": str(size),
            "sha256": header[8:40].hex(),
            "sha512": header[40:].hex(),
        }
        if self._original is not None:
            with open(self._original, "rb") as file:
                digests = hashlib.file_digest(file, "sha256").digest()
                file.seek(0)
                digests += hashlib.file_digest(file, "sha512").digest()
            if size != self._original.stat().st_size or digests != header[8:]:
                self._fail("the original", "it is not the file that was sealed")

    def _stamp(self, path: Path) -> None:
        from muniment.evidence.anchors.certificates import Trust
        from muniment.evidence.anchors.verification import verify_reply

        authority = path.stem.rpartition("-")[0]
        came, chain, lists = self._certificates(authority)
        reply, message = path.read_bytes(), self._read(CHECKPOINT)
        roots = came if self._roots is None else self._roots
        good = verify_reply(reply, message, Trust(roots, (*chain, *came), lists))
        time = good.time.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._checked.stamps.append(Stamped(authority, time, self._roots is not None))

    def _certificates(
        self, authority: str
    ) -> tuple[
        tuple[Certificate, ...], tuple[Certificate, ...], tuple[CertificateRevocationList, ...]
    ]:
        from muniment.evidence.anchors.certificates import read_certificates, read_lists

        def read(kind: str) -> bytes:
            path = self._directory / ANCHORS / f"{authority}-{kind}.pem"
            return path.read_bytes() if path.exists() else b""

        roots, chain, lists = read("roots"), read("chain"), read("crl")
        return (
            tuple(read_certificates(roots)) if roots else (),
            tuple(read_certificates(chain)) if chain else (),
            tuple(read_lists(lists)) if lists else (),
        )


def _property(body: bytes) -> tuple[str, str]:
    try:
        fields = json.loads(body)
        return str(fields["name"]), str(fields["value"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("A property of the file cannot be read.", next=NEXT) from None


def _walk(directory: Path) -> list[str]:
    found = []
    for folder, _, names in os.walk(directory):
        found += [(Path(folder) / name).relative_to(directory).as_posix() for name in names]
    return found
