"""Receipts of pages, of documents that were read, and of parts: known-good, tampered, and asked for in vain."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import subprocess

import pytest
import sqlalchemy as sa

from muniment.case.seal_tables import seal, seal_batch, seal_due
from muniment.errors import BadUse, NotFound, Refused
from muniment.evidence.layers import Header
from muniment.evidence.log.policy import Policy
from muniment.evidence.receipt import Chain, page_told
from muniment.evidence.receipt_check import check_receipt
from muniment.evidence.refusals import Malformed
from muniment.verbs import page_seals
from muniment.verbs.sealing_pages import STAGE, seal_pages
from muniment.verbs.seals_due import seal_again
from tests.reading.formats.handmade_pdf import pages, words
from tests.verbs.leftovers import zipped
from tests.verbs.stamping import attest

PDF = pages([words(("Harbour notice", 60, 700)), words(("Kestrelmann", 60, 700))])
INNER = b"a memo of the quay"


def papers(leak):
    (leak / "a-notice.pdf").write_bytes(PDF)
    zipped(leak / "b-box.zip", inner_txt=INNER)
    (leak / "c-nothing").symlink_to("nowhere")


@pytest.fixture
def read(case, leak):
    """A PDF of two pages and an archive with a note in it, sealed."""
    papers(leak)
    case.add([leak])
    return case


def policy_of(case):
    return Policy.of_log(case.log.key.vkey)


def part_of(case):
    return case.show("A1/0002")["parts"][0]


def number_of(case, reference):
    from muniment.verbs.documents import row_of

    return row_of(case, reference).number


def test_a_page_is_proved_and_nothing_on_it_is_told(read, tmp_path):
    answer = read.receipt("A1/0001", str(tmp_path / "page"), page=2)
    assert answer["page"] == 2 and "document.json" not in answer["files"]
    checked = check_receipt(tmp_path / "page", policy_of(read))
    assert checked.failures == [] and checked.signer == "known"
    number = number_of(read, "A1/0001")
    found, record = page_seals.current_seal(read, number), page_seals.page_record(read, number, 2)
    assert checked.layers == [
        ("page", [0, 1, 2, 3, 4]),
        ("document", [3]),
        ("batch", [found.leaf]),
    ]
    assert checked.index == found.entry and checked.document == found.root.hex()
    told = {name: str(getattr(record.header, name)) for name in Header.__slots__}
    assert checked.page == {**told, "layers": "pixels plain text boxes"}
    assert checked.file == {} and checked.properties == {}
    chain = Chain.from_json((tmp_path / "page" / "receipt.json").read_bytes())
    roots = [chain.links[0].shown[leaf] for leaf in (1, 2, 3, 4)]
    assert roots == [record.roots[layer] for layer in ("pixels", "plain", "text", "boxes")]
    everything = b"".join(p.read_bytes() for p in (tmp_path / "page").rglob("*") if p.is_file())
    for word in (b"Kestrelmann", b"notice", b"A1/0001", hashlib.sha256(PDF).hexdigest().encode()):
        assert word not in everything
    text = (tmp_path / "page" / "README.txt").read_text()
    assert "derived" in text and "does not show that they did so rightly" in text
    assert record.roots["text"].hex() in text and "ask for a later receipt" in text
    act = [act["details"] for act in read.journal.acts() if act["act"] == "disclosed"][-1]
    assert (act["layer"], act["page"], act["properties"]) == ("page", 2, False)
    assert read.audit()["ok"] is True


def test_under_a_timestamp_its_readme_is_right(read, clock, stick, tmp_path):
    attest(read, clock, stick)
    answer = read.receipt("A1/0001", str(tmp_path / "page"), page=1)
    assert answer["anchors"] == 1
    checked = check_receipt(tmp_path / "page", policy_of(read))
    assert checked.ok and checked.since == read.stamp()["anchors"][0]["time"]
    text = (tmp_path / "page" / "README.txt").read_text()
    commands = re.findall(r"^    ([a-zT].*)$", text, re.M)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=tmp_path / "page",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Signature Verified Successfully" in done.stdout
    assert "Verification: OK" in done.stdout + done.stderr and len(commands) >= 9


def test_a_document_s_receipt_shows_that_its_file_was_read_and_sealed(read, tmp_path):
    original = tmp_path / "notice.pdf"
    original.write_bytes(PDF)
    read.receipt("A1/0001", str(tmp_path / "file"))
    read.receipt("A1/0001", str(tmp_path / "page"), page=1)
    checked = check_receipt(tmp_path / "file", policy_of(read), original=original)
    assert checked.failures == [] and checked.layers[0] == ("file", [0])
    root = page_seals.current_seal(read, number_of(read, "A1/0001")).root.hex()
    assert checked.document == root == check_receipt(tmp_path / "page").document
    assert root in (tmp_path / "file" / "README.txt").read_text()
    chain = Chain.from_json((tmp_path / "file" / "document.json").read_bytes())
    assert [link.layer for link in chain.links] == ["document", "batch"]
    assert list(chain.links[0].shown) == [0], "the root of the file, and no page"


def test_a_part_has_a_receipt_of_its_own(read, tmp_path):
    read.receipt(part_of(read), str(tmp_path / "part"))
    checked = check_receipt(tmp_path / "part", policy_of(read))
    assert checked.ok and [layer for layer, _ in checked.layers] == ["file", "document", "batch"]
    assert checked.file["sha256"] == hashlib.sha256(INNER).hexdigest() and checked.document
    assert "found inside another one" in (tmp_path / "part" / "README.txt").read_text()
    read.receipt(part_of(read), str(tmp_path / "named"), properties=True)
    named = check_receipt(tmp_path / "named", policy_of(read))
    assert named.ok and named.properties["path"].endswith("inner.txt")


@pytest.mark.parametrize("page", [1, None])
def test_every_flipped_bit_is_found(read, tmp_path, page):
    receipt, chance, policy = tmp_path / "receipt", random.Random(2), policy_of(read)
    read.receipt("A1/0001", str(receipt), page=page)
    for path in sorted(receipt.rglob("*")):
        good = path.read_bytes()
        for at in sorted(chance.sample(range(len(good)), min(len(good), 30))):
            bad = bytearray(good)
            bad[at] ^= 1 << chance.randrange(8)
            path.write_bytes(bad)
            assert not check_receipt(receipt, policy).ok, (path.name, at)
        path.write_bytes(good)
    assert check_receipt(receipt, policy).ok


def sum_up(receipt):
    """Forge SHA256SUMS too, as one would who changes a receipt on purpose."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(receipt.iterdir())
        if path.name != "SHA256SUMS"
    ]
    (receipt / "SHA256SUMS").write_text("".join(lines))


