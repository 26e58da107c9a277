"""A mailbox and an archive in a case: every part has its place and its state, those without bytes too."""

from __future__ import annotations

import io
import zipfile

import pytest

pytestmark = pytest.mark.journey


def test_a_member_without_bytes_keeps_its_state(tmp_path):
    from tests.conftest import Muniment

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("open.txt", "drums in the shed")
        archive.writestr("closed.txt", "drums in the other shed")
    packed = bytearray(held.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.rindex(mark) + at] |= 1  # the second member says that it is encrypted
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "a.zip").write_bytes(packed)
    box = b"From a@b Fri Jul 13 10:00:00 2018\nFrom: a@b\nTo: c@d\nSubject: x\n\ndrums\n\n"
    (papers / "b.mbox").write_bytes(box + b"From a@b Fri Jul 13 10:01:00 2018\n\n")
    program = Muniment(tmp_path, tmp_path / "home")
    program.json("new", "x")
    program.json("add", "x", papers)
    states = {
        one["path"].partition("/")[2]: one["state"]
        for one in program.json("documents", "x")["documents"]
    }
    program.run("lock", "x")
    assert states == {
        "a.zip": "extracted",
        "a.zip/open.txt": "extracted",
        "a.zip/closed.txt": "encrypted",
        "b.mbox": "extracted",
        "b.mbox/message 1.eml": "extracted",
        "b.mbox/message 2.eml": "failed",
    }
