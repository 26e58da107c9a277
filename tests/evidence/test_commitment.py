"""The commitment: known answers, a second reading of its page, and no disclosure that can be bent."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

import known_answer
import pytest
import second_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import BadUse
from muniment.evidence.commitment import (
    Disclosure,
    Tree,
    height_for,
    tree_context,
    verify_disclosure,
)
from muniment.evidence.refusals import Malformed, Unproved

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats" / "commitment.md"
DOM = "muniment/v1/text"
KEY = bytes(range(32))
CTX = tree_context(bytes(range(16)), "page:1")

bodies = st.lists(st.binary(max_size=40), min_size=1, max_size=40)


def fields_of(kind: str) -> dict[str, str]:
    block = re.search(rf"```{kind}\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert block
    return dict(line.split(": ", 1) for line in block[1].splitlines())


def holds(root: bytes, disclosure: Disclosure, shown: dict[int, bytes]) -> bool:
    try:
        verify_disclosure(root, DOM, disclosure, shown)
    except (Unproved, Malformed):
        return False
    return True


def test_the_page_s_example_is_what_the_code_and_the_second_reading_make():
    words = [b"alpha", b"beta", b"gamma", b"delta", b"epsilon"]
    tree = Tree("EXAMPLE/v1/text", CTX, KEY, words)
    said = fields_of("example")
    assert [tree.seed.hex(), tree.top.hex(), tree.root.hex()] == list(said.values())
    assert second_reading.tree("EXAMPLE/v1/text", CTX, KEY, words) == (
        tree.seed,
        tree.top,
        tree.root,
    )
    assert said["root"] == "3427dd67ed619eb5cb8ec3828b1637e281af174d0e86b910a514f55937ceef29"


def test_the_page_s_known_answer_is_what_the_script_makes():
    assert fields_of("answer") == dict(known_answer.commitment_answer())


def test_the_second_reading_makes_the_page_s_known_answer():
    """From the words of the page to every number in it, without a line of muniment."""
    said, k = fields_of("answer"), known_answer

    def root(layer: str, number: int, content: list[bytes], key: bytes = k.KEY) -> bytes:
        of_page = layer in {"pixels", "plain", "text", "boxes", "page"}
        ctx = bytes([number]) * 16 + (b"page:1" if of_page else layer.encode())
        made: bytes = second_reading.tree(f"muniment/v1/{layer}", ctx, key, content)[2]
        assert made.hex() == said[f"{layer} root"], layer
        return made

    def pixel(x: int, y: int) -> tuple[int, int, int]:
        return (x + y) % 256, 2 * x % 256, 5 * y % 256

    lines = [["Notice"], ["今", "日", *["notice", "of", "the", "county"]]]
    lines.append([f"w{i}" for i in range(33)])
    edges = [[7200, 7200, 10800, 8400, 96], [7200, 8600, 20000, 9800, 91]]
    edges.append([7200, 10000, 52000, 11200, 88])
    content = "Notice\n今日 notice of the county\n".encode()
    assert len(content) == 35
    file = root("file", 1, second_reading.file(content, k.PROPERTIES))
    roots = [
        root("pixels", 2, second_reading.pixels(130, 33, pixel)),
        root("plain", 3, second_reading.plain(130, 33, pixel)),
        root("text", 4, second_reading.text(lines)),
        root("boxes", 5, second_reading.boxes(lines, edges)),
    ]
    header = {"page": 1, "width": 130, "height": 33, "dpi": 200, "channels": 3}
    header |= {"renderer": "pdfium 7789", "fonts": "liberation 2.1.5"}
    page = root("page", 6, [second_reading.canonical(header), *roots])
    tools = {"tools": {"muniment": "0.1.0", "pypdfium2": "5.15.2"}}
    document = root("document", 7, [file, second_reading.canonical(tools), page])
    root("batch", 8, [document], bytes(range(32, 64)))
    act = b'{"act":"received","day":"2026-11-22","who":"local"}'
    root("custody", 9, [bytes(32), act], bytes(range(32, 64)))
    words = second_reading.text(lines)
    shown = {i: words[i] for i in (0, *range(32, 38))}
    second_reading.check(said["disclosure"].encode(), bytes.fromhex(said["text root"]), DOM, shown)


@settings(deadline=None)
@given(bodies)
def test_a_second_reading_agrees_on_every_tree(content: list[bytes]):
    tree = Tree(DOM, CTX, KEY, content)
    assert second_reading.tree(DOM, CTX, KEY, content) == (tree.seed, tree.top, tree.root)


@settings(deadline=None)
@given(bodies, st.data())
def test_what_is_disclosed_is_verified_by_both_readings(content: list[bytes], data: st.DataObject):
    tree = Tree(DOM, CTX, KEY, content)
    size = 1 << tree.height
    opened = data.draw(st.sets(st.integers(0, size - 1)))
    shown = {i: content[i] if i < len(content) else b"" for i in opened}
    wire = tree.disclose(opened).to_json()
    read = Disclosure.from_json(wire)
    assert {i for span in read.opened() for i in span} == opened
    verify_disclosure(tree.root, DOM, read, shown)
    second_reading.check(wire, tree.root, DOM, shown)
    assert read.to_json() == wire


@settings(max_examples=400, deadline=None)
@given(bodies, st.data())
def test_every_mutated_disclosure_is_refused(content: list[bytes], data: st.DataObject):
    tree = Tree(DOM, CTX, KEY, content)
    size = 1 << tree.height
    opened = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    shown = {i: content[i] if i < len(content) else b"" for i in opened}
    good = tree.disclose(opened)
    assert holds(tree.root, good, shown)
    tokens = bytearray(good.tokens)
    kind = data.draw(st.sampled_from(["flip", "cut", "longer", "swap", "height", "ctx"]))
    at = data.draw(st.integers(0, len(tokens) - 1))
    height, ctx = good.height, good.ctx
    if kind == "flip":
        tokens[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del tokens[at]
    elif kind == "longer":
        tokens[at:at] = data.draw(st.binary(min_size=1, max_size=40))
    elif kind == "swap":
        tokens[:] = tokens[at:] + tokens[:at]
    elif kind == "height":
        height = data.draw(st.integers(0, 32).filter(lambda h: h != good.height))
    else:
        ctx = ctx[:-1] + bytes([ctx[-1] ^ 1])
    bent = Disclosure(DOM, ctx, height, bytes(tokens))
    assert bent == good or not holds(tree.root, bent, shown)


@settings(deadline=None)
@given(bodies, st.data())
def test_what_is_shown_must_be_exactly_what_is_opened(content: list[bytes], data: st.DataObject):
    tree = Tree(DOM, CTX, KEY, content)
    size = 1 << tree.height
    opened = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    shown = {i: content[i] if i < len(content) else b"" for i in opened}
    good = tree.disclose(opened)
    one = data.draw(st.sampled_from(sorted(opened)))
    assert not holds(tree.root, good, {i: b for i, b in shown.items() if i != one})
    assert not holds(tree.root, good, shown | {one: shown[one] + b"x"})
    other = data.draw(st.integers(0, size).filter(lambda i: i not in opened))
    assert not holds(tree.root, good, shown | {other: b""})
    moved = {i: b for i, b in shown.items() if i != one} | {other: shown[one]}
    assert not holds(tree.root, good, moved)
    assert not holds(hashlib.sha256(tree.root).digest(), good, shown)


def test_a_disclosure_of_another_layer_or_place_is_refused():
    tree = Tree(DOM, CTX, KEY, [b"a", b"b"])
    with pytest.raises(Unproved):
        verify_disclosure(tree.root, "muniment/v1/boxes", tree.disclose([0]), {0: b"a"})
    same = Tree("muniment/v1/boxes", CTX, KEY, [b"a", b"b"])
    assert not holds(same.root, tree.disclose([0]), {0: b"a"})


def test_siblings_do_not_stand_where_their_parent_should():
    tree = Tree(DOM, CTX, KEY, [b"a", b"b", b"c", b"d"])
    whole, parts = tree.disclose(range(4)), [tree.disclose(p) for p in ([0, 1], [2, 3])]
    left = parts[0].tokens[1:34]
    right = parts[1].tokens[-33:]
    assert left[:1] == right[:1] == b"S"
    bent = Disclosure(DOM, CTX, 2, b"N" + left + right)
    shown = dict(enumerate([b"a", b"b", b"c", b"d"]))
    assert holds(tree.root, whole, shown)
    assert not holds(tree.root, bent, shown)
    hidden = Disclosure(DOM, CTX, 2, b"N" + parts[1].tokens[1:34] + parts[0].tokens[-33:])
    assert not holds(tree.root, hidden, {})


def test_a_tall_disclosure_costs_nothing_to_refuse():
    """One token may claim four thousand million leaves; nobody counts them one by one."""
    bent = Disclosure(DOM, CTX, 32, b"S" + bytes(32))
    assert not holds(bytes(32), bent, {0: b""})


def test_a_hidden_leaf_cannot_be_tried_out():
    """Nothing in a disclosure depends on a hidden body in a way that one who guesses it could check."""
    shown = Tree(DOM, CTX, KEY, [b"a", b"guess"]).disclose([0])
    hidden = shown.tokens[-32:]
    label = bytes([len(DOM)]) + DOM.encode() + bytes([len(CTX)]) + CTX
    unsalted = hashlib.sha256(b"\x00" + label + (1).to_bytes(4, "big") + bytes(32)).digest()
    assert hidden not in (unsalted, hashlib.sha256(b"guess").digest())
    other = Tree(DOM, CTX, secrets.token_bytes(32), [b"a", b"guess"]).disclose([0])
    assert other.tokens[-32:] != hidden


def test_a_document_read_again_uses_no_seed_twice():
    seeds = set()
    for _ in range(50):
        tree = Tree(DOM, tree_context(secrets.token_bytes(16), "page:1"), KEY, [b"a", b"b"])
        seeds.add(tree.disclose([1]).tokens[-32:])
        seeds.add(tree.seed)
    assert len(seeds) == 100


def test_height_is_the_smallest_that_holds_the_leaves():
    assert [height_for(n) for n in (1, 2, 3, 4, 5, 1024, 1025)] == [0, 1, 2, 2, 3, 10, 11]
    with pytest.raises(BadUse):
        height_for(0)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: tree_context(bytes(15), "page:1"),
        lambda: tree_context(bytes(16), ""),
        lambda: tree_context(bytes(16), "x" * 240),
        lambda: Tree(DOM, CTX, bytes(31), [b"a"]),
        lambda: Tree(DOM, CTX, KEY, []),
        lambda: Tree(DOM, CTX, KEY, [b"a"]).disclose([1]),
        lambda: Tree(DOM, CTX, KEY, [b"a"]).disclose([-1]),
    ],
)
def test_what_cannot_be_sealed_is_refused(bad):
    with pytest.raises(BadUse) as caught:
        bad()
    assert caught.value.next


GOOD = Tree(DOM, CTX, KEY, [b"a", b"b", b"c"]).disclose([1]).to_json()


def test_the_wire_form_is_canonical_json():
    import rfc8785

    assert rfc8785.dumps(json.loads(GOOD)) == GOOD


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_on_the_wire_is_refused(at: int, byte: int):
    bent = GOOD[:at] + bytes([byte]) + GOOD[at + 1 :]
    if bent == GOOD:
        return
    root = Tree(DOM, CTX, KEY, [b"a", b"b", b"c"]).root
    with pytest.raises((Malformed, Unproved)):
        verify_disclosure(root, DOM, Disclosure.from_json(bent), {1: b"b"})


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_malformed_and_never_another_error(noise: bytes):
    with pytest.raises(Malformed):
        Disclosure.from_json(noise)


@pytest.mark.parametrize(
    "change",
    [
        {"height": True},
        {"height": 33},
        {"height": "2"},
        {"ctx": CTX.hex().upper()},
        {"ctx": CTX.hex() + " "},
        {"ctx": "zz"},
        {"ctx": ""},
        {"dom": ""},
        {"dom": "\ud800"},
        {"tokens": ""},
        {"tokens": b64encode(b"S" + bytes(31)).decode()},
        {"format": "muniment/disclosure/v2"},
        {"more": 1},
    ],
)
def test_another_form_is_malformed(change):
    with pytest.raises(Malformed):
        read = Disclosure.from_json(
            json.dumps(json.loads(GOOD) | change, separators=(",", ":"), sort_keys=True).encode()
        )
        verify_disclosure(bytes(32), read.dom, read, {})


def test_base64_with_stray_bits_is_malformed():
    fields = json.loads(GOOD)
    tokens = b64decode(fields["tokens"])
    assert len(tokens) % 3
    stray = fields["tokens"].rstrip("=")[:-1] + "B" + "=" * (-len(tokens) % 3)
    assert stray != fields["tokens"]
    with pytest.raises(Malformed):
        Disclosure.from_json(GOOD.replace(fields["tokens"].encode(), stray.encode()))