@pytest.mark.parametrize(
    "forgery",
    ["header", "root of a layer", "another page", "another leaf", "no page", "two leaves"],
)
def test_a_forger_of_a_page_who_makes_the_sums_anew(read, tmp_path, forgery):
    receipt = tmp_path / "receipt"
    read.receipt("A1/0001", str(receipt), page=1)
    content = json.loads((receipt / "receipt.json").read_bytes())
    page, document = content["links"][:2]
    if forgery == "header":
        page["leaves"][0]["body"] = page["leaves"][0]["body"][:-8] + "AAAAAAA="
    elif forgery == "root of a layer":
        page["leaves"][3]["body"] = "A" * 43 + "="
    elif forgery == "another page":
        read.receipt("A1/0001", str(tmp_path / "other"), page=2)
        other = json.loads((tmp_path / "other" / "receipt.json").read_bytes())
        content["links"][0] = other["links"][0]
    elif forgery == "another leaf":
        page["at"] = 3
    elif forgery == "no page":
        document["leaves"] = []
    else:
        page["leaves"] = page["leaves"][:4]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    (receipt / "receipt.json").write_text(text)
    sum_up(receipt)
    assert not check_receipt(receipt, policy_of(read)).ok


@pytest.mark.parametrize("forgery", ["of another file", "of a page", "no proof", "no document"])
def test_a_forger_of_the_document_beside_a_file(read, tmp_path, forgery):
    """What is true of another file is not true of this one."""
    receipt, other = tmp_path / "receipt", tmp_path / "other"
    read.receipt("A1/0001", str(receipt))
    if forgery == "of another file":
        read.receipt("A1/0002", str(other))
        for name in ("document.json", "document.tlog-proof"):
            shutil.copy(other / name, receipt / name)
    elif forgery == "of a page":
        read.receipt("A1/0001", str(other), page=1)
        shutil.copy(other / "receipt.json", receipt / "document.json")
        shutil.copy(other / "receipt.tlog-proof", receipt / "document.tlog-proof")
    elif forgery == "no proof":
        (receipt / "document.tlog-proof").unlink()
    else:
        (receipt / "document.json").unlink()
    sum_up(receipt)
    [(name, _)] = check_receipt(receipt, policy_of(read)).failures
    assert name == "document.json"


