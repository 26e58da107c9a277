"""The Merkle tree of RFC 6962 (section 2.1): roots, proofs of inclusion, proofs of consistency.

A subtree here is always complete: level L and index i stand for the leaves i * 2^L to (i + 1) * 2^L.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from muniment.errors import BadUse
from muniment.evidence.refusals import Unproved

EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]  # (level, index) to its hash

_NEXT = "Take the proof from its source again; if it fails there too, the log has told two stories."


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(00 | entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(01 | left | right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; that of no leaf is SHA-256 of nothing."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        pairs = iter(level)
        above = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=False)]
        if len(level) & 1:
            above.append(level[-1])  # an odd one out goes up as it is
        level = above
    return level[0]


def root_from(size: int, subtree: Subtree) -> bytes:
    """The root of a tree of `size` leaves whose complete subtrees can be asked for."""
    return _range_hash(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path from a leaf to the root of a tree of `size`, from the leaf's sibling upwards."""
    if not 0 <= index < size:
        raise BadUse(f"A log of {size} has no entry {index}.", next="Ask for an entry it has.")
    proof: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(first, middle, subtree))
            first = middle
    return proof[::-1]


def consistency_proof(size1: int, size2: int, subtree: Subtree) -> list[bytes]:
    """What shows that the tree of `size1` leaves is the beginning of that of `size2`."""
    if not 1 <= size1 <= size2:
        raise BadUse(
            f"There is no proof from {size1} to {size2}.",
            next="Ask from a size of at least 1 to one that is not smaller.",
        )
    proof: list[bytes] = []
    first, end = 0, size2
    while end != size1:
        middle = first + _split(end - first)
        if size1 <= middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(first, middle, subtree))
            first = middle
    if first:
        proof.append(_range_hash(first, end, subtree))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash stands at `index` of the tree with this root. Raises Unproved.

    After RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size or any(len(node) != 32 for node in (leaf, root, *proof)):
        raise Unproved("A proof of inclusion does not fit its tree.", next=_NEXT)
    node, at, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise Unproved("A proof of inclusion is too long.", next=_NEXT)
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if last or not hmac.compare_digest(node, root):
        raise Unproved(f"Entry {index} is not in the log with this root.", next=_NEXT)


def verify_consistency(
    size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the first tree is the beginning of the second. A size1 of 0 proves nothing: refused.

    After RFC 9162, 2.1.4.2. Raises Unproved.
    """
    if not 1 <= size1 <= size2:
        raise Unproved("A proof of consistency does not fit its trees.", next=_NEXT)
    if size1 == size2:
        if proof or not hmac.compare_digest(root1, root2):
            raise Unproved("Two trees of one size differ.", next=_NEXT)
        return
    if any(len(node) != 32 for node in (root1, root2, *proof)):
        raise Unproved("A proof of consistency has a hash that is none.", next=_NEXT)
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    if not path or not proof:
        raise Unproved("A proof of consistency is empty.", next=_NEXT)
    at, last = size1 - 1, size2 - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Unproved("A proof of consistency is too long.", next=_NEXT)
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last or not (hmac.compare_digest(old, root1) and hmac.compare_digest(new, root2)):
        raise Unproved("The later tree does not begin with the earlier one.", next=_NEXT)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(first: int, end: int, subtree: Subtree) -> bytes:
    """The hash over the leaves first to end, where first is a multiple of a power of two >= end - first."""
    node = b""
    for level, index in reversed(list(_complete(first, end))):
        left = subtree(level, index)
        node = node_hash(left, node) if node else left
    return node


def _complete(first: int, end: int) -> Iterator[tuple[int, int]]:
    while first < end:
        level = (end - first).bit_length() - 1
        yield level, first >> level
        first += 1 << level
