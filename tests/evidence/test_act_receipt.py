"""The known answer of docs/formats/custody.md, computed by a second reading of the formats."""

import hashlib
import hmac
import json
import re
from pathlib import Path

import second_reading

from muniment.case.acts import leaf_of
from muniment.case.journal import Noted
from muniment.verbs.committing import custody_tree, padding

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats" / "custody.md"
KEY = bytes(range(0x20, 0x40))


def answers():
    block = re.search(r"```answer\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return dict(line.split(": ", 1) for line in block[1].splitlines())


def test_the_page_is_right_by_a_second_reading():
    said = answers()
    act, digest = json.loads(said["act"]), hashlib.sha256(said["act"].encode()).hexdigest()
    assert digest == said["head after it"]
    del act["salt"]
    act["details"]["files"] = str(len(act["details"]["files"]))
    leaf = second_reading.canonical({**act, "whole": digest})
    assert leaf == said["leaf"].encode()
    ctx = bytes([9]) * 16 + b"custody"
    _, _, root = second_reading.tree("muniment/v1/custody", ctx, KEY, [bytes(32), leaf])
    assert root.hex() == said["root"]
    entry = hmac.digest(KEY, (1).to_bytes(4, "big"), "sha256").hex()
    assert entry == said["padding, seed 20 to 3f, entry 1"]


def test_muniment_gives_the_same():
    said = answers()
    noted = Noted(1, said["act"].encode())
    details = {"head": "0" * 64, "key": KEY.hex(), "tree": "09" * 16}
    assert leaf_of(noted) == said["leaf"].encode()
    assert custody_tree(details, [leaf_of(noted)]).root.hex() == said["root"]
    assert padding(KEY, 2)[1].hex() == said["padding, seed 20 to 3f, entry 1"]
