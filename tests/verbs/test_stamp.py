"""stamp: requests out, replies in, and what is believed of them."""

from __future__ import annotations

import hashlib
import select
from datetime import timedelta

import pytest
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID

from muniment.errors import BadUse
from muniment.evidence.log.checkpoint import Checkpoint
from muniment.evidence.log.note import Note
from tests.authority import DAY, REJECTED, Authority, now
from tests.verbs.stamping import answer, attest, grow, know, requests, states


def acts(case, *names):
    return [act["details"] for act in case.journal.acts() if act["act"] in names]


def test_two_authorities_by_files(sealed, stick, clock, tmp_path):
    tower = Authority(tmp_path / "tower", name="Tower")
    know(sealed, clock, "clock", url="http://clock.example/tsa")
    know(sealed, tower, "tower", hash="sha256")
    files = requests(sealed, stick)
    assert [path.name.partition("-")[0] for path in files] == ["clock", "tower"]
    note = (stick / "HOW-TO-SEND.txt").read_text()
    assert "http://clock.example/tsa" in note and files[0].name in note
    assert states(sealed.stamp()) == [("clock", "pending"), ("tower", "pending")]
    report = sealed.stamp(reply=[answer(clock, files[0]), answer(tower, files[1])])
    assert report["problems"] == []
    assert states(report) == [("clock", "attested"), ("tower", "attested")]
    assert sealed.status()["anchors"] == report["anchors"]
    assert all(one["time"].endswith("Z") and one["size"] == 256 for one in report["anchors"])
    assert sealed.audit()["ok"] is True
    for act in acts(sealed, "attested"):
        kept = (sealed.folder.anchors / act["file"]).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == act["token_sha256"]


