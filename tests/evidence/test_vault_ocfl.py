"""The vault is OCFL 1.1 for a validator we did not write, and our reader takes nothing but our own form."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.evidence.audit import audit
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


@pytest.fixture(scope="session")
def restored(corpus, tmp_path_factory):
    """The collection with its content put back: a copy may keep one file of those that are alike.

    Content is found by the digest the inventory gives. Where the fault is content that lacks or differs (E092), all
    is left as it came.
    """
    root = tmp_path_factory.mktemp("ocfl") / "fixtures"
    shutil.copytree(corpus("ocfl-fixtures"), root, copy_function=shutil.copyfile)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    held: dict[str, Path] = {}
    for path in filter(Path.is_file, root.rglob("*")):
        for algorithm in ("sha512", "sha256"):
            held[hashlib.new(algorithm, path.read_bytes()).hexdigest()] = path
    for place in root.glob("1.*/*-objects/*"):
        for digest, name in [] if "E092" in place.name else lacking(place):
            if digest.lower() in held and is_inside(place, name):
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(held[digest.lower()], place / name)
    return root


def lacking(place: Path) -> list[tuple[str, str]]:
    """Digest and path of content that an object's inventory names and that is not there."""
    try:
        manifest = json.loads((place / "inventory.json").read_bytes())["manifest"]
        named = [(digest, name) for digest, names in manifest.items() for name in names]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    return [(d, n) for d, n in named if is_inside(place, n) and not (place / n).exists()]


def is_inside(place: Path, name: object) -> bool:
    return isinstance(name, str) and ".." not in name and (place / name).is_relative_to(place)


def fixtures(root: Path, kind: str) -> list[Path]:
    found = sorted(root.glob(f"1.*/{kind}-objects/*"))
    assert found
    return found


def complaints(path: Path) -> set[str]:
    """The codes of everything the validator says about an object."""
    judge = validator.Validator(log_warnings=True)
    judge.validate_object(str(path))
    return set(re.findall(r"\[([EW]\d{3})", judge.status_str()))


def codes_in(name: str) -> set[str]:
    return set(re.findall(r"[EW]\d{3}", name))


# What it says where content did not come along, and nothing of it could be put back.
FOR_WANT_OF_CONTENT = {"E046", "E092", "E093"}


def test_the_validator_accepts_what_is_good(restored, counted):
    good, warned = fixtures(restored, "good"), fixtures(restored, "warn")
    for path in [*good, *warned]:
        said = complaints(path)
        errors = {code for code in said if code.startswith("E")}
        assert errors <= (FOR_WANT_OF_CONTENT if lacking(path) else set()), path.name
        assert codes_in(path.name) <= said or path in good, path.name
    counted("ocfl valid", len(good) + len(warned), len(list(restored.glob("1.*/[gw]*-objects/*"))))


# Where the validator names the fault by another code than the collection: it finds another consequence first, which
# the collection's own README allows for.
UNDER_ANOTHER_CODE = {
    "E010_missing_versions": "E046",  # the latest version is the one that is missing
    "E011_E013_invalid_padded_head_version": "E040",  # head is no version name at all then
    "E015_content_not_in_content_dir": "E042",  # the path is refused where the manifest names it
    "E019_inconsistent_content_dir": "E020",  # the setting that differs, not the folder
    "E040_wrong_version_in_version_dir": "E066",  # the states differ, as the versions do
    "E100_E099_fixity_invalid_content_paths": "E057",  # the fixity block as a whole
}


def fault_lost(path: Path) -> bool:
    """Whether a collection without doubles has lost the very file that is the fault."""
    if path.name == "E023_extra_file":
        inventory = (path / "inventory.json").read_text()
        files = [one for one in (path / "v1").rglob("*") if one.is_file()]
        return all(
            one.name.startswith("inv") or f"v1/content/{one.name}" in inventory for one in files
        )
    return path.name == "E001_extra_dir_in_root" and not (path / "inventory.json").exists()


def test_the_validator_rejects_what_is_bad_and_says_why(restored, counted):
    bad = fixtures(restored, "bad")
    unnamed, lost = [], 0
    for path in bad:
        if fault_lost(path):
            lost += 1
            continue
        said, named = complaints(path), codes_in(path.name)
        assert not valid(path), path.name
        if not named <= said and UNDER_ANOTHER_CODE.get(path.name) not in said:
            unnamed.append((path.name, sorted(said)))
    assert unnamed == []
    there = len(list(restored.glob("1.*/bad-objects/*")))
    counted("ocfl bad", len(bad) - lost, there, outside=lost)


def test_our_audit_rejects_every_object_that_is_not_ours(restored, shelf, counted):
    """In a vault of ours, each is named: bad ones, and valid ones that muniment did not write."""
    shelf.put("objectzz", [b"ours"], MANIFEST)
    (shelf.folder / "log").mkdir()
    vault = shelf.folder / "vault"
    before = audit(vault, shelf.folder / "log")
    assert not (before.damaged or before.unexpected)
    everything = [path for kind in ("good", "warn", "bad") for path in fixtures(restored, kind)]
    for path in everything:
        shutil.copytree(path, vault / "fixtureobject")
        report = audit(vault, shelf.folder / "log")
        named = [*report.damaged, *report.missing, *report.unexpected]
        assert any(name.startswith("vault/fixtureobject") for name in named), path.name
        assert not any(name.startswith("vault/objectzz") for name in named), path.name
        shutil.rmtree(vault / "fixtureobject")
    counted("ocfl by our audit", len(everything), len(list(restored.glob("1.*/*-objects/*"))))


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
