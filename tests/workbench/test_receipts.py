"""A receipt as a download, and stamping for programs."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import urlencode

from muniment.evidence.log.policy import Policy
from muniment.evidence.receipt_check import check_receipt

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def take(bench, **fields: str):
    return bench.ask("POST", "/receipt", urlencode(fields).encode(), headers=FORM)


def test_a_receipt_is_confirmed_and_tells_no_name(plain_bench, tmp_path):
    first = plain_bench.post("/documents")[1]["documents"][0]
    answer, body = take(plain_bench, document=first["document"])
    assert answer.status == 400 and b"not confirmed" in body
    answer, body = take(plain_bench, document=first["document"], confirmed="yes")
    assert answer.status == 200 and answer.getheader("content-type") == "application/zip"
    assert answer.getheader("content-disposition") == 'attachment; filename="receipt.zip"'
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert {one.date_time[:3] for one in archive.infolist()} == {(1980, 1, 1)}
        archive.extractall(tmp_path)
    name = first["path"].rsplit("/", 1)[-1].encode()
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and name in p.read_bytes()]
    _, stamped = plain_bench.post("/stamp")
    checked = check_receipt(tmp_path / "receipt", Policy.of_log(stamped["cosigning"]["vkey"]))
    assert checked.ok and checked.signer == "known"


def test_the_reader_offers_it(plain_bench):
    first = plain_bench.post("/documents")[1]["documents"][0]
    _, body = plain_bench.ask("GET", f"/document/{first['document']}")
    assert b'action="/receipt"' in body and b'name="confirmed"' in body
    assert b'name="page" value="1"' in body and b'name="page" value="" checked' in body


def test_a_receipt_of_this_page(plain_bench, tmp_path):
    first = plain_bench.post("/documents")[1]["documents"][0]
    name, yes = first["document"], "yes"
    answer, body = take(plain_bench, document=name, confirmed=yes, page="1")
    assert answer.status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extractall(tmp_path)
    _, stamped = plain_bench.post("/stamp")
    checked = check_receipt(tmp_path / "receipt", Policy.of_log(stamped["cosigning"]["vkey"]))
    assert checked.ok and checked.page["page"] == "1" and not checked.file
    for page, more in (("99", {}), ("one", {}), ("²", {}), ("1", {"path": yes})):
        answer, body = take(plain_bench, document=name, confirmed=yes, page=page, **more)
        assert answer.status in (400, 404), page
        assert b"What to do next" in body or b"next" in body


def test_stamping_for_programs(plain_bench, tmp_path):
    status, report = plain_bench.post("/stamp")
    assert status == 200 and report["anchors"] == [] and report["written"] == []
    status, said = plain_bench.post("/stamp", request="relative")
    assert status == 400 and "whole" in said["error"]["message"]
    status, said = plain_bench.post("/stamp", request=str(tmp_path / "stick"))
    assert status == 400 and "authority" in said["error"]["message"]
    status, report = plain_bench.post("/stamp", bundle=str(tmp_path / "ours.bundle"))
    assert status == 200 and (tmp_path / "ours.bundle").read_bytes().startswith(b"old 0\n")
    assert json.dumps(report["cosigning"]["contradictions"]) == "[]"
