"""The receipt of one act of custody: five files that prove it offline (docs/formats/custody.md).

act.json, or act.token-sha256    the leaf's body, to the byte
disclosure.json                  that the body is a leaf of a custody tree, the others hidden
entry                            the tree's root, which is the entry of the log, hexadecimal
act.tlog-proof                   that the entry is in the log
checkpoint                       the log's signed head, as it stands in the proof
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from muniment.evidence.commitment import Disclosure, Tree, verify_disclosure
from muniment.evidence.layers import HASH, layer_dom
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.policy import Policy
from muniment.evidence.log.proof import TlogProof
from muniment.evidence.refusals import Malformed, Unproved

ACT, TOKEN, DISCLOSURE = "act.json", "act.token-sha256", "disclosure.json"
ENTRY, PROOF, CHECKPOINT = "entry", "act.tlog-proof", "checkpoint"
LAYER = "custody"
_NEXT = "Take the receipt from its source again; if it fails there too, do not rely on it."


@dataclass(frozen=True, slots=True)
class ActReceipt:
    """`body` of the leaf, `is_token` where that is the SHA-256 of a timestamp's token; `entry` 32 bytes."""

    body: bytes
    is_token: bool
    disclosure: Disclosure
    entry: bytes
    proof: TlogProof

    @classmethod
    def of(
        cls, tree: Tree, leaf: int, body: bytes, proof: TlogProof, *, is_token: bool
    ) -> ActReceipt:
        """The receipt of one leaf of a custody tree, from 1, and of no other."""
        return cls(body, is_token, tree.disclose([leaf]), tree.root, proof)

    @property
    def leaf(self) -> int:
        """Which leaf of the tree it shows. Raises Malformed where it shows more, or the head."""
        opened = [index for span in self.disclosure.opened() for index in span]
        if len(opened) != 1 or opened[0] == 0:
            raise _malformed("it does not show exactly one act")
        return opened[0]

    def files(self) -> dict[str, bytes]:
        """The receipt as files."""
        return {
            TOKEN if self.is_token else ACT: self.body,
            DISCLOSURE: self.disclosure.to_json(),
            ENTRY: self.entry.hex().encode() + b"\n",
            PROOF: self.proof.serialise(),
            CHECKPOINT: self.proof.checkpoint,
        }

    @classmethod
    def parse(cls, files: Mapping[str, bytes]) -> ActReceipt:
        """Read a receipt, in its one form. Raises Malformed."""
        for name in (DISCLOSURE, ENTRY, PROOF, CHECKPOINT):
            if name not in files:
                raise _malformed(f"{name} is missing")
        if (ACT in files) == (TOKEN in files):
            raise _malformed(f"it has not one of {ACT} and {TOKEN}")
        entry = re.fullmatch(rb"([0-9a-f]{64})\n", files[ENTRY])
        if entry is None:
            raise _malformed("its entry is not 64 hexadecimal digits")
        body = files[ACT] if ACT in files else files[TOKEN]
        if TOKEN in files and len(body) != HASH:
            raise _malformed("the digest of a token is 32 bytes")
        proof = TlogProof.parse(files[PROOF])
        if proof.checkpoint != files[CHECKPOINT]:
            raise _malformed("the checkpoint beside the proof is not the one in it")
        disclosure = Disclosure.from_json(files[DISCLOSURE])
        return cls(body, TOKEN in files, disclosure, bytes.fromhex(entry[1].decode()), proof)

    def verify(self, policy: Policy) -> Checkpoint:
        """Check all of it, by the log of the policy; gives the checkpoint. Raises Unproved or Malformed."""
        if self.disclosure.name != LAYER:
            raise Unproved("This is no act of custody.", next=_NEXT)
        verify_disclosure(self.entry, layer_dom(LAYER), self.disclosure, {self.leaf: self.body})
        return self.proof.verify(self.entry, policy)


def _malformed(why: str) -> Malformed:
    return Malformed(f"This receipt cannot be read: {why}.", next=_NEXT)