def test_a_header_in_another_form_is_refused(read, tmp_path):
    from dataclasses import replace

    read.receipt("A1/0001", str(tmp_path / "page"), page=1)
    link = Chain.from_json((tmp_path / "page" / "receipt.json").read_bytes()).links[0]
    header = json.loads(link.shown[0])
    for body in (
        json.dumps(header, indent=1).encode(),
        json.dumps({**header, "page": 2}, sort_keys=True, separators=(",", ":")).encode(),
        json.dumps({**header, "more": 2}, sort_keys=True, separators=(",", ":")).encode(),
        b"\xff",
        b"[]",
    ):
        with pytest.raises(Malformed, match="not what it should be"):
            page_told(replace(link, shown={0: body}))
    with pytest.raises(Malformed, match="not shown"):
        page_told(replace(link, shown={3: link.shown[3]}))


def test_what_cannot_be_shown_is_said_clearly(read, tmp_path):
    place = str(tmp_path / "receipt")
    with pytest.raises(NotFound, match="without a page 3") as refused:
        read.receipt("A1/0001", place, page=3)
    assert "1 to 2" in refused.value.next
    with pytest.raises(NotFound, match="no pages") as refused:
        read.receipt("A1/0002", place, page=1)
    assert "without --page" in refused.value.next
    for page in (1, None):
        with pytest.raises(NotFound, match="Nothing was received") as refused:
            read.receipt("A1/0003", place, page=page)
        assert "muniment show" in refused.value.next
    with pytest.raises(BadUse, match="no name of its own"):
        read.receipt("A1/0001", place, page=1, properties=True)
    read.withdraw("A1/0001", "source")
    for page in (1, None):
        with pytest.raises(Refused, match="withdrawn"):
            read.receipt("A1/0001", place, page=page)
    assert not (tmp_path / "receipt").exists()


class _Kill(Exception):
    """Stands for the end of the process."""


def test_before_the_pages_are_sealed(case, leak, tmp_path):
    def stop(progress):
        if progress.stage == STAGE:
            raise _Kill

    papers(leak)
    with pytest.raises(_Kill):
        case.add([leak], watch=stop)
    with pytest.raises(NotFound, match="not sealed yet") as refused:
        case.receipt("A1/0001", str(tmp_path / "page"), page=1)
    assert "muniment add" in refused.value.next
    answer = case.receipt("A1/0001", str(tmp_path / "file"))
    assert "document.json" not in answer["files"]
    checked = check_receipt(tmp_path / "file", policy_of(case))
    assert checked.ok and checked.document == ""
    with pytest.raises(NotFound, match="not sealed yet"):
        case.receipt(part_of(case), str(tmp_path / "part"))
    case.add([leak])
    assert "document.json" in case.receipt("A1/0001", str(tmp_path / "later"))["files"]


def test_an_earlier_seal_under_an_earlier_timestamp(read, clock, stick, tmp_path):
    """The receipt of a document stays under the earliest timestamp of its file, with the seal that it covers."""
    attest(read, clock, stick)
    number = number_of(read, "A1/0001")
    first = page_seals.current_seal(read, number)
    seal_again(read, [number])
    seal_pages(read)
    second = page_seals.current_seal(read, number)
    assert read.receipt("A1/0001", str(tmp_path / "file"))["size"] == 256 <= second.entry
    assert check_receipt(tmp_path / "file").document == first.root.hex()
    assert read.receipt("A1/0001", str(tmp_path / "page"), page=1)["anchors"] == 0
    checked = check_receipt(tmp_path / "page", policy_of(read))
    assert checked.ok and checked.document == second.root.hex() and checked.since == ""
    with read.catalogue.read() as connection:
        assert len(connection.execute(sa.select(seal).where(seal.c.document == number)).all()) == 2
        assert not connection.execute(sa.select(seal_due)).all()
        assert len(connection.execute(sa.select(seal_batch)).all()) == 2
