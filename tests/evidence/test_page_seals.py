"""A package of sealed pages: known answer, a second reading, and nothing altered passes for what was sealed."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import secrets
from pathlib import Path

import known_answer
import pytest
import second_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import Damaged
from muniment.evidence import layers
from muniment.evidence.commitment import Tree, root_alone, tree_context, verify_disclosure
from muniment.evidence.page_commitment import Picture, check_page, seal_page, tree_of
from muniment.evidence.page_manifest import batch_root_of, package_holds
from muniment.evidence.page_package import Unpacking, decode_page, encode, pack_picture
from muniment.evidence.refusals import Unproved

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats"
KEY = bytes(range(32))
word = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=6)
lines = st.lists(st.lists(word, min_size=1, max_size=70), max_size=5)


def block(page: str, kind: str, which: int = 0) -> str:
    text = (FORMATS / page).read_text("utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.S)[which]


def answer() -> tuple[bytes, dict]:
    """Package and manifest as the page has them."""
    return base64.b64decode(block("page-seals.md", "package")), json.loads(
        block("page-seals.md", "answer")
    )


def unpacked(package: bytes, step: int = 100) -> list:
    records: list = []
    unpacking = Unpacking(records.append)
    for at in range(0, len(package), step):
        unpacking.write(package[at : at + step])
    assert unpacking.close() == len(records)
    return records


def header(page: int, picture: Picture | None = None) -> layers.Header:
    if picture is None:
        return layers.Header(page, 0, 0, 0, 0, "", "")
    return layers.Header(page, picture.width, picture.height, 200, picture.channels, "r 1", "f 1")


def sealed(words, page=1, picture=None):
    boxes = [(i, i, i + 1, i + 1, 100) for i in range(len(words))]
    kept = None if picture is None else pack_picture(picture.raw)
    return seal_page(KEY, header(page, picture), words, boxes, picture, kept=kept)


def test_the_known_answer_is_what_the_code_makes():
    package, manifest = answer()
    [record] = unpacked(package)
    made = known_answer.package_record()
    assert dataclasses.replace(record, picture=None) == dataclasses.replace(
        made, boxes=list(made.boxes), picture=None
    )
    assert record.raw() == known_answer.picture()
    assert manifest == {**known_answer.package_answer()[1], "files": manifest["files"]}
    assert package_holds(manifest["files"][0], lambda target: target.write(package))
    assert batch_root_of(manifest).hex() == manifest["root"]


def test_the_second_reading_goes_from_the_package_to_the_log():
    package, manifest = answer()
    root = second_reading.batch_of(manifest, {"a" * 26: package})
    assert root.hex() == manifest["root"]
    receipt = block("log.md", "answer", 2)
    assert second_reading.in_log(root, receipt)
    assert not second_reading.in_log(bytes(32), receipt)


def test_of_a_withdrawn_document_the_root_is_enough():
    """The batch of the known answer with its one document withdrawn is still entry 3 of the log."""
    _, manifest = answer()
    [entry] = manifest["files"]
    left = {"root": entry["root"], "state": "withdrawn", "reason": "source"}
    reduced = {**manifest, "files": [left]}
    assert batch_root_of(reduced).hex() == manifest["root"]
    assert second_reading.batch_of(reduced, {}).hex() == manifest["root"]
    assert (
        batch_root_of({**manifest, "files": [{**left, "root": "00" * 32}]}).hex()
        != manifest["root"]
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(lines, max_size=4), st.integers(1, 400))
def test_what_is_packed_is_unpacked_and_one_page_without_the_others(pages, step):
    records = [sealed(words, number) for number, words in enumerate(pages, 1)]
    places: list[tuple[int, int]] = []
    package = b"".join(encode(iter(records), lambda *place: places.append(place)))
    assert unpacked(package, step) == records
    for record, (place, length) in zip(records, places, strict=True):
        assert decode_page(package[place : place + length]) == record
        assert check_page(KEY, record) == record.roots["page"]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_flipped_bit_never_passes(data):
    """Nowhere in the package: descriptions, picture, lengths, the list of places."""
    package, manifest = answer()
    at = data.draw(st.integers(0, 8 * len(package) - 1))
    bent = bytearray(package)
    bent[at // 8] ^= 1 << at % 8
    entry = manifest["files"][0]
    if package_holds(entry, lambda target: target.write(bytes(bent))):
        # A frame may say the same in other bytes; then it says the same.
        assert unpacked(bytes(bent))[0].raw() == known_answer.picture()
        assert dataclasses.replace(unpacked(bytes(bent))[0], picture=None) == dataclasses.replace(
            unpacked(package)[0], picture=None
        )


@pytest.mark.parametrize("cut", [0, 5, 18, 25, -1, -4, -13])
def test_a_package_cut_short_or_grown_is_refused(cut):
    package, _ = answer()
    for bent in (package[:cut], package + b"\0"):
        with pytest.raises(Damaged):
            unpacked(bent)


@pytest.mark.parametrize("what", ["tools", "file", "tree", "key", "pages"])
def test_another_entry_in_the_manifest_is_not_what_was_sealed(what):
    package, manifest = answer()
    entry = manifest["files"][0]
    other = {
        "tools": {"muniment": "0.2.0"},
        "file": {**entry["file"], "size": 36},
        "tree": "00" * 16,
        "key": "00" * 32,
        "pages": 2,
    }
    assert not package_holds(entry | {what: other[what]}, lambda target: target.write(package))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40).map(lambda few: few * 300))
def test_a_root_made_alone_is_the_trees(bodies):
    ctx = tree_context(bytes(16), "page:1")
    assert (
        root_alone("muniment/v1/text", ctx, KEY, bodies)
        == Tree("muniment/v1/text", ctx, KEY, bodies).root
    )


def every_secret(record) -> set[bytes]:
    """Each seed, salt-to-be and leaf hash of each tree of a page."""
    found: set[bytes] = set()
    for layer in record.roots:
        picture = None if record.picture is None else Picture(140, 40, 1, record.raw())
        tree = tree_of(KEY, record, layer, picture)
        found.update(seed for level in tree._seeds for seed in level)
        found.update(tree._nodes[0])
        found.add(tree.root)
    return found


def test_two_readings_of_a_page_share_no_seed_and_no_leaf():
    words = [["the", "harbour"], ["is", "closed"]]
    picture = Picture(140, 40, 1, secrets.token_bytes(140 * 40))
    first, second = sealed(words, picture=picture), sealed(words, picture=picture)
    assert not every_secret(first) & every_secret(second)


def test_a_word_of_one_reading_tells_nothing_of_another():
    """What discloses a word under one reading's root is refused under the other's, and opens no leaf of it."""
    first, second = sealed([["the", "harbour"]]), sealed([["the", "harbour"]])
    shown = tree_of(KEY, first, "text").disclose([1])
    body = {1: layers.text_bodies([["the", "harbour"]])[1]}
    verify_disclosure(first.roots["text"], shown.dom, shown, body)
    with pytest.raises(Unproved):
        verify_disclosure(second.roots["text"], shown.dom, shown, body)
    known = {shown.tokens[i : i + 32] for i in range(len(shown.tokens) - 31)}
    assert not known & every_secret(second)


def test_another_shape_geometry_or_page_is_rejected():
    """A tree opened with another height, the header of another geometry, the layer of another page."""
    picture = Picture(140, 40, 1, bytes(140 * 40))
    record = sealed([["one", "two"]], picture=picture)
    root = record.roots["pixels"]
    tree = tree_of(KEY, record, "pixels", picture)
    shown = tree.disclose(range(1 << tree.height))
    bodies = layers.pixel_bodies(140, 40, 1, picture.raw)
    verify_disclosure(root, shown.dom, shown, dict(enumerate(bodies)))
    taller = dataclasses.replace(shown, height=shown.height + 1)
    more = dict(enumerate([*bodies, *[b""] * (2 * len(bodies) - len(bodies))]))
    with pytest.raises(Unproved):
        verify_disclosure(root, taller.dom, taller, more)
    turned = layers.pixel_bodies(40, 140, 1, picture.raw)
    with pytest.raises(Unproved):
        verify_disclosure(root, shown.dom, shown, dict(enumerate(turned[: len(bodies)])))
    for other in (
        dataclasses.replace(record.header, width=40, height=140),
        dataclasses.replace(record.header, dpi=100),
        dataclasses.replace(record.header, page=2),
        dataclasses.replace(record.header, renderer="r 2"),
    ):
        with pytest.raises(Damaged):
            check_page(KEY, dataclasses.replace(record, header=other))
