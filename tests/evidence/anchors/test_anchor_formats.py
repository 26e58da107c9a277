"""Known answers of docs/formats/anchors.md, and forms that are read only as they are written."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import Damaged
from muniment.evidence.anchors.index import Index
from muniment.evidence.log.bundle import Bundle
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.note import Signer
from muniment.evidence.refusals import Malformed

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "anchors.md").read_text()
ANSWERS = re.findall(r"```answer\n(.*?)\n```", PAGE, re.S)
_WORD = st.text("abcxyz019", min_size=1, max_size=9)
PATHS = st.builds(lambda a, b: f"{a}/{b}.note", _WORD, _WORD)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
ENTRIES = st.dictionaries(PATHS, DIGESTS, max_size=3)
SIGNER = Signer.from_private_bytes("muniment/example", b"k" * 32)


def test_the_index_of_the_page():
    files = {
        "timestamps/abc.tsq": sha256(b"request").hexdigest(),
        "authorities/clock/roots-1.pem": sha256(b"root").hexdigest(),
    }
    assert Index(files).to_json().decode() == ANSWERS[0] + "\n"


def test_the_cosigner_of_the_page(tmp_path):
    """Through a case whose log has the key and name of the page."""
    from muniment.case.folder import Folder
    from muniment.case.keys import CaseKeys
    from muniment.verbs.case import Case
    from muniment.verbs.cosigning import cosigner_of

    log_key = bytes(range(0x40, 0x60)).hex()
    keys = CaseKeys(1, "", "", "", "muniment/known-answer", log_key)
    assert cosigner_of(Case(Folder(tmp_path, "x"), keys)).vkey == ANSWERS[1]


@given(files=ENTRIES, adding=ENTRIES)
def test_an_index_is_read_as_it_was_written(files, adding):
    index = Index(files, adding)
    content = index.to_json()
    assert Index.from_json(content) == index
    for bad in (content[:-1], content + b"\n", content.replace(b":1", b": 1"), b" " + content):
        with pytest.raises(Damaged):
            Index.from_json(bad)


@given(content=st.binary(max_size=200) | st.just(b"[" * 5000) | st.just(b'{"files":[]}\n'))
def test_what_is_no_index(content):
    with pytest.raises(Damaged):
        Index.from_json(content)


@given(
    size=st.integers(1, 1 << 40),
    old=st.integers(0, 1 << 40),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=5),
)
def test_a_bundle_is_read_as_it_was_written(size, old, proof):
    note = Checkpoint("muniment/example", size, b"r" * 32).sign(SIGNER)
    bundle = Bundle(old, tuple(proof), note)
    if old > size or (old == 0 and proof):
        with pytest.raises(Malformed):
            Bundle.parse(bundle.serialise())
        return
    content = bundle.serialise()
    assert Bundle.parse(content) == bundle
    with pytest.raises(Malformed):
        Bundle.parse(content.replace(b"old ", b"old 0", 1))
