"""Which Ed25519 signatures are taken under a note (docs/decisions/0025): the official vectors, and our own.

The official collection is run where it is; the same corners are made here by the definition, so that a checkout
without it holds them too.
"""

from __future__ import annotations

import json
from hashlib import sha512

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from muniment.evidence.log.note import COSIGNATURE, ED25519, VerifierKey
from muniment.evidence.refusals import Malformed
from tests.vectors import edwards
from tests.vectors.edwards import (
    BASE,
    SMALL_ORDER,
    L,
    add,
    challenge,
    decode_loosely,
    encode,
    times,
)

# Flags of the official vectors with which a signature is refused. Taken are those with none of them: a key or a
# first half with a part of small order, as long as the equation holds as it is written.
REFUSED = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"}
REFUSED |= {"low_order_residue", "reencoded_k"}


def taken(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether a note with this text and signature counts as signed by this key."""
    try:
        key = VerifierKey("vectors", ED25519, public)
    except Malformed:
        return False
    return key.verify(text, signature)


def library_takes(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def test_official_vectors(corpus, counted):
    folder = corpus("c2sp-cctv") / "ed25519"
    files = sorted(folder.glob("*.json"))
    if not files:
        counted("ed25519", 0, 0)
        pytest.skip("this copy of c2sp-cctv has no ed25519 vectors in it")
    vectors = [one for file in files for one in json.loads(file.read_text())]
    wrong, run = [], 0
    for number, one in enumerate(vectors):
        flags = set(one.get("flags") or ())
        text, public, signature = one["msg"].encode(), *map(bytes.fromhex, (one["key"], one["sig"]))
        if taken(public, text, signature) != (not flags & REFUSED):
            wrong.append((number, sorted(flags)))
        run += 1
    assert not wrong
    counted("ed25519", run, len(vectors))


def test_no_key_of_small_order_is_taken():
    """Under such a key nought and a point of small order sign every second text, or every one."""
    fooled = 0
    for public in SMALL_ORDER:
        with pytest.raises(Malformed):
            VerifierKey("vectors", ED25519, public)
        with pytest.raises(Malformed):
            VerifierKey("vectors", COSIGNATURE, public)
        for first in SMALL_ORDER:
            assert not taken(public, b"a text\n", first + bytes(32))
            fooled += library_takes(public, b"a text\n", first + bytes(32))
    assert fooled > 10, "the library alone would take these: the check in front of it is needed"


def test_no_first_half_of_small_order_is_taken():
    """R is the neutral point where a signer's nonce is nought, which tells everybody its private key."""
    secret = 987654321
    public = encode(times(secret, BASE))
    text = b"a text\n"
    for first in SMALL_ORDER:
        value = challenge(first, public, text) * secret % L
        assert not taken(public, text, first + value.to_bytes(32, "little"))
    neutral = encode(edwards.IDENTITY)
    value = challenge(neutral, public, text) * secret % L
    assert library_takes(public, text, neutral + value.to_bytes(32, "little"))


def test_other_encodings_of_any_point_are_refused():
    for over in range(19):  # y from p on
        for sign in (0, 1 << 255):
            encoded = (edwards.P + over | sign).to_bytes(32, "little")
            with pytest.raises(Malformed):
                VerifierKey("vectors", ED25519, encoded)


@pytest.mark.parametrize("torsion", range(8, 12))
def test_a_key_with_a_part_of_small_order_signs_by_the_equation_as_written(torsion: int):
    """The part cancels out where k is a multiple of 8 (taken); otherwise only a verifier that multiplies by 8
    would take it (refused)."""
    secret, nonce = 123456789, 192837465
    key = add(times(secret, BASE), decode_loosely(SMALL_ORDER[torsion]))
    public, first = encode(key), encode(times(nonce, BASE))
    both = set()
    for number in range(64):
        text = f"text {number}\n".encode()
        k = challenge(first, public, text)
        signature = first + ((nonce + k * secret) % L).to_bytes(32, "little")
        assert taken(public, text, signature) == (k % 8 == 0)
        both.add(k % 8 == 0)
    assert both == {True, False}


def test_s_has_one_form():
    """S and S + L fit the same equation; only S below L is taken."""
    secret = int.from_bytes(sha512(b"a seed").digest()[:32], "little") % L
    public, first = encode(times(secret, BASE)), encode(times(77, BASE))
    text = b"a text\n"
    value = (77 + challenge(first, public, text) * secret) % L
    assert taken(public, text, first + value.to_bytes(32, "little"))
    for more in range(1, 16):
        if (value + more * L) >> 256:
            break
        assert not taken(public, text, first + (value + more * L).to_bytes(32, "little"))
    assert not taken(public, text, first + value.to_bytes(32, "little") + b"\0")
    assert not taken(public, text, (first + value.to_bytes(32, "little"))[:-1])