def test_openssl_believes_what_is_kept(sealed, stick, clock):
    """Who has none of our code checks the token over the checkpoint with openssl."""
    import subprocess

    attest(sealed, clock, stick)
    anchors = sealed.folder.anchors
    (token,) = anchors.glob("timestamps/*.tsr")
    done = subprocess.run(
        [
            *("openssl", "ts", "-verify", "-in", token),
            *("-data", anchors / "checkpoints" / "256.note"),
            *("-CAfile", anchors / "authorities" / "clock" / "roots-1.pem"),
        ],
        capture_output=True,
        text=True,
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_the_log_is_padded_before_anything_leaves(sealed, stick, clock):
    know(sealed, clock, "clock")
    before = sealed.log.size
    requests(sealed, stick)
    assert sealed.log.size == 256
    signed = Checkpoint.parse(Note.parse(sealed.log.checkpoint()).text)
    assert (signed.size, signed.root) == (256, sealed.log.root())
    (act,) = acts(sealed, "padded")
    (committed,) = acts(sealed, "committed")[-1:]
    assert before <= 256 - act["count"] and int(committed["last"]) > 0
    assert sealed.audit()["ok"], "padding is told from entries nobody knows"
    grow(sealed)
    requests(sealed, stick)
    assert sealed.log.size == 512 and len(acts(sealed, "padded")) == 2


def test_a_request_is_made_once_for_a_checkpoint(sealed, stick, clock):
    know(sealed, clock, "clock")
    (first,) = requests(sealed, stick)
    content = first.read_bytes()
    first.unlink()
    (again,) = requests(sealed, stick)
    assert again.name == first.name and again.read_bytes() == content
    sealed.stamp(reply=[answer(clock, again)])
    assert sealed.stamp(request=str(stick))["written"] == []


def test_a_reply_taken_in_twice_is_one(sealed, stick, clock):
    report = attest(sealed, clock, stick)
    (reply,) = stick.glob("*.tsr")
    again = sealed.stamp(reply=[str(reply)])
    assert again["anchors"] == report["anchors"]
    assert len(list(sealed.folder.anchors.glob("timestamps/*.tsr"))) == 1
    assert len(acts(sealed, "attested")) == 1


def test_nothing_to_stamp(case, stick, clock, tmp_path):
    with pytest.raises(BadUse, match="No timestamp authority"):
        case.stamp(request=str(stick))
    know(case, clock, "clock")
    with pytest.raises(BadUse, match="Nothing is sealed"):
        case.stamp(request=str(stick))
    assert case.log.size == 0 and not stick.exists()


def test_an_authority_needs_a_root(case, clock, tmp_path):
    with pytest.raises(BadUse, match="root"):
        case.stamp(authority="clock", url="http://clock.example/")
    with pytest.raises(BadUse, match="vouches for itself"):
        case.stamp(authority="clock", roots=str(clock.folder / "office.pem"))
    damaged = tmp_path / "damaged.pem"
    damaged.write_bytes(clock.roots.read_bytes().replace(b"M", b"!", 1))
    with pytest.raises(BadUse, match="cannot be read"):
        case.stamp(authority="clock", roots=str(damaged))
    for url in ("ftp://clock.example", "http://me:word@clock.example/", "clock.example"):
        with pytest.raises(BadUse, match="address"):
            case.stamp(authority="clock", roots=str(clock.roots), url=url)
    assert case.stamp()["authorities"] == []


@pytest.mark.parametrize("what", ["another case", "a text", "cut off", "empty"])
def test_what_answers_nothing_is_not_taken(sealed, stick, clock, what, tmp_path):
    from muniment.evidence.anchors.request import make_request

    know(sealed, clock, "clock")
    (request,) = requests(sealed, stick)
    reply = clock.reply(request.read_bytes())
    content = {
        "another case": clock.reply(make_request(b"something else")),
        "a text": b"<html>Too many requests</html>\n",
        "cut off": reply[:-200],
        "empty": b"",
    }[what]
    path = tmp_path / "reply.tsr"
    path.write_bytes(content)
    report = sealed.stamp(reply=[str(path)])
    assert states(report) == [("clock", "pending")]
    assert report["problems"][0]["file"] == str(path) and report["problems"][0]["next"]
    assert not list(sealed.folder.anchors.glob("timestamps/*.tsr"))


def test_a_rejection_is_known_by_its_name(sealed, stick, clock):
    know(sealed, clock, "clock")
    (request,) = requests(sealed, stick)
    reply = request.with_suffix(".tsr")
    reply.write_bytes(REJECTED)
    report = sealed.stamp(reply=[str(reply)])
    (anchor,) = report["anchors"]
    assert anchor["state"] == "failed" and "rejected the request: closed" in anchor["reason"]
    assert acts(sealed, "refused")[0]["anchor"] == anchor["anchor"]
    (fresh,) = set(requests(sealed, stick)) - {request}
    assert states(sealed.stamp(reply=[answer(clock, fresh)]))[-1] == ("clock", "attested")


def test_under_another_root_it_fails_until_the_right_one_is_given(sealed, stick, clock, tmp_path):
    stranger = Authority(tmp_path / "stranger", name="Stranger")
    know(sealed, stranger, "clock")
    (request,) = requests(sealed, stick)
    (anchor,) = sealed.stamp(reply=[answer(clock, request)])["anchors"]
    assert anchor["state"] == "failed" and "do not lead to a root" in anchor["reason"]
    assert sealed.audit()["ok"] is True, "a refused token is no damage"
    know(sealed, clock, "clock")
    assert states(sealed.stamp()) == [("clock", "attested")]


def test_a_certificate_for_something_else(sealed, stick, tmp_path):
    """A web server's key under the same root must not tell the time. openssl would not sign with it either."""
    from muniment.evidence.anchors.certificates import Trust
    from muniment.evidence.anchors.request import make_request
    from muniment.evidence.anchors.verification import verify_reply
    from muniment.evidence.refusals import Unproved

    clock = Authority(tmp_path / "clock")
    token = clock.reply(make_request(b"note"))
    other = Authority(tmp_path / "web", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    with pytest.raises(Unproved, match="do not lead to a root"):
        verify_reply(token, b"note", Trust((other.root,)))
    with pytest.raises(Unproved, match="another checkpoint"):
        verify_reply(token, b"another note", Trust((clock.root,)))


def test_a_cross_signed_root(tmp_path):
    """Its name and key under another root: whichever root is trusted, the token leads there."""
    from muniment.evidence.anchors.certificates import Trust
    from muniment.evidence.anchors.request import make_request
    from muniment.evidence.anchors.verification import verify_reply
    from muniment.evidence.refusals import Unproved

    clock, tower = Authority(tmp_path / "clock"), Authority(tmp_path / "tower", name="Tower")
    crossed = clock.cross_signed(tower)
    token = clock.reply(make_request(b"note"), crossed)
    assert verify_reply(token, b"note", Trust((clock.root,))).time
    assert verify_reply(token, b"note", Trust((tower.root,))).time
    assert verify_reply(token, b"note", Trust((tower.root,), (clock.root,))).time
    both = clock.reply(make_request(b"note"), clock.root, crossed)
    turned = clock.reply(make_request(b"note"), crossed, clock.root)
    assert verify_reply(both, b"note", Trust((clock.root,))).time
    assert verify_reply(turned, b"note", Trust((tower.root,))).time
    plain = clock.reply(make_request(b"note"))
    with pytest.raises(Unproved, match="do not lead to a root"):
        verify_reply(plain, b"note", Trust((tower.root,)))
    stranger = clock.reply(make_request(b"note"), tower.root)
    with pytest.raises(Unproved, match="none of its signer's"):
        verify_reply(stranger, b"note", Trust((clock.root,)))


def test_a_token_stays_attested_when_its_certificate_expires(sealed, stick, tmp_path):
    """The certificate ends a moment after the token was made; then the case is looked at again."""
    end = now() + timedelta(seconds=2)
    clock = Authority(tmp_path / "brief", until=end)
    attest(sealed, clock, stick)
    while now() <= end:
        select.select([], [], [], 0.05)
    sealed.stamp(authority="clock", crl=str(clock.revocation_list()))
    assert states(sealed.stamp()) == [("clock", "attested")]
    assert sealed.audit()["ok"] is True


def test_a_token_made_after_expiry_fails(sealed, stick, tmp_path):
    clock = Authority(tmp_path / "late", since=now() - 9 * DAY, until=now() - DAY)
    (anchor,) = attest(sealed, clock, stick)["anchors"]
    assert anchor["state"] == "failed" and "had expired on" in anchor["reason"]


@pytest.mark.parametrize(
    ("since", "reason", "state", "said"),
    [
        (None, None, "attested", ""),
        (-DAY, ReasonFlags.superseded, "failed", "before the token was made"),
        (-DAY, None, "failed", "before the token was made"),
        (DAY, ReasonFlags.superseded, "attested", ""),
        (DAY, ReasonFlags.cessation_of_operation, "attested", ""),
        (DAY, ReasonFlags.key_compromise, "failed", "for keyCompromise"),
        (DAY, None, "failed", "without a reason"),
    ],
)
def test_revocation(sealed, stick, clock, since, reason, state, said):
    """RFC 3161, 4.1: made before the revocation, and the key itself beyond doubt."""
    attest(sealed, clock, stick)
    assert sealed.stamp()["anchors"][0]["revocation"] is None
    listed = clock.revocation_list(revoked=since and now() + since, reason=reason)
    (anchor,) = sealed.stamp(authority="clock", crl=str(listed))["anchors"]
    assert anchor["state"] == state and said in anchor["reason"]
    assert (anchor["revocation"] == now().date().isoformat()) is (state == "attested")
    assert sealed.audit()["ok"] is True


def test_anothers_list_revokes_nothing(sealed, stick, clock, tmp_path):
    """A list of the same name, signed by another key, with the same serial number in it."""
    attest(sealed, clock, stick)
    forger = Authority(tmp_path / "forger")
    forger.office = clock.office
    listed = forger.revocation_list(revoked=now() - DAY, reason=ReasonFlags.key_compromise)
    (anchor,) = sealed.stamp(authority="clock", crl=str(listed))["anchors"]
    assert anchor["state"] == "attested" and anchor["revocation"] is None
