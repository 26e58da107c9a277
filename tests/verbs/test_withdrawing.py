"""What is withdrawn is gone, to the last page of the database; what is not withdrawn verifies as before."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from muniment.case import catalogue as tables
from tests.verbs.leftovers import database_pages, left, zipped

TEXT = b"Zubrowka pays Kestrelmann at the ferry gate. " * 40
INNER = b"Wolkenkuckuck counted the drums twice. " * 40
SECRETS = (b"zubrowka", b"kestrelmann", b"wolkenkuckuck", b"quillfeather", b"ladderback")


@pytest.fixture
def received(case, leak):
    """A case of thirty letters and one archive whose name, members and words are known."""
    zipped(leak / "letter by Quillfeather.zip", ladderback_txt=TEXT, other_txt=INNER)
    for number in range(30):
        (leak / f"note-{number:02d}.txt").write_text(f"note {number} of the quay " * 200)
    case.add([leak])
    return case


def _container(case):
    [row] = [r for r in case.documents()["documents"] if r["path"].endswith(".zip")]
    return row


def _parts():
    return [hashlib.sha256(content).digest() for content in (TEXT, INNER)]


def _keys(case, reference):
    """What is secret or telling of an original: key, tree, digests, place and time."""
    with case.catalogue.read() as connection:
        row = connection.execute(
            sa.select(tables.original)
            .join(tables.document, tables.document.c.number == tables.original.c.number)
            .where(tables.document.c.reference == reference)
        ).one()
    secret = [bytes(getattr(row, n)) for n in ("key", "tree", "sha256", "sha512", "source")]
    return [*secret, row.stored.encode(), row.cipher_sha512.encode()]


def _write_and_delete(case, text):
    """Leaves its pages free and as they were, as a build of SQLite that does not clear them would."""
    case.catalogue.keep_setting("passing", text)
    with case.catalogue.write() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        connection.execute(sa.delete(tables.setting).where(tables.setting.c.name == "passing"))


def test_nothing_is_left_but_reference_commitment_state_and_reason(received, leak):
    case, archive = received, _container(received)
    assert case.find("zubrowka")["documents"] == 1
    _write_and_delete(case, "what an earlier act left in a page: Ladderback " * 300)
    needles = [*SECRETS, *_keys(case, archive["reference"]), *_parts()]
    before = left(case, *needles)
    assert set(before) == set(needles), "what was never there cannot go"
    assert b"an earlier act left" in database_pages(case)
    answer = case.withdraw(archive["reference"], "source")
    assert answer["custodians_pending"] == [] and answer["document"] == archive["document"]
    assert left(case, *needles) == {}
    assert b"an earlier act left" not in database_pages(case)
    shown = case.show(archive["document"], text=True)
    assert (shown["state"], shown["reason"]) == ("withdrawn", "withdrawn: the source's wish")
    assert shown["path"] == shown["reference"] == archive["reference"] and shown["text"] == ""
    assert [case.show(part)["state"] for part in shown["parts"]] == ["withdrawn", "withdrawn"]
    assert case.find("zubrowka OR kestrelmann OR quillfeather")["documents"] == 0
    assert case.find("quay")["documents"] == 30
    assert case.status()["accounting"]["states"] == {"extracted": 30, "withdrawn": 3}
    assert case.audit()["ok"]
