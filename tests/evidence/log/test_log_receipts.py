"""Tiles, receipts (tlog-proof), cosignatures and policies."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.cosignature import Cosigner, cosign, cosigned, subtree_message, time_of
from muniment.evidence.log.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
)
from muniment.evidence.log.note import COSIGNATURE_ML_DSA, Note, Signature, Signer, VerifierKey
from muniment.evidence.log.policy import Policy
from muniment.evidence.log.proof import TlogProof
from muniment.evidence.log.tiles import (
    Tile,
    index_path,
    pack_entries,
    partial_tiles,
    tiles_of,
    unpack_entries,
)
from muniment.evidence.refusals import Malformed, Unproved

ORIGIN = "example.com/log"
LOG = Signer.from_private_bytes(ORIGIN, bytes(range(32)))
WITNESSES = [Cosigner.from_private_bytes(f"w{i}.example", bytes([i]) * 32) for i in range(6)]
ENTRIES = [hashlib.sha256(bytes([i])).digest() for i in range(9)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NOW = 1_679_315_147


def subtree(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


NOTE = Checkpoint(ORIGIN, 9, root_of(LEAVES)).sign(LOG)
RECEIPT = TlogProof(4, tuple(inclusion_proof(4, 9, subtree)), NOTE, b"extra")


def test_paths_of_the_specification():
    assert index_path(1234067) == "x001/x234/067"
    assert Tile(0, 0, 5).path == "tile/0/000.p/5"
    assert Tile(-1, 1000).path == "tile/entries/x001/000"
    assert Tile.parse("tile/63/x123/456") == Tile(63, 123456)


@settings(deadline=None)
@given(st.integers(-1, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_paths_go_there_and_back(level: int, index: int, width: int):
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000", "tile/00/000", "tile/-1/000", "tile/0/0", "tile/0/0000", "tile/0/x000/001",
        "tile/0/001/002", "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/000.p/", "tile/0/000.p", "tile/entries", "Tile/0/000", "tile/0/000\n", "tile/٠/000",
        "../tile/0/000", "tile/0/../000", "",
    ],
)  # fmt: skip
def test_other_paths_are_malformed(path):
    with pytest.raises(Malformed):
        Tile.parse(path)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_path_leaks_another_error(path: str):
    try:
        assert Tile.parse(path).path == path
    except Malformed:
        return


def test_the_tiles_of_70000_entries_are_those_of_the_specification():
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert Tile(0, 273, 112) in tiles and Tile(1, 0) in tiles
    assert Tile(1, 1, 17) in tiles and Tile(2, 0, 1) in tiles
    assert set(partial_tiles(70_000)) == {tile for tile in tiles if tile.width < 256}
    assert {tile.path for tile in tiles_of(256)} == {
        "tile/entries/000", "tile/0/000", "tile/1/000.p/1"
    }  # fmt: skip
    assert list(tiles_of(0)) == []


@settings(deadline=None)
@given(st.lists(st.binary(max_size=70), max_size=5), st.binary(max_size=3))
def test_bundles_go_there_and_back(entries: list[bytes], more: bytes):
    bundle = pack_entries(entries)
    assert unpack_entries(bundle) == entries
    try:
        unpack_entries(bundle + more)
    except Malformed:
        return


def test_a_receipt_goes_there_and_back_and_holds():
    content = RECEIPT.serialise()
    assert TlogProof.parse(content) == RECEIPT
    policy = Policy.of_log(LOG.vkey)
    assert RECEIPT.verify(ENTRIES[4], policy).size == 9
    for entry in (ENTRIES[3], b"else"):
        with pytest.raises(Unproved):
            RECEIPT.verify(entry, policy)
    with pytest.raises(Unproved):
        RECEIPT.verify(ENTRIES[4], Policy.of_log(Signer.generate(ORIGIN).vkey))


@settings(deadline=None)
@given(st.data())
def test_a_changed_receipt_is_refused(data: st.DataObject):
    content = RECEIPT.serialise()
    at = data.draw(st.integers(content.index(b"index"), len(content) - 1))
    bent = content[:at] + data.draw(st.binary(max_size=2)) + content[at + 1 :]
    if bent == content:
        return
    with pytest.raises((Malformed, Unproved)):
        TlogProof.parse(bent).verify(ENTRIES[4], Policy.of_log(LOG.vkey))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.replace(b"@v1", b"@v2"),
        lambda c: c.replace(b"extra ", b"extra !"),
        lambda c: c.replace(b"index 4", b"index 04"),
        lambda c: c.replace(b"index 4", b"index -4"),
        lambda c: c.replace(b"index 4\n", b""),
        lambda c: c.replace(b"index 4\n", b"index 4\n" + b"A" * 43 + b"=\n" * 1 + b"AAAA\n"),
        lambda c: c.replace(b"\n\n", b"\n", 1),
        lambda c: c.replace(b"\n", b"\r\n"),
        lambda c: b"",
        lambda c: c[: c.index(b"\n\n") + 2],
        lambda c: c.replace(b"index 4\n", b"index 4\n" + (b"A" * 43 + b"=\n") * 64),
        lambda c: b"\xff" + c,
    ],
)
def test_malformed_receipts(change):
    with pytest.raises(Malformed):
        TlogProof.parse(change(RECEIPT.serialise()))


def test_a_cosignature_says_what_the_specification_says():
    note = cosign(NOTE, LOG.key, WITNESSES[0], NOW)
    parsed = Note.parse(note)
    assert time_of(parsed.signatures[-1]) == NOW
    assert len(parsed.signatures[-1].value) == 72
    lines = cosigned(parsed.text, NOW).split(b"\n")
    assert lines[:3] == [b"cosignature/v1", b"time 1679315147", ORIGIN.encode()]
    assert parsed.signed_by([WITNESSES[0].key, LOG.key]) == [WITNESSES[0].key, LOG.key]
    later = parsed.signatures[-1]
    moved = Signature(later.name, later.key_id, b"\0" * 7 + b"\1" + later.value[8:])
    with pytest.raises(Unproved):
        Note(parsed.text, (*parsed.signatures[:-1], moved)).signed_by([WITNESSES[0].key])
    real = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    assert VerifierKey.parse(real).vkey == real


def test_a_cosigner_signs_only_what_continues_the_last_it_saw():
    seen = Checkpoint(ORIGIN, 5, root_of(LEAVES[:5]))
    proof = consistency_proof(5, 9, subtree)
    assert cosign(NOTE, LOG.key, WITNESSES[0], NOW, seen=seen, consistency=proof)
    for bad in (
        {"seen": Checkpoint(ORIGIN, 5, root_of(LEAVES[1:6])), "consistency": proof},
        {"seen": seen, "consistency": proof[:-1]},
        {"seen": Checkpoint(ORIGIN, 10, bytes(32)), "consistency": proof},
        {"seen": Checkpoint(ORIGIN, 9, bytes(32))},
    ):
        with pytest.raises(Unproved):
            cosign(NOTE, LOG.key, WITNESSES[0], NOW, **bad)
    with pytest.raises(Unproved):
        cosign(NOTE, Signer.generate(ORIGIN).key, WITNESSES[0], NOW)
    with pytest.raises(BadUse):
        cosign(NOTE, LOG.key, WITNESSES[0], NOW, seen=Checkpoint("else", 5, bytes(32)))
    with pytest.raises(BadUse):
        cosign(NOTE, LOG.key, WITNESSES[0], 2**63)


def test_a_cosignature_with_ml_dsa_is_verified():
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    private = MLDSA44PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = VerifierKey("w.example", COSIGNATURE_ML_DSA, public)
    text = Checkpoint(ORIGIN, 9, root_of(LEAVES)).text()
    message = subtree_message("w.example", text, NOW)
    assert message[:12] == b"subtree/v1\n\0" and message[-40:-32] == (9).to_bytes(8, "big")
    value = NOW.to_bytes(8, "big") + private.sign(message)
    assert VerifierKey.parse(key.vkey) == key
    assert key.verify(text, value)
    assert not key.verify(text, bytes(8) + value[8:])
    assert not key.verify(b"no checkpoint\n", value)
    policy = Policy.parse(f"log {LOG.vkey}\nwitness w {key.vkey}\nquorum w\n".encode())
    note = Note.parse(NOTE).with_signature(Signature(key.name, key.key_id, value))
    assert policy.check(note.serialise()).size == 9


X = [witness.vkey for witness in WITNESSES]
EXAMPLE = f"""log {LOG.vkey}

