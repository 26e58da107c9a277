"""RFC 6962 trees: official vectors, and proofs against trees of every small size."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.evidence.log.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_from,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from muniment.evidence.refusals import Unproved

# The eight leaves and roots that Certificate Transparency's own implementations test with.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
ENTRIES += ["606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]


def subtree_of(leaves: list[bytes]):
    return lambda level, index: root_of(leaves[index << level : (index + 1) << level])


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(i.to_bytes(4, "big")) for i in range(size)]


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition in RFC 6962, 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    both = b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])
    return hashlib.sha256(both).digest()


def test_the_roots_that_everybody_has():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of(LEAVES[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert root_of(LEAVES).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


def verdicts(folder, verify) -> list[tuple[str, bool, bool]]:
    found = []
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text())
        try:
            verify(case, [b64decode(node) for node in case["proof"] or []])
            refused = False
        except Unproved:
            refused = True
        found.append((path.name, case["wantErr"], refused))
    return found


def inclusion_case(case, proof):
    leaf, root = b64decode(case["leafHash"] or ""), b64decode(case["root"] or "")
    verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)


def consistency_case(case, proof):
    roots = [b64decode(case[name] or "") for name in ("root1", "root2")]
    verify_consistency(case["size1"], roots[0], case["size2"], roots[1], proof)


VERIFIED = {"inclusion": inclusion_case, "consistency": consistency_case}


def test_official_vectors(corpus, counted):
    """Every file of the kinds of proof that a log of ours makes. Proofs of subtrees it makes none of."""
    folder = corpus("merkle-vectors") / "testdata"
    there = {path.name: len(list(path.rglob("*.json"))) for path in folder.iterdir()}
    run = 0
    for kind, verify in VERIFIED.items():
        found = verdicts(folder / kind, verify)
        assert [one for one in found if one[1] != one[2]] == [], kind
        wanted = [refused for _, refused, _ in found]
        assert {True, False} <= set(wanted) and len(found) == there[kind] > 90
        run += len(found)
    outside = sum(number for kind, number in there.items() if kind not in VERIFIED)
    counted("merkle", run, sum(there.values()), outside=outside)


def test_a_consistency_proof_from_nothing_is_refused():
    for proof in ([], [EMPTY_ROOT], LEAVES[:1]):
        with pytest.raises(Unproved):
            verify_consistency(0, EMPTY_ROOT, 8, root_of(LEAVES), proof)
        with pytest.raises(Unproved):
            verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, proof)
    with pytest.raises(BadUse):
        consistency_proof(0, 8, subtree_of(LEAVES))


def test_proofs_of_every_small_tree_hold():
    for size in range(1, 34):
        leaves = leaves_of(size)
        root = root_of(leaves)
        assert root == plain_root(leaves) == root_from(size, subtree_of(leaves))
        for index in range(size):
            proof = inclusion_proof(index, size, subtree_of(leaves))
            verify_inclusion(leaves[index], index, size, proof, root)
        for size1 in range(1, size + 1):
            proof = consistency_proof(size1, size, subtree_of(leaves))
            verify_consistency(size1, root_of(leaves[:size1]), size, root, proof)


@settings(deadline=None)
@given(st.integers(1, 600), st.data())
def test_bent_proofs_are_refused(size: int, data: st.DataObject):
    leaves = leaves_of(size)
    root = root_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree_of(leaves))
    bent = list(proof)
    kind = data.draw(st.sampled_from(["flip", "cut", "longer", "index", "leaf"]))
    at = data.draw(st.integers(0, max(0, len(proof) - 1)))
    leaf = leaves[index]
    if kind == "flip" and proof:
        bent[at] = bent[at][:-1] + bytes([bent[at][-1] ^ 1])
    elif kind == "cut" and proof:
        del bent[at]
    elif kind == "index" and size > 1:
        index = data.draw(st.integers(0, size - 1).filter(lambda i: i != index))
    elif kind == "leaf":
        leaf = hashlib.sha256(leaf).digest()
    else:
        bent.insert(at, root)
    with pytest.raises(Unproved):
        verify_inclusion(leaf, index, size, bent, root)


@settings(deadline=None)
@given(st.integers(2, 600), st.data())
def test_bent_consistency_proofs_are_refused(size: int, data: st.DataObject):
    leaves = leaves_of(size)
    size1 = data.draw(st.integers(1, size - 1))
    roots = root_of(leaves[:size1]), root_of(leaves)
    proof = consistency_proof(size1, size, subtree_of(leaves))
    verify_consistency(size1, roots[0], size, roots[1], proof)
    at = data.draw(st.integers(0, len(proof) - 1))
    for bent in (
        proof[:at] + proof[at + 1 :],
        [*proof[:at], hashlib.sha256(proof[at]).digest(), *proof[at + 1 :]],
        [*proof[:at], roots[0], *proof[at:]],
    ):
        with pytest.raises(Unproved):
            verify_consistency(size1, roots[0], size, roots[1], bent)
    with pytest.raises(Unproved):
        verify_consistency(size1, roots[1], size, roots[0], proof)
