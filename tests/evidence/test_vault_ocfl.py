"""The vault is OCFL 1.1 for a validator we did not write, and our reader takes nothing but our own form."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.evidence.vault import ocfl

storage_root = pytest.importorskip("ocfl.storage_root")
validator = pytest.importorskip("ocfl.validator")

MANIFEST = b'{"version":1}'
# Warnings of ocfl-py we accept: an identifier that is no URI (it names the folder; a colon is not allowed on FAT).
ACCEPTED = {"W005"}


def valid(path, **options) -> bool:
    return validator.Validator(**options).validate_object(str(path))


def test_a_vault_is_a_valid_storage_root(shelf, contents):
    for number in range(3):
        shelf.put(f"object{number}zz", contents[: number * 4], MANIFEST)
    root = storage_root.StorageRoot(root=str(shelf.folder / "vault"))
    assert root.validate(log_warnings=True), root.errors
    assert (root.num_objects, root.good_objects, root.spec_version) == (3, 3, "1.1")
    assert root.layout_name == ocfl.LAYOUT
    assert root.object_path("object1zz") == "object1zz"
    warned = {word for _, text in root.errors for word in text.split() if word[:1] in "WE"}
    codes = {word.strip("[]:") for word in warned if word.strip("[]:")[1:4].isdigit()}
    assert codes <= ACCEPTED, root.errors


def test_an_empty_vault_is_a_valid_storage_root(shelf):
    root = storage_root.StorageRoot(root=str(shelf.folder / "vault"))
    assert root.validate()
    assert root.num_objects == 0


def test_the_validator_notices_a_flipped_byte_in_ours(shelf):
    (one,) = shelf.put("object1zz", [os.urandom(1000)], MANIFEST)
    path = shelf.folder / "vault/object1zz/v1/content" / one.name
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert not valid(shelf.folder / "vault/object1zz")


def fixtures(corpus, kind: str):
    found = sorted(corpus("ocfl-fixtures").glob(f"1.*/{kind}-objects/*"))
    assert found
    return found


def complaints(path: Path) -> set[str]:
    """The codes of everything the validator says about an object."""
    judge = validator.Validator(log_warnings=True)
    judge.validate_object(str(path))
    return set(re.findall(r"\[([EW]\d{3})", judge.status_str()))


def complete(path: Path) -> bool:
    """Whether a fixture has all its content: the collection keeps one file of those that are alike."""
    manifest = json.loads((path / "inventory.json").read_bytes())["manifest"]
    return all((path / file).exists() for paths in manifest.values() for file in paths)


def test_the_validator_accepts_what_is_good(corpus):
    lost = {"E092", "E093", "E046"}  # what it says where content did not come along
    for path in [*fixtures(corpus, "good"), *fixtures(corpus, "warn")]:
        errors = {code for code in complaints(path) if code.startswith("E")}
        assert errors <= (set() if complete(path) else lost), path.name


def test_the_validator_rejects_what_is_bad(corpus):
    bad = fixtures(corpus, "bad")
    assert [path.name for path in bad if valid(path)] == []
    named = [p for p in bad if complaints(p) & set(re.findall(r"E\d{3}", p.name))]
    assert len(named) > 0.8 * len(bad)


def test_our_reader_vouches_for_no_inventory_but_its_own(corpus):
    """Good, questionable or bad: what muniment did not write is refused, and nothing in it is an accident."""
    seen = 0
    for path in sorted(corpus("ocfl-fixtures").glob("1.*/*-objects/**/inventory.json")):
        raw = path.read_bytes()
        try:
            identifier = json.loads(raw)["id"]
        except (ValueError, KeyError, TypeError):
            identifier = "objectzz"
        with pytest.raises(ValueError, match=r"inventory|JSON|column|decode"):
            ocfl.decode_inventory(raw, str(identifier))
        seen += 1
    assert seen > 50


NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
DIGESTS = st.binary(min_size=64, max_size=64).map(bytes.hex)


@given(
    st.dictionaries(NAMES | st.sampled_from(["manifest.age", "chunks.json"]), DIGESTS, max_size=5)
)
def test_an_inventory_says_what_it_was_given(files):
    assert ocfl.decode_inventory(ocfl.encode_inventory("objectzz", files), "objectzz") == files


@given(st.dictionaries(NAMES, DIGESTS, min_size=1, max_size=3), st.data())
@settings(max_examples=200)
def test_no_byte_of_an_inventory_can_change_and_mean_the_same(files, data):
    raw = bytearray(ocfl.encode_inventory("objectzz", files))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = ocfl.decode_inventory(bytes(raw), "objectzz")
    except ValueError:
        return
    assert changed != files


@given(st.binary(max_size=200))
def test_noise_is_refused(raw):
    with pytest.raises(ValueError):
        ocfl.decode_inventory(raw, "objectzz")


@pytest.mark.parametrize(
    "text",
    ["[]", "null", "1", '"x"', '{"versions":{"v1":{"state":[]}}}', "[" * 100_000, '{"versions":1}'],
)
def test_json_of_another_shape_is_refused(text):
    with pytest.raises(ValueError):
        ocfl.decode_inventory(text.encode(), "objectzz")