witness X1 {X[0]}
witness X2 {X[1]}
witness X3 {X[2]} https://x3.example/
group X-witnesses 2 X1 X2 X3

\t# the other side
witness Y1 {X[3]}
witness Y2\t{X[4]}
  witness Y3 {X[5]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


@pytest.mark.parametrize(
    ("who", "enough"),
    [
        ([], False), ([0, 1, 2], False), ([0, 3], False), ([3, 4, 5], False), ([0, 1, 3], True),
        ([1, 2, 5], True), (range(6), True),
    ],
)  # fmt: skip
def test_the_policy_of_the_specification(who, enough):
    note = NOTE
    for number in who:
        note = cosign(note, LOG.key, WITNESSES[number], NOW)
    policy = Policy.parse(EXAMPLE.encode())
    if enough:
        assert policy.check(note).size == 9
    else:
        with pytest.raises(Unproved):
            policy.check(note)


def test_cosignatures_without_the_log_count_for_nothing():
    parsed = Note.parse(NOTE)
    line = WITNESSES[0].sign(parsed.text, NOW)
    policy = Policy.parse(f"log {LOG.vkey}\nwitness w {X[0]}\nquorum w\n".encode())
    with pytest.raises(Unproved):
        policy.check(Note(parsed.text, (line,)).serialise())
    with pytest.raises(Unproved):
        Policy.parse(f"witness w {X[0]}\nquorum w\n".encode()).check(NOTE)


def test_names_are_opaque_and_keywords_are_names():
    text = f"log {LOG.vkey}\nwitness all {X[0]}\nwitness any {X[1]}\ngroup group 2 all any\n"
    policy = Policy.parse(text.encode() + b"witness K\x80 " + X[2].encode() + b"\nquorum group")
    assert policy.quorum == b"group" and b"K\x80" in policy.witnesses
    assert Policy.parse(b"quorum none\n").quorum is None


WITNESS = f"witness w {X[0]}\n"


@pytest.mark.parametrize(
    "bad",
    [
        "", "quorum none\n\x01", "quorum none\r\n", "quorum none\n\x7f", "quibble w\nquorum none\n",
        "quorum none # why\n", "quorum\n", "quorum none\nquorum none\n", "quorum w\n" + WITNESS,
        WITNESS, "log\nquorum none\n", "log garbage\nquorum none\n", f"log {X[0]}\nquorum none\n",
        f"log {LOG.vkey}\nlog {LOG.vkey} https://l.example\nquorum none\n",
        f"witness w\n{WITNESS}quorum w\n", f"witness w {LOG.vkey}\nquorum w\n",
        f"witness none {X[0]}\nquorum none\n", f"{WITNESS}witness w {X[1]}\nquorum w\n",
        f"{WITNESS}witness v {X[0]}\nquorum w\n", f"{WITNESS}group w any w\nquorum w\n",
        f"{WITNESS}group g 1\nquorum w\n", f"{WITNESS}group none any w\nquorum none\n",
        f"{WITNESS}group g 0 w\nquorum g\n", f"{WITNESS}group g -1 w\nquorum g\n",
        f"{WITNESS}group g 01 w\nquorum g\n", f"{WITNESS}group g 2 w\nquorum g\n",
        f"{WITNESS}group g any v\nquorum g\n", f"group g any w\n{WITNESS}quorum g\n",
        f"{WITNESS}group g any none w\nquorum g\n", f"{WITNESS}group g all w w\nquorum g\n",
        f"{WITNESS}group g any w\ngroup h any w\nquorum g\n", "quorum unknown\n",
        f"{WITNESS}group g any g\nquorum g\n", "quorum none\n" + "#" * 1_000_000,
    ],
)  # fmt: skip
def test_malformed_policies(bad):
    with pytest.raises(Malformed) as caught:
        Policy.parse(bad.encode())
    assert caught.value.next


@settings(deadline=None)
@given(st.binary(max_size=100), st.lists(st.sampled_from(EXAMPLE.split()), max_size=12))
def test_noise_is_malformed_and_never_another_error(noise: bytes, words: list[str]):
    for content in (noise, " ".join(words).encode(), b"\n".join([noise, *map(str.encode, words)])):
        for read in (Policy.parse, TlogProof.parse):
            try:
                read(content)
            except Malformed:
                continue
